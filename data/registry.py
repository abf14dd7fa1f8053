"""Which data sets there are, which files they consist of, where those lie, and where they come from.

Embedded data sets lie beside this package, the others in `cache_folder`, in the layout of their official archives.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.errors import DataMissing, UnknownDataset
from data.files import has_digest

PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Download:
    """A file that the publisher of a data set offers.

    Parameters
    ----------
    url : str
        Where it is.
    digest : str
        Its SHA-256 or MD5 in hexadecimal, as published; empty where none is.
    size : int
        Its bytes; 0 where that is not known.
    archive : bool
        Whether it holds the data set's files; the folder inside that has all of them becomes the data set's folder.
    """

    url: str
    digest: str = ""
    size: int = 0
    archive: bool = False

    @property
    def file(self) -> str:
        """Its name."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True)
class Bounds:
    """What no honest network of one kind exceeded on a data set, and some room (``docs/accuracy.md`` has the figures).

    Parameters
    ----------
    fall : float
        How many accuracy points (0 to 1) it loses when test images are strongly varied.
    paired, both : float or None
        How many times larger its loss is on slight variations of test images; the same, times that of training over
        test images. None where the test set is too small, or too easy, for it to say anything.
    """

    fall: float
    paired: float | None = None
    both: float = math.inf


