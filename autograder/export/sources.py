"""Reads grades: from nbgrader's gradebook, or from the reports that ``grade --json`` wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from autograder.errors import UsageError
from autograder.export.table import Assignment, Entry, GradeTable
from autograder.report import Report
from autograder.roster import Student

__all__ = ["read_grades"]

_SQLITE = b"SQLite format 3\x00"


def read_grades(paths: Sequence[Path]) -> GradeTable:
    """Return the grades that files hold.

    Parameters
    ----------
    paths : sequence of Path
        One gradebook of nbgrader, or files of reports. Where several hold the same submission, one with a grade counts
        before one without, and then the later file before the earlier.

    Raises
    ------
    UsageError
        A file is neither, cannot be read, or there is more than one gradebook.
    """
    kinds = [_is_database(path) for path in paths]
    if kinds == [True]:
        return _read_gradebook(paths[0])
    if True in kinds:
        raise UsageError(
            f"expected one gradebook, or files of reports. Received: {', '.join(str(path) for path in paths)}."
        )
    return _from_reports([report for path in paths for report in _read_reports(path)])


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise UsageError(
            f"expected a gradebook (gradebook.db) or reports (grade --json). Received: {path} ({error.strerror})."
        ) from error


def _read_gradebook(path: Path) -> GradeTable:
    from sqlalchemy.exc import DatabaseError

    try:
        return _query(path)
    except DatabaseError as error:
        raise UsageError(
            f"expected a gradebook of the installed nbgrader. Received: {path} ({error.orig}). "
            "One of an older nbgrader is brought up to date by: nbgrader db upgrade"
        ) from error


def _query(path: Path) -> GradeTable:
    """Read the whole gradebook with a handful of queries, however large the class is."""
    from nbgrader import api
    from sqlalchemy import URL

    # Read-only: an export changes nothing. Without a name nbgrader adds no course.
    address = URL.create("sqlite", database=f"file:{quote(str(path.resolve()))}", query={"mode": "ro", "uri": "true"})
    with api.Gradebook(address, course_id="") as gradebook:
        database = gradebook.db
        assignments = [
            Assignment(item.name, item.name, float(item.max_score or 0), item.duedate) for item in gradebook.assignments
        ]
        students = [
            Student(
                id=item.id,
                first_name=item.first_name or "",
                last_name=item.last_name or "",
                email=item.email or "",
                canvas_id=item.lms_user_id or "",
            )
            for item in database.query(api.Student).order_by(
                api.Student.last_name, api.Student.first_name, api.Student.id
            )
        ]
        names = {item.id: item.name for item in gradebook.assignments}
        graded, unscored = (
            {
                submission
                for (submission,) in database.query(api.SubmittedNotebook.assignment_id)
                .join(api.Grade)
                .filter(*conditions)
            }
            for conditions in ((), (api.Grade.auto_score.is_(None), api.Grade.manual_score.is_(None)))
        )
        entries = {}
        submissions = database.query(
            api.SubmittedAssignment, api.SubmittedAssignment.score, api.SubmittedAssignment.late_submission_penalty
        )
        for item, score, penalty in submissions:
            complete = item.id in graded and item.id not in unscored
            entries[item.student_id, names[item.assignment_id]] = _entry(item, score if complete else None, penalty)
    return GradeTable(tuple(assignments), tuple(students), entries)


def _entry(submission: Any, score: float | None, penalty: float | None) -> Entry:
    late = submission.total_seconds_late if submission.assignment.duedate is not None else 0.0
    if score is None:
        return Entry(None, None, penalty or 0.0, submission.timestamp, late)
    return Entry(max(0.0, score - (penalty or 0.0)), score, penalty or 0.0, submission.timestamp, late)


def _read_reports(path: Path) -> list[Report]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return [Report.from_dict(item) for item in (data if isinstance(data, list) else [data])]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UsageError(
            f"expected a gradebook (gradebook.db) or reports as `grade --json` writes them. Received: {path} ({error})."
        ) from error


def _from_reports(reports: Iterable[Report]) -> GradeTable:
    highest: dict[str, float] = {}
    students: dict[str, Student] = {}
    entries: dict[tuple[str, str], Entry] = {}
    problems = []
    for report in reports:
        name = report.submission
        students.setdefault(name, Student(name))
        if not report.assignment:
            problems.append(f"{name} is of an unknown assignment.")
            continue
        highest[report.assignment] = max(report.max_score, highest.get(report.assignment, 0.0))
        earlier = entries.get((name, report.assignment))
        if report.score is not None or earlier is None:
            entries[name, report.assignment] = Entry(report.score, report.score)
    assignments = tuple(Assignment(name, name, highest[name]) for name in sorted(highest))
    return GradeTable(assignments, tuple(students[name] for name in sorted(students)), entries, tuple(problems))
