"""Output sizes, shapes and parameter counts of convolution, pooling, flatten and dense layers.

The references count: places where a kernel fits are tried one by one, parameters are the entries of the layer's weight
arrays. Random inputs are drawn so that every usual mistake gives a different wrong number, and can be named.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from autograder.checking import StudentFault, as_array, as_number, expect_integer, fail, inputs, sizes, smallest

from .following import own_output_shape

Sizes = tuple[float, ...]


def windows(n: int, kernel_size: int, padding: int, stride: int) -> int:
    """Count the places where the kernel fits by trying every pixel of the padded axis."""
    padded = padding + n + padding
    return sum(1 for start in range(padded) if start % stride == 0 and start + kernel_size <= padded)


def size_mistakes(n: int, kernel_size: int, padding: int, stride: int) -> dict[str, float]:
    """Give the sizes that the usual slips lead to, by what to tell their author."""
    span = n + 2 * padding - kernel_size
    return {
        "falta sumar 1 después de dividir; la primera posición del kernel también cuenta.": span // stride,
        "el padding se agrega en los dos extremos del eje, así que suma 2·P y no P.": (span - padding) // stride + 1,
        "parece que no usaste `padding`.": (n - kernel_size) // stride + 1,
        "parece que no usaste `stride`.": span + 1,
        "redondeaste hacia arriba; la ventana que no entra completa se descarta.": math.ceil(span / stride) + 1,
        "quedó una fracción. No hay medias posiciones: usa la división entera `//`.": span / stride + 1,
        "falta restar el tamaño del kernel.": (n + 2 * padding) // stride + 1,
    }


def tell_apart(right: Any, mistakes: Mapping[str, Any]) -> bool:
    """Whether the mistakes that are wrong for these inputs all differ, so that each can be named."""
    wrong = [value for value in mistakes.values() if value != right]
    return len(set(wrong)) == len(wrong)


def unambiguous(mistakes: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the mistakes that no other explains as well: with the small numbers of the slides several may."""
    values = list(mistakes.values())
    return {key: value for key, value in mistakes.items() if values.count(value) == 1}


def draw(rng: np.random.Generator, accept: Callable[[int, int, int, int], bool]) -> tuple[int, int, int, int]:
    """Draw ``(n, kernel_size, padding, stride)``, the kernel smaller than the axis, until ``accept`` likes them."""
    while True:
        n, kernel_size = int(rng.integers(8, 90)), int(rng.integers(2, 8))
        padding, stride = int(rng.integers(0, 6)), int(rng.integers(1, 8))
        if accept(n, kernel_size, padding, stride):
            return n, kernel_size, padding, stride


def nameable(n: int, kernel_size: int, padding: int, stride: int) -> bool:
    case = (n, kernel_size, padding, stride)
    return tell_apart(windows(*case), size_mistakes(*case))


def rest(n: int, kernel_size: int, padding: int, stride: int) -> int:
    """Pixels that the last window leaves over."""
    return (n + 2 * padding - kernel_size) % stride


def call_text(name: str, *arguments: Any, **keywords: Any) -> str:
    """Write the call as the student would."""
    parts = [repr(part) for part in arguments] + [f"{key}={part!r}" for key, part in keywords.items()]
    return f"`{name}({', '.join(parts)})`"


def smaller_size(n: int, kernel_size: int, padding: int = 0, stride: int = 1, **_: Any) -> Any:
    """Draw smaller inputs of output_size, with the arguments that were given."""
    return inputs(sizes(n), sizes(kernel_size), padding=sizes(padding, 0), stride=sizes(stride)).filter(
        lambda drawn: drawn[0][0] + 2 * drawn[1]["padding"] >= drawn[0][1]
    )


@smallest(smaller_size)
def expect_size(student: Any, n: int, kernel_size: int, *, is_about_rest: bool = False, **options: int) -> None:
    """Ask ``output_size`` and compare with the windows that were counted.

    Parameters
    ----------
    is_about_rest : bool
        Whether only the rounding is judged: a formula that is wrong in another way has been charged for that.
    """
    case = (n, kernel_size, options.get("padding", 0), options.get("stride", 1))
    text = call_text("output_size", n, kernel_size, **options)
    received = student.output_size(n, kernel_size, **options)
    try:
        expect_integer(received, windows(*case), text, mistakes=unambiguous(size_mistakes(*case)))
    except StudentFault:
        if not is_about_rest or not is_known_formula(student, received, case):
            raise
        student.note("El error está en la fórmula, y se cuenta en su parte; el resto se descarta bien.")


