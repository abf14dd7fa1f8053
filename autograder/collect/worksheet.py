"""Reads Moodle's grading worksheet: who is which participant, and when each handed in, in the words of a language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

from autograder.course.tables import Table, plain_heading, read_table, shown
from autograder.errors import UsageError

__all__ = ["Participant", "Worksheet", "read_time", "read_worksheet"]

# As `plain_heading` writes them, in the languages of Moodle that are near.
_COLUMNS = {
    "identifier": ("identifier", "identificador", "identificatiu", "identificativo", "identificateur"),
    "name": ("full name", "nombre completo", "nombre", "nome completo", "nom complet", "first name / last name"),
    "email": (
        *("email address", "email", "direccion de correo", "direccion email", "direccion de correo electronico"),
        *("correo electronico", "endereco de email", "endereco de e-mail", "adreca electronica"),
    ),
    "id": ("id number", "numero de id", "numero id", "numero de identificacion"),
    "status": ("status", "estado", "estatus", "estat"),
    "team": ("group", "grupo", "grup", "groupe", "gruppo", "gruppe"),
    "modified": (
        *("last modified (submission)", "ultima modificacion (entrega)", "ultima modificacion (envio)"),
        *("ultima modificacao (envio)", "darrera modificacio (tramesa)"),
    ),
}
_HEADINGS = {heading: column for column, headings in _COLUMNS.items() for heading in headings}
# In another language the heading still says that something was modified, and which of the two it is not.
_MODIFIED = re.compile(r"modif")
_OF_GRADE = re.compile(r"\((?:grade|calif|cualif|qualif|nota|valut|note|bewert)")
_CLOCK = r"(\d{1,2})[:h](\d{2})(?::\d{2})?\s*(?:([ap])\.?\s*m\.?)?"
_AT = r",?\s+(?:(?:a las|at|às|à)\s+)?" + _CLOCK
# 24 November 2026, 11:14 PM and 24 de noviembre de 2026, 23:14
_DAY_FIRST = re.compile(r"(\d{1,2})\.?\s+(?:de\s+)?([^\W\d_]{3,})\.?,?\s+(?:de\s+)?(\d{4})" + _AT, re.IGNORECASE)
# November 24, 2026, 11:14 PM
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2}),\s+(\d{4})" + _AT, re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T|,?\s+)" + _CLOCK, re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})" + _AT, re.IGNORECASE)
# How months begin in English, Spanish, Catalan, Portuguese, French, Italian and German.
_MONTHS = (
    *(
        ("jan", "ene", "gen"),
        ("feb", "fev"),
        ("mar",),
        ("apr", "abr", "avr"),
        ("may", "mai", "mag"),
        ("jun", "juin", "giu"),
    ),
    *(("jul", "juil", "lug"), ("aug", "ago", "aou"), ("sep", "set"), ("oct", "okt", "out", "ott"), ("nov",)),
    ("dec", "dic", "des", "dez"),
)
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_NOTHING = {"", "-", "–", "—"}


@dataclass(frozen=True)
class Participant:
    """A row of a grading worksheet.

    Parameters
    ----------
    name, email, id : str
        Empty where the worksheet does not tell; ``id`` is Moodle's *ID number*.
    time : datetime or None
        When the submission was last modified.
    team : str
        The group that hands in.
    extension : datetime or None
        Until when the participant may hand in, where that is later than for the others.
    """

    name: str
    email: str
    id: str
    time: datetime | None
    team: str = ""
    extension: datetime | None = None


@dataclass(frozen=True)
class Worksheet:
    """A grading worksheet.

    Parameters
    ----------
    participants : dict of str to Participant
        By the participant's number.
    notes : tuple of str
        What had to be guessed.
    """

    participants: Mapping[str, Participant] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_worksheet(path: Path, zone: tzinfo) -> Worksheet:
    """Read a grading worksheet.

    Parameters
    ----------
    path : Path
        As Moodle writes it, or as a spreadsheet does that it went through.
    zone : tzinfo
        The time zone of the Moodle user who downloaded it: its times name none.

    Raises
    ------
    UsageError
        It cannot be read, is no grading worksheet, or holds a time that is not understood: a submission without its
        time would never be late.
    """
    table = read_table(path, "Moodle's grading worksheet", _HEADINGS.__contains__, _COLUMNS["status"])
    places = _places(table)
    found: dict[str, Participant] = {}
    for row in table.rows:
        values = {column: row.cells[place].strip() for column, place in places.items()}
        number = re.search(r"\d+$", values["identifier"])
        if number is None or number[0] in found:
            received = f"{values['identifier']!r}{' again' if number else ''}"
            raise UsageError(
                "expected Participant and a number of its own in each row of Moodle's grading worksheet. "
                f"Received: {received} in {table.place(row, places['identifier'])}."
            )
        time = None
        if values["modified"] not in _NOTHING:
            time = read_time(values["modified"], zone)
            if time is None:
                raise _not_understood(values["modified"], table.place(row, places["modified"]))
        status = values.get("status", "")
        extension = read_time(status, zone)
        # No status but that of an extension holds a date: "Extension granted until: Friday, 27 November 2026, 8:00 PM".
        if extension is None and _YEAR.search(status):
            raise _not_understood(status, table.place(row, places["status"]))
        who = (values.get("name", ""), values.get("email", ""), values.get("id", ""))
        found[number[0]] = Participant(*who, time, values.get("team", ""), extension)
    return Worksheet(found, table.notes)


def read_time(text: str, zone: tzinfo) -> datetime | None:
    """Return the time that a text in Moodle's words names, or None if it names none that can only be one.

    Examples
    --------
    >>> from datetime import timezone
    >>> str(read_time("miércoles, 25 de noviembre de 2026, 00:05", timezone.utc))
    '2026-11-25 00:05:00+00:00'
    >>> str(read_time("Wednesday, November 25, 2026, 12:05 AM", timezone.utc))
    '2026-11-25 00:05:00+00:00'
    >>> read_time("5/11/2026 0:05", timezone.utc) is None
    True
    """
    if found := _DAY_FIRST.search(text):
        day, name, year, hour, minute, half = found.groups()
        date = (int(year), _month(name), int(day))
    elif found := _MONTH_FIRST.search(text):
        name, day, year, hour, minute, half = found.groups()
        date = (int(year), _month(name), int(day))
    elif found := _ISO.search(text):
        year, month, day, hour, minute, half = found.groups()
        date = (int(year), int(month), int(day))
    elif found := _NUMBERS.search(text):
        one, other, year, hour, minute, half = found.groups()
        # 5/11 is in May or in November: only a day beyond the twelfth tells, or one that is the month's number, too.
        if int(one) <= 12 and int(other) <= 12 and one != other:
            return None
        month, day = sorted((int(one), int(other)))
        date = (int(year), month, day)
    else:
        return None
    hours = int(hour) % 12 + (12 if half in "pP" else 0) if half else int(hour)
    try:
        return datetime(*date, hours, int(minute), tzinfo=zone)
    except ValueError:
        return None


def _places(table: Table) -> dict[str, int]:
    """Return the place of each known column.

    Raises
    ------
    UsageError
        The table is no grading worksheet, or its times cannot be found.
    """
    headings = [plain_heading(name) for name in table.header]
    places: dict[str, int] = {}
    for column, names in _COLUMNS.items():
        place = next((headings.index(name) for name in names if name in headings), None)
        if place is not None:
            places[column] = place
    if "modified" not in places:
        similar = [
            place for place, name in enumerate(headings) if _MODIFIED.search(name) and not _OF_GRADE.search(name)
        ]
        if len(similar) == 1:
            places["modified"] = similar[0]
    for column in ("identifier", "modified"):
        if column not in places:
            raise UsageError(
                f"expected Moodle's grading worksheet, with the columns {_COLUMNS['identifier'][0].title()} and "
                f"{_COLUMNS['modified'][0].capitalize()} (known are {', '.join(_COLUMNS[column])}). "
                f"Received: {table.path}, which has {shown(', '.join(table.header), 200) or 'nothing'}."
            )
    return places


def _month(name: str) -> int:
    """Return the number of a month, 0 if the word is none."""
    plain = plain_heading(name)
    return next((number for number, starts in enumerate(_MONTHS, 1) if plain.startswith(starts)), 0)


def _not_understood(text: str, where: str) -> UsageError:
    return UsageError(
        "expected times as Moodle writes them: Tuesday, 24 November 2026, 11:14 PM; Tuesday, November 24, 2026, "
        f"11:14 PM; martes, 24 de noviembre de 2026, 23:14; 2026-11-24 23:14. Received: {shown(text)} in {where}. "
        "Download the worksheet with Moodle in English or Spanish, and do not let a spreadsheet change the column."
    )
