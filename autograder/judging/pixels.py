"""What a student's ``preprocess`` does to the pixels, found out by asking, so that test images need not go there.

The function is shown random images and training images, and its answers are fitted by the few transformations that one
meets: a scale and an offset (one for all, or one for each pixel), a table of grey levels, standardisation or
normalisation by statistics of the images themselves; where that is allowed, after or before the images are made smaller
(`autograder.judging.resizing`). What was found is then applied to the test images by our own code. A function that
moves, mixes or invents pixels fits none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.judging.resizing import SMALLEST, BlockStatistic, Resizing, as_images, block_statistics, fit_resizing

__all__ = ["PixelMap", "Probe", "fit_pixel_map", "probe"]

TOLERANCE = 1e-3
"""How far an answer may be from the fit, as a part of that pixel's range of answers: room for float16, not for `//`."""

KEPT = 0.75
"""The part of the pixels that must stay distinguishable; one may blank the border, which is the same in all images."""

SMALL_TOLERANCE, OUTLIERS, FARTHEST = 0.01, 0.02, 0.1
"""The same for smaller images, which many programs round to whole grey levels and cut off at black and white; of all
values so many may be farther away, though never farther than the last number."""

LARGE = 1 << 12
"""Images of so many pixels say enough when there are few of them."""

_Base = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Probe:
    """Images that were sent to ``preprocess`` and what it answered, as an array of the images' shape."""

    images: np.ndarray
    answer: np.ndarray


@dataclass(frozen=True)
class PixelMap:
    """A transformation of pixels: ``scale * base(images) + offset``, on smaller images if there is a ``resizing``.

    Parameters
    ----------
    kind : str
        ``affine``: the base is the image itself, and scale and offset are fixed, for all pixels or for each one.
        ``table``: each grey level has its value. ``standardised``: the base is centred and divided by its standard
        deviation; ``normalised``: divided by its norm; ``peak``: divided by its largest value; ``stretched``: brought
        to 0-1; all along ``axes``.
    scale, offset : ndarray or float
        Numbers, or one per pixel (H, W[, C]).
    axes : tuple of int
        Axes of the statistics; 0 is the batch.
    table : ndarray of shape (256,), optional
        The value of each grey level.
    resizing : Resizing or BlockStatistic, optional
        How images are made smaller.
    smaller_first : bool
        Whether that happens before the base is computed.
    """

    kind: str
    scale: np.ndarray | float = 1.0
    offset: np.ndarray | float = 0.0
    axes: tuple[int, ...] = ()
    table: np.ndarray | None = None
    resizing: Resizing | BlockStatistic | None = None
    smaller_first: bool = True

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Transform uint8 images (N, H, W[, C]) to float32 of the same shape, or of that of the smaller images."""
        table = self.table
        if self.kind == "affine" and self.resizing is None and np.ndim(self.scale) == np.ndim(self.offset) == 0:
            # All pixels alike: what becomes of 256 grey levels is computed once.
            table = self.scale * np.arange(256.0) + self.offset
        if table is not None:
            return np.asarray(table.astype(np.float32)[images])
        base = self._based(images)
        return np.asarray(self.scale * base + self.offset, np.float32)

    def _based(self, images: np.ndarray) -> np.ndarray:
        base = _base(self.kind, self.axes)
        if self.resizing is None:
            return base(images)
        return base(self.resizing(images)) if self.smaller_first else self.resizing(base(images))

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
    function: Callable[[np.ndarray], Any],
    examples: np.ndarray,
    rng: np.random.Generator,
    *,
    may_shrink: bool = False,
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
    may_shrink : bool
        Whether smaller images, (N, h, w) or (N, h, w, 1), are fine answers about grey images.

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
    images = [
        random_images(rng, 24 if examples[0].size < LARGE else 8, shape),
        random_images(rng, 9, shape, darkness=3.0),
        random_images(rng, 1, shape, darkness=0.6),
        _full_range(examples),
    ]
    if may_shrink and np.size(function(images[0][:2].copy())) < images[0][:2].size:
        return _fit_smaller(function, images, rng)
    answers = [probe(function, some) for some in images]
    if not all(np.all(np.isfinite(one.answer)) for one in answers):
        return None
    spread = np.ptp(np.concatenate([one.answer for one in answers]), axis=0)
    room = TOLERANCE * spread + 1e-6 * np.median(spread)
    for candidate in _candidates(answers[0]):
        if all(np.all(np.abs(candidate(one.images) - one.answer) <= room) for one in answers):
            return candidate
    return None


def _fit_smaller(
    function: Callable[[np.ndarray], Any], images: list[np.ndarray], rng: np.random.Generator
) -> PixelMap | None:
    """Find out what ``function`` does if it makes grey images smaller."""
    size = images[0].shape[1:]
    answers = [as_images(function(some.copy())) for some in images]
    shape = answers[0].shape[1:]
    if min(shape) < SMALLEST or any(one.shape != (len(some), *shape) for one, some in zip(answers, images)):
        return None
    if not all(np.all(np.isfinite(answer)) for answer in answers):
        return None
    spread = np.ptp(np.concatenate(answers))
    resizing = fit_resizing(function, size, rng)
    ways: list[Resizing | BlockStatistic] = []
    if resizing is not None:
        ways = [resizing]
        if resizing.overshoots:
            ways += [replace(resizing, cut="each"), replace(resizing, cut="end")]
    blocks = block_statistics(size, shape)
    ways += [way for way in blocks if _follows(way(images[0][:2]), answers[0][:2])]
    for way in ways:
        for candidate in _smaller_candidates(way, images[0], answers[0]):
            if all(_is_near(candidate(some), answer, spread) for some, answer in zip(images[::-1], answers[::-1])):
                return candidate
    return None


def _is_near(found: np.ndarray, answer: np.ndarray, spread: float) -> bool:
    error = np.abs(found - answer)
    return bool(np.mean(error > SMALL_TOLERANCE * spread) <= OUTLIERS and error.max() <= FARTHEST * spread)


def _follows(found: np.ndarray, answer: np.ndarray) -> bool:
    """Tell whether each image's answer lies near a straight line over what was found, as every base leaves it."""
    pairs = zip(found.reshape(len(found), -1), answer.reshape(len(answer), -1), strict=True)
    return all(np.ptp(one) > 0 < np.ptp(other) and np.corrcoef(one, other)[0, 1] > 0.99 for one, other in pairs)