FITTING = (17, 5, 2, 4)
"""A case without a rest in which each usual slip gives another number."""


def is_known_formula(student: Any, received: Any, case: tuple[int, int, int, int]) -> bool:
    """Tell whether a slip that shows where nothing is left over explains what was received where something is."""
    last = student.last
    n, kernel_size, padding, stride = FITTING
    try:
        plain = as_number(student.output_size(n, kernel_size, padding=padding, stride=stride))
        value = as_number(received)
    except StudentFault:
        return False
    finally:
        student.last = last
    if plain == windows(*FITTING):
        return False
    found = [text for text, wrong in size_mistakes(*FITTING).items() if wrong == plain]
    return any(size_mistakes(*case)[text] == value for text in found)


def expect_triple(received: Any, expected: tuple[int, int, int], text: str, mistakes: Mapping[str, Sizes]) -> None:
    """Compare a shape (rows, columns, maps), given as tuple, list or array, with the expected one."""
    if isinstance(received, (list, tuple)) and any(part is None for part in received):
        fail(
            f"{text} contiene None. Ese es el tamaño del lote que muestra `summary()`; aquí se pide la forma de una "
            "sola imagen, con tres números."
        )
    array = as_array(received, text)
    if array.shape == (3,) and np.array_equal(array, expected):
        return
    shown = tuple(array.tolist()) if array.ndim == 1 and array.size <= 8 else f"un arreglo de forma {array.shape}"
    if array.ndim == 0:
        shown = array.item()
    for explanation, wrong in unambiguous(mistakes).items():
        if array.shape == (len(wrong),) and np.allclose(array.astype(float), wrong, rtol=1e-9, atol=0):
            fail(f"{text} no es lo esperado (recibí {shown}): {explanation}", explanation)
    if array.shape != (3,):
        fail(f"{text} debería ser una terna (filas, columnas, mapas) y recibí {shown}.")
    fail(f"{text} no es lo esperado: recibí {shown}.")


# output_size


@pytest.mark.grade("output-size-formula")
def test_output_size_of_the_slides(student):
    """output_size da los tamaños de las diapositivas."""
    expect_size(student, 28, 3)
    expect_size(student, 5, 3)
    expect_size(student, 5, 3, padding=1)
    expect_size(student, 5, 3, padding=1, stride=2)


@pytest.mark.grade("output-size-formula", weight=2)
def test_output_size_with_padding(student, rng):
    """output_size cuenta el padding en los dos extremos, con kernels pares e impares."""
    for parity in (0, 1, 0, 1):
        n, kernel_size, padding, _ = draw(
            rng, lambda n, k, p, s, parity=parity: k % 2 == parity and p > 0 and nameable(n, k, p, 1)
        )
        expect_size(student, n, kernel_size, padding=padding)
    n, kernel_size, _, _ = draw(rng, lambda n, k, p, s: nameable(n, k, 0, 1))
    expect_size(student, n, kernel_size)


@pytest.mark.grade("output-size-formula", weight=2)
def test_output_size_with_a_stride_that_fits(student, rng):
    """output_size divide por el paso y después suma 1."""
    for _ in range(3):
        n, kernel_size, padding, stride = draw(
            rng, lambda n, k, p, s: s > 1 and p > 0 and rest(n, k, p, s) == 0 and nameable(n, k, p, s)
        )
        expect_size(student, n, kernel_size, padding=padding, stride=stride)


@pytest.mark.grade("output-size-floor", weight=2)
def test_output_size_with_a_stride_that_leaves_a_rest(student, rng):
    """output_size descarta la ventana que no entra completa cuando el paso no encaja."""
    for more_than_half in (False, True, False, True):
        n, kernel_size, padding, stride = draw(
            rng,
            lambda n, k, p, s, more=more_than_half: (
                s > 2 and rest(n, k, p, s) > 0 and (2 * rest(n, k, p, s) > s) == more and nameable(n, k, p, s)
            ),
        )
        expect_size(student, n, kernel_size, padding=padding, stride=stride, is_about_rest=True)
    n, kernel_size, _, stride = draw(rng, lambda n, k, p, s: rest(n, k, 0, s) > 0 and nameable(n, k, 0, s))
    expect_size(student, n, kernel_size, padding=0, stride=stride, is_about_rest=True)


