"""New versions of images that show the same thing: a little shifted, turned, bent and darker.

A model that has learned digits recognises them as well as the originals, or nearly; one that has learned the test
images by heart does not.
"""

from __future__ import annotations

import numpy as np

__all__ = ["vary", "vary_slightly"]

_CHUNK = 1000
_GRID = 5
_BLOCK_PIXELS = 1 << 16
"""So many pixels are sampled at a time: what they need fits in a processor's cache."""


def vary(
    images: np.ndarray,
    seed: int,
    *,
    shift: float = 1.5,
    degrees: float = 10.0,
    bend: float = 0.7,
    light: float = 0.25,
    mirror: bool = False,
) -> np.ndarray:
    """Return a variation of each image; its label stays right.

    Parameters
    ----------
    images : ndarray of uint8
        (N, H, W) or (N, H, W, C).
    seed : int
        The same seed gives the same variation.
    shift : float
        Largest shift along each axis, in pixels.
    degrees : float
        Largest angle of rotation about the centre.
    bend : float
        Standard deviation of the elastic displacement, in pixels; it changes smoothly over the image.
    light : float
        Largest part of the brightness that is taken away.
    mirror : bool
        Whether half of the images, chosen at random, are also flipped from left to right: only where the label stays
        right, as with fingers to count, but not with digits to read.

    Returns
    -------
    ndarray of uint8
        The same shape. What comes in from outside repeats the border.
    """
    rng = np.random.default_rng(seed)
    varied = [
        _vary_chunk(_some_mirrored(images[start : start + _CHUNK], rng, mirror), rng, shift, degrees, bend, light)
        for start in range(0, len(images), _CHUNK)
    ]
    return np.concatenate(varied) if varied else images.copy()


def vary_slightly(
    images: np.ndarray, seed: int, *, shift: float = 1.5, bend: float = 0.7, **others: object
) -> np.ndarray:
    """Return a slight variation of each image: two fifths of the movement of `vary`, hardly darker, never mirrored.

    Takes the arguments of `vary`, so that both follow from what suits a data set.
    """
    return vary(images, seed, shift=0.4 * shift, degrees=4.0, bend=0.43 * bend, light=0.08)


def _some_mirrored(images: np.ndarray, rng: np.random.Generator, mirror: bool) -> np.ndarray:
    if not mirror:
        return images
    chosen = rng.random(len(images)) < 0.5
    return np.where(chosen.reshape(-1, *(1,) * (images.ndim - 1)), images[:, :, ::-1], images)


def _vary_chunk(
    images: np.ndarray, rng: np.random.Generator, shift: float, degrees: float, bend: float, light: float
) -> np.ndarray:
    count, height, width = images.shape[:3]
    angle = np.radians(rng.uniform(-degrees, degrees, (count, 1, 1)))
    moves = rng.uniform(-shift, shift, (2, count, 1, 1))
    grid = rng.normal(scale=bend, size=(2, count, _GRID, _GRID))
    gain = 1 - rng.uniform(0, light, (count,) + (1,) * (images.ndim - 1))
    rows = np.arange(height)[:, None] - (height - 1) / 2
    columns = np.arange(width)[None, :] - (width - 1) / 2
    step = max(1, _BLOCK_PIXELS // (height * width))
    varied = np.empty_like(images)
    for start in range(0, count, step):
        block = slice(start, start + step)
        bent = _smooth(grid[:, block], height, width)
        cosine, sine = np.cos(angle[block]), np.sin(angle[block])
        source_rows = cosine * rows - sine * columns + (height - 1) / 2 + moves[0, block] + bent[0]
        source_columns = sine * rows + cosine * columns + (width - 1) / 2 + moves[1, block] + bent[1]
        values = gain[block] * _sample(images[block], source_rows, source_columns)
        varied[block] = np.clip(np.rint(values), 0, 255)
    return varied


def _smooth(grid: np.ndarray, height: int, width: int) -> np.ndarray:
    """Stretch coarse grids (..., G, G) to (..., H, W), linearly between their points."""

    def weights(size: int) -> np.ndarray:
        place = np.linspace(0, _GRID - 1, size)
        return np.asarray(np.maximum(0, 1 - np.abs(place[:, None] - np.arange(_GRID))))

    return np.asarray(weights(height) @ grid @ weights(width).T)


def _sample(images: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the images at fractional positions (N, H, W), bilinearly."""
    height, width = images.shape[1:3]
    rows, columns = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    top, left = np.floor(rows).astype(np.intp), np.floor(columns).astype(np.intp)
    bottom, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    down, across = (part.reshape(part.shape + (1,) * (images.ndim - 3)) for part in (rows - top, columns - left))
    which = np.arange(len(images))[:, None, None]
    upper = images[which, top, left] * (1 - across) + images[which, top, right] * across
    lower = images[which, bottom, left] * (1 - across) + images[which, bottom, right] * across
    return np.asarray(upper * (1 - down) + lower * down)
