"""How images are made smaller is found out from stripes alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage
from skimage import transform

from autograder.judging.pixels import fit_pixel_map
from autograder.judging.resizing import BlockStatistic, Resizing, block_statistics, fit_resizing, mean_resizing

Function = Callable[[np.ndarray], Any]
SIZE = (48, 40)
"""Height and width of the images here: not square, so that nothing can be transposed unseen."""


def examples(count: int = 20) -> np.ndarray:
    """Return images like hands: a grey blot with a brighter part, on a dark background with noise."""
    rng = np.random.default_rng(5)
    images = rng.integers(20, 60, (count, *SIZE), dtype=np.uint8)
    images[:, 12:36, 12:30] = rng.integers(120, 160, (count, 24, 18))
    images[:, 2:12, 14:18] = rng.integers(150, 220, (count, 10, 4))
    return images


EXAMPLES = examples()


def pillow(size: tuple[int, int], how: Image.Resampling) -> Function:
    def shrink(images: np.ndarray) -> np.ndarray:
        return np.stack([np.asarray(Image.fromarray(image).resize(size, how)) for image in images]) / 255

    return shrink


def thumbnail(size: tuple[int, int]) -> Function:
    def shrink(images: np.ndarray) -> np.ndarray:
        small = [Image.fromarray(image) for image in images]
        for image in small:
            image.thumbnail(size)
        return np.stack([np.asarray(image) for image in small]) / 255

    return shrink


def means(images: np.ndarray) -> np.ndarray:
    return np.asarray(images.reshape(-1, 24, 2, 20, 2).mean(axis=(2, 4)))


def medians(images: np.ndarray) -> np.ndarray:
    count, height, width = images.shape
    return np.asarray(np.median(images.reshape(count, height // 2, 2, width // 2, 2), axis=(2, 4)))


def standardised(images: np.ndarray, **how: Any) -> np.ndarray:
    return np.asarray((images - images.mean(**how)) / images.std(**how))


IMAGE = {"axis": (1, 2), "keepdims": True}
RIGHT: dict[str, Function] = {
    "every second pixel": lambda x: x[:, ::2, ::2] / 255,
    "every fourth pixel from the second": lambda x: x[:, 1::4, 1::4].astype("float32") / 255,
    "means of blocks": lambda x: means(x) / 255,
    "float16 with channels": lambda x: (means(x) / 255).astype("float16")[..., np.newaxis],
    "from -1 to 1": lambda x: means(x) / 127.5 - 1,
    "a crop": lambda x: x[:, 8:40, 4:36] / 255,
    "a crop in rows": lambda x: x[:, 8:40, 4:36].reshape(len(x), -1) / 255,
    "largest of blocks": lambda x: x.reshape(-1, 24, 2, 20, 2).max(axis=(2, 4)) / 255,
    "smallest of blocks, standardised": lambda x: standardised(x.reshape(-1, 24, 2, 20, 2).min(axis=(2, 4)), **IMAGE),
    "maxima of means": lambda x: means(x).reshape(-1, 12, 2, 10, 2).max(axis=(2, 4)) / 255,
    "medians of medians": lambda x: medians(medians(x)) / 255,
    "bilinear": pillow((20, 24), Image.Resampling.BILINEAR),
    "bicubic": pillow((16, 16), Image.Resampling.BICUBIC),
    "lanczos": pillow((20, 24), Image.Resampling.LANCZOS),
    "thumbnail": thumbnail((20, 24)),
    "small thumbnail": thumbnail((10, 12)),
    "cubic zoom of bytes": lambda x: ndimage.zoom(x, (1, 0.5, 0.5)) / 255,
    "cubic zoom, cut off": lambda x: np.clip(ndimage.zoom(x / 255, (1, 0.25, 0.25)), 0, 1),
    "nearest": pillow((20, 24), Image.Resampling.NEAREST),
    "skimage": lambda x: np.stack([transform.resize(image, (24, 20)) for image in x]),
    "skimage, smoothed": lambda x: np.stack([transform.resize(image, (30, 25), anti_aliasing=True) for image in x]),
    "scipy": lambda x: np.stack([ndimage.zoom(image / 255, 0.5) for image in x]),
    "standardised by the batch": lambda x: standardised(x[:, ::2, ::2] / 255),
    "standardised by the batch before": lambda x: standardised(x / 255)[:, ::2, ::2],
    "standardised by the image": lambda x: standardised(means(x), **IMAGE),
    "by each image's largest": lambda x: x[:, ::2, ::2] / x[:, ::2, ::2].max(**IMAGE),
}


@pytest.mark.parametrize("name", RIGHT)
def test_the_map_repeats_what_the_function_does_to_smaller_images(name: str) -> None:
    """On images that the function was never asked about."""
    function = RIGHT[name]
    pixels = fit_pixel_map(function, EXAMPLES, np.random.default_rng(0), may_shrink=True)
    assert pixels is not None
    assert pixels.resizing is not None
    fresh = np.roll(EXAMPLES[:9], 3, axis=1)[::-1]
    expected = np.reshape(function(fresh), (9, *pixels.resizing.shape))
    assert np.abs(pixels(fresh) - expected).max() <= 0.025 * np.ptp(expected)
    assert pixels.keeps_levels


WRONG: dict[str, Function] = {
    "transposed": lambda x: x[:, ::2, ::2].transpose(0, 2, 1) / 255,
    "in another order": lambda x: x[::-1, ::2, ::2] / 255,
    "one image for all": lambda x: np.repeat(x[:1, ::2, ::2], len(x), axis=0) / 255,
    "noise": lambda x: np.random.default_rng().normal(size=(len(x), 24, 20)),
    "a threshold": lambda x: x[:, ::2, ::2] > 100,
    "whole numbers": lambda x: x[:, ::2, ::2] // 255,
    "the mean instead of the image": lambda x: np.broadcast_to(x.mean(axis=(1, 2), keepdims=True), (len(x), 24, 20)),
    "a single row": lambda x: x[:, :1, :] / 255,
    "one dimension": lambda x: x.mean(axis=(1, 2)),
    "not finite": lambda x: np.full((len(x), 24, 20), np.nan),
    "fewer images": lambda x: x[: len(x) // 2, ::2, ::2] / 255,
}


@pytest.mark.parametrize("name", WRONG)
def test_a_function_that_does_more_than_make_images_smaller_has_no_map(name: str) -> None:
    """So it cannot smuggle an answer into the model's input either."""
    assert fit_pixel_map(WRONG[name], EXAMPLES, np.random.default_rng(0), may_shrink=True) is None


