"""Is the network a CNN for images in colour?"""

import numpy as np
import pytest

from autograder.checking import expect_that
from autograder.judging.architecture import expect_model, expect_probabilities, flat_layers, has_convolution


@pytest.mark.grade("build-cnn-structure", weight=2)
def test_cnn_has_two_convolutions(student):
    """build_cnn devuelve una red con al menos dos capas convolucionales."""
    model = build(student)
    expect_that(has_convolution(model), "A la CNN le faltan las capas convolucionales: agrega al menos dos Conv2D.")
    convolutions = [layer for layer in flat_layers(model) if "Conv" in type(layer).__name__]
    expect_that(
        len(convolutions) >= 2,
        "La CNN tiene una sola capa convolucional. Las formas se reconocen por partes de partes: apila al menos dos.",
    )


@pytest.mark.grade("build-cnn-structure")
@pytest.mark.needs("test_cnn_has_two_convolutions")
def test_cnn_makes_its_maps_smaller(student):
    """La red reduce el tamaño de los mapas en el camino, con pooling o con strides."""
    layers = flat_layers(build(student))
    expect_that(
        any("Pooling" in type(layer).__name__ or strides(layer) > 1 for layer in layers),
        "La red conserva los mapas de 32×32 hasta el final: es lenta y no reúne lo que ve lejos. Agrega capas de "
        "pooling entre las convoluciones, o `strides=2`.",
    )


@pytest.mark.grade("build-cnn-structure")
def test_cnn_gives_ten_probabilities(student):
    """La red recibe imágenes en color y devuelve 10 probabilidades por imagen."""
    model = build(student)
    sizes = tuple(model.input_shape[1:]) if isinstance(model.input_shape, tuple) else ()
    hint = " Los canales van al final." if sizes == (3, 32, 32) else ""
    expect_that(
        sizes in [(32, 32, 3), (3072,)],
        f"La red debería recibir una imagen de (32, 32, 3). Su entrada es {model.input_shape}.{hint}",
    )
    expect_probabilities(model, sizes, 10)


def build(student):
    """Return the model that the builder returns."""
    return expect_model(student.build_cnn(), "build_cnn")


def strides(layer):
    """Return how far a layer's filters or windows move, 1 if it has none."""
    return int(np.max(getattr(layer, "strides", 1)))
