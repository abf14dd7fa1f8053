"""What a student's ``preprocess`` does to the pixels, found out by asking, so that test images need not go there.

The function is shown random images and training images, and its answers are fitted by the few transformations that one
meets: a scale and an offset (one for all, or one for each pixel), a table of grey levels, standardisation or
normalisation by statistics of the images themselves. What was found is then applied to the test images by our own code.
A function that moves, mixes or invents pixels fits none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["PixelMap", "Probe", "fit_pixel_map", "probe"]

TOLERANCE = 1e-3
"""How far an answer may be from the fit, as a part of that pixel's range of answers: room for float16, not for `//`."""

KEPT = 0.75
"""The part of the pixels that must stay distinguishable; one may blank the border, which is the same in all images."""

_Base = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Probe:
    """Images that were sent to ``preprocess`` and what it answered, as an array of the images' shape."""

    images: np.ndarray
    answer: np.ndarray


@dataclass(frozen=True)
class PixelMap:
    """A transformation of pixels: ``scale * base(images) + offset``.

    Parameters
    ----------
    kind : str
        ``affine``: the base is the image itself, and scale and offset are fixed, for all pixels or for each one.
        ``table``: each grey level has its value. ``standardised``: the base is centred and divided by its standard
        deviation; ``normalised``: divided by its norm; both along ``axes``.
    scale, offset : ndarray or float
        Numbers, or one per pixel (H, W[, C]).
    axes : tuple of int
        Axes of the statistics; 0 is the batch.
    table : ndarray of shape (256,), optional
        The value of each grey level.
    """

    kind: str
    scale: np.ndarray | float = 1.0
    offset: np.ndarray | float = 0.0
    axes: tuple[int, ...] = ()
    table: np.ndarray | None = None

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Transform uint8 images (N, H, W[, C]) to float32 of the same shape."""
        if self.table is not None:
            return np.asarray(self.table[images], np.float32)
        base = _base(self.kind, self.axes)(images)
        return np.asarray(self.scale * base + self.offset, np.float32)

    @property
    def keeps_levels(self) -> bool:
        """Whether different grey levels stay different, in most pixels."""
        return self.levels == 256

    @property
    def keeps_order(self) -> bool:
        """Whether the values rise with the grey level, or fall with it, all the way: uint8 arithmetic wraps around."""
        if self.table is None:
            return True
        steps = np.diff(self.table)
        room = 1e-5 * np.ptp(self.table)
        return bool(np.all(steps >= -room) or np.all(steps <= room))

    @property
    def levels(self) -> int:
        """How many of the 256 grey levels can still be told apart."""
        if self.table is not None:
            steps = np.diff(np.sort(self.table))
            return 1 + int(np.sum(steps > 1e-5 * np.ptp(self.table)))
        return 256 if np.mean(np.abs(self.scale) > 1e-9) >= KEPT else 1

    @property
    def keeps_pixels(self) -> bool:
        """Whether the value of a pixel is fixed by that pixel, apart from statistics that all pixels share."""
        return self.kind != "normalised"


RAW = PixelMap("affine")
UNIT = PixelMap("affine", 1 / 255)


def probe(function: Callable[[np.ndarray], Any], images: np.ndarray) -> Probe:
    """Ask ``function`` about ``images``; a copy is sent, and the answer is reshaped to the shape of the images.

    Raises
    ------
    ValueError
        The answer does not have as many values as the images have pixels.
    """
    answer = np.asarray(function(images.copy()))
    if answer.size != images.size or len(answer) != len(images):
        raise ValueError(f"expected an answer about {images.shape}. Received: {answer.shape}")
    return Probe(images, answer.reshape(images.shape).astype(np.float64))


def random_images(rng: np.random.Generator, count: int, shape: tuple[int, ...], darkness: float = 1.0) -> np.ndarray:
    """Return uint8 images (count, *shape) in which every image has black, white and anything between.

    Black and white are in each image because dividing by the largest value is a fair way to get to 0-1.
    """
    images = (rng.uniform(size=(count, *shape)) ** darkness * 256).astype(np.uint8)
    for image in images.reshape(count, -1):
        image[rng.choice(image.size, 2, replace=False)] = 0, 255
    return images


def fit_pixel_map(
    function: Callable[[np.ndarray], Any], examples: np.ndarray, rng: np.random.Generator
) -> PixelMap | None:
    """Find out what ``function`` does to pixels.

    Parameters
    ----------
    function : callable
        Takes uint8 images (N, H, W[, C]) and returns as many numbers.
    examples : ndarray of uint8
        Some training images, (N, H, W[, C]).
    rng : numpy.random.Generator
        Makes the random images.

    Returns
    -------
    PixelMap or None
        None if no transformation explains all answers.

    Raises
    ------
    ValueError
        An answer has another number of values than its images.
    """
    shape = examples.shape[1:]
    fitted = probe(function, random_images(rng, 24, shape))
    fresh = [
        probe(function, random_images(rng, 9, shape, darkness=3.0)),
        probe(function, random_images(rng, 1, shape, darkness=0.6)),
        probe(function, _full_range(examples)),
    ]
    answers = [fitted, *fresh]
    if not all(np.all(np.isfinite(one.answer)) for one in answers):
        return None
    spread = np.ptp(np.concatenate([one.answer for one in answers]), axis=0)
    room = TOLERANCE * spread + 1e-6 * np.median(spread)
    for candidate in _candidates(fitted):
        if all(np.all(np.abs(candidate(one.images) - one.answer) <= room) for one in answers):
            return candidate
    return None


def _full_range(images: np.ndarray) -> np.ndarray:
    """Return up to 16 of the images that reach from black to white; all of them if none does."""
    axes = tuple(range(1, images.ndim))
    chosen = images[(images.min(axis=axes) == 0) & (images.max(axis=axes) == 255)][:16]
    return chosen if len(chosen) else images[:16]


def _candidates(fitted: Probe) -> list[PixelMap]:
    """Return what would explain one probe, the plainest first."""
    images, answer = fitted.images, fitted.answer
    every = tuple(range(images.ndim))
    values = images.astype(np.float64)
    found = [PixelMap("affine", *_line(values, answer)), PixelMap("affine", *_line(values, answer, axis=0))]
    found.append(PixelMap("table", table=_levels(images, answer)))
    for kind, choices in (("standardised", (every, every[1:], (0,))), ("normalised", ((1,), (2,), every[1:]))):
        for axes in choices:
            found.append(PixelMap(kind, *_line(_base(kind, axes)(images), answer), axes))
    return found


def _line(x: np.ndarray, y: np.ndarray, axis: int | None = None) -> tuple[Any, Any]:
    """Return slope and intercept of the least squares line."""
    x_mean, y_mean = x.mean(axis=axis), y.mean(axis=axis)
    variance = ((x - x_mean) ** 2).mean(axis=axis)
    covariance = ((x - x_mean) * (y - y_mean)).mean(axis=axis)
    slope = covariance / np.where(variance > 0, variance, 1)
    return slope, y_mean - slope * x_mean


def _levels(images: np.ndarray, answer: np.ndarray) -> np.ndarray:
    """Return the mean answer to each grey level; levels that did not occur lie between their neighbours."""
    counts = np.bincount(images.ravel(), minlength=256)
    sums = np.bincount(images.ravel(), answer.ravel(), minlength=256)
    seen = np.flatnonzero(counts)
    return np.interp(np.arange(256), seen, sums[seen] / counts[seen])


def _base(kind: str, axes: tuple[int, ...]) -> _Base:
    def identity(images: np.ndarray) -> np.ndarray:
        return images.astype(np.float64)

    def standardised(images: np.ndarray) -> np.ndarray:
        values = images.astype(np.float64)
        deviation = values.std(axis=axes, keepdims=True)
        return np.asarray((values - values.mean(axis=axes, keepdims=True)) / np.where(deviation > 0, deviation, 1))

    def normalised(images: np.ndarray) -> np.ndarray:
        values = images.astype(np.float64)
        norm = np.sqrt((values**2).sum(axis=axes, keepdims=True))
        return np.asarray(values / np.where(norm > 0, norm, 1))

    return {"standardised": standardised, "normalised": normalised}.get(kind, identity)
