"""How a student's ``preprocess`` makes images smaller, found out by asking, so that test images need not go there.

Every usual way is a weighted sum of the pixels around a place, with the same weights for all images: every second
pixel, means of blocks, a crop, bilinear, bicubic or Lanczos interpolation with or without smoothing. The weights of
rows and of columns are independent. So two matrices say it all, and stripes tell what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

__all__ = ["SMALLEST", "BlockStatistic", "Resizing", "as_images", "block_statistics", "fit_resizing", "mean_resizing"]

Statistic = Literal["max", "min", "median", "mean", "pick"]
_TAKEN: tuple[Statistic, ...] = ("max", "min", "median", "mean")

EXTRA = 96
"""So many more stripe images than unknown weights are asked for: rounding to whole grey levels averages out."""

BATCH = 32
SMALLEST = 4
"""Pixels that a smaller image has at least along each side."""
ROUNDS, CUT_ROUNDS = 8, 60
BLACK, WHITE = 0.0, 255.0
SURE = 4.0
"""Weights below so many standard errors are what rounding leaves behind."""


@dataclass(frozen=True)
class Resizing:
    """A change of size: ``rows @ image @ columns.T``.

    Parameters
    ----------
    rows : ndarray, (h, H)
        The weights of the H rows of an image in each of the h rows of the result; they sum to 1.
    columns : ndarray, (w, W)
        The same for the columns.
    cut : {"", "end", "each"}
        Whether what falls below black or above white is cut off, as bicubic and Lanczos interpolation of bytes do it:
        at the end (scipy), or after the columns and again after the rows (Pillow).
    """

    rows: np.ndarray
    columns: np.ndarray
    cut: Literal["", "end", "each"] = ""

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Change the size of images (N, H, W) to float32 (N, h, w)."""
        rows, columns = self.rows.T.astype(np.float32), self.columns.T.astype(np.float32)
        small = np.empty((len(images), *self.shape), np.float32)
        for start in range(0, len(images), BATCH):
            batch = images[start : start + BATCH].astype(np.float32)
            # One large product is far faster than one small product for each image.
            narrow = (batch.reshape(-1, len(columns)) @ columns).reshape(len(batch), len(rows), -1).swapaxes(1, 2)
            if self.cut == "each":
                narrow = narrow.clip(BLACK, WHITE)
            low = (narrow.reshape(-1, len(rows)) @ rows).reshape(len(batch), len(self.columns), -1)
            small[start : start + BATCH] = low.swapaxes(1, 2)
        return small.clip(BLACK, WHITE) if self.cut else small

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the results."""
        return len(self.rows), len(self.columns)

    @property
    def overshoots(self) -> bool:
        """Whether results may be darker than black or brighter than white."""
        return bool(min(self.rows.min(), self.columns.min()) < -1e-3)

    @property
    def mirrored(self) -> tuple[bool, bool]:
        """Whether the results are upside down, and whether left and right are swapped."""
        return _falls(self.rows), _falls(self.columns)


@dataclass(frozen=True)
class BlockStatistic:
    """One number for each block that is no weighted sum of its pixels, taken at once or in two steps.

    Parameters
    ----------
    shape : (int, int)
        Height and width of the results; they divide those of the images.
    take : {"max", "min", "median", "mean"}
        The largest value, as max pooling takes it, the smallest, the middle one or the mean.
    before : {"max", "min", "median", "mean", "pick"}, optional
        What is taken first, of parts of each block; ``pick`` is their first pixel.
    parts : (int, int)
        How many parts a block has then, along both axes.
    """

    shape: tuple[int, int]
    take: Statistic = "max"
    before: Statistic | None = None
    parts: tuple[int, int] = (1, 1)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Change the size of images (N, H, W) to (N, h, w)."""
        if self.before is not None:
            between = self.shape[0] * self.parts[0], self.shape[1] * self.parts[1]
            images = _take(self.before, images, between)
        return _take(self.take, images, self.shape)


def block_statistics(shape: tuple[int, int], small: tuple[int, int]) -> Iterator[BlockStatistic]:
    """Yield the ways to make blocks of images of ``shape`` into those of the size ``small``, the plainest first."""
    blocks = shape[0] // small[0], shape[1] // small[1]
    if shape[0] % small[0] or shape[1] % small[1]:
        return
    yield from (BlockStatistic(small, take) for take in ("max", "median", "min"))
    for parts in range(2, max(blocks)):
        if blocks[0] % parts or blocks[1] % parts:
            continue
        for take in _TAKEN:
            for before in (*_TAKEN, "pick"):
                if before != take or take == "median":
                    yield BlockStatistic(small, take, before, (parts, parts))


