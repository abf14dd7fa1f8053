"""ANSWERS: the numbers that the slides ask for, worked out here from the shapes of the layers' weight arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest

from autograder.checking import StudentFault, as_number, describe, expect_integer, expect_number, fail

from .following import own_answer

SIDE, FILTERS, KERNEL, CLASSES, HIDDEN = 28, 64, 3, 10, 15
MAP = sum(1 for start in range(SIDE) if start + KERNEL <= SIDE)
POOLED = len(range(0, MAP - 1, 2))
VGG16_BLOCKS = [(64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)]

NO_BIAS = "faltan los sesgos."
ONE_BIAS = "hay un sesgo por filtro o por neurona, no uno solo para toda la capa."
NO_FILTERS = "falta la cantidad de filtros: cada uno produce un mapa."
SAME_PADDING = "parece que la convolución conserva el tamaño (padding «same»); la de las diapositivas no tiene padding."
LAST_LAYER = "falta la última capa en la suma."
FIRST_LAYER = "falta la capa convolucional en la suma."


def answer(student: Any, key: str) -> Any:
    """Return one answer, or say why there is none."""
    answers = student.ANSWERS
    if not isinstance(answers, dict):
        fail(f"`ANSWERS` debería ser un diccionario y es {describe(answers)}.")
    if key not in answers:
        fail(f'A `ANSWERS` le falta la clave "{key}" (se escribe exactamente así).')
    if answers[key] is None:
        fail(f'`ANSWERS["{key}"]` todavía es None: falta tu respuesta.')
    if isinstance(answers[key], str):
        fail(f'`ANSWERS["{key}"]` es un texto: escribe el número sin comillas.')
    return answers[key]


def expect_answer(student: Any, key: str, expected: float, mistakes: Mapping[str, float]) -> None:
    """Compare one answer with the right one, or with what follows from the student's own functions.

    A function that is wrong has lost its own points; whoever uses it here is not charged for it again.
    """
    received = answer(student, key)
    compare = expect_integer if key != "reduction_percent" else expect_number
    try:
        compare(received, expected, f'`ANSWERS["{key}"]`', mistakes=mistakes)
    except StudentFault:
        own = own_answer(student, key)
        if own is None or not math.isclose(as_number(received), own, rel_tol=1e-6):
            raise
        student.note("No es el número correcto, pero sigue de tus funciones: el error se cuenta en su ejercicio.")


SUMMED = "sumaste bien tus respuestas, pero alguna de ellas no es correcta."


def summed(student: Any, *keys: str) -> dict[str, float]:
    """Return the sum of the student's own answers as a mistake, if they are numbers."""
    try:
        return {SUMMED: sum(as_number(answer(student, key)) for key in keys)}
    except StudentFault:
        return {}


def entries(*shapes: tuple[int, ...]) -> int:
    """Count the numbers in weight arrays of these shapes."""
    return sum(math.prod(shape) for shape in shapes)


def conv(filters: int, channels: int, kernel_size: int = KERNEL) -> int:
    return entries((kernel_size, kernel_size, channels, filters), (filters,))


def dense(inputs: int, units: int) -> int:
    return entries((inputs, units), (units,))


