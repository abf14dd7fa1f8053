"""CIFAR-10's cats and dogs, on which a fine-tuned model is measured, and what VGG16's first blocks make of them.

The official test set decides the grade; training images and variations of both only serve to recognise a model that has
learned the test set by heart. Four blocks of VGG16 take minutes for all of them, and give the same for every
submission: the result is kept in the data folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

import data
from data.files import replacing
from data.samples import has_sample, load_sample, sampled_features
from data.variation import vary
from data.vgg16 import FEATURE_SHAPE, enlarge, first_blocks

__all__ = ["CatsAndDogs", "cats_and_dogs", "is_made", "make", "select"]

CAT, DOG = 3, 5
"""Labels of CIFAR-10."""

SAMPLE = 400
"""Training images, and images of each set that are varied."""

_BATCH = 32
_VERSION = 1


@dataclass(frozen=True)
class CatsAndDogs:
    """Images, what the first four blocks of VGG16 make of them, and what they show.

    Parameters
    ----------
    images : dict of str to ndarray of uint8, (N, 32, 32, 3)
        ``test``: the official test images. ``train``: some training images. ``varied_test`` and ``varied_train``:
        variations of the ``sample`` of the one, and of the other.
    labels : dict of str to ndarray of int, (N,)
        0 for a cat, 1 for a dog.
    features : dict of str to ndarray of float16, (N, 6, 6, 512)
    sample : ndarray of int
        Which test images were varied.
    is_sample : bool
        Whether the data sets are not on this machine, and these are those of their sample (`data.samples`): test
        images with their features, and training images without.
    """

    images: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]
    features: dict[str, np.ndarray]
    sample: np.ndarray
    is_sample: bool = False


def select(images: np.ndarray, labels: np.ndarray) -> data.Pair:
    """Return the cats and dogs among CIFAR-10's images, in their order, with the labels 0 and 1."""
    labels = labels.reshape(-1)
    chosen = (labels == CAT) | (labels == DOG)
    return images[chosen], (labels[chosen] == DOG).astype(np.int64)


@lru_cache(maxsize=1)
def cats_and_dogs() -> CatsAndDogs:
    """Return the benchmark, always the same; the first time on a machine it takes minutes.

    Raises
    ------
    DataMissing
        CIFAR-10 or the weights are not on this machine, and no sample of them.
    """
    if not data.find("cats_and_dogs").is_here and has_sample("cifar10"):
        return _sampled()
    images, labels, sample = _images()
    make()
    whole = np.load(_file(), mmap_mode="r")  # the processes that grade share its pages
    ends = np.cumsum([len(part) for part in images.values()])
    features = dict(zip(images, np.split(whole, ends[:-1])))
    return CatsAndDogs(images, labels, features, sample)


def _sampled() -> CatsAndDogs:
    train, test = map(select, *zip(*load_sample("cifar10")))
    images, labels = ({"test": test[part], "train": train[part]} for part in (0, 1))
    return CatsAndDogs(images, labels, {"test": sampled_features()}, np.empty(0, int), is_sample=True)


def is_made() -> bool:
    """Return whether the features of the benchmark are there, so that `cats_and_dogs` takes no time.

    Raises
    ------
    DataMissing
        CIFAR-10 or the weights are not on this machine.
    """
    return _file().is_file()


def make(on_progress: Callable[[str], None] = lambda text: None) -> None:
    """Compute the features of the benchmark unless they are there; processes that ask meanwhile wait.

    Parameters
    ----------
    on_progress : callable
        Told how far it is, as a short text.

    Raises
    ------
    DataMissing
        CIFAR-10 or the weights are not on this machine.
    """
    file = _file()
    if file.is_file():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with _lock(file.with_suffix(".lock")):
        if file.is_file():
            return
        everything = np.concatenate(list(_images()[0].values()))
        features = np.empty((len(everything), *FEATURE_SHAPE), np.float16)
        for start in range(0, len(everything), _BATCH):
            on_progress(f"VGG16 looks at the test images, once per machine: {start} of {len(everything)}")
            batch = enlarge(everything[start : start + _BATCH])
            features[start : start + _BATCH] = first_blocks()(batch, training=False)
        with replacing(file) as stream:
            np.save(stream, features)


@lru_cache(maxsize=1)
def _images() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], np.ndarray]:
    train, test = data.load("cifar10")
    (x_train, y_train), (x_test, y_test) = select(*train), select(*test)
    rng = np.random.default_rng(2024)
    changes = data.find("cifar10").variation
    trained = rng.choice(len(x_train), min(SAMPLE, len(x_train)), replace=False)
    tested = rng.choice(len(x_test), min(SAMPLE, len(x_test)), replace=False)
    images = {
        "test": x_test,
        "train": x_train[trained],
        "varied_test": vary(x_test[tested], seed=1, **changes),
        "varied_train": vary(x_train[trained], seed=2, **changes),
    }
    labels = {
        "test": y_test,
        "train": y_train[trained],
        "varied_test": y_test[tested],
        "varied_train": y_train[trained],
    }
    return images, labels, tested


def _file() -> Path:
    """Return where the features are kept: the name changes with everything that they follow from."""
    parts = [str(_VERSION), str(SAMPLE), data.find("cifar10").stamp(), data.find("vgg16").stamp()]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return data.cache_folder() / "derived" / f"cats-and-dogs-{digest}.npy"


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def load() -> None:
    """Read what `cats_and_dogs` gives into this process."""
    cats_and_dogs()
