"""What a submission may see of the data sets: a folder that the sandbox mounts read-only as ``$CNN_DATA``.

Official test images and labels never enter it. In their place stand as many copies of training images, shifted by one
or two pixels: a notebook that evaluates its model runs as at home and sees a plausible accuracy; its grade is measured
outside, on the official test set.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from data.loaders import Pair, load
from data.registry import cache_folder, find

VERSION = 1
"""Raised whenever the same data set would be written differently."""

_SEED = 28
_STATE = "view.json"


def sandbox_view(names: Sequence[str] = ("mnist",)) -> Path:
    """Return the folder to mount, built on first use below `data.cache_folder`."""
    folder = cache_folder() / "sandbox"
    build_sandbox_view(folder, names)
    return folder


def build_sandbox_view(destination: Path, names: Sequence[str] = ("mnist",)) -> None:
    """Write the data sets ``names`` as the sandbox shows them.

    Parameters
    ----------
    destination : Path
        The folder; made if need be. A data set that is there and up to date is left alone. Files appear whole or not
        at all, so several graders may build one folder at the same time.
    names : sequence of str
        Data sets of the registry. ``mnist`` becomes ``mnist.npz`` with the keys ``x_train``, ``y_train``, ``x_test``
        and ``y_test``, uncompressed so that it loads fast.
    """
    destination.mkdir(parents=True, exist_ok=True)
    for name in names:
        stamp = _stamp(name)
        if _read_state(destination).get(name) == stamp and (destination / f"{name}.npz").is_file():
            continue
        _BUILDERS[name](destination)
        state = {**_read_state(destination), name: stamp}
        with _replacing(destination / _STATE) as stream:
            stream.write(json.dumps(state, indent=1, sort_keys=True).encode())


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
        Images (count, H, W[, C]), each shifted by one or two pixels along each axis with zeros moving in, and labels.
    """
    images, labels = pair
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(images), count, replace=False)
    steps = np.array([(row, column) for row in (-2, -1, 1, 2) for column in (-2, -1, 1, 2)])
    which = rng.integers(len(steps), size=count)
    shifted = np.zeros((count, *images.shape[1:]), images.dtype)
    for number, (row, column) in enumerate(steps):
        mine = which == number
        target = shifted[mine]
        target[:, _to(row), _to(column)] = images[chosen[mine]][:, _from(row), _from(column)]
        shifted[mine] = target
    return shifted, labels[chosen]


def _to(step: int) -> slice:
    return slice(step, None) if step > 0 else slice(None, step)


def _from(step: int) -> slice:
    return slice(None, -step) if step > 0 else slice(-step, None)


def _build_npz(name: str) -> Callable[[Path], None]:
    def build(destination: Path) -> None:
        (x_train, y_train), (_, y_test) = load(name)
        x_test, y_test = stand_in((x_train, y_train), len(y_test))
        with _replacing(destination / f"{name}.npz") as stream:
            np.savez(stream, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)

    return build


_BUILDERS: dict[str, Callable[[Path], None]] = {"mnist": _build_npz("mnist")}


def _stamp(name: str) -> str:
    """Return what a built data set depends on: the way it is built, and the files that it is built from."""
    return " ".join([str(VERSION), *find(name).files.values()])


def _read_state(destination: Path) -> dict[str, str]:
    try:
        state = json.loads((destination / _STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file that takes the place of ``path`` once it is complete."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
        # Workers run as another user, and mkstemp lets nobody but this one read.
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