@pytest.mark.grade("output-size-floor")
def test_output_size_at_the_limits(student, rng):
    """output_size vale también cuando el kernel cubre toda la entrada o el paso es más largo que ella."""
    n, padding = int(rng.integers(4, 20)), int(rng.integers(1, 4))
    cases = ((n, n, 0, 1), (n, n + 2 * padding, padding, 2), (n, 3, 0, n + 5), (n, 1, padding, 1), (1, 1, 0, 1))
    for size, kernel_size, border, stride in (*cases, (1, 3, 1, 2), (1000 + n, 11, 2, 4)):
        expect_size(student, size, kernel_size, padding=border, stride=stride, is_about_rest=True)


# conv_output_shape


def shape_mistakes(
    input_shape: tuple[int, int, int], filters: int, kernel_size: int, padding: int, stride: int
) -> dict[str, Sizes]:
    """Give the shapes that the usual slips lead to, by what to tell their author."""
    rows, columns, channels = input_shape
    t, u = windows(rows, kernel_size, padding, stride), windows(columns, kernel_size, padding, stride)
    found: dict[str, Sizes] = {
        "los mapas van al final: (T, U, filters), no (filters, T, U).": (filters, t, u),
        "el último número son los filtros, no los canales de la entrada: cada filtro produce un mapa.": (
            t,
            u,
            channels,
        ),
        "usaste las filas para los dos ejes; U sale de las columnas.": (t, t, filters),
        "usaste las columnas para los dos ejes; T sale de las filas.": (u, u, filters),
        "intercambiaste filas y columnas: la forma es (filas, columnas, mapas).": (u, t, filters),
        "falta la cantidad de mapas, que es la de filtros.": (t, u),
        "los canales se suman dentro de cada filtro: no multiplican la cantidad de mapas.": (t, u, filters * channels),
        "sobra el tamaño del lote: la forma es la de una sola imagen.": (1, t, u, filters),
        "el paso se aplica también en las columnas.": (t, windows(columns, kernel_size, padding, 1), filters),
        "el paso se aplica también en las filas.": (windows(rows, kernel_size, padding, 1), u, filters),
        "el padding se aplica también en las columnas.": (t, windows(columns, kernel_size, 0, stride), filters),
        "el padding se aplica también en las filas.": (windows(rows, kernel_size, 0, stride), u, filters),
    }
    by_rows = size_mistakes(rows, kernel_size, padding, stride)
    by_columns = size_mistakes(columns, kernel_size, padding, stride)
    return found | {key: (size, by_columns[key], filters) for key, size in by_rows.items()}


@st.composite
def smaller_volume(draw, input_shape, filters, kernel_size, **options):
    """Draw smaller inputs of conv_output_shape into which the kernel fits."""
    drawn = {key: draw(sizes(value, 0 if key == "padding" else 1)) for key, value in options.items()}
    rows, columns, channels = (draw(sizes(side)) for side in input_shape)
    side = min(rows, columns) + 2 * drawn.get("padding", 0)
    return ((rows, columns, channels), draw(sizes(filters)), draw(sizes(min(kernel_size, side)))), drawn


@smallest(smaller_volume)
def expect_volume(
    student: Any, input_shape: tuple[int, int, int], filters: int, kernel_size: int, **options: int
) -> None:
    """Ask ``conv_output_shape`` and compare with the windows that were counted on each axis.

    What follows from an output_size of the student's own that is wrong costs nothing here.
    """
    padding, stride = options.get("padding", 0), options.get("stride", 1)
    rows, columns, _ = input_shape
    t, u = windows(rows, kernel_size, padding, stride), windows(columns, kernel_size, padding, stride)
    received = student.conv_output_shape(input_shape, filters, kernel_size, **options)
    text = call_text("conv_output_shape", input_shape, filters, kernel_size, **options)
    mistakes = shape_mistakes(input_shape, filters, kernel_size, padding, stride)
    try:
        expect_triple(received, (t, u, filters), text, mistakes)
    except StudentFault:
        if own_output_shape(student, input_shape, filters, kernel_size, padding, stride) != triple(received):
            raise
        student.note("El error está en tu output_size, y se cuenta en su ejercicio.")


