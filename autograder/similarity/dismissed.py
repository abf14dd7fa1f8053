"""Flags that a person has looked at and dismissed: kept with who and why, and never raised again."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

from autograder.course.assignments import ROOT
from autograder.errors import UsageError

__all__ = ["DECISIONS", "Dismissal", "dismiss", "read_dismissals", "reason"]

DECISIONS = ROOT / "similar-dismissed.json"
"""Holds students' names: it stays on the instructor's machine, git ignores it."""


@dataclass(frozen=True)
class Dismissal:
    """One decision.

    Parameters
    ----------
    submissions : tuple of str
        Two names, in the order of the alphabet.
    assignment : str
        Empty: whatever they hand in.
    by, why, when : str
        Who decided, for which reason, and when (ISO 8601, UTC).
    """

    submissions: tuple[str, str]
    assignment: str
    by: str
    why: str
    when: str


def read_dismissals(path: Path = DECISIONS) -> list[Dismissal]:
    """Return what was decided so far.

    Raises
    ------
    UsageError
        The file is not as `dismiss` writes it.
    """
    if not path.is_file():
        return []
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return [Dismissal(**{**entry, "submissions": tuple(entry["submissions"])}) for entry in found]
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(
            f"{path}: expected the decisions that `similar --dismiss` writes. Received: {error}. Mend the file, or "
            "move it away: without it every flag is raised again."
        ) from error


def dismiss(names: tuple[str, str], assignment: str, by: str, why: str, path: Path = DECISIONS) -> Dismissal:
    """Keep that a pair is not to be flagged again.

    Raises
    ------
    UsageError
        The names are one, or nobody or nothing is named.
    """
    if names[0] == names[1]:
        raise UsageError(f"expected two submissions. Received: {names[0]} twice.")
    if not by.strip() or not why.strip():
        raise UsageError("expected who decides (--by) and the reason (--why). Received: nothing.")
    first, second = sorted(names)
    made = Dismissal((first, second), assignment, by.strip(), why.strip(), _now())
    entries = [asdict(one) for one in [*read_dismissals(path), made]]
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(entries, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(part, path)
    return made


def reason(dismissals: list[Dismissal], names: tuple[str, str], assignment: str) -> str:
    """Return who dismissed a pair and why; empty if nobody did."""
    for one in reversed(dismissals):
        if one.submissions == tuple(sorted(names)) and one.assignment in ("", assignment):
            return f"{one.by}, {one.when[:10]}: {one.why}"
    return ""


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
