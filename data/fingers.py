"""The fingers data set: hands that show 0 to 5 fingers, a PNG file each, whose name ends in the label.

Two layouts are read alike: Kaggle's ``train/<uuid>_3L.png`` of 128x128 pixels (three fingers, left hand), and that of
the smaller copies that courses pass on, ``train/3/img_001_3L.png`` of 64x64. Files are read one after the other into
one array, so that 18,000 images need 300 MB and no more.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from data.errors import DataCorrupt, DataMissing

__all__ = ["SIZE", "balanced", "image_files", "kind_of", "label_of", "load_split", "read_images", "write_images"]

SIZE = 128
MAX_SIDE = 1024
_NAME = re.compile(r"_([0-5])([LR])$")


def label_of(path: Path) -> int:
    """Return how many fingers the image at ``path`` shows: its name says so, or else the name of its folder.

    Raises
    ------
    DataCorrupt
        Neither does.

    Examples
    --------
    >>> label_of(Path("train/000e7aa6-100b-4c6b-9ff0-e7a8e53e4465_5L.png"))
    5
    """
    found = _NAME.search(path.stem)
    if found:
        return int(found[1])
    if path.parent.name in ("0", "1", "2", "3", "4", "5"):
        return int(path.parent.name)
    raise DataCorrupt(path, "expected a name that ends in _<0-5><L or R>.png, or a folder named 0 to 5")


def kind_of(path: Path) -> str:
    """Return the label and the hand, ``"3L"``; a left hand if the name does not tell."""
    found = _NAME.search(path.stem)
    return f"{label_of(path)}{found[2] if found else 'L'}"


def image_files(folder: Path) -> list[Path]:
    """Return the PNG files below ``folder`` by name.

    Raises
    ------
    DataMissing
        There are none.
    """
    files = sorted(path for path in folder.rglob("*.png") if not path.name.startswith("."))
    if not files:
        raise DataMissing("fingers", folder, "Its PNG files belong there, or into folders 0 to 5 in it.")
    return files


def read_images(files: Sequence[Path], size: int = SIZE) -> np.ndarray:
    """Read image files one after the other into one array.

    Parameters
    ----------
    files : sequence of Path
        Images of any square size up to 1024, grey or in colour.
    size : int
        Height and width of the result; images of another size are resized bilinearly.

    Returns
    -------
    ndarray of uint8, (N, size, size)
        Grey levels, 0-255.

    Raises
    ------
    DataCorrupt
        A file is no image, or none of a sensible size.
    """
    images = np.empty((len(files), size, size), np.uint8)
    for place, path in enumerate(files):
        try:
            with Image.open(path) as image:
                if max(image.size) > MAX_SIDE or image.width != image.height:
                    reason = f"expected a square image of at most {MAX_SIDE} pixels a side. Received: {image.size}"
                    raise DataCorrupt(path, reason)
                grey = image.convert("L")
        except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
            raise DataCorrupt(path, f"expected a PNG image ({error})") from error
        if grey.size != (size, size):
            grey = grey.resize((size, size), Image.Resampling.BILINEAR)
        images[place] = np.asarray(grey)
    return images


def load_split(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the images below ``folder``, uint8 (N, 128, 128), and how many fingers each shows, uint8 (N,)."""
    files = image_files(folder)
    labels = np.array([label_of(path) for path in files], np.uint8)
    return read_images(files), labels


def write_images(folder: Path, images: np.ndarray, labels: Sequence[str] | np.ndarray, seed: int = 0) -> None:
    """Write images as Kaggle lays them out.

    Parameters
    ----------
    folder : Path
        Is made if need be.
    images : ndarray of uint8, (N, H, W)
    labels : sequence of str
        Count and hand: ``"3L"``.
    seed : int
        The names are random, and the same for the same seed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for image, label in zip(images, labels):
        name = f"{uuid.UUID(bytes=rng.bytes(16), version=4)}_{label}.png"
        # Light compression: they are read far more often than they are written.
        Image.fromarray(image).save(folder / name, compress_level=1)


def balanced(files: Sequence[Path], count: int, seed: int = 0) -> list[Path]:
    """Choose ``count`` files, or all if there are fewer, of each label and hand as many as there are or as fit.

    The same seed and files give the same choice, sorted.
    """
    rng = np.random.default_rng(seed)
    groups: dict[str, list[Path]] = {}
    for place in rng.permutation(len(files)):
        groups.setdefault(kind_of(files[place]), []).append(files[place])
    rounds = zip_longest(*(groups[key] for key in sorted(groups)))
    return sorted([path for some in rounds for path in some if path is not None][:count])