def dense_mistakes(inputs: int, units: int) -> dict[str, float]:
    weights = entries((inputs, units))
    return {
        NO_BIAS: weights,
        ONE_BIAS: weights + 1,
        "hay un sesgo por neurona, no uno por entrada.": weights + inputs,
        "parece que olvidaste los filtros al aplanar.": dense(inputs // FILTERS, units),
    }


# The first network: Conv2D, Flatten, Dense(10)


@pytest.mark.grade("answers-conv-net")
def test_answer_conv_output(student):
    """Cantidad de filas (y de columnas) de los mapas de la capa convolucional."""
    mistakes = {
        "falta sumar 1.": MAP - 1,
        "esta convolución no tiene padding: la salida es menor que la entrada.": SIDE,
        "se pide la cantidad de filas (igual a la de columnas), no la de valores.": MAP * MAP,
        "esa es la cantidad de valores de la salida; se piden las filas.": MAP * MAP * FILTERS,
        "no restes el kernel entero: su primera posición también cuenta.": SIDE - KERNEL,
        "esa es la cantidad de filtros; se piden las filas.": FILTERS,
    }
    expect_answer(student, "conv_output", MAP, mistakes)


@pytest.mark.grade("answers-conv-net")
def test_answer_conv_params(student):
    """Cantidad de parámetros de la capa convolucional."""
    kernel = entries((KERNEL, KERNEL, 1, FILTERS))
    mistakes = {
        NO_BIAS: kernel,
        ONE_BIAS: kernel + 1,
        "las imágenes de MNIST tienen un solo canal.": conv(FILTERS, 3),
        "esos son los valores que entrega la capa, no sus parámetros.": MAP * MAP * FILTERS,
    }
    expect_answer(student, "conv_params", conv(FILTERS, 1), mistakes)


@pytest.mark.grade("answers-conv-net")
def test_answer_flatten(student):
    """Cantidad de valores que entrega la capa Flatten de la primera red."""
    mistakes = {
        "Flatten no tiene parámetros, es cierto, pero aquí se pide cuántos valores entrega.": 0,
        NO_FILTERS: MAP * MAP,
        SAME_PADDING: SIDE * SIDE * FILTERS,
        "esos son los píxeles de la imagen; Flatten recibe la salida de la convolución.": SIDE * SIDE,
        "los valores se cuentan multiplicando.": MAP + MAP + FILTERS,
        "falta uno de los ejes: filas por columnas por mapas.": MAP * FILTERS,
    }
    expect_answer(student, "flatten", MAP * MAP * FILTERS, mistakes)


@pytest.mark.grade("answers-conv-net")
def test_answer_softmax_params(student):
    """Cantidad de parámetros de la capa softmax de la primera red."""
    inputs = MAP * MAP * FILTERS
    mistakes = dense_mistakes(inputs, CLASSES) | {SAME_PADDING: dense(SIDE * SIDE * FILTERS, CLASSES)}
    expect_answer(student, "softmax_params", dense(inputs, CLASSES), mistakes)


@pytest.mark.grade("answers-conv-net")
def test_answer_conv_net_total(student):
    """Cantidad total de parámetros de la primera red."""
    inputs = MAP * MAP * FILTERS
    mistakes = {
        "sumaste también los valores que entrega Flatten, que no son parámetros.": conv(FILTERS, 1)
        + inputs
        + dense(inputs, CLASSES),
        "faltan los sesgos.": entries((KERNEL, KERNEL, FILTERS), (inputs, CLASSES)),
        FIRST_LAYER: dense(inputs, CLASSES),
        LAST_LAYER: conv(FILTERS, 1),
    }
    mistakes |= summed(student, "conv_params", "softmax_params")
    expect_answer(student, "conv_net_total", conv(FILTERS, 1) + dense(inputs, CLASSES), mistakes)


# The second network: a hidden Dense(15) in between


@pytest.mark.grade("answers-hidden-net", weight=2)
def test_answer_hidden_params(student):
    """Cantidad de parámetros de la capa oculta de la segunda red."""
    inputs = MAP * MAP * FILTERS
    mistakes = dense_mistakes(inputs, HIDDEN) | {SAME_PADDING: dense(SIDE * SIDE * FILTERS, HIDDEN)}
    expect_answer(student, "hidden_params", dense(inputs, HIDDEN), mistakes)


@pytest.mark.grade("answers-hidden-net")
def test_answer_output_params(student):
    """Cantidad de parámetros de la capa de salida de la segunda red."""
    mistakes = dense_mistakes(HIDDEN, CLASSES) | {
        "esa capa recibe lo que entrega la capa oculta, no los valores aplanados.": dense(MAP * MAP * FILTERS, CLASSES),
    }
    expect_answer(student, "output_params", dense(HIDDEN, CLASSES), mistakes)


@pytest.mark.grade("answers-hidden-net", weight=2)
def test_answer_hidden_net_total(student):
    """Cantidad total de parámetros de la segunda red."""
    hidden, output = dense(MAP * MAP * FILTERS, HIDDEN), dense(HIDDEN, CLASSES)
    mistakes = {
        FIRST_LAYER: hidden + output,
        LAST_LAYER: conv(FILTERS, 1) + hidden,
        "falta la capa oculta en la suma.": conv(FILTERS, 1) + output,
        "sumaste también los valores que entrega Flatten.": conv(FILTERS, 1) + MAP * MAP * FILTERS + hidden + output,
        "sumaste también la capa softmax de la primera red, que aquí no está.": conv(FILTERS, 1)
        + hidden
        + output
        + dense(MAP * MAP * FILTERS, CLASSES),
    }
    mistakes |= summed(student, "conv_params", "hidden_params", "output_params")
    expect_answer(student, "hidden_net_total", conv(FILTERS, 1) + hidden + output, mistakes)


# The third network: pooling before flattening


@pytest.mark.grade("answers-pool-net")
def test_answer_pool_output(student):
    """Cantidad de filas (y de columnas) de los mapas después de la capa de pooling."""
    mistakes = {
        "el pooling avanza de a una ventana entera, no de a un píxel.": MAP - 1,
        "el pooling recibe la salida de la convolución, no la imagen.": SIDE // 2,
        "falta la última ventana.": POOLED - 1,
        "se pide la cantidad de filas, no la de valores.": POOLED * POOLED,
        "esas son las filas antes de la capa de pooling.": MAP,
    }
    expect_answer(student, "pool_output", POOLED, mistakes)


@pytest.mark.grade("answers-pool-net")
def test_answer_pool_flatten(student):
    """Cantidad de valores que entrega la capa Flatten de la tercera red."""
    mistakes = {
        NO_FILTERS: POOLED * POOLED,
        "el pooling divide filas y columnas: la reducción es en los dos ejes.": POOLED * MAP * FILTERS,
        "esos son los valores sin la capa de pooling.": MAP * MAP * FILTERS,
        "el pooling no reduce la cantidad de mapas.": POOLED * POOLED * FILTERS // 2,
        SAME_PADDING: (SIDE // 2) ** 2 * FILTERS,
    }
    expect_answer(student, "pool_flatten", POOLED * POOLED * FILTERS, mistakes)


@pytest.mark.grade("answers-pool-net")
def test_answer_pool_hidden_params(student):
    """Cantidad de parámetros de la capa oculta de la tercera red."""
    inputs = POOLED * POOLED * FILTERS
    mistakes = dense_mistakes(inputs, HIDDEN) | {
        "esos son los de la red sin pooling.": dense(MAP * MAP * FILTERS, HIDDEN),
    }
    expect_answer(student, "pool_hidden_params", dense(inputs, HIDDEN), mistakes)


@pytest.mark.grade("answers-pool-net")
def test_answer_pool_net_total(student):
    """Cantidad total de parámetros de la tercera red."""
    hidden, output = dense(POOLED * POOLED * FILTERS, HIDDEN), dense(HIDDEN, CLASSES)
    mistakes = {
        FIRST_LAYER: hidden + output,
        LAST_LAYER: conv(FILTERS, 1) + hidden,
        "falta la capa oculta en la suma.": conv(FILTERS, 1) + output,
        "esos son los de la red sin pooling.": conv(FILTERS, 1) + dense(MAP * MAP * FILTERS, HIDDEN) + output,
    }
    mistakes |= summed(student, "conv_params", "pool_hidden_params", "output_params")
    expect_answer(student, "pool_net_total", conv(FILTERS, 1) + hidden + output, mistakes)


@pytest.mark.grade("answers-pool-net")
def test_answer_reduction_percent(student):
    """Porcentaje en que el pooling reduce las entradas de la capa oculta."""
    left = POOLED * POOLED / (MAP * MAP)
    mistakes = {
        "se pide un porcentaje, entre 0 y 100, y no una fracción entre 0 y 1.": 1 - left,
        "ese es el porcentaje que queda; se pide el que se elimina.": 100 * left,
        "esa es la fracción que queda; se pide el porcentaje que se elimina.": left,
        "la reducción se escribe como número positivo.": 100 * (left - 1),
        "se pide un porcentaje, no cuántas veces menos entradas hay.": 1 / left,
        "el pooling divide filas y columnas: la reducción es en los dos ejes.": 50,
        "se pide la reducción respecto de la cantidad original.": 100 * (1 / left - 1),
    }
    expect_answer(student, "reduction_percent", 100 * (1 - left), mistakes)


# VGG16


def vgg16(side: int = 224, bias: bool = True, pooling: bool = True) -> tuple[int, int]:
    """Count the parameters of VGG16's convolutions and of its dense layers, layer by layer."""
    convolutions, channels = 0, 3
    for block in VGG16_BLOCKS:
        for filters in block:
            convolutions += entries((KERNEL, KERNEL, channels, filters)) + (filters if bias else 0)
            channels = filters
        side = side // 2 if pooling else side
    head, inputs = 0, side * side * channels
    for units in (4096, 4096, 1000):
        head += entries((inputs, units)) + (units if bias else 0)
        inputs = units
    return convolutions, head


@pytest.mark.grade("answers-vgg16")
def test_answer_vgg16_total(student):
    """Cantidad total de parámetros de VGG16."""
    convolutions, head = vgg16()
    mistakes = {
        "faltan los sesgos de todas las capas.": sum(vgg16(bias=False)),
        "faltan las capas densas: solo contaste la base convolucional.": convolutions,
        "faltan las capas convolucionales: solo contaste las densas.": head,
        "las capas de pooling reducen los mapas antes de Flatten; parece que las saltaste.": sum(vgg16(pooling=False)),
        "falta la última capa densa, la de 1000 clases.": convolutions + head - dense(4096, 1000),
        "falta una de las dos capas densas de 4096 neuronas.": convolutions + head - dense(4096, 4096),
        "la primera convolución recibe una imagen de 3 canales, no de 1.": convolutions
        + head
        - conv(64, 3)
        + conv(64, 1),
        "la primera capa densa recibe todos los valores de los mapas, no solo la cantidad de mapas.": convolutions
        + head
        - dense(7 * 7 * 512, 4096)
        + dense(512, 4096),
    }
    expect_answer(student, "vgg16_total", convolutions + head, mistakes)