def _full_range(images: np.ndarray) -> np.ndarray:
    """Return up to 16 of the images that reach from black to white; all of them if none does."""
    axes = tuple(range(1, images.ndim))
    chosen = images[(images.min(axis=axes) == 0) & (images.max(axis=axes) == 255)][:16]
    return chosen if len(chosen) else images[:16]


def _candidates(fitted: Probe) -> Iterator[PixelMap]:
    """Yield what would explain one probe, the plainest first."""
    images, answer = fitted.images, fitted.answer
    every = tuple(range(images.ndim))
    values = images.astype(np.float64)
    yield PixelMap("affine", *_line(values, answer))
    yield PixelMap("affine", *_line(values, answer, axis=0))
    yield PixelMap("table", table=_levels(images, answer))
    # Images in colour may be treated channel by channel.
    whole = (every, every[1:], *(((0, 1, 2), (1, 2)) if images.ndim == 4 else ()))
    for kind, choices in (
        ("standardised", (*whole, (0,))),
        ("normalised", ((1,), (2,), every[1:])),
        ("peak", whole),
        ("stretched", whole),
    ):
        for axes in choices:
            yield PixelMap(kind, *_line(_base(kind, axes)(images), answer), axes)


def _smaller_candidates(
    resizing: Resizing | BlockStatistic, images: np.ndarray, answer: np.ndarray
) -> Iterator[PixelMap]:
    """Yield what would explain the answer about images that were made smaller in one way, the plainest first."""
    every = tuple(range(images.ndim))
    for kind, choices in (("affine", ((),)), *((kind, (every, every[1:])) for kind in _STATISTICS)):
        for axes in choices:
            for smaller_first in (True, False) if axes else (True,):
                way = PixelMap(kind, axes=axes, resizing=resizing, smaller_first=smaller_first)
                scale, offset = _line(way._based(images), answer)
                yield replace(way, scale=scale, offset=offset)
    yield PixelMap("affine", *_line(resizing(images), answer, axis=0), resizing=resizing)


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
    def base(images: np.ndarray) -> np.ndarray:
        values = images.astype(np.float64)
        return values if kind == "affine" else _STATISTICS[kind](values, axes)

    return base


def _standardised(values: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    centred = values - values.mean(axis=axes, keepdims=True)
    return _divided(centred, values.std(axis=axes, keepdims=True))


def _normalised(values: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    return _divided(values, np.sqrt((values**2).sum(axis=axes, keepdims=True)))


def _peak(values: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    return _divided(values, values.max(axis=axes, keepdims=True))


def _stretched(values: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    least = values.min(axis=axes, keepdims=True)
    return _divided(values - least, values.max(axis=axes, keepdims=True) - least)


def _divided(values: np.ndarray, by: np.ndarray) -> np.ndarray:
    return np.asarray(values / np.where(by > 0, by, 1))


_STATISTICS = {"standardised": _standardised, "normalised": _normalised, "peak": _peak, "stretched": _stretched}
