"""Reads the roster of a class: who the students are, and what each system calls them.

A roster is a CSV file with a header. Its columns may bear the names below, or those of the files that GitHub Classroom,
nbgrader, Moodle, Canvas and Gradescope export: such a file is a roster as it is.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from autograder.errors import UsageError

__all__ = ["Roster", "Student", "fold_name", "read_roster"]

_MAX_BYTES = 16 << 20

# What other systems call a column, by its name here; compared in lower case, without accents.
_ALIASES = {
    "id": ("id", "student_id", "student id", "identifier", "id number", "numero de id", "sid", "username", "usuario"),
    "first_name": ("first_name", "first name", "nombre", "nombre(s)"),
    "last_name": ("last_name", "last name", "surname", "apellido", "apellidos", "apellido(s)"),
    "full_name": ("name", "full name", "nombre completo", "student name", "apellido y nombre"),
    "email": ("email", "email address", "e-mail", "correo", "correo electronico", "direccion de correo"),
    "github": ("github", "github_username", "github username", "github login", "usuario de github"),
    "moodle_id": ("moodle_id",),
    "canvas_id": ("canvas_id", "lms_user_id"),
    "sis_id": ("sis_id", "sis user id"),
    "login": ("login", "sis login id"),
    "repository": ("repository", "repository_url", "student_repository_url", "repo", "repositorio"),
    "section": ("section", "sections", "seccion", "comision"),
}
# Canvas names two of its columns as others name something else.
_CANVAS = {"student": "full_name", "id": "canvas_id"}
_CANVAS_SIGNS = {"sis login id", "sis user id"}
# Moodle writes "Participant 123" or "Participante 123".
_PARTICIPANT = re.compile(r"particip\w*\s+(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Student:
    """One student.

    Parameters
    ----------
    id : str
        The name of the student's folder in ``submitted/``, and nbgrader's student id.
    first_name, last_name : str
        As the roster spells them. A roster with full names only: ``last_name`` is what stands before a comma, else all
        of it is ``first_name``.
    email : str
    github : str
        Login at GitHub.
    moodle_id : str
        Number of the participant, as in the names of Moodle's downloaded submissions.
    canvas_id : str
        Canvas's own number of the user.
    sis_id, login : str
        Canvas's ``SIS User ID`` and ``SIS Login ID``.
    repository : str
        Address of the git repository that the student hands in.
    section : str
        Empty like any other, where the roster does not tell.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    github: str = ""
    moodle_id: str = ""
    canvas_id: str = ""
    sis_id: str = ""
    login: str = ""
    section: str = ""
    repository: str = ""

    @property
    def name(self) -> str:
        """The full name, or the id where no name is known."""
        return f"{self.first_name} {self.last_name}".strip() or self.id

    @property
    def sortable_name(self) -> str:
        """``"Last, First"``, or the one that is known, or the id."""
        return ", ".join(part for part in (self.last_name, self.first_name) if part) or self.id


class Roster:
    """The students of a class, in the order of the file.

    Parameters
    ----------
    students : sequence of Student
        With ids of their own.
    """

    def __init__(self, students: Sequence[Student]) -> None:
        self.students = tuple(students)
        self._found: dict[str, dict[str, list[Student]]] = {}

    def __iter__(self) -> Iterator[Student]:
        return iter(self.students)

    def __len__(self) -> int:
        return len(self.students)

    def find(self, field: str, value: str) -> Student | None:
        """Return the one student whose field has this value, upper and lower case alike; None if none or several do.

        Parameters
        ----------
        field : str
            A field of `Student`.
        value : str
            An empty value finds nobody.
        """
        key = value.strip().casefold()
        found = self._index(field, lambda student: getattr(student, field).casefold()).get(key, []) if key else []
        return found[0] if len(found) == 1 else None

    def named(self, name: str) -> list[Student]:
        """Return every student of this name, whatever its order, accents, case and punctuation.

        Two students may share a name, and ``"gonzalezana"`` (Canvas) is ``"Ana González"``.
        """
        key = fold_name(name)
        first_last = self._index("first last", lambda student: fold_name(student.first_name + student.last_name))
        last_first = self._index("last first", lambda student: fold_name(student.last_name + student.first_name))
        found = [*first_last.get(key, []), *last_first.get(key, [])] if key else []
        return list(dict.fromkeys(found))

    def _index(self, field: str, value: Callable[[Student], str]) -> dict[str, list[Student]]:
        if field not in self._found:
            index = self._found.setdefault(field, {})
            for student in self.students:
                index.setdefault(value(student), []).append(student)
        return self._found[field]


