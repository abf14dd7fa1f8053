"""What every source of submissions offers: hand-ins that say whose they might be and write their files to a stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from autograder.collect.staging import Stage

__all__ = ["Clues", "Delivery", "Handin", "Source"]


@dataclass(frozen=True)
class Clues:
    """Whose a hand-in might be.

    Parameters
    ----------
    label : str
        What the source calls it; for messages.
    name : str
        The student's full name, in any order.
    github, canvas_id : str
        Login at GitHub; Canvas's number of the user. Each belongs to one student in all assignments.
    moodle_id : str
        Moodle's number of the participant, which belongs to one student in one assignment only.
    email, id : str
        Of the student, where the source knows more than names; ``id`` is the roster's.
    problem : str
        Why it can be nobody's, as a sentence; empty otherwise.
    team : str
        The team that handed it in, where the source knows it.
    """

    label: str
    name: str = ""
    github: str = ""
    canvas_id: str = ""
    moodle_id: str = ""
    email: str = ""
    id: str = ""
    problem: str = ""
    team: str = ""


@dataclass(frozen=True)
class Delivery:
    """How a hand-in arrived.

    Parameters
    ----------
    time : datetime or None
        When it was handed in, if that is known.
    clock : str
        Who says so: ``push`` (the server), ``tag``, ``commit`` (the student's machine), ``worksheet`` (the LMS).
    late : bool or None
        What the source itself says; None if it says nothing.
    origin : str
        What exactly was taken: the id of a commit, a member of an archive.
    notes : tuple of str
        What the instructor should know.
    extension : datetime or None
        The student's own deadline, where the source itself granted one.
    """

    time: datetime | None = None
    clock: str = ""
    late: bool | None = None
    origin: str = ""
    notes: tuple[str, ...] = ()
    extension: datetime | None = None


class Handin(Protocol):
    """What one student handed in, still at its source."""

    @property
    def clues(self) -> Clues:
        """Whose it might be."""

    def fetch(self, folder: Path, deadline: datetime | None) -> None:
        """Bring it here, where it is elsewhere; runs beside other hand-ins' in a thread of its own.

        Parameters
        ----------
        folder : Path
            Where its original may be kept.
        deadline : datetime or None
            The student's.

        Raises
        ------
        CollectError
        """

    def stage(self, stage: Stage) -> Delivery:
        """Write its files.

        Raises
        ------
        CollectError
        """


@dataclass(frozen=True)
class Source:
    """Where submissions come from.

    Parameters
    ----------
    title : str
        What it is called in the summary.
    handins : tuple of Handin
    original : Path or None
        A file to keep a copy of.
    notes : tuple of str
        What the instructor should know of the source as a whole.
    """

    title: str
    handins: tuple[Handin, ...]
    original: Path | None = None
    notes: tuple[str, ...] = field(default=())
