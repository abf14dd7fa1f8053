"""Compares the code of a class: which pairs share more than honest work does."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from statistics import NormalDist

import numpy as np

from autograder.similarity.fragments import fragments
from autograder.similarity.shared import Fragments

__all__ = ["CodeClass", "CodePair", "compare_code", "threshold_of"]

PAIRS = 400
"""Pairs from which on the threshold follows from the class."""
ALONE = 0.48
"""The threshold of a smaller class; ``benchmarks/similar.py`` says how often honest pairs reach it."""
LOWEST, HIGHEST = 0.3, 0.55
FALSE = 1e-4
"""The share of honest pairs that is expected above the threshold of a class."""
SHARE = 0.1
"""A cell is named where it holds at least this part of what a pair shares."""
_TELLING = 0.3
"""A fragment of this weight is marked on a page."""
_BINS = (1 << 20) + 1
"""Scores are counted in so many bins, for the pairs of a large class are too many to keep."""


@dataclass(frozen=True)
class CodePair:
    """Two submissions of one class.

    Parameters
    ----------
    first, second : int
        Their places in the class; ``first`` < ``second``, references behind all others.
    score : float
        0 to 1: the part of the shorter work's rare fragments that the other has, too.
    where : tuple of str
        The cells of the first in which they stand, the most telling first.
    """

    first: int
    second: int
    score: float
    where: tuple[str, ...]


@dataclass
class CodeClass:
    """What `compare_code` found.

    Parameters
    ----------
    pairs : list of CodePair
        The nearest first.
    threshold : float
        From which score on a pair is flagged.
    works : sequence of mapping
        What was compared, the code by cell.
    shared : Fragments
        How much each fragment says.
    """

    pairs: list[CodePair]
    threshold: float
    works: Sequence[Mapping[str, str]]
    shared: Fragments

    def marked(self, index: int, other: int) -> dict[str, set[int]]:
        """Return by cell the lines of a submission that hold what says something and the other has, too."""
        mine = {cell: _lines(source) for cell, source in self.works[index].items()}
        theirs = {number for source in self.works[other].values() for number in _lines(source)}
        weights = self.shared.weights(theirs)
        return {
            cell: {line for number in found.keys() & theirs if weights[number] > _TELLING for line in found[number]}
            for cell, found in mine.items()
        }


def compare_code(
    works: Sequence[Mapping[str, str]],
    known: Iterable[str] = (),
    usual: Iterable[str] = (),
    references: int = 0,
    keep: int = 50,
) -> CodeClass:
    """Compare the answers of a class.

    Parameters
    ----------
    works : sequence of mapping
        For each submission its code by answer cell; cells that the student added have keys of their own.
    known : iterable of str
        What everybody got or may have got: the released cells, the course's solutions. It counts for nothing.
    usual : iterable of str
        Ways in which cells are usually written: each counts like one more submission that has it.
    references : int
        So many of the last ``works`` are of other years: they are compared with the class, not with each other.
    keep : int
        How many pairs are returned at least; all above the threshold are.
    """
    read = cache(_numbers)
    shared = Fragments(
        [_together(read(source) for source in work.values()) for work in works],
        _together(read(source) for source in known),
        [read(source) for source in usual],
    )
    counts = np.zeros(_BINS, np.int64)
    nearest: list[tuple[np.ndarray, ...]] = [(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))]
    for block in shared.scores(len(works) - references):
        counts += np.bincount(np.rint(block[2] * (_BINS - 1)).astype(np.int32), minlength=_BINS)
        nearest.append(_nearest(block, keep))
    first, second, scores = map(np.concatenate, zip(*nearest))
    threshold = threshold_of(counts)
    # The highest first, and equal ones in their order.
    order = np.argsort(-scores, kind="stable")[: max(keep, int((scores >= threshold).sum()))]
    pairs = []
    for one, two, score in zip(first[order].tolist(), second[order].tolist(), scores[order].tolist()):
        mine = {cell: read(source) for cell, source in works[one].items()}
        where = _where(mine, _together(map(read, works[two].values())), shared)
        pairs.append(CodePair(one, two, round(score, 4), where))
    return CodeClass(pairs, threshold, works, shared)


def threshold_of(counts: np.ndarray) -> float:
    """Return the score above which one honest pair in 10,000 is expected, as the scores of a class tell.

    Nearly all pairs of a class are honest: their median and their 98th percentile say how honest work is spread, and
    beyond them the scores fall off as those of a normal distribution do. A class of few pairs gets a fixed threshold.

    Parameters
    ----------
    counts : ndarray of int, (bins,)
        How many pairs have each score, from 0 in the first bin to 1 in the last.
    """
    if counts.sum() < PAIRS:
        return ALONE
    middle, high = _quantile(counts, 0.5), _quantile(counts, 0.98)
    normal = NormalDist().inv_cdf
    return float(np.clip(middle + (high - middle) * normal(1 - FALSE) / normal(0.98), LOWEST, HIGHEST))


def _quantile(counts: np.ndarray, share: float) -> float:
    """Return a quantile of scores that were counted, between two of them as `numpy.quantile` has it."""
    below = np.cumsum(counts)
    place = share * (below[-1] - 1)
    low, high = np.searchsorted(below, [math.floor(place), math.ceil(place)], side="right") / (len(counts) - 1)
    return float(low + (high - low) * (place - math.floor(place)))


def _nearest(block: tuple[np.ndarray, np.ndarray, np.ndarray], keep: int) -> tuple[np.ndarray, ...]:
    """Return those pairs of a block that may be told: above the lowest threshold, or among the highest."""
    scores = block[2]
    least = np.partition(scores, len(scores) - keep)[len(scores) - keep] if keep < len(scores) else 0.0
    chosen = (scores >= min(least, LOWEST)) & (scores > 0)
    return tuple(part[chosen] for part in block)


@lru_cache(maxsize=2048)
def _lines(source: str) -> dict[int, set[int]]:
    """Return a cell's fragments and their lines: a work that stands beside several others is read once."""
    return fragments(source)


def _numbers(source: str) -> np.ndarray:
    """Return the numbers of a cell's fragments."""
    return np.fromiter(fragments(source), np.uint64)


def _together(numbers: Iterable[np.ndarray]) -> np.ndarray:
    return np.unique(np.concatenate([np.empty(0, np.uint64), *numbers]))


def _where(mine: Mapping[str, np.ndarray], other: np.ndarray, shared: Fragments) -> tuple[str, ...]:
    """Return the cells in which most of what two works share stands, the most telling first."""
    told = {cell: sum(shared.weights(np.intersect1d(found, other)).values()) for cell, found in mine.items()}
    whole = sum(told.values())
    return tuple(sorted((cell for cell in told if told[cell] > SHARE * whole), key=lambda cell: -told[cell]))
