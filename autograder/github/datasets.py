"""The data sets that a notebook loads, fetched before it runs: the sandbox has no network."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from autograder.github.actions import say
from data.fetch import fetch_all
from data.keras_files import write_index

__all__ = ["FOLDER", "fetch_datasets"]

FOLDER = "~/.cache/cnn-course"
"""Where they are kept; the student's workflow caches this folder."""


def fetch_datasets(names: Sequence[str], folder: Path | None = None) -> Path | None:
    """Download data sets, where they are not there already.

    Parameters
    ----------
    names : sequence of str
        As `data.DATASETS` has them.
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
    fetch_all(names, lambda name, reason: say(reason))
    write_index(folder)
    return folder
