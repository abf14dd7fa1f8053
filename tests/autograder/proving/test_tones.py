"""Preparations of images that say the same, and such that do not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from autograder.proving.tones import full_range, mosaics, same_tones

RNG = np.random.default_rng(0)
NOISE = full_range(RNG.integers(0, 256, (3, 128, 128)).astype(np.uint8))
MOSAIC = mosaics(RNG, 3, 128)
COLOURS = full_range(RNG.integers(0, 256, (3, 32, 32, 3)).astype(np.uint8))


def means(images: np.ndarray) -> np.ndarray:
    """Return what 06's solution gives: means of blocks of 4×4."""
    return images.reshape(len(images), 32, 4, 32, 4).mean(axis=(2, 4))[..., np.newaxis] / 255


def resized(size: int, way: Image.Resampling) -> Callable[[np.ndarray], np.ndarray]:
    return lambda images: np.stack([np.asarray(Image.fromarray(one).resize((size, size), way)) for one in images]) / 255


RIGHT: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "whole": lambda x: x / 255,
    "rows": lambda x: x.reshape(len(x), -1) / 127.5 - 1,
    "every eighth": lambda x: x[:, ::8, ::8, np.newaxis] / 255,
    "largest": lambda x: x.reshape(-1, 64, 2, 64, 2).max(axis=(2, 4)) / 255,
    "Lanczos": resized(32, Image.Resampling.LANCZOS),
    "bicubic": resized(48, Image.Resampling.BICUBIC),
    "box": resized(16, Image.Resampling.BOX),
    "float16": lambda x: (x / 255).astype(np.float16),
}


@pytest.mark.parametrize("style", RIGHT)
def test_images_of_any_size_say_the_same(style: str) -> None:
    """Compared in the middles of large tiles, which no interpolation mixes."""
    assert same_tones(RIGHT[style](MOSAIC), means(MOSAIC))


WRONG: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "transposed": lambda x: x.swapaxes(1, 2) / 255,
    "mirrored": lambda x: x[:, ::2, ::-2] / 255,
    "other order": lambda x: x[::-1] / 255,
    "few tones": lambda x: x // 64 / 4.0,
    "raw": lambda x: x.astype(float),
    "bytes": lambda x: x[:, ::2, ::2],
    "faint": lambda x: x / 255**2,
    "one image": lambda x: x[:1] / 255,
    "no images": lambda x: x.reshape(len(x), 2, 4, -1) / 255,
    "not finite": lambda x: np.where(x > 0, x / 255, np.nan),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_what_is_moved_mixed_or_too_large_is_something_else(mistake: str) -> None:
    """Each by itself."""
    assert not same_tones(WRONG[mistake](MOSAIC), means(MOSAIC))


def test_every_pixel_counts_where_there_are_no_tiles() -> None:
    """One grey level is rounding, three are not; another size is another thing."""
    right = NOISE / 255
    assert same_tones(right + 0.4 / 255 * (NOISE % 2), right)
    wrong = right.copy()
    wrong[0, 5, 7] += 3 / 255
    assert not same_tones(wrong, right)
    assert not same_tones(right[:, ::2, ::2], right)


def test_each_channel_may_have_its_scale() -> None:
    """As it is standardised, but no channel may be mixed with another."""
    spread = np.array([63.0, 62.1, 66.7])
    assert same_tones((COLOURS - 120.0) / spread, COLOURS / 255)
    assert not same_tones(COLOURS[..., ::-1] / 255, COLOURS / 255)
