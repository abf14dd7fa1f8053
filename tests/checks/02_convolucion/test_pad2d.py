"""pad2d: zeros on all four sides."""

import numpy as np
import pytest

from autograder.checking import expect_unchanged

from .correlation import SLIDE_IMAGE
from .zeros import expect_pad2d

SHAPES = ((1, 1), (1, 5), (4, 1), (3, 6))
"""One pixel, one row, one column, and a rectangle."""


@pytest.mark.grade("pad2d-zeros")
def test_pad2d_slide_example(student):
    """pad2d rodea de ceros la imagen de 5×5 de la diapositiva."""
    expect_pad2d(student, SLIDE_IMAGE, 1)


@pytest.mark.grade("pad2d-zeros", weight=2)
@pytest.mark.needs("test_pad2d_slide_example")
def test_pad2d_any_size(student, rng):
    """pad2d sirve para cualquier tamaño de imagen, cuadrada o no, también de un solo píxel, y cualquier padding."""
    for padding in (2, 3, 5):
        rows, columns = (int(size) for size in rng.choice(np.arange(2, 9), size=2, replace=False))
        image = rng.integers(1, 256, size=(rows, columns))
        expect_pad2d(student, image, padding, f"la imagen de {rows}×{columns} con padding {padding}")
    for shape in SHAPES:
        image = rng.integers(1, 256, size=shape)
        expect_pad2d(student, image, 2, f"la imagen de {shape[0]}×{shape[1]} con padding 2")


@pytest.mark.grade("pad2d-zeros")
@pytest.mark.needs("test_pad2d_slide_example")
def test_pad2d_without_padding(student, rng):
    """pad2d con padding 0 devuelve la imagen tal cual."""
    for shape in SHAPES:
        expect_pad2d(student, rng.integers(1, 256, size=shape), 0, "la imagen con padding 0")


@pytest.mark.grade("pad2d-zeros")
@pytest.mark.needs("test_pad2d_slide_example")
def test_pad2d_keeps_the_values(student, rng):
    """pad2d conserva los valores: bytes claros, números negativos y decimales, con cualquier tamaño y padding."""
    for shape, padding in (((4, 5), 1), ((1, 4), 3), ((3, 1), 0)):
        images = {
            "uint8": rng.integers(128, 256, size=shape, dtype=np.uint8),
            "int": rng.integers(-1000, -1, size=shape),
            "float": rng.uniform(0.1, 0.9, size=shape),
            "float con signo": rng.uniform(-2, 2, size=shape),
            "float32": rng.uniform(-1, 1, size=shape).astype(np.float32),
        }
        for kind, image in images.items():
            expect_pad2d(student, image, padding, f"la imagen de tipo {kind} con padding {padding}")


@pytest.mark.grade("pad2d-zeros")
@pytest.mark.needs("test_pad2d_slide_example")
def test_pad2d_leaves_the_image_alone(student, rng):
    """pad2d no modifica la imagen que recibe."""
    for padding in (2, 0):
        image = rng.integers(1, 256, size=(4, 6))
        expect_unchanged(student.call("pad2d", image, padding), image=image)