def fold_name(name: str) -> str:
    """Return the letters and digits of a name in lower case, without accents, to compare names by.

    Examples
    --------
    >>> fold_name("Muñoz-Pérez, José"), fold_name("李 小龍")
    ('munozperezjose', '李小龍')
    """
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def read_roster(path: Path) -> Roster:
    """Read a roster.

    Parameters
    ----------
    path : Path
        CSV with a header, separated by commas, semicolons or tabs, in UTF-8, UTF-16 or Windows-1252: what spreadsheets
        write. Columns that are not known are ignored. Without an id column, a student's id is the first of GitHub
        login, SIS login, SIS id, canvas id, e-mail address that the roster gives.

    Raises
    ------
    UsageError
        The file cannot be read, has no known column, a student without an id, an id twice, or an id that cannot be the
        name of a folder.
    """
    rows = _rows(path)
    columns = _columns(rows[0] if rows else [])
    if not columns:
        raise UsageError(
            f"expected a roster with a header, such as id,first_name,last_name,email,github. Received: {path}, "
            f"whose first line is {','.join(rows[0])[:80] if rows else ''!r}."
        )
    students: dict[str, Student] = {}
    for number, row in enumerate(rows[1:], start=2):
        values = {name: _clean(row[place]) for name, place in columns.items() if place < len(row)}
        # Canvas's second line says how many points there are.
        if not any(values.values()) or values.get("full_name", "").casefold() == "points possible":
            continue
        student = _student(values, f"{path}, row {number}")
        # Some file systems do not tell cases apart.
        if student.id.casefold() in students:
            raise UsageError(
                f"expected ids of their own in a roster. Received: {student.id} again in {path}, row {number}."
            )
        students[student.id.casefold()] = student
    return Roster(list(students.values()))


def _rows(path: Path) -> list[list[str]]:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"expected a roster, a CSV file. Received: {path} ({error.strerror}).") from error
    if len(content) > _MAX_BYTES:
        raise UsageError(f"expected a roster below {_MAX_BYTES >> 20} MB. Received: {path}, which is larger.")
    text = _decode(content)
    head = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise UsageError(f"expected a roster, a CSV file. Received: {path} ({error}).") from error


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Return the place of each known column."""
    names = [_plain(name) for name in header]
    canvas = bool(_CANVAS_SIGNS & set(names))
    known = {alias: column for column, aliases in _ALIASES.items() for alias in aliases}
    # The ID number of an institution is better than the user name where both are there: the order of the aliases tells.
    best: dict[str, tuple[int, int]] = {}
    for place, name in enumerate(names):
        column = _CANVAS.get(name) if canvas and name in _CANVAS else known.get(name)
        if column is not None:
            rank = _ALIASES[column].index(name) if name in _ALIASES[column] else 0
            best[column] = min(best.get(column, (rank, place)), (rank, place))
    return {column: place for column, (_, place) in best.items()}


def _student(values: dict[str, str], where: str) -> Student:
    full_name = values.pop("full_name", "")
    if full_name and not values.get("first_name") and not values.get("last_name"):
        last_name, comma, first_name = full_name.partition(",")
        values["first_name"], values["last_name"] = (
            (first_name.strip(), last_name.strip()) if comma else (full_name, "")
        )
    participant = _PARTICIPANT.fullmatch(values.get("id", ""))
    if participant:
        # Moodle's grading worksheet: the participant's number stands where others have the student's id.
        values["moodle_id"], values["id"] = participant[1], ""
    for source in ("github", "login", "sis_id", "canvas_id", "email"):
        values["id"] = values.get("id", "") or values.get(source, "")
    if not values["id"]:
        raise UsageError(f"expected an id, a login or an e-mail address for every student. Received: none in {where}.")
    if not _names_a_folder(values["id"]):
        raise UsageError(
            "expected ids that can name a folder: no slash, backslash, colon, quote, plus sign or control character, "
            f"no dot or space at an end, no hyphen first, not too long. Received: {values['id']!r} in {where}."
        )
    return Student(**{field.name: values.get(field.name, "") for field in fields(Student)})


def _names_a_folder(name: str) -> bool:
    """Tell whether an id can name a folder on every system; nbgrader's exchange separates with plus signs."""
    if len(name.encode("utf-8", "replace")) > 120 or name[0] in ".- " or name[-1] in ". ":
        return False
    return not any(letter in '/\\:+*?"<>|' or unicodedata.category(letter)[0] == "C" for letter in name)


def _clean(value: str) -> str:
    """Return a cell's text; the apostrophe that keeps spreadsheets from computing it is no part of it."""
    text = " ".join(value.split())
    return text[1:] if re.match(r"'[=+\-@]", text) else text


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).casefold()
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())
