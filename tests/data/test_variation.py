"""Variations show the same thing, a little differently."""

from __future__ import annotations

import numpy as np

import data
from data.variation import vary

IMAGES = data.load("mnist")[1][0][:60]


def test_a_variation_is_the_same_for_the_same_seed() -> None:
    """And another one for another seed; the originals stay as they are."""
    before = IMAGES.copy()
    assert np.array_equal(vary(IMAGES, 1), vary(IMAGES, 1))
    assert not np.array_equal(vary(IMAGES, 1), vary(IMAGES, 2))
    assert np.array_equal(IMAGES, before)


def test_without_any_change_the_images_come_back() -> None:
    """The sampling itself moves nothing."""
    assert np.array_equal(vary(IMAGES, 1, shift=0, degrees=0, bend=0, light=0), IMAGES)


def test_every_image_changes_but_a_little() -> None:
    """Most ink stays: less than a half is taken away, and the centre of mass moves by no more than the shift."""
    varied = vary(IMAGES, 3)
    assert varied.shape == IMAGES.shape
    assert varied.dtype == np.uint8
    assert not np.any(np.all(varied == IMAGES, axis=(1, 2)))
    ink = varied.sum(axis=(1, 2), dtype=float) / IMAGES.sum(axis=(1, 2), dtype=float)
    assert 0.5 < ink.min() < 0.95
    assert ink.max() < 1.25
    rows = np.arange(28)

    def centre(images: np.ndarray) -> np.ndarray:
        return np.asarray(images.sum(axis=2) @ rows / images.sum(axis=(1, 2)))

    assert np.abs(centre(varied) - centre(IMAGES)).max() < 3
    assert np.abs(centre(varied) - centre(IMAGES)).mean() > 0.3


def test_a_rotation_turns_about_the_centre() -> None:
    """A bar in the middle stays there and becomes slanted."""
    bar = np.zeros((4, 29, 29), np.uint8)
    bar[:, 4:25, 14] = 255
    varied = vary(bar, 1, shift=0, degrees=30, bend=0, light=0)
    assert np.all(varied[:, 14, 14] > 150)
    assert np.all(varied[:, 5, 14] < 255)


def test_half_of_the_images_are_mirrored_where_that_keeps_the_label() -> None:
    """Only if asked for; the others stay as they are."""
    mirrored = vary(IMAGES, 1, shift=0, degrees=0, bend=0, light=0, mirror=True)
    flipped = [np.array_equal(new, old[:, ::-1]) for new, old in zip(mirrored, IMAGES)]
    same = [np.array_equal(new, old) for new, old in zip(mirrored, IMAGES)]
    assert 20 < sum(flipped) < 40
    assert sum(flipped) + sum(same) == len(IMAGES)


def test_large_images_are_varied_in_blocks_like_small_ones() -> None:
    """Every image gets its own variation, whatever block it is sampled in."""
    image = np.zeros((1, 200, 200), np.uint8)
    image[:, 60:140, 80:120] = 200
    varied = vary(np.repeat(image, 9, axis=0), 5)
    assert len({one.tobytes() for one in varied}) == 9
    assert np.array_equal(vary(np.repeat(image, 3, axis=0), 5, bend=0, degrees=0, shift=0, light=0)[2], image[0])


def test_colour_images_and_more_than_one_chunk_work() -> None:
    """Channels move together, and the last chunk may be short."""
    grey = np.random.default_rng(0).integers(0, 256, (1003, 8, 9), np.uint8)
    varied = vary(np.repeat(grey[..., None], 3, axis=3), 7)
    assert varied.shape == (1003, 8, 9, 3)
    assert np.array_equal(varied[..., 0], varied[..., 2])
    assert np.array_equal(varied[..., 0], vary(grey, 7))
    assert vary(grey[:0], 7).shape == (0, 8, 9)
