"""Reads nbgrader's gradebook."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from nbgrader import api
from sqlalchemy import URL
from sqlalchemy.exc import DatabaseError

from autograder.course.roster import Student
from autograder.errors import UsageError
from autograder.export.table import Assignment, Entry, GradeTable

__all__ = ["read_gradebook", "table_of"]


def read_gradebook(path: Path) -> GradeTable:
    """Return the grades of a gradebook file, which stays as it is.

    Raises
    ------
    UsageError
        It is no gradebook, or one of another version of nbgrader.
    """
    address = URL.create("sqlite", database=f"file:{quote(str(path.resolve()))}", query={"mode": "ro", "uri": "true"})
    try:
        # Without a name nbgrader adds no course.
        with api.Gradebook(address, course_id="") as gradebook:
            return table_of(gradebook)
    except DatabaseError as error:
        raise UsageError(
            f"expected a gradebook of the installed nbgrader. Received: {path} ({error.orig}). "
            "One of an older nbgrader is brought up to date by: nbgrader db upgrade"
        ) from error


def table_of(gradebook: api.Gradebook) -> GradeTable:
    """Return the grades of an open gradebook, with a handful of queries, however large the class is."""
    database = gradebook.db
    assignments = {
        item.id: Assignment(item.name, item.name, float(item.max_score or 0), item.duedate)
        for item in gradebook.assignments
    }
    students = [
        Student(
            id=item.id,
            first_name=item.first_name or "",
            last_name=item.last_name or "",
            email=item.email or "",
            canvas_id=item.lms_user_id or "",
        )
        for item in database.query(api.Student).order_by(api.Student.last_name, api.Student.first_name, api.Student.id)
    ]
    in_grades = database.query(api.SubmittedNotebook.assignment_id).join(api.Grade)
    graded = {submission for (submission,) in in_grades}
    unscored = in_grades.filter(api.Grade.auto_score.is_(None), api.Grade.manual_score.is_(None))
    complete = graded - {submission for (submission,) in unscored}
    submissions = database.query(
        api.SubmittedAssignment, api.SubmittedAssignment.score, api.SubmittedAssignment.late_submission_penalty
    )
    entries = {
        (item.student_id, assignments[item.assignment_id].name): _entry(
            item, score if item.id in complete else None, penalty or 0.0
        )
        for item, score, penalty in submissions
    }
    return GradeTable(tuple(assignments.values()), tuple(students), entries)


def _entry(submission: api.SubmittedAssignment, score: float | None, penalty: float) -> Entry:
    late = submission.total_seconds_late if submission.assignment.duedate is not None else 0.0
    final = max(0.0, score - penalty) if score is not None else None
    return Entry(final, score, penalty, submission.timestamp, late)
