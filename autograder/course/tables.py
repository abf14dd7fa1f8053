"""Reads the tables that instructors bring: CSV as platforms and spreadsheets write it, in any of their ways.

A table is read whole or not at all. What could be two things is an error that says where: a row that is lost in
silence is a student who is.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.encodings import decode_file
from autograder.errors import UsageError

__all__ = ["Row", "Table", "plain_heading", "read_table", "shown"]

_MAX_BYTES = 16 << 20
_DELIMITERS = ",;\t|"
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# The first line that tells spreadsheets the separator; they do not show it.
_SEPARATOR = re.compile(r'"?sep=([,;\t|])"?', re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Parameters
    ----------
    number : int
        As a spreadsheet numbers it: the header is 1.
    cells : tuple of str
        As many as the header has.
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table with a header.

    Parameters
    ----------
    path : Path
    header : tuple of str
    rows : tuple of Row
        Without empty ones.
    notes : tuple of str
        What had to be guessed.
    """

    path: Path
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def place(self, row: Row, column: int) -> str:
        """Return where a cell is, for messages."""
        return f"{self.path}, row {row.number}, column {column + 1} ({shown(self.header[column])})"


def shown(text: str, longest: int = 80) -> str:
    """Return the beginning of what a table holds, for a message: students choose what platforms call them."""
    return "".join(letter if letter.isprintable() else " " for letter in text.strip()[:longest])


def plain_heading(name: str) -> str:
    """Return a heading in lower case, without accents and double blanks, to compare headings by.

    Examples
    --------
    >>> plain_heading("  Dirección de  Correo ")
    'direccion de correo'
    """
    letters = unicodedata.normalize("NFKD", name).casefold()
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def read_table(path: Path, what: str, is_known: Callable[[str], bool], wrapped: Collection[str] = ()) -> Table:
    """Read a table.

    Parameters
    ----------
    path : Path
        CSV with a header, in UTF-8, UTF-16, Windows-1252, Mac Roman or CP850, with commas, semicolons, tabs or bars,
        with or without a first line ``sep=;``.
    what : str
        What messages call it: ``"a roster"``.
    is_known : callable
        Tells whether a heading, as `plain_heading` returns it, is one that the caller reads.
    wrapped : collection of str
        Headings that the caller reads and whose cells may have several lines.

    Raises
    ------
    UsageError
        It cannot be read, or a row of it could be two things.
    """
    text, notes = _text(path, what)
    first, _, rest = text.partition("\n")
    if separator := _SEPARATOR.fullmatch(first.strip()):
        text, delimiter = rest, separator[1]
    else:
        delimiter = _delimiter(text.lstrip().partition("\n")[0], is_known)
    rows = list(_rows(text, delimiter, path, what))
    header = tuple(cell.strip() for cell in rows[0].cells) if rows else ()
    while header and not header[-1]:
        header = header[:-1]
    checked = tuple(
        _checked(row, header, delimiter, path, lambda name: is_known(name) and name not in wrapped) for row in rows[1:]
    )
    return Table(path, header, checked, notes)


def _text(path: Path, what: str) -> tuple[str, tuple[str, ...]]:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"expected {what}, a CSV file. Received: {path} ({error.strerror}).") from error
    if len(content) > _MAX_BYTES:
        raise UsageError(f"expected {what} below {_MAX_BYTES >> 20} MB. Received: {path}, which is larger.")
    if content.startswith(b"PK\3\4"):
        raise UsageError(f"expected {what}, a CSV file. Received: {path}, a workbook: save it as CSV UTF-8.")
    try:
        text, encoding = decode_file(content)
    except ValueError as error:
        raise UsageError(f"expected {what}, a CSV file. Received: {path}: {error}.") from error
    guessed = (f"{path.name} was read as {encoding}: look whether the names are right",) if encoding else ()
    # Spreadsheets on a Mac end lines with a carriage return alone.
    return text.replace("\r\n", "\n").replace("\r", "\n"), guessed


def _delimiter(head: str, is_known: Callable[[str], bool]) -> str:
    def fit(delimiter: str) -> tuple[int, int]:
        try:
            names = next(csv.reader([head], delimiter=delimiter, skipinitialspace=True), [])
        except csv.Error:
            names = []
        return sum(is_known(plain_heading(name)) for name in names), len(names)

    return max(_DELIMITERS, key=fit)


def _rows(text: str, delimiter: str, path: Path, what: str) -> Iterator[Row]:
    """Yield the rows that hold anything; the header is row 1, whatever stands before it."""
    lines = text.split("\n")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    number = 0
    while True:
        start = reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fault = _fault(lines[start], delimiter, error)
            raise UsageError(f"expected {what}, a CSV file. Received: {path}, row {number + 1}, {fault}") from error
        number += 1
        if any(cell.strip() for cell in cells):
            yield Row(number, tuple(cells))
        elif number == 1:
            number = 0


def _fault(line: str, delimiter: str, error: csv.Error) -> str:
    """Return what is wrong with the row that begins with a line."""
    if "end of data" not in str(error) and "expected after" not in str(error):
        return f"which is no CSV ({error})."
    try:
        column = len(next(csv.reader([line], delimiter=delimiter, skipinitialspace=True)))
    except (csv.Error, StopIteration):
        column = line.count(delimiter) + 1
    return f"column {column}, where a quote is open that does not end there: {shown(line, 60)}"


def _checked(row: Row, header: tuple[str, ...], delimiter: str, path: Path, has_one_line: Callable[[str], bool]) -> Row:
    """Return a row with as many cells as the header.

    Raises
    ------
    UsageError
        It has more, is separated otherwise, or a cell swallowed the lines after it.
    """
    where = f"{path}, row {row.number}"
    filled = max((place for place, cell in enumerate(row.cells, 1) if cell.strip()), default=0)
    if filled > len(header):
        raise UsageError(
            f"expected rows of {len(header)} columns, as the header has. Received: {filled} in {where}: "
            f"{shown(delimiter.join(row.cells))}. A name that holds a {delimiter!r} needs quotes around it."
        )
    if len(row.cells) == 1 < len(header):
        other = next((sign for sign in _DELIMITERS if sign != delimiter and sign in row.cells[0]), "")
        if other:
            raise UsageError(
                f"expected {_NAMES[delimiter]} between the columns, as in the header. Received: {_NAMES[other]} in "
                f"{where}: {shown(row.cells[0])}"
            )
    for column, cell in enumerate(row.cells[: len(header)]):
        inside = cell.strip().split("\n")
        # Comments may have several lines; a name has one, and what looks like a row is one.
        swallowed = any(line.count(delimiter) >= max(1, len(header) - 1) for line in inside[1:])
        if len(inside) > 1 and (swallowed or has_one_line(plain_heading(header[column]))):
            lines = f"{shown(inside[0], 40)} … {shown(inside[1], 40)}"
            raise UsageError(
                f"expected one line in a cell. Received: {len(inside)} in {where}, column {column + 1} "
                f"({shown(header[column])}): {lines}. A quote is open there that does not end in its row."
            )
    return Row(row.number, (*row.cells[: len(header)], *[""] * (len(header) - len(row.cells))))