@dataclass(frozen=True)
class Dataset:
    """One data set.

    Parameters
    ----------
    name : str
        How `data.load` calls it.
    title : str
        One line for people.
    source, licence : str
        Where it comes from, and under which terms.
    files : mapping of str to str
        The hash (see `data.files.has_digest`) of each file that must be there; empty where none is published. A name
        may also be that of a folder of images.
    embedded : bool
        Whether the files are part of this repository.
    place : str
        The name of its folder; its own name unless given.
    also : mapping of str to str
        Another name under which a file may lie, in another format with the same meaning.
    downloads : tuple of Download
        What `data.fetch` gets.
    by_hand : str
        What else can be done without a network, or where an account is needed.
    made_from : tuple of str
        The data sets from which this one is computed; its module ``data.<name>`` does it (see `data.prepare`).
    variation : mapping of str to object
        Arguments of `data.variation.vary`, where the ones for small digits do not fit.
    bounds : mapping of str to Bounds
        By kind of network: ``softmax``, ``mlp``, ``cnn``.
    """

    name: str
    title: str
    source: str
    licence: str
    files: Mapping[str, str]
    embedded: bool = False
    place: str = ""
    also: Mapping[str, str] = field(default_factory=dict)
    downloads: tuple[Download, ...] = ()
    by_hand: str = ""
    made_from: tuple[str, ...] = ()
    variation: Mapping[str, Any] = field(default_factory=dict)
    bounds: Mapping[str, Bounds] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the files lie, or will lie."""
        return (PACKAGE if self.embedded else cache_folder()) / (self.place or self.name)

    @property
    def is_here(self) -> bool:
        """Whether every file is on this machine, or everything from which it is made."""
        if self.made_from:
            return all(find(name).is_here for name in self.made_from)
        return all(self._find(file) is not None for file in self.files)

    def path(self, file: str) -> Path:
        """Return the path of one file.

        Raises
        ------
        DataMissing
            It is not there.
        """
        path = self._find(file)
        if path is None:
            raise DataMissing(self.name, self.folder / file, self.advice)
        return path

    @property
    def advice(self) -> str:
        """How to get what is missing, with a network and without."""
        if self.made_from:
            return "\n".join(find(name).advice for name in self.made_from if not find(name).is_here)
        if self.embedded:
            return "Restore it with `git checkout -- data`."
        parts = [f"Get it with `python -m data fetch {self.name}`."] if self.downloads else []
        for download in self.downloads:
            size = f" ({download.size / 1e6:,.0f} MB)" if download.size else ""
            where = cache_folder() if download.archive else self.folder
            parts.append(
                f"Without a network: download {download.url}{size} elsewhere, put it into {where} and run the same "
                "command: it checks the file and unpacks it."
            )
        if self.by_hand:
            parts.append(self.by_hand)
        return " ".join(parts) or f"Put it into {self.folder}."

    def verify(self) -> bool:
        """Return whether every file is here and has its official hash; reads all of them."""
        for file, digest in self.files.items():
            path = self._find(file)
            if path is None or not digest or path.name != file or not has_digest(path, digest):
                return False
        return True

    def stamp(self) -> str:
        """Return a text that changes whenever a file does (by name, size and time; folders in depth)."""
        if self.made_from:
            return hashlib.sha256("\n".join(find(name).stamp() for name in self.made_from).encode()).hexdigest()
        if self.embedded:
            return hashlib.sha256(" ".join(self.files.values()).encode()).hexdigest()
        total = hashlib.sha256()
        for file in self.files:
            root = self.path(file)
            for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
                status = path.stat()
                total.update(f"{path.relative_to(self.folder)} {status.st_size} {status.st_mtime_ns}\n".encode())
        return total.hexdigest()

    def _find(self, file: str) -> Path | None:
        return next((path for path in self._candidates(file) if _is_filled(path)), None)

    def _candidates(self, file: str) -> Iterator[Path]:
        yield self.folder / file
        if file in self.also:
            yield self.folder / self.also[file]


_KERAS = "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/"
_VGG16 = "vgg16_weights_tf_dim_ordering_tf_kernels"

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
            bounds={
                "softmax": Bounds(fall=0.22, paired=1.4, both=1.7),
                "mlp": Bounds(fall=0.20, paired=1.65, both=2.1),
                "cnn": Bounds(fall=0.09, paired=1.7, both=3.0),
            },
        ),
        Dataset(
            name="cifar10",
            title="60,000 photographs in 10 classes, 32x32 pixels, RGB 0-255",
            source="A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009",
            licence="none stated; cite the source",
            place="cifar-10-batches-py",
            files={
                "data_batch_1": "c99cafc152244af753f735de768cd75f",
                "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
                "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
                "data_batch_4": "634d18415352ddfa80567beed471001a",
                "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
                "test_batch": "40351d587109b95175f43aff81a1287e",
            },
            downloads=(
                Download(
                    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
                    digest="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
                    size=170_498_071,
                    archive=True,
                ),
            ),
            variation={"mirror": True},
        ),
        Dataset(
            name="fingers",
            title="21,600 grey images of hands that show 0-5 fingers",
            source="P. Koryakin: Fingers, kaggle.com/datasets/koryakinp/fingers",
            licence="see the source",
            files={"train": "", "test": ""},
            downloads=(
                Download(
                    "https://raw.githubusercontent.com/aap-unlp/datasets/main/fingers/fingers.zip",
                    archive=True,
                ),
            ),
            by_hand="The original (128x128) is at https://www.kaggle.com/datasets/koryakinp/fingers, for whom has an "
            "account: unpack it so that the folders `train` and `test` lie in the folder `fingers`.",
            variation={"shift": 6.0, "bend": 3.0, "mirror": True},
        ),
        Dataset(
            name="vgg16",
            title="ImageNet weights of VGG16 without its classifier",
            source="K. Simonyan, A. Zisserman: Very Deep Convolutional Networks, 2014; converted by Keras",
            licence="CC BY 4.0",
            files={f"{_VGG16}_notop.h5": "6d6bbae143d832006294945121d1f1fc"},
            also={f"{_VGG16}_notop.h5": "vgg16_notop.weights.h5"},
            downloads=(
                Download(f"{_KERAS}{_VGG16}_notop.h5", digest="6d6bbae143d832006294945121d1f1fc", size=58_889_256),
            ),
        ),
        Dataset(
            name="vgg16_full",
            title="ImageNet weights of VGG16 with its 1000 classes",
            source="K. Simonyan, A. Zisserman: Very Deep Convolutional Networks, 2014; converted by Keras",
            licence="CC BY 4.0",
            place="vgg16",
            files={f"{_VGG16}.h5": "64373286793e3c8b2b4e3219cbf3544b"},
            downloads=(Download(f"{_KERAS}{_VGG16}.h5", digest="64373286793e3c8b2b4e3219cbf3544b", size=553_467_096),),
        ),
        Dataset(
            name="cats_and_dogs",
            title="CIFAR-10's cats and dogs, as VGG16's first blocks see them",
            source="computed here",
            licence="as CIFAR-10",
            files={},
            made_from=("cifar10", "vgg16"),
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


def _is_filled(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(path.iterdir()))
