"""The forms that grades can be written in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from autograder.export import canvas, gradescope, moodle, plain
from autograder.export.spreadsheet import COMMA, EXCEL, EXCEL_POINT, Cell, to_csv
from autograder.export.table import GradeTable

__all__ = ["FORMATS", "export"]

_ROWS: dict[str, Callable[[GradeTable], Iterator[list[Cell]]]] = {
    "csv": plain.rows,
    "excel": plain.rows,
    "excel-point": plain.rows,
    "moodle": moodle.rows,
    "canvas": canvas.rows,
    "gradescope": gradescope.rows,
}
_STYLES = {"excel": EXCEL, "excel-point": EXCEL_POINT}
FORMATS = tuple(_ROWS)


def export(table: GradeTable, form: str) -> tuple[str, tuple[str, ...]]:
    """Return grades as CSV text, and what is not in it, a sentence each.

    Parameters
    ----------
    table : GradeTable
    form : str
        One of `FORMATS`.
    """
    if form == "moodle":
        table = moodle.prepare(table)
    empty = sum(entry.score is None for entry in table.entries.values())
    told = [f"{empty} of the submissions have no grade, or wait for a person to grade a part: they are empty."]
    return to_csv(_ROWS[form](table), _STYLES.get(form, COMMA)), (*table.problems, *(told if empty else []))
