"""What a grade cell says: its points, and each of its checks with its message."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.render.text import MARKS, cell_points, plain, plain_line, points
from autograder.report import Check

__all__ = ["check_messages"]


def check_messages(grade_id: str, checks: Iterable[Check]) -> str:
    """Return the text that a grade cell shows.

    Examples
    --------
    >>> print(check_messages("pad2d", [Check("pad2d::a", "pad2d", "pad2d agranda.", "failed", 0, 1, "Faltan ceros.")]))
    pad2d: 0/1
    ✗ pad2d agranda.  0/1
        Faltan ceros.
    """
    checks = list(checks)
    earned, highest = cell_points(checks)
    lines = [f"{grade_id}: {points(earned)}/{points(highest)}"]
    for check in checks:
        lines.append(
            f"{MARKS.get(check.status, '?')} {plain_line(check.title, 400)}  "
            f"{points(check.score)}/{points(check.max_score)}"
        )
        lines += [f"    {line}" for line in plain(check.message).split("\n") if line]
    return "\n".join(lines)
