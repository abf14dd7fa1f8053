"""Data sets as arrays, read once per process."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from data.cifar import load_cifar10
from data.fingers import load_split
from data.idx import read_idx
from data.registry import Dataset, find

Pair = tuple[np.ndarray, np.ndarray]
"""Images and labels."""


@lru_cache(maxsize=4)
def load(name: str) -> tuple[Pair, Pair]:
    """Return a data set as Keras gives it.

    Parameters
    ----------
    name : str
        ``"mnist"``, ``"cifar10"`` or ``"fingers"``.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : pairs of uint8 ndarray
        Images (N, H, W) or (N, H, W, 3) with values 0-255, and labels (N,). The arrays are read-only, because all
        callers in this process share them.

    Raises
    ------
    UnknownDataset, DataMissing, DataCorrupt
        See `data.errors`.

    Examples
    --------
    >>> (x_train, y_train), (x_test, y_test) = load("mnist")
    >>> x_train.shape, x_train.dtype, y_test.shape
    ((60000, 28, 28), dtype('uint8'), (10000,))
    """
    dataset = find(name)
    pairs = _LOADERS[name](dataset)
    for pair in pairs:
        for array in pair:
            array.setflags(write=False)
    return pairs


def _load_mnist(dataset: Dataset) -> tuple[Pair, Pair]:
    def read(file: str) -> np.ndarray:
        return read_idx(dataset.path(file), dataset.files[file])

    train = read("train-images-idx3-ubyte.gz"), read("train-labels-idx1-ubyte.gz")
    test = read("t10k-images-idx3-ubyte.gz"), read("t10k-labels-idx1-ubyte.gz")
    return train, test


def _load_fingers(dataset: Dataset) -> tuple[Pair, Pair]:
    return load_split(dataset.path("train")), load_split(dataset.path("test"))


_LOADERS: dict[str, Callable[[Dataset], tuple[Pair, Pair]]] = {
    "mnist": _load_mnist,
    "cifar10": load_cifar10,
    "fingers": _load_fingers,
}
