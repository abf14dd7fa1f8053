"""Writes CSV that spreadsheets of any country open, and take for no formula, whatever students call themselves."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from autograder.render.text import dotted, plain

__all__ = ["COMMA", "EXCEL", "EXCEL_POINT", "Cell", "Style", "to_csv"]

Cell = str | float | datetime | None
"""Text, points, a moment (UTC), or nothing."""

# A formula begins with one of these, also behind a separator: a spreadsheet may split at other characters than ours.
_FORMULA = re.compile(r"(^|[,;|])([\s\"']*)(?=[=+\-@＝＋－＠])")


@dataclass(frozen=True)
class Style:
    """How a country writes its tables.

    Parameters
    ----------
    separator : str
        What stands between two columns.
    decimal : str
        What stands before the decimals.
    mark : str
        What a file begins with; without the byte order mark, spreadsheets take UTF-8 for something else.
    """

    separator: str = ","
    decimal: str = "."
    mark: str = ""


COMMA = Style()
"""What programs read."""
EXCEL = Style(";", ",", "\ufeff")
"""Where a comma stands before decimals, lists are separated by semicolons: Spain, most of South America, Brazil …"""
EXCEL_POINT = Style(",", ".", "\ufeff")
"""Mexico, Central America, English-speaking countries …"""


def to_csv(rows: Iterable[Sequence[Cell]], style: Style = COMMA) -> str:
    """Return rows as CSV: quotes where they are needed, a line feed at each end.

    Points have at most two decimals. An apostrophe stands before what a spreadsheet would compute
    (``=cmd()``), as spreadsheets themselves mark text; `autograder.course.roster` takes it away again.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=style.separator, lineterminator="\n")
    writer.writerows([[_written(cell, style) for cell in row] for row in rows])
    return style.mark + text.getvalue()


def _written(cell: Cell, style: Style) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S} +0000"
    if isinstance(cell, str):
        return _FORMULA.sub(r"\1\2'", " ".join(plain(cell).split()))
    return dotted(cell).replace(".", style.decimal)
