"""How far a measured accuracy may be from the true one by chance: a test set is a sample of all images."""

from __future__ import annotations

import math

__all__ = ["credit", "half_width", "percent", "thousands", "within"]

SCALE = 0.05
"""Below the threshold the points fall in a straight line, to none at this distance. Published in the notebooks."""

_95 = 1.959964


def half_width(accuracy: float, count: int) -> float:
    """Return half the width of the 95 % interval (Wilson's) of an accuracy measured on ``count`` images.

    Examples
    --------
    >>> round(half_width(0.9912, 10_000), 4), round(half_width(0.75, 2000), 3)
    (0.0018, 0.019)
    """
    square = _95**2
    inner = accuracy * (1 - accuracy) / count + square / (4 * count**2)
    return _95 * math.sqrt(inner) / (1 + square / count)


def credit(reached: float, threshold: float, count: int) -> float:
    """Return the part of the points for an accuracy measured on ``count`` images.

    Chance counts for the student: what is compared with the threshold is the upper end of the 95 % interval. All of the
    points from there on, none at 5 percentage points below it.

    Examples
    --------
    >>> credit(0.9885, 0.99, 10_000), round(credit(0.98, 0.99, 10_000), 3), credit(0.9, 0.99, 10_000)
    (1.0, 0.855, 0.0)
    """
    short = threshold - reached - half_width(reached, count)
    return min(1.0, max(0.0, 1 - short / SCALE))


def percent(share: float, digits: int = 2) -> str:
    """Write a share as a percentage in Spanish: ``"99,12 %"``."""
    return f"{100 * share:.{digits}f} %".replace(".", ",")


def within(accuracy: float, count: int) -> str:
    """Write an accuracy with half its 95 % interval: ``"99,12 % (±0,18)"``."""
    width = f"{100 * half_width(accuracy, count):.2f}".replace(".", ",")
    return f"{percent(accuracy)} (±{width})"


def thousands(count: int) -> str:
    """Write a count in Spanish: ``"10.000"``."""
    return f"{count:,}".replace(",", ".")
