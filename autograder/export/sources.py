"""Reads grades: from nbgrader's gradebook, or from the reports that ``grade --json`` wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.course.roster import Student
from autograder.errors import UsageError
from autograder.export.table import Assignment, Entry, GradeTable
from autograder.report import Report

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
        from autograder.export.gradebook import read_gradebook

        return read_gradebook(paths[0])
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
        if not report.handed_in:
            highest.setdefault(report.assignment, report.max_score)
            continue
        highest[report.assignment] = max(report.max_score, highest.get(report.assignment, 0.0))
        earlier = entries.get((name, report.assignment))
        if report.score is not None or earlier is None:
            entries[name, report.assignment] = Entry(report.score, report.score)
    assignments = tuple(Assignment(name, name, highest[name]) for name in sorted(highest))
    return GradeTable(assignments, tuple(students[name] for name in sorted(students)), entries, tuple(problems))
