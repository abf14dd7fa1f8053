"""Compares the code of a class: which pairs share more than honest work does."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy import sparse

from autograder.similarity.fragments import fragments

__all__ = ["CodeClass", "CodePair", "compare_code", "threshold_of"]

ENOUGH = 20.0
"""Added to the weight of the shorter work: two short answers may well be all alike, and that says little."""
PAIRS = 400
"""Pairs from which on the threshold follows from the class."""
ALONE = 0.48
"""The threshold of a smaller class; ``benchmarks/similar.py`` says how often honest pairs reach it."""
LOWEST, HIGHEST = 0.3, 0.55
FALSE = 1e-4
"""The share of honest pairs that is expected above the threshold of a class."""
SHARE = 0.1
"""A cell is named where it holds at least this part of what a pair shares."""
_BLOCK = 256
"""So many works are compared with all others at once."""


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
    prints : list of dict
        For each submission and cell the lines (from 1) of each fragment: ``prints[0]["conv2d"][number]``.
    weights : dict of int to float
        How much each fragment says, 0 to 1; 0 if the course wrote it.
    """

    pairs: list[CodePair]
    threshold: float
    prints: list[dict[str, Mapping[int, set[int]]]]
    weights: dict[int, float]

    def marked(self, index: int, other: int) -> dict[str, set[int]]:
        """Return by cell the lines of a submission that hold what says something and the other has, too."""
        theirs = _all(self.prints[other])
        return {
            cell: {line for number in found.keys() & theirs if self.weights[number] > 0.3 for line in found[number]}
            for cell, found in self.prints[index].items()
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
    cache: dict[str, Mapping[int, set[int]]] = {}

    def read(source: str) -> Mapping[int, set[int]]:
        if source not in cache:
            cache[source] = fragments(source)
        return cache[source]

    prints = [{cell: read(source) for cell, source in work.items()} for work in works]
    given = {number for source in known for number in read(source)}
    counts = Counter(number for cells in prints for number in _all(cells))
    counts.update(number for source in usual for number in read(source) if number in counts)
    scale = math.log(max(8.0, len(works) / 2))
    # What only two have says most, what half of the class has says nothing.
    weights = {
        number: 0.0 if number in given else max(0.0, 1 - math.log(max(1, count - 1)) / scale)
        for number, count in counts.items()
    }
    values = _scores([_all(cells) for cells in prints], weights, len(works) - references)
    threshold = threshold_of(values)
    ends = np.cumsum(np.arange(len(works) - 1, 0, -1))
    pairs = []
    for place in _highest(values, max(keep, int((values >= threshold).sum()))):
        one, two = _pair(int(place), ends)
        where = _where(prints[one], _all(prints[two]), weights)
        pairs.append(CodePair(one, two, round(float(values[place]), 4), where))
    return CodeClass(pairs, threshold, prints, weights)


def threshold_of(scores: np.ndarray) -> float:
    """Return the score above which one honest pair in 10,000 is expected, as the scores of a class tell.

    Nearly all pairs of a class are honest: their median and their 98th percentile say how honest work is spread, and
    beyond them the scores fall off as those of a normal distribution do. A class of few pairs gets a fixed threshold.

    Parameters
    ----------
    scores : ndarray of float, (pairs,)
    """
    if len(scores) < PAIRS:
        return ALONE
    middle, high = np.quantile(scores, [0.5, 0.98])
    normal = NormalDist().inv_cdf
    return float(np.clip(middle + (high - middle) * normal(1 - FALSE) / normal(0.98), LOWEST, HIGHEST))


def _all(cells: Mapping[str, Mapping[int, set[int]]]) -> set[int]:
    return {number for found in cells.values() for number in found}


def _where(
    cells: Mapping[str, Mapping[int, set[int]]], other: set[int], weights: Mapping[int, float]
) -> tuple[str, ...]:
    told = {cell: sum(weights[number] for number in found.keys() & other) for cell, found in cells.items()}
    whole = sum(told.values())
    return tuple(sorted((cell for cell in told if told[cell] > SHARE * whole), key=lambda cell: -told[cell]))


def _highest(values: np.ndarray, count: int) -> np.ndarray:
    """Return the places of at most so many values above 0, the highest first and equal ones in their order."""
    found = np.flatnonzero(values)
    if count < len(found):
        least = np.partition(values[found], len(found) - count)[len(found) - count]
        found = found[values[found] >= least]
    return found[np.argsort(-values[found], kind="stable")][:count]


def _pair(place: int, ends: np.ndarray) -> tuple[int, int]:
    """Return which two works stand at a place of `_scores`; ``ends`` says where the pairs of each first one end."""
    first = int(np.searchsorted(ends, place, side="right"))
    return first, place - (int(ends[first - 1]) if first else 0) + first + 1


def _scores(prints: Sequence[set[int]], weights: Mapping[int, float], mine: int) -> np.ndarray:
    """Return for each pair the part of the shorter one's weight that both have.

    The pairs stand as in ``np.triu_indices``, those whose first work is one of the first ``mine``. Only a number for
    each of them is kept, for a class may be large.
    """
    columns: dict[int, int] = {}
    rows, places, parts = [], [], []
    for row, numbers in enumerate(prints):
        for number in numbers:
            if weights[number] > 0:
                rows.append(row)
                places.append(columns.setdefault(number, len(columns)))
                parts.append(math.sqrt(weights[number]))
    matrix = sparse.csr_matrix((parts, (rows, places)), shape=(len(prints), max(1, len(columns))))
    own = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
    turned = matrix.T.tocsr()
    count = len(prints)
    values = np.empty(mine * count - mine * (mine + 1) // 2)
    filled = 0
    for start in range(0, mine, _BLOCK):
        shared = (matrix[start : min(start + _BLOCK, mine)] @ turned).toarray()
        for row, several in enumerate(shared, start=start):
            following = slice(filled, filled + count - row - 1)
            values[following] = several[row + 1 :] / (np.minimum(own[row], own[row + 1 :]) + ENOUGH)
            filled = following.stop
    return values
