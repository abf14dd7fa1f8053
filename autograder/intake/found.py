"""A submission before it is read, and what a search for submissions brings."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from autograder.intake.own import LeftOut

__all__ = ["Found", "Submission"]


@dataclass(frozen=True)
class Submission:
    """One student's work, not yet read.

    Parameters
    ----------
    name : str
        Whose it is, as reports show it; unique within a run.
    notebook : Path or None
        The notebook; None if the student's folder has none.
    folder : Path or None
        The folder that is this student's alone, or None where the notebook lies among others.
    assignment : str
        Name of the assignment if the place tells it, else empty.
    reason : str
        Spanish: why there is no notebook; empty if there is one, or simply none.
    """

    name: str
    notebook: Path | None
    folder: Path | None
    assignment: str = ""
    reason: str = ""


@dataclass
class Found:
    """What lies at the places that an instructor pointed at.

    Parameters
    ----------
    submissions : list of Submission
    left_out : list of LeftOut
        What looks like a hand-in and was not taken, by path.
    """

    submissions: list[Submission] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def __iadd__(self, other: Found) -> Found:
        self.submissions += other.submissions
        self.left_out += other.left_out
        return self
