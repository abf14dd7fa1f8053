"""Gradescope's own grade files, which tools for Gradescope read, and which it takes as a roster.

One assignment gives the file of that assignment's *Download Grades*, several that of the course's. Gradescope itself
imports no points: `python -m autograder gradescope` makes it grade.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograder.course.roster import Student
from autograder.export.spreadsheet import Cell
from autograder.export.table import Assignment, Entry, GradeTable

__all__ = ["rows"]

_HEADER = ["First Name", "Last Name", "SID", "Email", "Sections"]
_POINTS = ["Total Score", "Max Points", "Status", "Submission ID"]
_TIMES = ["Submission Time", "Lateness (H:M:S)", "View Count", "Submission Count"]


def rows(table: GradeTable) -> Iterator[list[Cell]]:
    """Yield the header and a row for each student."""
    if len(table.assignments) == 1:
        yield [*_HEADER, *_POINTS, *_TIMES]
        for student in table.students:
            yield [*_identity(student), *_one(table.entry(student, table.assignments[0]), table.assignments[0])]
        return
    header: list[Cell] = [*_HEADER]
    for assignment in table.assignments:
        header += [assignment.title, *(f"{assignment.title} - {name}" for name in (_POINTS[1], *_TIMES[:2]))]
    yield [*header, "Total Lateness (H:M:S)"]
    for student in table.students:
        row = _identity(student)
        late = 0.0
        for assignment in table.assignments:
            entry = table.entry(student, assignment)
            late += entry.seconds_late if entry is not None else 0.0
            moment = entry.timestamp if entry is not None else None
            row += [table.score(student, assignment), assignment.max_score, moment, _lateness(entry)]
        yield [*row, _clock(late)]


def _identity(student: Student) -> list[Cell]:
    first_name = student.first_name or ("" if student.last_name else student.id)
    return [first_name, student.last_name, student.id, student.email, student.section]


def _one(entry: Entry | None, assignment: Assignment) -> list[Cell]:
    if entry is None:
        return [None, assignment.max_score, "Missing", None, None, None, None, None]
    status = "Ungraded" if entry.score is None else "Graded"
    return [entry.score, assignment.max_score, status, None, entry.timestamp, _lateness(entry), None, None]


def _lateness(entry: Entry | None) -> str:
    return _clock(entry.seconds_late) if entry is not None else ""


def _clock(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{left:02}"
