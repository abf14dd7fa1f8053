"""Survivors that a person looked at: a reason each, in ``tests/checks/<assignment>/reviewed.json``.

The file is a list of ``{"cell", "diff", "reason"}``: this one change is right, whatever random inputs say. Without
``"diff"``, and perhaps with an ``"operator"``, an entry speaks for all changes of the cell that kept the promise on
every random input, and for no other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from autograder.proving.mutate import Mutant

__all__ = ["Review", "load_reviews"]


@dataclass(frozen=True)
class Review:
    """A reason why some survivors of a cell are no fault of the checks.

    Parameters
    ----------
    cell : str
    reason : str
    diff : str, optional
        The one change meant.
    operator : str, optional
        The kind of change meant, where it is not one alone.
    """

    cell: str
    reason: str
    diff: str = ""
    operator: str = ""

    def covers(self, mutant: Mutant, difference: str | None) -> bool:
        """Tell whether this speaks for a survivor."""
        if mutant.cell != self.cell:
            return False
        if self.diff:
            return mutant.diff == self.diff
        return difference is None and self.operator in ("", mutant.operator)


def load_reviews(checks: Path) -> list[Review]:
    """Return the reviews of an assignment.

    Raises
    ------
    ValueError
        An entry has no reason.
    """
    file = checks / "reviewed.json"
    if not file.is_file():
        return []
    reviews = [Review(**entry) for entry in json.loads(file.read_text(encoding="utf-8"))]
    for review in reviews:
        if not review.reason.strip():
            raise ValueError(f"{file}: expected a reason for each entry. Received none for the cell {review.cell}")
    return reviews