def test_mirrored_images_are_told_apart() -> None:
    """Which way is known, so that a message can name it."""
    ways = [lambda x: x[:, ::2, ::2], lambda x: x[:, ::-2, ::2], lambda x: x[:, ::2, ::-2]]
    found = [fit_resizing(way, SIZE, np.random.default_rng(0)) for way in ways]
    assert [one and one.mirrored for one in found] == [(False, False), (True, False), (False, True)]


def test_the_weights_are_those_of_the_function() -> None:
    """Means of two pixels have two weights of a half in each row."""
    found = fit_resizing(lambda x: 3 * means(x) + 7, SIZE, np.random.default_rng(0))
    assert isinstance(found, Resizing)
    expected = mean_resizing(SIZE, (24, 20))
    assert np.allclose(found.rows, expected.rows, atol=1e-9)
    assert np.allclose(found.columns, expected.columns, atol=1e-9)
    assert found.shape == expected.shape == (24, 20)


def test_means_of_blocks_that_do_not_fit_share_pixels() -> None:
    """From 5 pixels to 2: the middle one belongs to both halves."""
    found = mean_resizing((5, 4), (2, 2))
    assert np.allclose(found.rows, [[0.4, 0.4, 0.2, 0, 0], [0, 0, 0.2, 0.4, 0.4]])
    assert np.allclose(found(np.ones((3, 5, 4))), np.ones((3, 2, 2)))


def test_block_maxima_are_what_max_pooling_gives() -> None:
    """Two by two."""
    image = np.array([[[1, 2, 0, 0], [3, 4, 0, 9]]], np.uint8)
    assert BlockStatistic((1, 2))(image).tolist() == [[[4, 9]]]


def test_two_steps_are_one_after_the_other() -> None:
    """The means of pairs, and of those the smallest; blocks that do not fit have no such statistics."""
    image = np.arange(16.0).reshape(1, 4, 4)
    assert BlockStatistic((1, 1), "min", "mean", (2, 2))(image).tolist() == [[[2.5]]]
    assert BlockStatistic((1, 1), "max", "pick", (2, 2))(image).tolist() == [[[10]]]
    assert list(block_statistics((5, 4), (2, 2))) == []
    assert len(list(block_statistics((8, 8), (4, 4)))) == 3
    assert len(list(block_statistics((8, 8), (2, 2)))) == 3 + 17
