"""Writes CSV that no spreadsheet takes for formulas, whatever students call themselves."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from autograder.render.text import plain, points

__all__ = ["Cell", "to_csv"]

Cell = str | float | datetime | None
"""Text, points, a moment (UTC), or nothing."""

# A formula begins with one of these, also behind a separator: a spreadsheet may split at other characters than ours.
_FORMULA = re.compile(r"(^|[,;|])([\s\"']*)(?=[=+\-@＝＋－＠])")


def to_csv(rows: Iterable[Sequence[Cell]]) -> str:
    """Return rows as CSV: commas, quotes where they are needed, a line feed at each end.

    Points have a decimal point and at most two decimals. An apostrophe stands before what a spreadsheet would compute
    (``=cmd()``), as spreadsheets themselves mark text; `autograder.course.roster` takes it away again.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[_written(cell) for cell in row] for row in rows])
    return text.getvalue()


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S} +0000"
    if isinstance(cell, str):
        return _FORMULA.sub(r"\1\2'", " ".join(plain(cell).split()))
    return points(cell)
