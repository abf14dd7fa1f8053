"""What a notebook calls its exercises, and how many of its points wait for a person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.course.assignments import Assignment
from autograder.course.notebooks import cell_about, is_grade_cell, plain_cells

__all__ = ["Exercise", "Exercises", "exercises_of", "read_exercises"]

_HEADING = re.compile(r"^#{1,6}\s*Ejercicio\s+(\w+)[^:\n]*:\s*(.+?)\s*$", re.MULTILINE)
_NAME = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Exercise:
    """What a grade cell is called.

    Parameters
    ----------
    number : str
        ``"3"``, or ``"3.2"`` where several grade cells belong to the exercise.
    subject : str
        What it is about: ``"conv2d"``.
    """

    number: str
    subject: str


@dataclass(frozen=True)
class Exercises:
    """The exercises of an assignment.

    Parameters
    ----------
    by_cell : mapping of str to Exercise
        By ``grade_id``; a grade cell below no heading of an exercise is not among them.
    by_hand : mapping of str to float
        The points of each cell that a person grades.
    """

    by_cell: Mapping[str, Exercise] = field(default_factory=dict)
    by_hand: Mapping[str, float] = field(default_factory=dict)

    @property
    def waiting(self) -> float:
        """The points that a person gives."""
        return sum(self.by_hand.values())


def exercises_of(assignment: Assignment) -> Exercises:
    """Return the exercises of an assignment, read once per process."""
    return _read(assignment.source, assignment.source.stat().st_mtime_ns, assignment.names)


@lru_cache(maxsize=32)
def _read(source: Path, changed: int, names: tuple[str, ...]) -> Exercises:
    return read_exercises(plain_cells(source), names)


def read_exercises(cells: Iterable[Mapping[str, Any]], names: Iterable[str] = ()) -> Exercises:
    """Read the headings of a notebook.

    A heading is ``### Ejercicio 3 (2 puntos): `conv2d```; it holds for all grade cells down to the next one.

    Parameters
    ----------
    cells : iterable of mapping
        The cells of the instructor's notebook.
    names : iterable of str
        What the student defines: where a heading names some of it, a grade cell is about the one that its ``grade_id``
        starts with.
    """
    named = sorted(names, key=len, reverse=True)
    found: dict[str, Exercise] = {}
    by_hand: dict[str, float] = {}
    heading: tuple[str, str] | None = None
    for cell in cells:
        about = cell_about(cell)
        if cell.get("cell_type") == "markdown" and (headings := _HEADING.findall(str(cell.get("source", "")))):
            heading = headings[-1]
        if about.get("grade") and heading is not None:
            number, text = heading
            own = next((name for name in named if _begins(str(about["grade_id"]), name)), None)
            subject = own if own is not None and _NAME.search(text) else text.replace("`", "")
            found[str(about["grade_id"])] = Exercise(number, subject)
        if (about.get("grade") or about.get("task")) and not is_grade_cell(cell):
            by_hand[str(about["grade_id"])] = float(about.get("points") or 0)
    several = {number for number, count in Counter(one.number for one in found.values()).items() if count > 1}
    seen: Counter[str] = Counter()
    for grade_id, one in found.items():
        seen[one.number] += 1
        if one.number in several:
            found[grade_id] = Exercise(f"{one.number}.{seen[one.number]}", one.subject)
    return Exercises(found, by_hand)


def _begins(grade_id: str, name: str) -> bool:
    start = name.lower().replace("_", "-")
    return grade_id == start or grade_id.startswith(f"{start}-")
