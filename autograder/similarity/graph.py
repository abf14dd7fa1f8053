"""The pairs of a class as a picture: an inline SVG, without script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from autograder.language import counted, percent
from autograder.render.phrases import say
from autograder.render.text import plain_line
from autograder.similarity.pairs import Pair

__all__ = ["draw"]


def draw(pairs: Sequence[Pair]) -> str:
    """Return a graph of submissions: a thick line joins a flagged pair, a thin one another near pair.

    Each group that hangs together is a circle of its own; the largest group comes first.
    """
    flagged = [pair for pair in pairs if pair.flagged]
    groups = _groups(flagged)
    near = [pair for pair in pairs if not pair.flagged and not pair.dismissed]
    if not groups:
        return ""
    places: dict[str, tuple[float, float]] = {}
    left, top, row = 0.0, 0.0, 0.0
    for group in groups:
        radius = 0.0 if len(group) == 1 else max(50.0, 17.0 * len(group))
        side = 2 * radius + 230
        if left and left + side > 940:
            left, top, row = 0.0, top + row, 0.0
        for number, name in enumerate(group):
            angle = 2 * math.pi * number / len(group) + math.pi / 2
            places[name] = left + side / 2 + radius * math.cos(angle), top + radius + 45 + radius * math.sin(angle)
        left, row = left + side, max(row, 2 * radius + 90)
    drawn = [_line(pair, places) for pair in [*near, *flagged] if all(name in places for name in pair.submissions)]
    drawn += [_node(name, *place) for name, place in places.items()]
    pairs_told, works_told = counted(len(flagged), "flagged pair"), counted(len(places), "submission")
    label = say(f"{pairs_told} among {works_told}")
    return (
        f'<svg class="graph" viewBox="0 0 940 {top + row:.0f}" role="img" aria-label="{label}">{"".join(drawn)}</svg>'
    )


def _groups(pairs: Sequence[Pair]) -> list[list[str]]:
    """Return the names that flagged pairs join, the largest group first."""
    owner: dict[str, str] = {}

    def root(name: str) -> str:
        while owner.setdefault(name, name) != name:
            name = owner[name]
        return name

    for pair in pairs:
        owner[root(pair.submissions[0])] = root(pair.submissions[1])
    groups: dict[str, list[str]] = {}
    for name in sorted(owner):
        groups.setdefault(root(name), []).append(name)
    return sorted(groups.values(), key=lambda group: (-len(group), group))


def _line(pair: Pair, places: dict[str, tuple[float, float]]) -> str:
    (x1, y1), (x2, y2) = (places[name] for name in pair.submissions)
    kind = f"{pair.kind} flagged" if pair.flagged else "near"
    names = " · ".join(map(plain_line, pair.submissions))
    title = escape(f"{names}: {say(pair.kind)}, {percent(pair.score)}")
    return f'<line class="{kind}" x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}"><title>{title}</title></line>'


def _node(name: str, x: float, y: float) -> str:
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="7"/>'
        f'<text x="{x:.0f}" y="{y - 13:.0f}" text-anchor="middle">{escape(plain_line(name, 24))}</text>'
    )