def triple(received: Any) -> tuple[float, ...] | None:
    """Return a received shape as a tuple of numbers, or None."""
    try:
        return tuple(as_array(received).ravel().tolist())
    except StudentFault:
        return None


def draw_volume(
    rng: np.random.Generator, accept: Callable[[tuple[int, int, int], int, int, int, int], bool]
) -> tuple[tuple[int, int, int], int, int, int, int]:
    """Draw ``(input_shape, filters, kernel_size, padding, stride)`` until ``accept`` likes them."""
    while True:
        input_shape = (int(rng.integers(10, 60)), int(rng.integers(10, 60)), int(rng.integers(2, 12)))
        filters, kernel_size = int(rng.integers(70, 130)), int(rng.integers(2, 8))
        padding, stride = int(rng.integers(1, 5)), int(rng.integers(2, 6))
        if accept(input_shape, filters, kernel_size, padding, stride):
            return input_shape, filters, kernel_size, padding, stride


def volume_nameable(input_shape: tuple[int, int, int], filters: int, *rest_of_case: int) -> bool:
    t, u = (windows(n, *rest_of_case) for n in input_shape[:2])
    return t != u and tell_apart((t, u, filters), shape_mistakes(input_shape, filters, *rest_of_case))


@pytest.mark.grade("conv-output-shape-volume")
def test_conv_output_shape_of_the_slides(student):
    """conv_output_shape da las formas de las diapositivas: T, U y la cantidad de filtros."""
    expect_volume(student, (5, 5, 3), 2, 3, padding=1, stride=2)
    expect_volume(student, (28, 28, 1), 64, 3)


@pytest.mark.grade("conv-output-shape-volume")
def test_conv_output_shape_of_an_image_that_is_not_square(student, rng):
    """conv_output_shape calcula T con las filas y U con las columnas."""
    for _ in range(3):
        input_shape, filters, kernel_size, _, _ = draw_volume(
            rng, lambda shape, f, k, p, s: volume_nameable(shape, f, k, 0, 1)
        )
        expect_volume(student, input_shape, filters, kernel_size)


@pytest.mark.grade("conv-output-shape-volume", weight=2)
def test_conv_output_shape_with_padding_and_stride(student, rng):
    """conv_output_shape aplica el padding y el paso en los dos ejes, y descarta lo que sobra."""

    def leaves_a_rest(shape, filters, kernel_size, padding, stride):
        rests = [rest(n, kernel_size, padding, stride) for n in shape[:2]]
        return max(rests) > 0 and volume_nameable(shape, filters, kernel_size, padding, stride)

    for _ in range(4):
        input_shape, filters, kernel_size, padding, stride = draw_volume(rng, leaves_a_rest)
        expect_volume(student, input_shape, filters, kernel_size, padding=padding, stride=stride)


# conv_params, flatten_size, dense_params


def entries(*shapes: tuple[int, ...]) -> int:
    """Count the numbers in weight arrays of these shapes."""
    return sum(math.prod(shape) for shape in shapes)


@smallest(lambda *given: inputs(*map(sizes, given)))
def expect_conv_params(student: Any, filters: int, kernel_size: int, channels: int) -> None:
    """Ask ``conv_params`` and compare with the size of the layer's kernel and bias arrays."""
    kernel = entries((kernel_size, kernel_size, channels, filters))
    mistakes = {
        "faltan los sesgos: cada filtro tiene uno.": kernel,
        "hay un sesgo por filtro, no uno solo para toda la capa.": kernel + 1,
        "hay un sesgo por filtro, no uno por canal. ¿O intercambiaste `filters` y `channels`?": kernel + channels,
        "hay un sesgo por filtro, no uno por cada canal de cada filtro.": kernel + filters * channels,
        "faltan los canales: cada filtro tiene un kernel K×K por cada canal de la entrada.": entries(
            (kernel_size, kernel_size, filters), (filters,)
        ),
        "un filtro es cuadrado: tiene K×K pesos por canal, no K.": entries(
            (kernel_size, channels, filters), (filters,)
        ),
        "intercambiaste `filters` y `kernel_size`: el orden es conv_params(filters, kernel_size, channels).": entries(
            (filters, filters, channels, kernel_size), (kernel_size,)
        ),
        "intercambiaste `kernel_size` y `channels`: el orden es conv_params(filters, kernel_size, channels).": entries(
            (channels, channels, kernel_size, filters), (filters,)
        ),
        "esos son los parámetros de un solo filtro.": entries((kernel_size, kernel_size, channels), (1,)),
    }
    received = student.conv_params(filters, kernel_size, channels)
    text = call_text("conv_params", filters, kernel_size, channels)
    right = entries((kernel_size, kernel_size, channels, filters), (filters,))
    expect_integer(received, right, text, mistakes=unambiguous(mistakes))


