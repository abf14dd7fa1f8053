"""How much of their rarer code each two works of a class share.

Classes may be large: of a work only the numbers of its fragments are held, and of all pairs' scores never more than a
block, from which the caller takes what it needs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

__all__ = ["ENOUGH", "Fragments"]

ENOUGH = 20.0
"""Added to the weight of the shorter work: two short answers may well be all alike, and that says little."""
_BLOCK = 64
"""So many works are compared with all others at once."""


class Fragments:
    """The fragments of a class, and how much each says.

    Parameters
    ----------
    works : sequence of ndarray of uint64
        The numbers of each work's fragments (see `autograder.similarity.fragments`), each once.
    given : ndarray of uint64
        What everybody got or may have got: it says nothing.
    usual : iterable of ndarray of uint64
        Each counts like one more work.
    """

    def __init__(self, works: Sequence[np.ndarray], given: np.ndarray, usual: Iterable[np.ndarray]) -> None:
        everything = np.concatenate([np.empty(0, np.uint64), *works])
        self._numbers, places, times = np.unique(everything, return_inverse=True, return_counts=True)
        counts = times.copy()
        for numbers in usual:
            counts[np.isin(self._numbers, numbers)] += 1
        # What only two have says most, what half of the class has says nothing.
        scale = math.log(max(8.0, len(works) / 2))
        weights = np.maximum(0.0, 1 - np.log(np.maximum(1, counts - 1)) / scale)
        self._weights = np.where(np.isin(self._numbers, given), 0.0, weights)
        # For each work the places of its fragments, for each fragment the works that have it, in order.
        ends = np.cumsum([len(numbers) for numbers in works])
        self._of_work = np.split(places.ravel().astype(np.int32), ends[:-1]) if len(works) else []
        owners = np.repeat(np.arange(len(works), dtype=np.int32), [len(numbers) for numbers in works])
        self._owners = owners[np.argsort(places.ravel(), kind="stable")]
        self._ends = np.cumsum(times)
        self._times = times

    def weights(self, numbers: Iterable[int]) -> dict[int, float]:
        """Return how much fragments say, 0 to 1; what no work has says nothing."""
        wanted = np.fromiter(numbers, np.uint64)
        if not len(self._numbers):
            return dict.fromkeys(wanted.tolist(), 0.0)
        places = np.minimum(np.searchsorted(self._numbers, wanted), len(self._numbers) - 1)
        said = np.where(self._numbers[places] == wanted, self._weights[places], 0.0)
        return dict(zip(wanted.tolist(), said.tolist()))

    def scores(self, mine: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield the scores of pairs, a block at a time.

        Parameters
        ----------
        mine : int
            Each of the first ``mine`` works is compared with all that follow it.

        Yields
        ------
        first, second : ndarray of int32, (pairs,)
            Their places, in the order of ``np.triu_indices``.
        scores : ndarray of float64, (pairs,)
            The part of the shorter one's weight that both have, 0 to 1.
        """
        whole = np.array([self._weights[places].sum() for places in self._of_work])
        count = len(self._of_work)
        for start in range(0, mine, _BLOCK):
            rows = range(start, min(start + _BLOCK, mine))
            scores = [
                self._shared(row)[row + 1 :] / (np.minimum(whole[row], whole[row + 1 :]) + ENOUGH) for row in rows
            ]
            first = np.repeat(np.array(rows, dtype=np.int32), [count - row - 1 for row in rows])
            second = np.concatenate([np.arange(row + 1, count, dtype=np.int32) for row in rows])
            yield first, second, np.concatenate(scores)

    def _shared(self, row: int) -> np.ndarray:
        """Return the weight that a work shares with each of the class."""
        places = self._of_work[row]
        places = places[self._weights[places] > 0]
        owners = [self._owners[end - times : end] for end, times in zip(self._ends[places], self._times[places])]
        weights = np.repeat(self._weights[places], self._times[places])
        return np.bincount(np.concatenate([np.empty(0, np.int32), *owners]), weights, len(self._of_work))
