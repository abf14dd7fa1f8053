"""Moodle's grade import (*Grades → Import → CSV file*): a row for each student, a column for each assignment.

Moodle identifies students by the ID number or the e-mail address, as the teacher chooses there. A row in which the
chosen one is empty would give its grades to the student of the row before: rows without an e-mail address are left out
where others have one.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograder.export.spreadsheet import Cell
from autograder.export.table import GradeTable

__all__ = ["prepare", "rows"]


def prepare(table: GradeTable) -> GradeTable:
    """Return the table without the students whom Moodle could mistake for another."""
    nameless = [student for student in table.students if not student.email]
    if len(nameless) == len(table.students):
        return table
    return table.without(nameless, "has no e-mail address, by which Moodle knows the others.")


def rows(table: GradeTable) -> Iterator[list[Cell]]:
    """Yield the header, as Moodle's own export has it, and the rows."""
    emails = any(student.email for student in table.students)
    header = ["First name", "Last name", "ID number", *(["Email address"] if emails else [])]
    yield [*header, *(assignment.title for assignment in table.assignments)]
    for student in table.students:
        who = [student.first_name, student.last_name, student.id, *([student.email] if emails else [])]
        yield [*who, *(table.score(student, assignment) for assignment in table.assignments)]