def _take(statistic: Statistic, images: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    count, rows, columns = images.shape
    blocks = images.reshape(count, shape[0], rows // shape[0], shape[1], columns // shape[1])
    if statistic == "pick":
        return np.asarray(blocks[:, :, 0, :, 0])
    return np.asarray(getattr(np, statistic)(blocks, axis=(2, 4)))


def mean_resizing(shape: tuple[int, int], small: tuple[int, int]) -> Resizing:
    """Return what takes the mean of each block, from images of ``shape`` to images of the size ``small``."""

    def means(size: int, parts: int) -> np.ndarray:
        edges = np.linspace(0, size, parts + 1)
        starts, ends = edges[:-1, None], edges[1:, None]
        pixels = np.arange(size)
        shares = np.clip(np.minimum(ends, pixels + 1) - np.maximum(starts, pixels), 0, 1)
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    return Resizing(means(shape[0], small[0]), means(shape[1], small[1]))


def fit_resizing(
    function: Callable[[np.ndarray], Any], shape: tuple[int, int], rng: np.random.Generator
) -> Resizing | None:
    """Find out how ``function`` changes the size of images.

    Parameters
    ----------
    function : callable
        Takes uint8 images (N, H, W) and returns images (N, h, w), (N, h, w, 1) or square ones in rows (N, h * h).
        It may also change the grey levels along a straight line, the same for all images of the same mean and spread.
    shape : (int, int)
        H and W.
    rng : numpy.random.Generator
        Shuffles the stripes.

    Returns
    -------
    Resizing or None
        What explains stripes best, or None if it is no such thing. Whether it explains other images is for the
        caller to see.
    """
    answers = []
    for axis in (0, 1):
        levels, stripes = _stripes(shape, axis, rng)
        parts = [as_images(function(stripes[start : start + BATCH])) for start in range(0, len(stripes), BATCH)]
        if len({part.shape[1:] for part in parts}) != 1 or min(parts[0].shape[1:]) < SMALLEST:
            return None
        answer = np.concatenate(parts)
        if len(answer) != len(stripes) or not np.all(np.isfinite(answer)):
            return None
        answers.append(_weights(levels, answer.mean(axis=2 - axis)))
    rows, columns = answers
    return None if rows is None or columns is None else Resizing(rows, columns)


def _stripes(shape: tuple[int, int], axis: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return levels (K, size) and the images (K, H, W) that are striped with them along ``axis``.

    All have the same levels in another order, so that statistics of an image or of a batch are the same for all.
    """
    size = shape[axis]
    ramp = np.linspace(0, 255, size).round().astype(np.uint8)
    levels = rng.permuted(np.tile(ramp, (size + EXTRA, 1)), axis=1)
    stripes = levels[:, :, None] if axis == 0 else levels[:, None, :]
    return levels.astype(np.float64), np.ascontiguousarray(np.broadcast_to(stripes, (len(levels), *shape)))


def as_images(answer: Any) -> np.ndarray:
    """Return an answer as images, ndarray of float64, (N, h, w), or as no images (0, 0, 0) if it is no such thing."""
    array = np.asarray(answer)
    if array.ndim == 4 and array.shape[-1] == 1:
        array = array[..., 0]
    side = int(np.sqrt(array.shape[-1])) if array.ndim == 2 else 0
    if array.ndim == 2 and side * side == array.shape[1]:
        array = array.reshape(-1, side, side)
    return array.astype(np.float64) if array.ndim == 3 and array.dtype.kind in "buif" else np.empty((0, 0, 0))


def _weights(levels: np.ndarray, answers: np.ndarray) -> np.ndarray | None:
    """Return the weights (h, size) that make ``answers`` (K, h) of ``levels`` (K, size), but for scale and offset."""
    inverse = np.linalg.solve(levels.T @ levels, levels.T)
    answers = _uncut(levels, inverse, answers)
    fitted, rest = _solve(levels, inverse, answers)
    for _ in range(ROUNDS):
        if rest < 1e-6 * np.ptp(answers):
            break
        # Each image may have been scaled by statistics of its own result: undo that as well as is known so far.
        predicted = levels @ fitted.T
        centred = answers - answers.mean(axis=1, keepdims=True)
        slope = (centred * predicted).sum(axis=1) / np.maximum((centred**2).sum(axis=1), 1e-12)
        straightened = predicted.mean(axis=1, keepdims=True) + slope[:, None] * centred
        fitted, rest = _solve(levels, inverse, straightened)
    scale = np.median(fitted.sum(axis=1))
    return fitted / scale if abs(scale) > 1e-12 else None


def _uncut(levels: np.ndarray, inverse: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Return the answers as they were before the lowest and the highest ones were cut off, as well as that is known."""
    least, most = answers.min(), answers.max()
    room = 1e-6 * (most - least)
    low, high = answers <= least + room, answers >= most - room
    filled = answers
    for _ in range(CUT_ROUNDS):
        predicted = levels @ (inverse @ filled)
        filled = np.where(low, np.minimum(predicted, answers), np.where(high, np.maximum(predicted, answers), answers))
    return filled


def _solve(levels: np.ndarray, inverse: np.ndarray, answers: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the least squares weights, without what is noise in them, and the size of what they leave unexplained."""
    fitted = inverse @ answers
    rest = float(np.sqrt(((levels @ fitted - answers) ** 2).sum() / (answers.shape[1] * EXTRA)))
    # As all sums of levels are equal, an offset spreads evenly over the weights: the median is what it added.
    weights = (fitted - np.median(fitted, axis=0)).T
    error = rest / (levels.std() * np.sqrt(EXTRA))
    weights[np.abs(weights) < SURE * error + 1e-4 * np.abs(weights).max()] = 0
    return weights, rest


def _falls(weights: np.ndarray) -> bool:
    """Return whether the places that the rows of ``weights`` look at go backwards."""
    size = np.abs(weights)
    places = (size @ np.arange(weights.shape[1])) / np.maximum(size.sum(axis=1), 1e-12)
    return bool(places[-1] < places[0])
