"""Hand grades on: CSV as Moodle, Canvas, Gradescope and spreadsheets read it."""

from __future__ import annotations

from autograder.export.formats import FORMATS, export
from autograder.export.sources import read_grades
from autograder.export.table import Assignment, Entry, GradeTable, with_roster

__all__ = ["FORMATS", "Assignment", "Entry", "GradeTable", "export", "read_grades", "with_roster"]
