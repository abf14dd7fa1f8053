"""The roster of a class: who the students are, and what each system calls them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["Roster", "Student", "fold_id", "fold_name"]


# By what a submission may be called after its student, in this order.
_NAMES = ("id", "github", "login", "email", "sis_id", "canvas_id")


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
    team : str
        The team that hands in together.
    extensions : tuple of (str, datetime or timedelta)
        More time, by the assignment's name in lower case, which is empty for all of them: a deadline of the student's
        own, or how much later it is.
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
    team: str = ""
    extensions: tuple[tuple[str, datetime | timedelta], ...] = ()

    def deadline(self, assignment: str, others: datetime) -> datetime:
        """Return until when the student may hand in an assignment; never earlier than the others.

        Parameters
        ----------
        assignment : str
        others : datetime
            The deadline of the class.
        """
        granted = dict(self.extensions)
        more = granted.get(assignment.casefold(), granted.get("", timedelta(0)))
        return max(others, more if isinstance(more, datetime) else others + more)

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
    notes : sequence of str
        What the instructor should know of how the file was read.
    """

    def __init__(self, students: Sequence[Student], notes: Sequence[str] = ()) -> None:
        self.students = tuple(students)
        self.notes = tuple(notes)
        self._found: dict[str, dict[str, list[Student]]] = {}

    def __iter__(self) -> Iterator[Student]:
        return iter(self.students)

    def __len__(self) -> int:
        return len(self.students)

    def find(self, field: str, value: str) -> Student | None:
        """Return the one student whose field has this value, as `fold_id` compares it; None if none or several do.

        Parameters
        ----------
        field : str
            A field of `Student`.
        value : str
            An empty value finds nobody.
        """
        key = fold_id(value.strip())
        found = self._index(field, lambda student: fold_id(getattr(student, field))).get(key, []) if key else []
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

    def owners(self, name: str) -> list[Student]:
        """Return whose a submission of this name is: one student, the members of a team, or nobody.

        A submission is called after its student by id, GitHub login, login, e-mail address, SIS or Canvas id, or by the
        full name if only one student bears it, or after a team.
        """
        found = (self.find(field, name) for field in _NAMES)
        student = next((student for student in found if student is not None), None)
        named = [student] if student is not None else self.named(name)
        return named if len(named) == 1 else self.members(name)

    def members(self, team: str) -> list[Student]:
        """Return the students of a team, whatever the case, accents and punctuation of its name."""
        key = fold_name(team)
        return self._index("members", lambda student: fold_name(student.team)).get(key, []) if key else []

    def _index(self, field: str, value: Callable[[Student], str]) -> dict[str, list[Student]]:
        if field not in self._found:
            index = self._found.setdefault(field, {})
            for student in self.students:
                index.setdefault(value(student), []).append(student)
        return self._found[field]


def fold_id(value: str) -> str:
    """Return an id to compare by: upper and lower case alike, and accents however they are written.

    macOS writes the ``ñ`` in the name of a folder as two characters.

    Examples
    --------
    >>> fold_id("N\u0303ANDU\u0301") == fold_id("\u00f1and\u00fa")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).casefold())


def fold_name(name: str) -> str:
    """Return the letters and digits of a name in lower case, without accents, to compare names by.

    Examples
    --------
    >>> fold_name("Muñoz-Pérez, José"), fold_name("李 小龍")
    ('munozperezjose', '李小龍')
    """
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum())