@pytest.mark.grade("conv-params-count")
def test_conv_params_of_one_channel(student, rng):
    """conv_params cuenta los pesos y los sesgos cuando la imagen tiene un solo canal."""
    expect_conv_params(student, 64, 3, 1)
    for _ in range(3):
        expect_conv_params(student, int(rng.integers(40, 200)), int(rng.integers(4, 12)), 1)


@pytest.mark.grade("conv-params-count", weight=2)
def test_conv_params_of_several_channels(student, rng):
    """conv_params cuenta un kernel por canal en cada filtro, y un sesgo por filtro."""
    for channels in (3, int(rng.integers(12, 20)), int(rng.integers(20, 300))):
        expect_conv_params(student, int(rng.integers(310, 600)), int(rng.integers(4, 12)), channels)
    expect_conv_params(student, int(rng.integers(2, 9)), int(rng.integers(1, 9)) * 2 + 1, int(rng.integers(20, 60)))


@pytest.mark.grade("flatten-size-shapes")
def test_flatten_size_of_a_volume(student, rng):
    """flatten_size cuenta los valores de un volumen (filas, columnas, mapas)."""
    volumes = [(26, 26, 64), (13, 13, 64), *(tuple(map(int, rng.integers(3, 40, size=3))) for _ in range(3))]
    for shape in volumes:
        expect_flatten_size(student, shape)


@pytest.mark.grade("flatten-size-shapes")
def test_flatten_size_of_any_length(student, rng):
    """flatten_size acepta formas con cualquier cantidad de ejes."""
    for length in (1, 2, 4, 5):
        expect_flatten_size(student, tuple(map(int, rng.integers(3, 20, size=length))))


@smallest(lambda shape: inputs(st.tuples(*map(sizes, shape))))
def expect_flatten_size(student: Any, shape: tuple[int, ...]) -> None:
    """Ask ``flatten_size`` and compare with the elements of an array of that shape."""
    mistakes = {
        "sumaste los tamaños de los ejes; los valores se cuentan multiplicando.": sum(shape),
        "una capa Flatten no tiene parámetros, pero aquí se pide cuántos valores entrega.": 0,
        "solo contaste los tres primeros ejes; la forma puede tener cualquier largo.": math.prod(shape[:3]),
        "solo contaste los tres últimos ejes; la forma puede tener cualquier largo.": math.prod(shape[-3:]),
        "falta el último eje: cada mapa tiene sus propios valores.": math.prod(shape[:-1]),
        "falta el primer eje.": math.prod(shape[1:]),
        "esa es la cantidad de ejes, no la de valores.": len(shape),
    }
    if len(shape) == 3:
        mistakes["contaste dos veces las filas; la imagen puede no ser cuadrada."] = shape[0] * shape[0] * shape[2]
    received = student.flatten_size(shape)
    right = sum(1 for _ in np.ndindex(*shape))
    expect_integer(received, right, call_text("flatten_size", shape), mistakes=mistakes)


@pytest.mark.grade("dense-params-count")
def test_dense_params(student, rng):
    """dense_params cuenta un peso por cada par entrada-neurona y un sesgo por neurona."""
    cases = [(43264, 10), (15, 10), (1, 1)]
    cases += [(int(rng.integers(200, 5000)), int(rng.integers(2, 190))) for _ in range(3)]
    cases += [(int(rng.integers(2, 40)), int(rng.integers(50, 300)))]
    for inputs_, units in cases:
        expect_dense_params(student, inputs_, units)


