"""One table for all ways and Pythons, and what differs in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rich.table import Table

from tests.same.repository import Points

__all__ = ["Place", "differences", "to_table"]

_DIGITS = 4
"""nbgrader keeps the points of each cell with six decimals, a report those of each check: their sums differ by less."""


class Place(NamedTuple):
    """Where a class was graded.

    Parameters
    ----------
    python, way : str
    """

    python: str
    way: str


def differences(found: Mapping[Place, Points]) -> list[str]:
    """Return a line for each submission that did not get somewhere what it got at the first place.

    Parameters
    ----------
    found : mapping of Place to Points
    """
    (first, expected), *others = found.items()
    return [
        f"{name}: {_shown(expected, name)} by {first.way} on Python {first.python}, "
        f"{_shown(points, name)} by {place.way} on Python {place.python}"
        for place, points in others
        for name in sorted(expected.keys() | points.keys())
        if _shown(points, name) != _shown(expected, name)
    ]


def to_table(found: Mapping[Place, Points]) -> Table:
    """Return the points by submission and way; where the Pythons differ, those of each."""
    pythons = dict.fromkeys(place.python for place in found)
    ways = dict.fromkeys(place.way for place in found)
    table = Table("Submission", *ways, title=f"Points on Python {', '.join(pythons)}")
    for name in sorted({name for points in found.values() for name in points}):
        table.add_row(name, *(_of_way(found, way, name) for way in ways))
    return table


def _of_way(found: Mapping[Place, Points], way: str, name: str) -> str:
    by_python = {place.python: _shown(points, name) for place, points in found.items() if place.way == way}
    if len(set(by_python.values())) == 1:
        return next(iter(by_python.values()))
    return "\n".join(f"{python}: {points}" for python, points in by_python.items())


def _shown(points: Points, name: str) -> str:
    if name not in points:
        return "nothing"
    value = points[name]
    return "no grade" if value is None else f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".")
