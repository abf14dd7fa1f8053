"""CIFAR-10 in its official layout: six batches of pickled rows, read once and kept as ``cifar10.npz``."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from data.errors import DataCorrupt
from data.files import replacing
from data.pickled import read_pickled
from data.registry import Dataset, cache_folder

Pair = tuple[np.ndarray, np.ndarray]
"""Images (N, 32, 32, 3) and labels (N,), both uint8."""

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
TRAIN = tuple(f"data_batch_{number}" for number in range(1, 6))
TEST = "test_batch"

_KEYS = ("x_train", "y_train", "x_test", "y_test")


def load_cifar10(dataset: Dataset) -> tuple[Pair, Pair]:
    """Return the training set and the test set.

    The first call reads the batches and keeps the arrays as ``cifar10.npz`` in `data.cache_folder`, from where later
    processes take them in a fraction of the time, as long as the batches have not changed.

    Raises
    ------
    DataMissing, DataCorrupt
        A batch is not there, or holds anything but rows of pixels and labels.
    """
    paths = [dataset.path(file) for file in (*TRAIN, TEST)]
    stamp = dataset.stamp()
    kept = cache_folder() / "cifar10.npz"
    arrays = _read_kept(kept, stamp)
    if arrays is None:
        batches = [read_batch(path) for path in paths]
        images, labels = ([batch[part] for batch in batches] for part in (0, 1))
        arrays = (np.concatenate(images[:-1]), np.concatenate(labels[:-1]), images[-1], labels[-1])
        try:
            with replacing(kept) as stream:
                named = dict(zip(_KEYS, arrays))
                np.savez(stream, allow_pickle=False, stamp=np.array(stamp), **named)
        except PermissionError:
            pass  # A shared folder that others fill is slower, not wrong.
    x_train, y_train, x_test, y_test = arrays
    return (x_train, y_train), (x_test, y_test)


def read_batch(path: Path) -> Pair:
    """Read one official batch file.

    Returns
    -------
    (ndarray, ndarray)
        Images (N, 32, 32, 3) and labels (N,) from 0 to 9, both uint8.

    Raises
    ------
    DataCorrupt
        See `data.pickled.read_pickled`; or rows and labels are not those of a batch.
    """
    batch = read_pickled(path)
    rows, labels = batch.get("data"), batch.get("labels")
    if not isinstance(rows, np.ndarray) or rows.ndim != 2 or rows.shape[1] != 3072:
        received = getattr(rows, "shape", type(rows).__name__)
        raise DataCorrupt(path, f"expected rows of 3072 pixels. Received: {received}")
    if not isinstance(labels, list) or len(labels) != len(rows):
        raise DataCorrupt(path, f"expected a list of {len(rows)} labels")
    if not all(type(label) is int and 0 <= label < len(CLASSES) for label in labels):
        raise DataCorrupt(path, "expected labels from 0 to 9")
    images = rows.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), np.array(labels, np.uint8)


def write_batch(path: Path, images: np.ndarray, labels: Sequence[int] | np.ndarray) -> None:
    """Write images (N, 32, 32, 3) and labels as a batch file that `read_batch` and Keras read."""
    content = {
        b"batch_label": path.name.encode(),
        b"labels": [int(label) for label in labels],
        b"data": np.ascontiguousarray(images.transpose(0, 3, 1, 2)).reshape(len(images), 3072),
    }
    with replacing(path) as stream:
        # Protocol 4 holds bytes as they are; protocol 2 needs a call that Keras refuses.
        pickle.dump(content, stream, protocol=4)


def write_batches(folder: Path, train: Pair, test: Pair) -> None:
    """Write a whole data set in the official layout; the training images are shared out among five files."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, which in zip(TRAIN, np.array_split(np.arange(len(train[0])), len(TRAIN))):
        write_batch(folder / file, train[0][which], train[1][which])
    write_batch(folder / TEST, *test)


def _read_kept(path: Path, stamp: str) -> tuple[np.ndarray, ...] | None:
    try:
        with np.load(path, allow_pickle=False) as kept:
            return tuple(kept[key] for key in _KEYS) if str(kept["stamp"]) == stamp else None
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
