"""What ``preprocess`` does is found out from its answers alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autograder.judging.pixels import PixelMap, fit_pixel_map

Function = Callable[[np.ndarray], np.ndarray]


def examples(count: int = 40) -> np.ndarray:
    """Return images like digits: a bright blot on black."""
    rng = np.random.default_rng(5)
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 6:22, 6:22] = rng.integers(0, 256, (count, 16, 16))
    images[:, 10, 10] = 255
    return images


EXAMPLES = examples()
MEAN = EXAMPLES.mean(axis=0)
DEVIATION = EXAMPLES.std(axis=0)


def standardise(x: np.ndarray, **how: object) -> np.ndarray:
    return (x - x.mean(**how)) / (x.std(**how) + 1e-7)  # type: ignore[call-overload,no-any-return]


RIGHT: dict[str, tuple[Function, str]] = {
    "unit": (lambda x: x / 255, "affine"),
    "float16": (lambda x: (x / 255).astype(np.float16), "affine"),
    "flat": (lambda x: x.reshape(len(x), 784).astype("float32") / 255, "affine"),
    "channel": (lambda x: x[..., None] / 255.0, "affine"),
    "centred": (lambda x: x / 127.5 - 1, "affine"),
    "inverted": (lambda x: 1 - x / 255, "affine"),
    "standardised": (lambda x: (x / 255 - 0.1307) / 0.3081, "affine"),
    "by the largest": (lambda x: x / x.max(), "affine"),
    "by each image's largest": (lambda x: x / x.max(axis=(1, 2), keepdims=True), "affine"),
    "each pixel": (lambda x: (x - MEAN) / (DEVIATION + 1e-3), "affine"),
    "each pixel where it varies": (lambda x: np.where(DEVIATION > 0, x - MEAN, x) / 255, "affine"),
    "raw": (lambda x: x, "affine"),
    "gamma": (lambda x: np.sqrt(x / 255), "table"),
    "by the batch": (lambda x: standardise(x), "standardised"),
    "by the image": (lambda x: standardise(x, axis=(1, 2), keepdims=True), "standardised"),
    "by the row's norm": (lambda x: x / np.maximum(np.sqrt((x / 1.0) ** 2).sum(1, keepdims=True), 1), ""),
    "keras.utils.normalize": (
        lambda x: x / np.maximum(np.sqrt((x.astype(float) ** 2).sum(axis=1, keepdims=True)), 1e-9),
        "normalised",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_the_map_repeats_what_the_function_does(name: str) -> None:
    """On images that the function was never asked about."""
    function, kind = RIGHT[name]
    pixels = fit_pixel_map(function, EXAMPLES, np.random.default_rng(0))
    if not kind:
        assert pixels is None
        return
    assert pixels is not None
    assert pixels.kind == kind
    fresh = np.roll(EXAMPLES[:9], 2, axis=1)
    assert np.allclose(pixels(fresh), np.reshape(function(fresh), fresh.shape), atol=2e-3 * np.ptp(function(fresh)))
    assert pixels.keeps_levels
    assert pixels.keeps_pixels == (kind != "normalised")


WRONG: dict[str, Function] = {
    "transposed": lambda x: x.transpose(0, 2, 1) / 255,
    "column by column": lambda x: x.transpose(0, 2, 1).reshape(len(x), 784) / 255,
    "mirrored": lambda x: x[:, :, ::-1] / 255,
    "reversed": lambda x: x[::-1] / 255,
    "shifted": lambda x: np.roll(x, 1, axis=1) / 255,
    "blurred": lambda x: (x / 255 + np.roll(x, 1, axis=1) / 255) / 2,
    "noisy": lambda x: x / 255 + np.random.default_rng().normal(scale=0.1, size=x.shape),
    "the answer instead of the image": lambda x: np.broadcast_to(x.mean(axis=(1, 2), keepdims=True), x.shape),
    "one pixel tells": lambda x: np.where(np.arange(784).reshape(28, 28) == 0, x.mean((1, 2), keepdims=True), x / 255),
    "not finite": lambda x: np.log(x / 255 - 0.5),
}


@pytest.mark.filterwarnings("ignore:invalid value", "ignore:divide by zero")
@pytest.mark.parametrize("name", WRONG)
def test_a_function_that_moves_mixes_or_invents_pixels_has_no_map(name: str) -> None:
    """So it cannot smuggle an answer into the model's input either."""
    assert fit_pixel_map(WRONG[name], EXAMPLES, np.random.default_rng(0)) is None


@pytest.mark.parametrize(
    ("function", "levels"),
    [
        (lambda x: x // 255, 2),
        (lambda x: x > 127, 2),
        (lambda x: x // 16 / 15, 16),
        (lambda x: np.zeros(x.shape), 1),
        (lambda x: np.round(x / 255, 1), 11),
    ],
)
def test_lost_grey_levels_are_counted(function: Function, levels: int) -> None:
    """Integer division, thresholds and rounding have a map, and it says how many levels are left."""
    pixels = fit_pixel_map(function, EXAMPLES, np.random.default_rng(0))
    assert pixels is not None
    assert pixels.levels == levels
    assert not pixels.keeps_levels


@pytest.mark.parametrize(
    ("function", "ordered"),
    [
        (lambda x: (x - np.uint8(127)) / 128, False),
        (lambda x: (x * np.uint8(2)) / 255, False),
        (lambda x: np.sqrt(x / 255), True),
        (lambda x: -((x / 255) ** 2), True),
        (lambda x: x // 16 / 15, True),
    ],
)
def test_arithmetic_that_wraps_around_is_noticed(function: Function, ordered: bool) -> None:
    """In uint8, 3 - 5 is 254: the levels stay apart, but not in their order."""
    pixels = fit_pixel_map(function, EXAMPLES, np.random.default_rng(0))
    assert pixels is not None
    assert pixels.keeps_order is ordered


def test_an_answer_of_another_size_is_an_error() -> None:
    """Fewer pixels, or fewer images."""
    for function in (lambda x: x[:, ::2, ::2], lambda x: x[:-1], lambda x: 0.5):
        with pytest.raises(ValueError, match="expected an answer about"):
            fit_pixel_map(function, EXAMPLES, np.random.default_rng(0))


def test_the_function_gets_copies() -> None:
    """What a function does to its argument does not reach the fit."""

    def destroy(images: np.ndarray) -> np.ndarray:
        values = images / 255
        images[:] = 0
        return values

    assert fit_pixel_map(destroy, EXAMPLES, np.random.default_rng(0)) is not None


def test_colour_images_have_maps_too() -> None:
    """One more axis changes nothing."""
    images = np.random.default_rng(1).integers(0, 256, (20, 8, 8, 3), np.uint8)
    pixels = fit_pixel_map(lambda x: (x - [120.0, 110, 100]) / 255, images, np.random.default_rng(0))
    assert isinstance(pixels, PixelMap)
    assert np.allclose(pixels(images), (images - [120.0, 110, 100]) / 255, atol=1e-5)
