"""Tells which assignment a notebook answers: by its place, its name, its grade cells and what it defines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from autograder.course.assignments import Assignment
from autograder.course.notebooks import grade_ids
from autograder.errors import IntakeError
from autograder.intake.notebook import Cell

__all__ = ["choose_assignment", "defined_assignment"]

_ANOTHERS = (
    "Este cuaderno es el de {found} y aquí se entrega {expected}: no tiene ninguna de sus funciones. "
    "Entrega {expected}.ipynb; nadie te quitó puntos por esto."
)
_NOT_THIS = (
    "Este cuaderno no es el de {expected}: sus celdas son de otro trabajo y no define ninguna de las funciones "
    "pedidas. Entrega {expected}.ipynb; nadie te quitó puntos por esto."
)
_UNKNOWN = (
    "No sé a qué trabajo práctico corresponde este cuaderno: no define ninguna de las funciones pedidas. "
    "Nómbralo como el trabajo (por ejemplo {example}.ipynb)."
)


def choose_assignment(place: str, cells: Sequence[Cell], assignments: Mapping[str, Assignment]) -> str:
    """Return the assignment that a notebook belongs to: by its place, its name, or what it defines.

    Parameters
    ----------
    place : str
        The assignment that the notebook's place or name says; empty if they are silent.
    cells : sequence of Cell
    assignments : mapping
        Those of the course that are at hand.

    Raises
    ------
    IntakeError
        Of kind ``unknown-assignment``, or ``other-assignment``: it is the released notebook of another assignment, and
        nothing in it answers this one. That would be a silent zero, and an earlier grade lost.
    """
    if place:
        _refuse_anothers(place, cells, assignments)
        return place
    defined = defined_assignment(cells, assignments)
    if not defined:
        raise IntakeError("unknown-assignment", _UNKNOWN.format(example=next(iter(assignments), "02_convolucion")))
    return defined


def defined_assignment(cells: Sequence[Cell], assignments: Mapping[str, Assignment]) -> str:
    """Return the assignment of whose names a notebook's code defines most; empty if it defines none."""
    code = [cell for cell in cells if cell.kind == "code"]
    scores = {name: len(_defined(code, known.names)) / max(len(known.names), 1) for name, known in assignments.items()}
    best = max(scores, key=lambda name: scores[name], default="")
    return best if best and scores[best] else ""


def _refuse_anothers(expected: str, cells: Sequence[Cell], assignments: Mapping[str, Assignment]) -> None:
    handed_in = {cell.key for cell in cells if cell.is_grade}
    here = assignments.get(expected)
    if here is None or not handed_in or handed_in == set(grade_ids(here.source)):
        return
    found = {name: _shared(handed_in, known) for name, known in assignments.items()}
    here_share, here_count = found.pop(expected)
    best = max(found, key=lambda name: found[name], default="")
    share, count = found.get(best, (0.0, 0))
    # Where both have cells of the same name, the notebook is that of which it holds more.
    if share >= 0.5 and share >= here_share and count >= here_count and (share, count) != (here_share, here_count):
        # What only this assignment asks for answers it, in whatever notebook it was written.
        if not _defined(cells, set(here.names) - set(assignments[best].names)):
            raise IntakeError("other-assignment", _ANOTHERS.format(found=best, expected=expected))
    elif here_count == 0 and not _defined(cells, here.names):
        raise IntakeError("other-assignment", _NOT_THIS.format(expected=expected))


def _shared(handed_in: set[str], assignment: Assignment) -> tuple[float, int]:
    """Return which part of an assignment's grade cells are there, and how many."""
    known = set(grade_ids(assignment.source))
    return (len(handed_in & known) / len(known), len(handed_in & known)) if known else (0.0, 0)


def _defined(cells: Sequence[Cell], names: Sequence[str] | set[str]) -> list[str]:
    text = "\n".join(cell.source for cell in cells)
    return [name for name in names if re.search(rf"^(?:def {re.escape(name)}\b|{re.escape(name)} *=)", text, re.M)]
