"""conv_layer: several filters over a volume with several channels, each with its bias."""

import contextlib

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from autograder.checking import (
    StudentException,
    StudentFault,
    arrays,
    as_array,
    expect_array,
    expect_that,
    fail,
    sizes,
    smallest,
)

from .correlation import (
    OUTPUT_XY,
    PARTS,
    STOPPED,
    expect_untouched,
    follows,
    is_right_with,
    misread_conv2d,
    outcome_of,
)

# The slide's 5×5×3 volume (before padding), one channel per matrix.
SLIDE_VOLUME = np.stack(
    [
        [[0, 0, 1, 0, 2], [1, 0, 2, 0, 1], [1, 0, 2, 2, 0], [2, 0, 0, 2, 0], [2, 1, 2, 2, 0]],
        [[2, 1, 2, 1, 1], [2, 1, 2, 0, 1], [0, 2, 1, 0, 1], [1, 2, 2, 2, 2], [0, 1, 2, 0, 1]],
        [[2, 1, 1, 2, 0], [1, 0, 0, 1, 0], [0, 1, 0, 0, 0], [1, 0, 2, 1, 0], [2, 2, 1, 1, 1]],
    ],
    axis=-1,
)
_W0 = [[[-1, 0, 1], [0, 0, 1], [1, -1, 1]], [[-1, 0, 1], [1, -1, 1], [0, 1, 0]], [[-1, 1, 1], [1, 1, 0], [0, -1, 0]]]
_W1 = [
    [[0, 1, -1], [0, -1, 0], [0, -1, 1]],
    [[-1, 0, 0], [1, -1, 0], [1, -1, 0]],
    [[-1, 1, -1], [0, -1, -1], [1, 0, 0]],
]
SLIDE_FILTERS = np.stack([np.stack(_W0, axis=-1), np.stack(_W1, axis=-1)], axis=-1)
SLIDE_BIASES = np.array([1, 0])

SHAPE_HINT = "La salida es (T, U, F): filas, columnas y, al final, un mapa por filtro."


