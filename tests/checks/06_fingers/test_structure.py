"""Is the network what its name says?"""

import contextlib

import numpy as np
import pytest

from autograder.checking import StudentFault, expect_that, fail
from autograder.judging.architecture import expect_model, expect_probabilities, has_convolution

from .test_preprocess import expect_images, hands


@pytest.mark.grade("build-cnn-structure", weight=2)
def test_cnn_has_a_convolution(student):
    """build_cnn devuelve una red con al menos una capa convolucional."""
    model = build(student)
    expect_that(has_convolution(model), "A la CNN le falta la capa convolucional: agrega al menos una Conv2D.")


@pytest.mark.grade("build-cnn-structure")
def test_cnn_gives_six_probabilities(student):
    """La CNN devuelve 6 probabilidades por imagen, de 0 a 5 dedos."""
    model = build(student)
    sizes = input_sizes(model)
    if tuple(model.output_shape) == (None, 5):
        fail("La red da 5 números por imagen. Las clases son 6: también hay manos con 0 dedos.")
    if tuple(model.output_shape) in [(None, 12), (None, 10)]:
        fail(f"La red da {model.output_shape[1]} números por imagen; se cuentan dedos, de 0 a 5, sin importar la mano.")
    expect_probabilities(model, sizes, 6, "uno por cantidad de dedos")


@pytest.mark.grade("build-cnn-structure")
def test_cnn_takes_what_preprocess_gives(student, rng):
    """La CNN recibe imágenes del tamaño que devuelve preprocess."""
    sizes = input_sizes(build(student))
    prepared = 0
    # A preprocess that fails has lost its own points; here any size of image is fine then.
    with contextlib.suppress(StudentFault):
        images = hands(rng, 2)
        prepared = expect_images(student.preprocess(images), len(images))[0].size
    if prepared and int(np.prod(sizes)) != prepared:
        fail(
            f"La entrada de la red es {sizes}, o sea {int(np.prod(sizes))} números por imagen, y preprocess da "
            f"{prepared}. Deben coincidir."
        )


def build(student):
    """Return the model that build_cnn returns."""
    return expect_model(student.build_cnn(), "build_cnn")


def input_sizes(model):
    """Return the shape of one input image, or fail."""
    sizes = tuple(model.input_shape[1:]) if isinstance(model.input_shape, tuple) else ()
    fixed = bool(sizes) and all(isinstance(size, int) for size in sizes)
    if not fixed or (len(sizes) == 3 and sizes[-1] != 1) or len(sizes) > 3:
        hint = " Las imágenes son grises: un solo canal." if len(sizes) == 3 and sizes[-1] == 3 else ""
        fail(
            f"La red debería recibir una imagen gris, por ejemplo (64, 64, 1). Su entrada es {model.input_shape}.{hint}"
        )
    return sizes
