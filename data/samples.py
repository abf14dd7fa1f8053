"""Small real samples of data sets that are too large for this repository, so that every check runs on a fresh clone.

What is measured on them is a figure with a wide interval, and never a final grade: whoever uses one says so (flag
``data-sample``). `data.draw_samples` wrote them.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image

from data.errors import DataCorrupt, DataMissing
from data.files import file_digest
from data.loaders import Pair
from data.registry import PACKAGE, find

__all__ = [
    "FEATURES",
    "FOLDER",
    "INDEX",
    "PARTS",
    "WEIGHTS",
    "has_sample",
    "load_sample",
    "sampled_features",
    "sampled_weights",
]

FOLDER = PACKAGE / "samples"
INDEX = "index.json"

FEATURES, WEIGHTS = "cats_and_dogs.npz", "vgg16.npz"
PARTS = ("test", "train")
"""Each a picture ``<data set>-<part>.png``, in which the images stand one below the other."""


def has_sample(name: str) -> bool:
    """Return whether there is a sample of a data set, so that its checks need not be skipped."""
    return name in _index()


@lru_cache(maxsize=4)
def load_sample(name: str) -> tuple[Pair, Pair]:
    """Return the sample of a data set as `data.load` returns all of it.

    Returns
    -------
    (x_train, y_train), (x_test, y_test) : pairs of uint8 ndarray
        Images and labels, as many of each class, read-only.

    Raises
    ------
    DataMissing
        There is none.
    DataCorrupt
        A file of it is damaged.
    """
    known = _index().get(name, {})
    if not known.keys() >= set(PARTS):
        raise DataMissing(name, find(name).folder, find(name).advice)
    test, train = ((_read_images(f"{name}-{part}.png"), _read_labels(known[part])) for part in PARTS)
    for array in (*test, *train):
        array.setflags(write=False)
    return train, test


def sampled_features() -> np.ndarray:
    """Return what the first four blocks of VGG16 make of the cats and dogs of CIFAR-10's sample of test images.

    Returns
    -------
    ndarray of float16, (N, 6, 6, 512)
    """
    return np.asarray(_arrays(FEATURES)["features"])


@lru_cache(maxsize=1)
def sampled_weights() -> dict[str, np.ndarray]:
    """Return some weights of VGG16 without its classifier.

    Returns
    -------
    dict of str to ndarray
        By layer: ``<layer>.places``, int64 (n,) in the flattened kernel; ``<layer>.kernel``, float32 (n,), its values
        there; ``<layer>.bias``, float32, all of it.
    """
    return _arrays(WEIGHTS)


def _read_images(file: str) -> np.ndarray:
    """Read a picture in which square images stand one below the other."""
    with Image.open(_sound(file)) as picture:
        pixels = np.asarray(picture)
    side = pixels.shape[1]
    return pixels.reshape(-1, side, *pixels.shape[1:]).copy()


def _read_labels(digits: str) -> np.ndarray:
    return np.array(list(digits), np.uint8)


def _arrays(file: str) -> dict[str, np.ndarray]:
    with np.load(_sound(file), allow_pickle=False) as arrays:
        return dict(arrays)


def _sound(file: str) -> Any:
    """Return the path of a file of the samples if it is the one that was written.

    Raises
    ------
    DataMissing, DataCorrupt
        It is not there; it is another one.
    """
    path, digest = FOLDER / file, _index().get("sha256", {}).get(file)
    if digest is None or not path.is_file():
        raise DataMissing(file, path, "Restore it with `git checkout -- data`.")
    if file_digest(path, "sha256") != digest:
        raise DataCorrupt(path, "expected the file that its index names. Restore it with `git checkout -- data`")
    return path


@lru_cache(maxsize=1)
def _index() -> dict[str, Any]:
    try:
        index: dict[str, Any] = json.loads((FOLDER / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return index