def reference_conv_layer(
    volume: np.ndarray, filters: np.ndarray, biases: np.ndarray, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """Add up products over the window and all channels, then the filter's bias."""
    padded = np.pad(volume, ((padding, padding), (padding, padding), (0, 0))) if padding else volume
    return _layer(padded, filters, biases, stride, stride)


def _layer(volume: np.ndarray, filters: np.ndarray, biases: np.ndarray, row_step: int, column_step: int) -> np.ndarray:
    size, _, _, count = filters.shape
    if min(volume.shape[:2]) < size:
        rows = (volume.shape[0] - size) // row_step + 1
        columns = (volume.shape[1] - size) // column_step + 1
        return np.zeros((max(rows, 0), max(columns, 0), count))
    windows = sliding_window_view(volume.astype(float), (size, size), (0, 1))[::row_step, ::column_step]
    return np.einsum("tucij,ijcf->tuf", windows, filters.astype(float)) + biases


def usual_mistakes(
    volume: np.ndarray, filters: np.ndarray, biases: np.ndarray, stride: int = 1, padding: int = 0
) -> dict[str, np.ndarray]:
    """Return the wrong answers that one meets often, by the sentence that explains them."""
    right = reference_conv_layer(volume, filters, biases, stride, padding)
    flipped = reference_conv_layer(volume, filters[::-1, ::-1], biases, stride, padding)
    size, _, channels, count = filters.shape
    padded = np.pad(volume, ((padding, padding), (padding, padding), (0, 0)))
    beyond = tuple((0, -(side - size) % stride) for side in padded.shape[:2])
    one_bias = np.full(count, biases[0])
    mistakes = {
        "faltan los sesgos (biases).": right - biases,
        "sumaste el sesgo una vez por canal; se suma una sola vez por filtro.": right + (channels - 1) * biases,
        "sumaste el sesgo en cada uno de los productos; se suma una sola vez por filtro.": right
        + (size * size * channels - 1) * biases,
        "restaste el sesgo en vez de sumarlo.": right - 2 * biases,
        "usaste el mismo sesgo para todos los filtros.": right - biases + one_bias,
        "a cada filtro le diste el sesgo de otro: están en orden inverso.": right - biases + biases[::-1],
        "aplicaste una activación ReLU; conv_layer no lleva activación.": np.maximum(right, 0),
        "giraste los filtros; una capa convolucional calcula la correlación, sin girar.": flipped,
        "intercambiaste filas y columnas de los filtros.": reference_conv_layer(
            volume, filters.swapaxes(0, 1), biases, stride, padding
        ),
        "los canales quedaron en el primer eje; van al final: (T, U, F).": np.moveaxis(right, -1, 0),
        "filas y columnas de la salida están intercambiadas.": right.swapaxes(0, 1),
        "los mapas están en el orden inverso de los filtros.": right[:, :, ::-1],
        "usaste solo el primer canal; hay que sumar lo que aportan todos.": reference_conv_layer(
            volume[:, :, :1], filters[:, :, :1], biases, stride, padding
        ),
        "promediaste los canales; se suman.": (right - biases) / channels + biases,
        "se perdieron los decimales: revisa el tipo del arreglo de salida.": np.trunc(right),
        "la salida se desbordó: 8 bits no alcanzan.": np.mod(np.trunc(right), 256),
        "usaste solo el primer filtro; la salida tiene un mapa por filtro.": right[:, :, :1],
        "falta el eje de los filtros: con un solo filtro la salida también tiene forma (T, U, 1).": right[:, :, 0],
        "sumaste los mapas de todos los filtros; cada uno es un canal de la salida.": right.sum(axis=-1),
    }
    if padding:
        first, last = (padding, 0), (0, padding)
        mistakes |= {
            "no se ve ningún efecto de `padding`.": reference_conv_layer(volume, filters, biases, stride),
            "rellenaste solo arriba y a la izquierda; van ceros en los cuatro lados.": _layer(
                np.pad(volume, (first, first, (0, 0))), filters, biases, stride, stride
            ),
            "rellenaste solo abajo y a la derecha; van ceros en los cuatro lados.": _layer(
                np.pad(volume, (last, last, (0, 0))), filters, biases, stride, stride
            ),
        }
    if stride > 1:
        mistakes |= {
            "no se ve ningún efecto de `stride`.": _layer(padded, filters, biases, 1, 1),
            "el paso se aplicó solo a las filas.": _layer(padded, filters, biases, stride, 1),
            "el paso se aplicó solo a las columnas.": _layer(padded, filters, biases, 1, stride),
            "donde el paso no encaja se descarta el resto (se redondea hacia abajo, no hacia arriba).": _layer(
                np.pad(padded, (*beyond, (0, 0))), filters, biases, stride, stride
            ),
        }
    return mistakes


@st.composite
def smaller(draw, volume, filters, biases, stride=1, padding=0, *_, **__):
    """Draw smaller inputs of conv_layer into which a filter fits."""
    border = draw(sizes(padding, 0))
    rows, columns, channels = (draw(sizes(side)) for side in volume.shape)
    if volume.shape[0] == volume.shape[1]:
        columns = rows
    side = draw(sizes(min(len(filters), rows + 2 * border, columns + 2 * border)))
    count = draw(sizes(len(biases)))
    drawn = (
        draw(arrays(volume, rows, columns, channels)),
        draw(arrays(filters, side, side, channels, count)),
        draw(arrays(biases, count)) if np.any(biases) else np.zeros(count),
    )
    return drawn, {"stride": draw(sizes(stride)), "padding": border}


@smallest(smaller)
def expect_conv_layer(student, volume, filters, biases, stride=1, padding=0, what="el volumen de salida"):
    """Call conv_layer, with only the options that differ from their defaults, and compare with the reference.

    What follows from a conv2d of the student's own that is wrong costs nothing here: conv2d has cost its points.
    """
    options = {"stride": stride} if stride != 1 else {}
    options |= {"padding": padding} if padding else {}
    received = STOPPED
    case = volume, filters, biases, stride, padding
    try:
        received = student.conv_layer(volume, filters, biases, **options)
        compare(received, case, what)
    except StudentFault:
        last = student.last
        if follows(received, from_own_conv2d(student, *case)) or is_right_with(
            student, PARTS, lambda value: compare(value, case), ("conv_layer", *case[:3]), options
        ):
            return student.note(FOLLOWS)
        student.last = last
        if stride > 1 and received is STOPPED and student.last.error.startswith("IndexError"):
            fail(OUTPUT_XY.format(name="conv_layer"))
        raise


def compare(received, case, what="el volumen de salida"):
    """Compare an answer of conv_layer with the reference, naming usual mistakes."""
    expect_array(
        received,
        reference_conv_layer(*case),
        what,
        atol=1e-4,
        mistakes=lambda: usual_mistakes(*case),
        shape_hint=SHAPE_HINT,
    )


FOLLOWS = "Sumas bien los canales y los sesgos: el error está en tu conv2d, y se cuenta en su ejercicio."


def from_own_conv2d(student, volume, filters, biases, stride, padding):
    """Return what a right conv_layer gives on the student's own, wrong conv2d; None if that is not known."""
    maps = []
    for f in range(filters.shape[3]):
        parts = [
            misread_conv2d(
                student, volume[:, :, c], np.ascontiguousarray(filters[:, :, c, f]), stride=stride, padding=padding
            )
            for c in range(volume.shape[2])
        ]
        if any(part is STOPPED for part in parts):
            return STOPPED
        if any(part is None or part.shape != parts[0].shape for part in parts):
            return None
        maps.append(sum(parts) + biases[f])
    return np.stack(maps, axis=-1)


def expect_slide_map(student, index):
    """Compare one of the two maps of the slide's example."""
    case = SLIDE_VOLUME, SLIDE_FILTERS, SLIDE_BIASES, 2, 1
    right, mistakes = reference_conv_layer(*case), usual_mistakes(*case)
    received = STOPPED
    try:
        received = as_array(student.conv_layer(*case[:3], stride=2, padding=1), "el volumen de salida del ejemplo")
        if received.shape != right.shape:
            what = "el volumen de salida del ejemplo"
            expect_array(received, right, what, mistakes=mistakes, shape_hint=SHAPE_HINT)
        expect_array(
            received[:, :, index],
            right[:, :, index],
            f"el mapa del filtro W{index} en el ejemplo de las diapositivas",
            mistakes={text: wrong[:, :, index] for text, wrong in mistakes.items() if wrong.shape == right.shape},
        )
    except StudentFault:
        own = from_own_conv2d(student, *case)
        if received is not STOPPED and own is not STOPPED and own is not None and received.shape == own.shape:
            received, own = received[:, :, index], own[:, :, index]
        if not follows(received, own):
            call = ("conv_layer", *case[:3]), {"stride": 2, "padding": 1}
            if not is_right_with(student, PARTS, lambda value: expect_map(value, right, index), *call):
                raise
        student.note(FOLLOWS)


def expect_map(value, right, index):
    """Compare one map of a volume of the right shape."""
    received = as_array(value, "el volumen de salida del ejemplo")
    expect_that(received.shape == right.shape, SHAPE_HINT)
    expect_array(received[:, :, index], right[:, :, index], "el volumen de salida del ejemplo", atol=1e-4)


@pytest.mark.grade("conv-layer-slide")
def test_conv_layer_slide_first_filter(student):
    """conv_layer da el mapa del filtro W0 (sesgo 1) del ejemplo de las diapositivas."""
    expect_slide_map(student, 0)


@pytest.mark.grade("conv-layer-slide")
def test_conv_layer_slide_second_filter(student):
    """conv_layer da el mapa del filtro W1 (sesgo 0) del ejemplo de las diapositivas."""
    expect_slide_map(student, 1)


TYPES_CROSSED = ((1, 0), (1, 1), (2, 0), (2, 1))
"""Strides and paddings with which types are crossed."""


def random_layer(rng, shape, size, count):
    """Return a volume and filters of whole numbers; the filters look the same after half a turn.

    The slide's filters do not: whoever flips them loses the slide's points, and only those.
    """
    half = rng.integers(-4, 5, size=(size, size, shape[2], count))
    return rng.integers(0, 10, size=shape), half + half[::-1, ::-1]


@pytest.mark.grade("conv-layer-general", weight=2)
def test_conv_layer_sums_the_channels(student, rng):
    """conv_layer suma lo que aportan todos los canales: un mapa por filtro."""
    volume, filters = random_layer(rng, (6, 6, 3), 3, 4)
    expect_conv_layer(student, volume, filters, np.zeros(4), what="la salida con cuatro filtros sin sesgo")


@pytest.mark.grade("conv-layer-general", weight=2)
@pytest.mark.needs("test_conv_layer_sums_the_channels")
def test_conv_layer_biases(student, rng):
    """conv_layer suma a cada mapa el sesgo de su filtro, una sola vez, y no aplica activación."""
    volume, filters = random_layer(rng, (5, 5, 2), 3, 3)
    expect_conv_layer(student, volume, filters, rng.permutation([-40, 3, 17]), what="la salida con sesgos")


@pytest.mark.grade("conv-layer-general", weight=2)
@pytest.mark.needs("test_conv_layer_sums_the_channels")
def test_conv_layer_stride_and_padding(student, rng):
    """conv_layer acepta stride y padding, encaje o no el paso."""
    cases = (((7, 7), 2, 0), ((6, 6), 1, 1), ((6, 6), 2, 1), ((5, 5), 3, 2), ((5, 9), 2, 0), ((8, 5), 3, 1))
    for (rows, columns), stride, padding in cases:
        volume, filters = random_layer(rng, (rows, columns, 2), 3, 3)
        what = f"la salida con volumen {rows}×{columns}×2, kernel 3×3, stride {stride} y padding {padding}"
        expect_conv_layer(student, volume, filters, np.zeros(3), stride, padding, what)


@pytest.mark.grade("conv-layer-general", weight=2)
@pytest.mark.needs("test_conv_layer_sums_the_channels")
def test_conv_layer_any_volume(student, rng):
    """conv_layer acepta volúmenes rectangulares, también de una fila, y filtros de 1×1, pares o como el volumen."""
    cases = (
        *(((4, 8, 5), 2, 3, 1, 0), ((7, 5, 2), 4, 3, 1, 0), ((3, 5, 4), 1, 2, 1, 0), ((4, 4, 3), 4, 2, 1, 0)),
        *(((6, 9, 2), 2, 2, 2, 1), ((1, 6, 2), 1, 2, 1, 0), ((6, 1, 2), 1, 2, 2, 0), ((1, 6, 2), 3, 2, 1, 1)),
        ((1, 1, 3), 1, 2, 1, 0),
    )
    for shape, size, count, stride, padding in cases:
        volume, filters = random_layer(rng, shape, size, count)
        what = (
            f"la salida con volumen {'×'.join(map(str, shape))} y {count} filtros de {size}×{size}, stride {stride} y "
            f"padding {padding}"
        )
        expect_conv_layer(student, volume, filters, np.zeros(count), stride, padding, what)


@pytest.mark.grade("conv-layer-general")
@pytest.mark.needs("test_conv_layer_sums_the_channels")
def test_conv_layer_one_filter_or_one_channel(student, rng):
    """conv_layer conserva los tres ejes con un solo filtro o un solo canal."""
    for channels, count in ((3, 1), (1, 3), (1, 1)):
        volume, filters = random_layer(rng, (5, 5, channels), 3, count)
        what = f"la salida con canales={channels} y filtros={count}"
        expect_conv_layer(student, volume, filters, np.zeros(count), what=what)


@pytest.mark.grade("conv-layer-general")
@pytest.mark.needs("test_conv_layer_sums_the_channels")
def test_conv_layer_bytes_do_not_overflow(student, rng):
    """conv_layer no se desborda con volúmenes uint8."""
    _, filters = random_layer(rng, (5, 5, 3), 2, 2)
    volume = rng.integers(100, 256, size=(5, 5, 3), dtype=np.uint8)
    for stride, padding in TYPES_CROSSED:
        what = f"la salida de un volumen uint8 con stride {stride} y padding {padding}"
        expect_conv_layer(student, volume, filters, np.zeros(2), stride, padding, what)


@pytest.mark.grade("conv-layer-general")
@pytest.mark.needs("test_conv_layer_sums_the_channels", "test_conv_layer_biases")
def test_conv_layer_keeps_the_decimals(student, rng):
    """conv_layer no pierde los decimales del volumen, de los filtros ni de los sesgos."""
    biases = np.array([2.5, -3.25])
    for shape, stride, padding in (((5, 5, 3), 1, 0), ((5, 5, 3), 1, 1), ((5, 5, 3), 2, 1), ((4, 7, 2), 2, 0)):
        volume, filters = random_layer(rng, shape, 2, 2)
        about = f", stride {stride} y padding {padding}"
        for sent, what in (
            ((volume, filters, biases), "la salida con sesgos float"),
            ((volume, filters / 8, biases), "la salida con filtros float"),
            ((volume / 10, filters, biases), "la salida de un volumen float"),
            ((-volume, filters, biases), "la salida de un volumen negativo"),
        ):
            expect_conv_layer(student, *sent, stride, padding, what + about)


@pytest.mark.grade("conv-layer-general")
@pytest.mark.needs("test_conv_layer_sums_the_channels")
def test_conv_layer_leaves_its_arguments_alone(student, rng):
    """conv_layer no modifica el volumen, ni los filtros, ni los sesgos."""
    shapes = {"volume": (6, 6, 3), "filters": (3, 3, 3, 2), "biases": (2,)}
    sent = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    expect_untouched(student, outcome_of(student, PARTS, "conv_layer", *sent.values()), **sent)
    # What stops with a stride has been charged where strides are asked.
    with contextlib.suppress(StudentException):
        expect_untouched(student, outcome_of(student, PARTS, "conv_layer", *sent.values(), stride=2, padding=1), **sent)
