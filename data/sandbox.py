"""What a submission may see of the data sets: a folder that the sandbox mounts read-only as ``$CNN_DATA``.

Official test images and labels never enter it. In their place stand as many copies of training images, shifted by one
or two pixels: a notebook that evaluates its model runs as at home and sees a plausible accuracy; its grade is measured
outside, on the official test set.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from data.cifar import write_batches
from data.files import replacing, replacing_folder
from data.fingers import balanced, image_files, kind_of, read_images, write_images
from data.keras_files import write_index
from data.loaders import Pair, load
from data.registry import cache_folder, find

VERSION = 2
"""Raised whenever the same data set would be written differently."""

FINGERS_SHOWN = 1800
"""So many images of hands are shown, and a fifth as many in place of the test set: a notebook reads all it finds."""

_SEED = 28
_STATE = "view.json"


def sandbox_view(names: Sequence[str] | None = None) -> Path:
    """Return the folder to mount, built on first use below `data.cache_folder`.

    Of ``names`` (all unless given) it shows what is on this machine: what is not there cannot be checked, the rest can.
    """
    folder = cache_folder() / "sandbox"
    build_sandbox_view(folder, [name for name in names or _VIEWS if name in _VIEWS and find(name).is_here])
    return folder


def build_sandbox_view(destination: Path, names: Sequence[str]) -> None:
    """Write data sets as the sandbox shows them.

    Parameters
    ----------
    destination : Path
        The folder; made if need be. A data set that is there and up to date is left alone. Files appear whole or not
        at all, so several graders may build one folder at the same time.
    names : sequence of str
        Data sets of the registry. ``mnist`` becomes ``mnist.npz`` as Keras has it, uncompressed so that it loads fast;
        ``cifar10`` keeps its official layout, in the folder ``cifar-10-batches-py``; of ``fingers`` there is a balanced
        part, in the layout of the original, under new names; files of weights are the same inside and outside.

    Raises
    ------
    DataMissing, DataCorrupt
        A data set that was asked for is not on this machine, or is damaged.
    """
    destination.mkdir(parents=True, exist_ok=True)
    for name in names:
        entry, build = _VIEWS[name]
        stamp = f"{VERSION} {find(name).stamp()}"
        if _read_state(destination).get(name) == stamp and (destination / entry).exists():
            continue
        build(destination / entry)
        state = {**_read_state(destination), name: stamp}
        with replacing(destination / _STATE) as stream:
            stream.write(json.dumps(state, indent=1, sort_keys=True).encode())
    write_index(destination)


def stand_in(pair: Pair, count: int, seed: int = _SEED) -> Pair:
    """Make what takes the place of a test set from training images.

    Parameters
    ----------
    pair : (ndarray, ndarray)
        Training images (N, H, W[, C]) and labels (N,).
    count : int
        How many images to make, at most N; no image is used twice.
    seed : int
        The same seed gives the same images.

    Returns
    -------
    (ndarray, ndarray)
        Images (count, H, W[, C]), each shifted by one or two pixels along each axis (the border is
        repeated), and labels.
    """
    images, labels = pair
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(images), count, replace=False)
    steps = [(row, column) for row in (-2, -1, 1, 2) for column in (-2, -1, 1, 2)]
    which = rng.integers(len(steps), size=count)
    shifted = np.empty((count, *images.shape[1:]), images.dtype)
    for number, (row, column) in enumerate(steps):
        mine = which == number
        shifted[mine] = images[chosen[mine]][:, _moved(images.shape[1], row)][:, :, _moved(images.shape[2], column)]
    return shifted, labels[chosen]


def _moved(size: int, step: int) -> np.ndarray:
    """Return the index that moves an axis by some steps; what comes in repeats the border."""
    return np.clip(np.arange(size) - step, 0, size - 1)


def _build_mnist(path: Path) -> None:
    (x_train, y_train), (_, y_test) = load("mnist")
    x_test, y_test = stand_in((x_train, y_train), len(y_test))
    with replacing(path) as stream:
        np.savez(stream, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)


def _build_cifar10(path: Path) -> None:
    train, (_, y_test) = load("cifar10")
    with replacing_folder(path) as fresh:
        write_batches(fresh, train, stand_in(train, len(y_test)))


def _build_fingers(path: Path) -> None:
    files = balanced(image_files(find("fingers").path("train")), FINGERS_SHOWN, _SEED)
    train = read_images(files), np.array([kind_of(file) for file in files])
    with replacing_folder(path) as fresh:
        write_images(fresh / "train", *train, seed=_SEED)
        write_images(fresh / "test", *stand_in(train, max(1, len(files) // 5)), seed=_SEED + 1)


def _share_files(name: str) -> Callable[[Path], None]:
    """Return what puts the files of a data set without secrets into the folder ``path``."""

    def build(path: Path) -> None:
        path.mkdir(exist_ok=True)
        dataset = find(name)
        for file in dataset.files:
            original = dataset.path(file)
            with original.open("rb") as source, replacing(path / original.name) as stream:
                shutil.copyfileobj(source, stream, 1 << 20)

    return build


_VIEWS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "mnist": ("mnist.npz", _build_mnist),
    "cifar10": ("cifar-10-batches-py", _build_cifar10),
    "fingers": ("fingers", _build_fingers),
    "vgg16": ("vgg16", _share_files("vgg16")),
    "vgg16_full": ("vgg16", _share_files("vgg16_full")),
}
"""By data set: its file or folder in the view, and what writes it there."""


def _read_state(destination: Path) -> dict[str, str]:
    try:
        state = json.loads((destination / _STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}
