"""Whether a mutant's ``preprocess`` still keeps what it promises: small real numbers, each tone in its place."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.judging.preprocessing import LARGEST, SPREAD

__all__ = ["full_range", "mosaics", "same_tones"]

TOLERANCE = 1 / 255
"""One grey level, as a part of the range: rounding to whole levels, as Pillow does it after the columns and again
after the rows, moves a value by half of one each time; float16 moves it less. What matters moves some by far more."""

TILES = 2
"""Mosaics have so many tones along each side. Their tiles are so large that no way of making images smaller reaches
from the middle of one into the next."""


def full_range(images: np.ndarray) -> np.ndarray:
    """Return images of which each has a black and a white pixel: to divide by the largest value is right, too."""
    images = images.copy()
    for image in images:
        image[0, 0], image[-1, -1] = 0, 255
    return images


def mosaics(rng: np.random.Generator, count: int, side: int) -> np.ndarray:
    """Return uint8 images (count, side, side) of four tiles in different tones, black and white among them."""
    tones = np.stack(
        [rng.permutation([0, 255, *rng.choice(np.arange(40, 215), 2, replace=False)]) for _ in range(count)]
    )
    tiles = tones.reshape(count, TILES, TILES)
    return np.asarray(np.kron(tiles, np.ones((1, side // TILES, side // TILES))), np.uint8)


def same_tones(mine: Any, right: Any) -> bool:
    """Tell whether one preparation is another one but for scale and offset (of each channel) and size.

    It also has to be small, real and spread out.

    Parameters
    ----------
    mine : array_like, (N, ...)
        What is judged: as many numbers an image as ``right`` has, in any shape, or grey images of another size
        (N, h, w), (N, h, w, 1), or square ones in rows.
    right : array_like, (N, ...)
        What the solution makes of the same images. Where these are grey mosaics, the middles of their tiles are
        compared, and any size will do; elsewhere every number is.
    """
    values, wanted = np.asarray(mine), np.asarray(right)
    if values.dtype.kind != "f" or len(values) != len(wanted) or not np.all(np.isfinite(values)):
        return False
    values, wanted = values.astype(float), wanted.astype(float)
    if np.abs(values).max() > LARGEST or np.ptp(values) < SPREAD:
        return False
    tiles = _tiles(wanted)
    if tiles is not None:
        pictures = _grey(values)
        if pictures is None:
            return False
        values, wanted = _middles(pictures), tiles
    if values.size != wanted.size:
        return False
    channels = wanted.shape[-1] if wanted.ndim == 4 else 1
    return all(
        _is_line(x, y) for x, y in zip(wanted.reshape(-1, channels).T, values.reshape(-1, channels).T, strict=True)
    )


def _tiles(values: np.ndarray) -> np.ndarray | None:
    """Return the tones of the tiles of grey mosaics, (N, TILES, TILES), or None if they are none."""
    pictures = _grey(values)
    if pictures is None or any(size % TILES for size in pictures.shape[1:]):
        return None
    tones = _middles(pictures)
    tile = np.ones((1, *(size // TILES for size in pictures.shape[1:])))
    return tones if np.array_equal(pictures, np.kron(tones, tile)) else None


def _is_line(x: np.ndarray, y: np.ndarray) -> bool:
    slope, offset = np.polyfit(x, y, 1)
    return bool(np.abs(slope * x + offset - y).max() <= TOLERANCE * np.ptp(y))


def _grey(values: np.ndarray) -> np.ndarray | None:
    """Return answers as images (N, h, w), or None if they are no such thing."""
    if values.ndim == 4 and values.shape[-1] == 1:
        return values[..., 0]
    side = int(np.sqrt(values.shape[-1]))
    if values.ndim == 2 and side * side == values.shape[1]:
        return values.reshape(-1, side, side)
    return values if values.ndim == 3 else None


def _middles(images: np.ndarray) -> np.ndarray:
    """Return the values in the middles of the tiles, (N, TILES, TILES)."""
    height, width = images.shape[1:]
    rows, columns = ([(2 * tile + 1) * size // (2 * TILES) for tile in range(TILES)] for size in (height, width))
    return images[:, rows][:, :, columns]
