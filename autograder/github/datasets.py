"""The data sets that a notebook loads, fetched before it runs: the sandbox has no network."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.github.actions import say
from data.errors import DataError
from data.fetch import fetch
from data.registry import find

__all__ = ["FOLDER", "fetch_datasets"]

FOLDER = "~/.cache/cnn-course"
"""Where they are kept; the student's workflow caches this folder."""

_MNIST = "import keras; keras.datasets.mnist.load_data()"


def fetch_datasets(names: Sequence[str], folder: Path | None = None) -> Path | None:
    """Download data sets, where they are not there already.

    Parameters
    ----------
    names : sequence of str
        As `data.DATASETS` has them. MNIST, which only this repository embeds, comes from Keras.
    folder : path, optional
        Default: `FOLDER`.

    Returns
    -------
    Path or None
        The folder to show to the notebook; None if it needs none. A download that fails is told and leaves the notebook
        without its data; the cell that loads them says so.
    """
    if not names:
        return None
    folder = folder or Path(FOLDER).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["CNN_DATA"] = str(folder)
    for name in names:
        try:
            if find(name).embedded:
                _fetch_with_keras(folder)
            else:
                fetch(name)
        except DataError as error:
            say(str(error))
    return folder


def _fetch_with_keras(folder: Path) -> None:
    if (folder / "mnist.npz").exists():
        return
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_HOME": str(folder / "keras")}
    subprocess.run([sys.executable, "-c", _MNIST], env=environment, check=False)
    fetched = folder / "keras/datasets/mnist.npz"
    if fetched.exists():
        fetched.replace(folder / "mnist.npz")