@smallest(lambda *given: inputs(*map(sizes, given)))
def expect_dense_params(student: Any, inputs: int, units: int) -> None:
    """Ask ``dense_params`` and compare with the size of the layer's kernel and bias arrays."""
    weights = entries((inputs, units))
    mistakes = {
        "faltan los sesgos: cada neurona tiene uno.": weights,
        "hay un sesgo por neurona, no uno solo para toda la capa.": weights + 1,
        "hay un sesgo por neurona, no uno por entrada. ¿O intercambiaste `inputs` y `units`?": weights + inputs,
        "cada neurona se conecta con todas las entradas: los pesos se cuentan multiplicando.": inputs + units,
        "sobran parámetros: hay un sesgo por neurona y ninguno por entrada.": weights + inputs + units,
    }
    text = call_text("dense_params", inputs, units)
    expect_integer(
        student.dense_params(inputs, units), entries((inputs, units), (units,)), text, mistakes=unambiguous(mistakes)
    )


# pool_output_shape


@st.composite
def smaller_pooled(draw, input_shape, **options):
    """Draw smaller inputs of pool_output_shape in which a window fits."""
    drawn = {key: draw(sizes(value)) for key, value in options.items()}
    least = drawn.get("pool_size", 2)
    rows, columns, maps = input_shape
    return ((draw(sizes(rows, least)), draw(sizes(columns, least)), draw(sizes(maps))),), drawn


@smallest(smaller_pooled)
def expect_pooled(student: Any, input_shape: tuple[int, int, int], **options: int) -> None:
    """Ask ``pool_output_shape`` and compare with the whole windows that were counted."""
    rows, columns, channels = input_shape
    size = options.get("pool_size", 2)
    t, u = windows(rows, size, 0, size), windows(columns, size, 0, size)
    mistakes: dict[str, Sizes] = {
        "redondeaste hacia arriba; una ventana incompleta se descarta.": (
            math.ceil(rows / size),
            math.ceil(columns / size),
            channels,
        ),
        "quedó una fracción; usa la división entera `//`.": (rows / size, columns / size, channels),
        "faltan los mapas: el pooling trabaja sobre cada mapa y conserva cuántos son.": (t, u),
        "el pooling no reduce la cantidad de mapas: solo filas y columnas.": (t, u, channels // size),
        "usaste las filas para los dos ejes.": (t, t, channels),
        "usaste las columnas para los dos ejes.": (u, u, channels),
        "intercambiaste filas y columnas.": (u, t, channels),
        "los mapas van al final: (filas, columnas, mapas).": (channels, t, u),
        "parece que no usaste `pool_size`.": (rows // 2, columns // 2, channels),
        "en el pooling el paso es igual al tamaño de la ventana, no 1.": (
            rows - size + 1,
            columns - size + 1,
            channels,
        ),
        "sobra el tamaño del lote: la forma es la de una sola imagen.": (1, t, u, channels),
    }
    received = student.pool_output_shape(input_shape, **options)
    expect_triple(received, (t, u, channels), call_text("pool_output_shape", input_shape, **options), mistakes)


@pytest.mark.grade("pool-output-shape-maps")
def test_pool_output_shape_with_windows_of_two(student, rng):
    """pool_output_shape divide filas y columnas por dos, descarta lo que sobra y conserva los mapas."""
    expect_pooled(student, (26, 26, 64))
    expect_pooled(student, (2, 3, 1))
    # A half is rounded to the even neighbour: both kinds of odd sides on both axes, or `round` would pass as `//`.
    for rows_left, columns_left in ((1, 3), (3, 1), (3, 3), (2, 1)):
        rows, columns = 4 * int(rng.integers(2, 6)) + rows_left, 4 * int(rng.integers(8, 15)) + columns_left
        expect_pooled(student, (rows, columns, int(rng.integers(70, 99))))


@pytest.mark.grade("pool-output-shape-maps")
def test_pool_output_shape_with_larger_windows(student, rng):
    """pool_output_shape usa pool_size como tamaño de ventana y como paso, también de 1 o del tamaño de la imagen."""
    for size in (3, 4, 5):
        for rows_left, columns_left in ((size - 1, 1), (1, size - 1), (0, 0)):
            rows, columns = size * int(rng.integers(4, 9)) + rows_left, size * int(rng.integers(10, 20)) + columns_left
            expect_pooled(student, (columns, rows, int(rng.integers(70, 99))), pool_size=size)
    expect_pooled(student, (5, 7, 80), pool_size=1)
    expect_pooled(student, (5, 7, 80), pool_size=5)
