"""Takes the archive that Moodle makes of an assignment: *Download all submissions*.

Each student's files lie in ``Full Name_12345_assignsubmission_file_/`` (newer versions leave the last underscore out)
or, where *Download submissions in folders* is off, are called ``Full Name_12345_assignsubmission_file_NAME``. The
number is the participant's in this assignment alone, so that the name decides; in a blind assignment the name is
``Participant``. The grading worksheet (*Download grading worksheet*) says who is which participant, and when each
handed in.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from autograder.collect.handin import Clues, Delivery, Source
from autograder.collect.lms import ArchiveHandin
from autograder.collect.zips import Archive, Member
from autograder.errors import UsageError

__all__ = ["Participant", "find_submissions", "read_worksheet"]

_MEMBER = re.compile(r"(?P<name>[^/]+?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_?/|_)(?P<file>.+)", re.DOTALL)
_BLIND = re.compile(r"particip\w*", re.IGNORECASE)
_DATE = re.compile(
    r"(\d{1,2})\s+(?:de\s+)?([a-záéíóú]{3,})\.?\s+(?:de\s+)?(\d{4}),?\s+(\d{1,2}):(\d{2})\s*([ap])?\.?", re.I
)
_MONTHS = ("jan ene", "feb", "mar", "apr abr", "may", "jun", "jul", "aug ago", "sep set", "oct", "nov", "dec dic")
_COLUMNS = {
    "identifier": ("identifier", "identificador"),
    "name": ("full name", "nombre completo", "nombre"),
    "email": ("email address", "direccion de correo", "correo electronico"),
    "id": ("id number", "numero de id"),
    "modified": ("last modified (submission)", "ultima modificacion (entrega)", "ultima modificacion (envio)"),
}


@dataclass(frozen=True)
class Participant:
    """A row of a grading worksheet.

    Parameters
    ----------
    name, email, id : str
        Empty where the worksheet does not tell; ``id`` is Moodle's *ID number*.
    time : datetime or None
        When the submission was last modified.
    """

    name: str
    email: str
    id: str
    time: datetime | None


def find_submissions(archive: Archive, worksheet: Mapping[str, Participant]) -> Source:
    """Return the hand-ins of a download.

    Parameters
    ----------
    archive : Archive
    worksheet : mapping
        Participants by number; may be empty.

    Raises
    ------
    UsageError
        Nothing in the archive is called as Moodle calls submissions.
    """
    found: dict[tuple[str, str], list[tuple[str, Member]]] = {}
    texts = unknown = 0
    for member in archive.members:
        match = _MEMBER.fullmatch(member.name)
        if match and match["kind"] == "file":
            found.setdefault((match["name"], match["id"]), []).append((match["file"], member))
        elif match:
            texts += 1
        else:
            unknown += 1
    if not found:
        raise UsageError(
            "expected files called as Moodle calls them, Full Name_12345_assignsubmission_file_/…. "
            f"Received: {archive.path}, which holds none."
        )
    notes = []
    if texts:
        notes.append(f"{texts} online texts or comments left out: only files are collected")
    if unknown:
        notes.append(f"{unknown} files left out whose names are not Moodle's")
    handins = []
    for (name, number), members in found.items():
        row = worksheet.get(number, Participant("", "", "", None))
        blind = _BLIND.fullmatch(name.strip()) is not None
        clues = Clues(
            f"{name}_{number}",
            name=row.name or ("" if blind else name),
            moodle_id=number,
            email=row.email,
            id=row.id,
        )
        delivery = Delivery(row.time, "worksheet" if row.time else "")
        handins.append(ArchiveHandin(clues, archive, members, delivery))
    return Source(archive.path.name, tuple(handins), archive.path, tuple(notes))


def read_worksheet(path: Path, zone: tzinfo) -> dict[str, Participant]:
    """Read a grading worksheet.

    Parameters
    ----------
    path : Path
    zone : tzinfo
        The time zone of the Moodle user who downloaded it: its times name none.

    Raises
    ------
    UsageError
        It cannot be read or is no grading worksheet.
    """
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig", errors="replace"), newline="")))
    except (OSError, csv.Error) as error:
        raise UsageError(f"expected Moodle's grading worksheet, a CSV file. Received: {path} ({error}).") from error
    header = [_plain(name) for name in rows[0]] if rows else []
    places = {
        column: next((header.index(name) for name in names if name in header), -1) for column, names in _COLUMNS.items()
    }
    if places["identifier"] < 0:
        raise UsageError(
            "expected Moodle's grading worksheet, whose first column is Identifier. "
            f"Received: {path}, which has {', '.join(header)[:80] or 'nothing'}."
        )
    found = {}
    for row in rows[1:]:
        values = {column: row[place].strip() if 0 <= place < len(row) else "" for column, place in places.items()}
        if number := re.search(r"\d+$", values["identifier"]):
            time = _moodle_time(values["modified"], zone)
            found[number[0]] = Participant(values["name"], values["email"], values["id"], time)
    return found


def _moodle_time(text: str, zone: tzinfo) -> datetime | None:
    """Return what ``Tuesday, 24 November 2026, 11:14 PM`` and ``martes, 24 de noviembre de 2026, 23:14`` mean."""
    found = _DATE.search(text)
    if not found:
        return None
    day, name, year, hour, minute, half = found.groups()
    month = next((number for number, names in enumerate(_MONTHS, 1) if _plain(name)[:3] in names.split()), 0)
    hours = int(hour) % 12 + (12 if half in "pP" else 0) if half else int(hour)
    try:
        return datetime(int(year), month, int(day), hours, int(minute), tzinfo=zone)
    except ValueError:
        return None


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).casefold().strip()
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
