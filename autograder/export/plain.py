"""A row for each student and assignment: the columns of ``nbgrader export``, and ungraded is empty."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.export.spreadsheet import Cell
from autograder.export.table import GradeTable

__all__ = ["rows"]

_WHEN_AND_WHO = ["assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"]
_POINTS = ["raw_score", "late_submission_penalty", "score", "max_score"]


def rows(table: GradeTable) -> Iterator[list[Cell]]:
    """Yield the header and the rows."""
    yield [*_WHEN_AND_WHO, *_POINTS]
    for assignment in table.assignments:
        for student in table.students:
            entry = table.entry(student, assignment)
            earned: list[Cell] = [None, None, None]
            if entry is not None and entry.score is not None:
                earned = [entry.raw_score, entry.penalty, entry.score]
            yield [
                assignment.title,
                assignment.duedate,
                entry.timestamp if entry is not None else None,
                student.id,
                student.last_name,
                student.first_name,
                student.email,
                *earned,
                assignment.max_score,
            ]
