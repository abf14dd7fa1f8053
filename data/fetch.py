"""Brings a data set to this machine: downloads it, or takes the archive that somebody put there by hand."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

from data.download import Report, download
from data.errors import DataCorrupt, DataError, DataMissing, DownloadFailed
from data.files import has_digest, replacing_folder
from data.registry import Dataset, Download, cache_folder, find
from data.unpack import unpack

__all__ = ["fetch", "fetch_all"]

_MNIST = "import keras; keras.datasets.mnist.load_data()"


def fetch(name: str, report: Report | None = None) -> Path:
    """Make sure that a data set is on this machine, and return its folder.

    Parameters
    ----------
    name : str
        A name of the registry.
    report : callable, optional
        Is told how many bytes have arrived, and how many it will be.

    Raises
    ------
    UnknownDataset, DataMissing, DataCorrupt, DownloadFailed
        See `data.errors`. The message says what to do by hand.
    """
    dataset = find(name)
    for source in dataset.made_from:
        fetch(source, report)
    if not dataset.is_here:
        if not dataset.downloads:
            raise DataMissing(name, dataset.folder, dataset.advice)
        for wanted in dataset.downloads:
            _fetch_one(dataset, wanted, report)
    return dataset.folder


def fetch_all(names: Collection[str], tell: Callable[[str, str], object]) -> None:
    """Bring data sets to this machine as far as that can be done without a person.

    Parameters
    ----------
    names : collection of str
        Names of the registry. An embedded data set that did not come along with this package is fetched by Keras.
    tell : callable
        Told the name of each data set that could not be had, and why with what to do by hand; the others are fetched.
    """
    for name in names:
        try:
            dataset = find(name)
            if not dataset.embedded:
                fetch(name)
            elif not dataset.is_here:
                _fetch_with_keras(cache_folder())
        except DataError as error:
            tell(name, str(error))


def _fetch_with_keras(folder: Path) -> None:
    """Let Keras download MNIST into ``folder``."""
    if (folder / "mnist.npz").exists():
        return
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_HOME": str(folder / "keras")}
    subprocess.run([sys.executable, "-c", _MNIST], env=environment, check=False)
    fetched = folder / "keras/datasets/mnist.npz"
    if not fetched.exists():
        raise DownloadFailed("mnist.npz", "Keras could not download it", f"Put it into {folder}.")
    fetched.replace(folder / "mnist.npz")


def _fetch_one(dataset: Dataset, wanted: Download, report: Report | None) -> None:
    place = (cache_folder() if wanted.archive else dataset.folder) / wanted.file
    by_hand = place.is_file()
    if not by_hand:
        try:
            download(wanted.url, place, digest=wanted.digest, size=wanted.size, report=report)
        except DownloadFailed as error:
            raise DownloadFailed(error.url, error.reason, dataset.advice) from error
    elif wanted.digest and not has_digest(place, wanted.digest):
        raise DataCorrupt(place, f"expected a file of {wanted.size} bytes with the hash {wanted.digest}")
    if wanted.archive:
        _install(dataset, place)
        if not by_hand:
            place.unlink()


def _install(dataset: Dataset, archive: Path) -> None:
    """Put the folder of an archive that holds the data set's files in its place, all at once."""
    with tempfile.TemporaryDirectory(prefix=".unpack-", dir=archive.parent) as temporary:
        unpacked = Path(temporary)
        unpack(archive, unpacked)
        folders = [unpacked, *sorted(path for path in unpacked.iterdir() if path.is_dir())]
        chosen = next((path for path in folders if all((path / file).exists() for file in dataset.files)), None)
        if chosen is None:
            raise DataCorrupt(archive, f"expected a folder with {', '.join(dataset.files)} in it")
        with replacing_folder(dataset.folder) as fresh:
            fresh.rmdir()
            os.chmod(chosen, 0o755)
            os.rename(chosen, fresh)
