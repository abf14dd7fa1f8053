"""Two submissions that were compared, in the form in which ``similar --json`` writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["NEAREST", "Kind", "Pair", "chosen", "to_json"]

SCHEMA = 1
NEAREST = 10
"""How many pairs that are not flagged are told, of each kind and assignment."""

Kind = Literal["code", "model"]


@dataclass(frozen=True)
class Pair:
    """Two submissions and how alike they are.

    Parameters
    ----------
    kind : {"code", "model"}
    assignment : str
    submissions : tuple of str
        Their names, in the order of the alphabet.
    flagged : bool
        Whether honest work is hardly ever so alike, and nobody has dismissed the pair.
    score : float
        0 to 1.
    where : tuple of str
        Answer cells, or paths of model files.
    why : str
        A sentence for the instructor.
    dismissed : str
        Who dismissed the flag and why; empty if nobody did.
    """

    kind: Kind
    assignment: str
    submissions: tuple[str, str]
    flagged: bool
    score: float
    where: tuple[str, ...]
    why: str = ""
    dismissed: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return what ``--json`` writes of it."""
        return {
            "kind": self.kind,
            "assignment": self.assignment,
            "submissions": list(self.submissions),
            "flagged": self.flagged,
            "score": round(self.score, 4),
            "where": list(self.where),
        }


def chosen(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the pairs that are flagged or dismissed and the ten nearest others of each kind, the nearest first."""
    ordered = sorted(pairs, key=lambda pair: (not pair.flagged, -pair.score, pair.submissions))
    others: dict[tuple[str, str], int] = {}
    found = []
    for pair in ordered:
        if not pair.flagged and not pair.dismissed:
            key = pair.kind, pair.assignment
            others[key] = others.get(key, 0) + 1
            if others[key] > NEAREST:
                continue
        found.append(pair)
    return found


def to_json(pairs: Sequence[Pair]) -> str:
    """Return the text that ``--json`` writes."""
    text = json.dumps({"schema": SCHEMA, "pairs": [pair.as_dict() for pair in pairs]}, ensure_ascii=False, indent=2)
    # Half a surrogate pair, which a name may hold, cannot be written as UTF-8, but it can as a JSON escape.
    return text.encode("utf-8", "backslashreplace").decode()
