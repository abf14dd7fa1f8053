"""The images that a model is measured on: the test set, training images, and variations of both.

The grade is the accuracy on the official test set. Everything else serves to recognise a model that has learned that
set by heart, and is drawn from a secret of this grader (`data.secret`), for each submission anew: who knew the images
could prepare a model for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

import data
from data.samples import has_sample, load_sample
from data.secret import secret_number
from data.variation import vary, vary_slightly

__all__ = ["Benchmark", "Draw", "benchmark"]


SAMPLE = 5000


SAMPLE_PIXELS = 20_000_000
"""So many images are varied, and no more pixels than this, so that a benchmark is made in a few seconds."""

DRAWN = 0.8
"""The part of the images kept here that one submission is compared on."""


@dataclass(frozen=True)
class Draw:
    """Which of a benchmark's images one submission is compared on.

    Parameters
    ----------
    test, train : ndarray of int
        Places in `Benchmark.sample`, and among the training images.
    varied_test, varied_train : ndarray of int
        Those of them of which there is a strong variation.
    """

    test: np.ndarray
    train: np.ndarray
    varied_test: np.ndarray
    varied_train: np.ndarray


@dataclass(frozen=True)
class Benchmark:
    """The images that a model is measured on.

    Parameters
    ----------
    test, train : (ndarray, ndarray)
        Images (uint8) and labels: the official test set, and some training images.
    sample : ndarray of int
        Which test images were varied.
    slight : tuple of ndarray of uint8
        Two slight variations of each of those, which a model recognises nearly as well as the image itself.
    varied_test, varied_train : ndarray of uint8
        Strong variations of the first half of those test images, and of the training images.
    is_sample : bool
        Whether the data set is not on this machine, and these are the images of its sample (`data.samples`): too few
        to compare anything, so nothing is varied.
    """

    test: data.Pair
    train: data.Pair
    sample: np.ndarray
    slight: tuple[np.ndarray, np.ndarray]
    varied_test: np.ndarray
    varied_train: np.ndarray
    is_sample: bool = False

    def draw(self, seed: int) -> Draw:
        """Choose images for one submission; the same seed and secret choose the same ones."""
        rng = np.random.default_rng([seed, secret_number()])
        test, train = (
            np.sort(rng.choice(count, max(1, int(DRAWN * count)), replace=False))
            for count in (len(self.sample), len(self.train[0]))
        )
        return Draw(test, train, test[test < len(self.varied_test)], train[train < len(self.varied_train)])


@lru_cache(maxsize=2)
def benchmark(name: str) -> Benchmark:
    """Return the benchmark of a data set, made once per process; always the same on one machine."""
    if not data.find(name).is_here and has_sample(name):
        train, test = load_sample(name)
        nothing = test[0][:0]
        return Benchmark(test, train, np.empty(0, int), (nothing, nothing), nothing, nothing, is_sample=True)
    (x_train, y_train), (x_test, y_test) = data.load(name)
    rng = np.random.default_rng(secret_number())
    most = min(SAMPLE, SAMPLE_PIXELS // int(np.prod(x_test.shape[1:3])))
    tested = rng.choice(len(x_test), min(most, len(x_test)), replace=False)
    trained = rng.choice(len(x_train), min(most, len(x_train)), replace=False)
    seeds = [int(seed) for seed in rng.integers(2**63, size=4)]
    how = data.find(name).variation
    return Benchmark(
        test=(x_test, y_test),
        train=(x_train[trained], y_train[trained]),
        sample=tested,
        slight=(vary_slightly(x_test[tested], seeds[0], **how), vary_slightly(x_test[tested], seeds[1], **how)),
        varied_test=vary(x_test[tested[: (len(tested) + 1) // 2]], seeds[2], **how),
        varied_train=vary(x_train[trained[: (len(trained) + 1) // 2]], seeds[3], **how),
    )
