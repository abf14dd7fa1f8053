"""The images that a model is measured on: the test set, training images, and variations of both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

import data
from data.variation import vary

__all__ = ["Benchmark", "benchmark"]


SAMPLE = 5000


SAMPLE_PIXELS = 20_000_000
"""So many images are varied, and no more pixels than this, so that a benchmark is made in a few seconds."""


@dataclass(frozen=True)
class Benchmark:
    """The images that a model is measured on.

    Parameters
    ----------
    test, train : (ndarray, ndarray)
        Images (uint8) and labels: the official test set, and some training images.
    sample : ndarray of int
        Which test images were varied.
    varied_test, varied_train : ndarray of uint8
        Variations of those test images, and of the training images.
    """

    test: data.Pair
    train: data.Pair
    sample: np.ndarray
    varied_test: np.ndarray
    varied_train: np.ndarray


@lru_cache(maxsize=2)
def benchmark(name: str) -> Benchmark:
    """Return the benchmark of a data set, made once per process and always the same."""
    (x_train, y_train), (x_test, y_test) = data.load(name)
    rng = np.random.default_rng(2024)
    most = min(SAMPLE, SAMPLE_PIXELS // int(np.prod(x_test.shape[1:3])))
    tested = rng.choice(len(x_test), min(most, len(x_test)), replace=False)
    trained = rng.choice(len(x_train), min(most, len(x_train)), replace=False)
    changes = data.find(name).variation
    return Benchmark(
        test=(x_test, y_test),
        train=(x_train[trained], y_train[trained]),
        sample=tested,
        varied_test=vary(x_test[tested], seed=1, **changes),
        varied_train=vary(x_train[trained], seed=2, **changes),
    )
