"""What a class did, in numbers: how hard things were, how well they tell students apart, and how sure that is."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from autograder.render.text import cell_points
from autograder.report import Check, Report

__all__ = ["Item", "Said", "histogram", "items_of", "middle", "often_said", "wilson"]

FEWEST = 8
"""From so many submissions on a correlation is told."""

_Z = 1.959964
_NUMBER = re.compile(r"-?\d[\d.,]*")


@dataclass(frozen=True)
class Item:
    """How a class did in one exercise or check.

    Parameters
    ----------
    count : int
        How many were judged; what could not be checked does not count.
    full : int
        How many earned all of it.
    facility : float
        The mean part that was earned, 0 to 1.
    between : (float, float)
        Its 95 % interval (Wilson's, as if each were all or nothing: never too narrow).
    discrimination : float or None
        The correlation of the part that was earned with all other points; None where there are too few submissions, or
        all are alike.
    apart : (float, float) or None
        Its 95 % interval (Fisher's).
    """

    count: int
    full: int
    facility: float
    between: tuple[float, float]
    discrimination: float | None = None
    apart: tuple[float, float] | None = None


@dataclass(frozen=True)
class Said:
    """A message that several students got.

    Parameters
    ----------
    grade_id : str
    message : str
        The first student's.
    who : tuple of Report
    """

    grade_id: str
    message: str
    who: tuple[Report, ...]


def middle(reports: Sequence[Report]) -> float | None:
    """Return the median of the grades, or None if there are none."""
    scores = [report.score for report in reports if report.score is not None]
    return median(scores) if scores else None


def histogram(reports: Sequence[Report], bins: int = 10) -> list[int]:
    """Return how many grades lie in each part of the scale; the last part holds full marks, too."""
    counted = [0] * bins
    for report in reports:
        if report.score is not None and report.max_score > 0:
            share = min(max(report.score / report.max_score, 0.0), 1.0)
            counted[min(int(share * bins + 1e-9), bins - 1)] += 1
    return counted


def items_of(reports: Sequence[Report], *, by_check: bool = False) -> dict[str, Item]:
    """Return how a class did in each grade cell, or in each check, by its id."""
    earned: dict[str, list[tuple[float, float, float]]] = {}
    for report in reports:
        if report.score is None:
            continue
        groups: Mapping[str, Sequence[Check]] = (
            {check.id: [check] for check in report.checks} if by_check else report.by_grade_cell()
        )
        for key, checks in groups.items():
            value, highest = cell_points(checks)
            if highest > 0:
                earned.setdefault(key, []).append((value / highest, report.score - value, highest))
    return {key: _item([(share, rest) for share, rest, _ in found]) for key, found in earned.items()}


def wilson(share: float, count: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share of ``count``.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(0.5, 30)]
    [0.332, 0.668]
    """
    weight = _Z**2 / count
    centre = (share + weight / 2) / (1 + weight)
    half = _Z / (1 + weight) * math.sqrt(share * (1 - share) / count + weight / (4 * count))
    return max(centre - half, 0.0), min(centre + half, 1.0)


def often_said(reports: Sequence[Report]) -> list[Said]:
    """Return what checks that failed said, the most frequent first: the first line of a message, whatever its numbers.

    Somebody who hears the same in several checks of an exercise counts once.
    """
    heard: dict[tuple[str, str], tuple[str, dict[int, Report]]] = {}
    for place, report in enumerate(reports):
        for check in report.checks if report.graded else ():
            line = check.message.strip().partition("\n")[0].strip()
            if check.status == "failed" and line:
                key = (check.grade_id, _NUMBER.sub("0", line))
                heard.setdefault(key, (line, {}))[1][place] = report
    found = [Said(grade_id, line, tuple(who.values())) for (grade_id, _), (line, who) in heard.items()]
    return sorted(found, key=lambda said: -len(said.who))


def _item(pairs: Sequence[tuple[float, float]]) -> Item:
    shares = [share for share, _ in pairs]
    facility = sum(shares) / len(shares)
    told = _correlation(pairs) if len(pairs) >= FEWEST else None
    return Item(
        count=len(pairs),
        full=sum(share > 0.995 for share in shares),
        facility=facility,
        between=wilson(facility, len(pairs)),
        discrimination=told,
        apart=_fisher(told, len(pairs)) if told is not None else None,
    )


def _correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    count = len(pairs)
    means = [sum(column) / count for column in zip(*pairs)]
    a, b, ab = (sum((pair[i] - means[i]) * (pair[j] - means[j]) for pair in pairs) for i, j in ((0, 0), (1, 1), (0, 1)))
    return ab / math.sqrt(a * b) if a > 1e-9 and b > 1e-9 else None


def _fisher(correlation: float, count: int) -> tuple[float, float]:
    centre = math.atanh(min(max(correlation, -0.999999), 0.999999))
    half = _Z / math.sqrt(count - 3)
    return math.tanh(centre - half), math.tanh(centre + half)
