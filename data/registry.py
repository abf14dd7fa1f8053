"""Which data sets there are, which files they consist of, and where those lie.

Embedded data sets lie beside this package, the others in `cache_folder`, in the layout of their official archives.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from data.errors import DataMissing, UnknownDataset

PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Dataset:
    """One data set.

    Parameters
    ----------
    name : str
        How `data.load` calls it; also the name of its folder.
    title : str
        One line for people.
    source, licence : str
        Where it comes from, and under which terms.
    files : mapping of str to str
        SHA-256 of the content by file name. A ``.gz`` file is judged by what it holds, because copies of one data set
        were compressed by different programs.
    embedded : bool
        Whether the files are part of this repository.
    """

    name: str
    title: str
    source: str
    licence: str
    files: Mapping[str, str]
    embedded: bool = False

    @property
    def folder(self) -> Path:
        """Where the files lie, or will lie."""
        return (PACKAGE if self.embedded else cache_folder()) / self.name

    def path(self, file: str) -> Path:
        """Return the path of one file.

        Raises
        ------
        DataMissing
            It is not there.
        """
        path = self.folder / file
        if not path.is_file():
            advice = "Restore it with `git checkout -- data`." if self.embedded else f"Put it into {self.folder}."
            raise DataMissing(self.name, path, advice)
        return path


DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            name="mnist",
            title="70,000 handwritten digits, 28x28 pixels, grey levels 0-255",
            source="Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits",
            licence="CC BY-SA 3.0",
            files={
                "train-images-idx3-ubyte.gz": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "train-labels-idx1-ubyte.gz": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                "t10k-images-idx3-ubyte.gz": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "t10k-labels-idx1-ubyte.gz": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            },
            embedded=True,
        ),
    )
}
"""Every data set by name."""


def find(name: str) -> Dataset:
    """Return the data set ``name``.

    Raises
    ------
    UnknownDataset
        There is none of that name.
    """
    if name not in DATASETS:
        raise UnknownDataset(name, DATASETS)
    return DATASETS[name]


def cache_folder() -> Path:
    """Return the folder for downloads and what is derived from data sets: ``$CNN_DATA``, else the user's cache."""
    chosen = os.environ.get("CNN_DATA")
    if chosen:
        return Path(chosen).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache).expanduser() if cache else Path.home() / ".cache") / "cnn-course"
