"""Canvas's gradebook import (*Gradebook → Import*): a row for each student, a column for each assignment.

Canvas knows a student by ``ID``, else by ``SIS User ID``, else by ``SIS Login ID``, else by the name; and an assignment
by the number in parentheses after its title, else by the title. Its second row holds the points that are possible.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograder.course.roster import Student
from autograder.export.spreadsheet import Cell
from autograder.export.table import GradeTable

__all__ = ["rows"]

_HEADER = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]


def rows(table: GradeTable) -> Iterator[list[Cell]]:
    """Yield the header, the row of possible points, and a row for each student."""
    yield [*_HEADER, *(assignment.title for assignment in table.assignments)]
    possible: list[Cell] = [assignment.max_score for assignment in table.assignments]
    yield ["Points Possible", "", "", "", "", *possible]
    for student in table.students:
        yield [*_identity(student), *(table.score(student, assignment) for assignment in table.assignments)]


def _identity(student: Student) -> list[Cell]:
    known = student.canvas_id or student.sis_id or student.login
    login = student.login if known else student.id
    return [student.sortable_name, student.canvas_id, student.sis_id, login, student.section]
