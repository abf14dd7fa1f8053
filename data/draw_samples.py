"""Draws the samples of `data.samples` from the whole data sets of this machine, always the same ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from data.cats_and_dogs import select
from data.files import file_digest, replacing
from data.loaders import load
from data.registry import find
from data.samples import FEATURES, FOLDER, INDEX, PARTS, WEIGHTS
from data.vgg16 import base_weights, enlarge, first_blocks

__all__ = ["draw_samples"]

PER_CLASS = {"cifar10": (150, 100), "fingers": (100, 12)}
"""By data set: how many test and training images of each class."""

WEIGHTS_EACH = 8192
"""Of the kernels of each layer of VGG16."""

_AT_A_TIME = 50


def draw_samples(on_progress: Callable[[str], None] = lambda text: None) -> None:
    """Write ``data/samples/``.

    Parameters
    ----------
    on_progress : callable
        Told what is drawn, as a short text.

    Raises
    ------
    DataMissing, DataCorrupt
        One of the data sets is not here, or is damaged: nothing was written.
    """
    index: dict[str, Any] = {}
    pictures: dict[str, np.ndarray] = {}
    for name, counts in PER_CLASS.items():
        train, test = load(name)
        index[name] = {"official": find(name).verify()}
        for part, (images, labels), count in zip(PARTS, (test, train), counts):
            on_progress(f"{name}: {count} {part} images of each class")
            chosen = _of_each_class(labels.reshape(-1), count)
            index[name][part] = "".join(map(str, labels.reshape(-1)[chosen]))
            pictures[f"{name}-{part}.png"] = images[chosen]
    on_progress(f"vgg16: {WEIGHTS_EACH} weights of each layer, and what its first blocks make of cats and dogs")
    index["cats_and_dogs"] = {"official": all(find(name).verify() for name in find("cats_and_dogs").made_from)}
    weights = _some_weights()
    labels = np.array(list(index["cifar10"]["test"]), np.uint8)
    features = _features(select(pictures["cifar10-test.png"], labels)[0])

    FOLDER.mkdir(exist_ok=True)
    for file, images in pictures.items():
        with replacing(FOLDER / file) as stream:
            Image.fromarray(images.reshape(-1, *images.shape[2:])).save(stream, "PNG", optimize=True)
    for file, arrays in ((WEIGHTS, weights), (FEATURES, {"features": features})):
        with replacing(FOLDER / file) as stream:
            np.savez_compressed(stream, allow_pickle=False, **arrays)
    files = sorted(path for path in FOLDER.iterdir() if path.suffix in (".png", ".npz"))
    index["sha256"] = {path.name: file_digest(path, "sha256") for path in files}
    with replacing(FOLDER / INDEX) as stream:
        stream.write((json.dumps(index, indent=1, sort_keys=True) + "\n").encode())


def _of_each_class(labels: np.ndarray, count: int) -> np.ndarray:
    """Return the places of ``count`` labels of each class, drawn with a fixed seed, in their order."""
    rng = np.random.default_rng(32)
    drawn = [rng.permutation(np.flatnonzero(labels == label))[:count] for label in np.unique(labels)]
    return np.sort(np.concatenate(drawn))


def _some_weights() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(16)
    arrays: dict[str, np.ndarray] = {}
    for name, (kernel, bias) in base_weights().items():
        places = np.sort(rng.choice(kernel.size, min(WEIGHTS_EACH, kernel.size), replace=False))
        arrays |= {f"{name}.places": places, f"{name}.kernel": kernel.ravel()[places], f"{name}.bias": bias}
    return arrays


def _features(images: np.ndarray) -> np.ndarray:
    batches = [images[start : start + _AT_A_TIME] for start in range(0, len(images), _AT_A_TIME)]
    found = [np.asarray(first_blocks()(enlarge(batch), training=False)) for batch in batches]
    return np.concatenate(found).astype(np.float16)
