"""max_pool2d: the largest value of each complete window."""

import numpy as np
import pytest
from hypothesis import strategies as st

from autograder.checking import arrays, charged_once, expect_array, expect_unchanged, sizes, smallest


def reference_max_pool2d(image: np.ndarray, pool_size: int = 2, stride: int | None = None) -> np.ndarray:
    """Take the largest value of every window that lies wholly inside the image."""
    return _pool(image, pool_size, stride or pool_size, stride or pool_size)


def _pool(image: np.ndarray, size: int, row_step: int, column_step: int, function=np.max) -> np.ndarray:
    rows = (image.shape[0] - size) // row_step + 1
    columns = (image.shape[1] - size) // column_step + 1
    output = np.zeros((rows, columns))
    for t in range(rows):
        for u in range(columns):
            top, left = t * row_step, u * column_step
            output[t, u] = function(image[top : top + size, left : left + size].astype(float))
    return output


def usual_mistakes(image: np.ndarray, pool_size: int = 2, stride: int | None = None) -> dict[str, np.ndarray]:
    """Return the wrong answers that one meets often, by the sentence that explains them."""
    step = stride or pool_size
    right = reference_max_pool2d(image, pool_size, stride)
    beyond = tuple((0, -(side - pool_size) % step) for side in image.shape)
    with_rest = np.pad(image.astype(float), beyond, constant_values=-np.inf)
    return {
        "calculaste el promedio de cada ventana; se pide el máximo.": _pool(image, pool_size, step, step, np.mean),
        "calculaste el mínimo de cada ventana; se pide el máximo.": _pool(image, pool_size, step, step, np.min),
        "sumaste cada ventana; se pide su máximo.": _pool(image, pool_size, step, step, np.sum),
        "tomaste el primer valor de cada ventana; se pide el mayor.": _pool(
            image, pool_size, step, step, lambda window: window[0, 0]
        ),
        "los máximos negativos pasaron a 0: no empieces el máximo en 0 ni rellenes con ceros.": np.maximum(right, 0),
        "incluiste ventanas incompletas; se descartan.": _pool(with_rest, pool_size, step, step),
        "incluiste ventanas incompletas y las rellenaste con ceros; se descartan.": _pool(
            np.pad(image, beyond), pool_size, step, step
        ),
        "la ventana avanzó de a un píxel; si no se indica `stride`, avanza `pool_size`.": _pool(image, pool_size, 1, 1),
        "la ventana avanzó de a 2; si no se indica `stride`, avanza `pool_size`.": _pool(image, pool_size, 2, 2),
        "ignoraste `stride`: la ventana avanzó `pool_size`.": _pool(image, pool_size, pool_size, pool_size),
        "el paso se aplicó solo a las filas.": _pool(image, pool_size, step, 1),
        "el paso se aplicó solo a las columnas.": _pool(image, pool_size, 1, step),
        "usaste siempre ventanas de 2×2, sin mirar `pool_size`.": _pool(image, 2, stride or 2, stride or 2),
        "la ventana tiene el tamaño de `stride`; debe tener el de `pool_size`.": _pool(image, step, step, step),
        "filas y columnas están intercambiadas.": right.T,
        "tomaste el mayor valor absoluto; cuenta el signo.": reference_max_pool2d(np.abs(image), pool_size, stride),
        "se perdieron los decimales: revisa el tipo del arreglo de salida.": np.trunc(right),
    }


@st.composite
def smaller(draw, image, *_, **options):
    """Draw smaller inputs of max_pool2d in which a window fits."""
    rows, columns = (draw(sizes(side)) for side in image.shape)
    if image.shape[0] == image.shape[1]:
        columns = rows
    size = options.get("pool_size", 2)
    drawn = {"pool_size": draw(sizes(min(size, rows, columns)))} if "pool_size" in options else {}
    if "stride" in options:
        drawn["stride"] = draw(sizes(options["stride"]))
    least = drawn.get("pool_size", 2)
    return (draw(arrays(image, max(rows, least), max(columns, least))),), drawn


@smallest(smaller)
def expect_max_pool2d(student, image, what="la salida", **options):
    """Call max_pool2d with the given options and compare with the reference."""
    expect_array(
        student.max_pool2d(image, **options),
        reference_max_pool2d(image, **options),
        what,
        mistakes=lambda: usual_mistakes(image, **options),
        shape_hint="La ventana y el paso determinan el tamaño igual que en la convolución; lo incompleto se descarta.",
    )


def places(rng, *shape):
    """Return an image in which each number is there once."""
    return rng.permutation(np.arange(1, 1 + np.prod(shape))).reshape(shape)


@pytest.mark.grade("max-pool2d-basic", weight=2)
def test_max_pool2d_halves_the_image(student, rng):
    """max_pool2d toma por defecto el máximo de cada bloque de 2×2."""
    expect_max_pool2d(student, places(rng, 6, 6), "la salida de una imagen de 6×6")


@pytest.mark.grade("max-pool2d-basic")
def test_max_pool2d_window_size(student, rng):
    """max_pool2d usa ventanas de pool_size × pool_size y avanza ese mismo paso."""
    expect_max_pool2d(student, places(rng, 9, 9), "la salida con pool_size 3", pool_size=3)
    expect_max_pool2d(student, places(rng, 8, 8), "la salida con pool_size 4", pool_size=4)
    expect_max_pool2d(student, places(rng, 4, 4), "la salida con pool_size 1", pool_size=1)


@pytest.mark.grade("max-pool2d-basic")
@pytest.mark.needs("test_max_pool2d_halves_the_image")
def test_max_pool2d_drops_incomplete_windows(student, rng):
    """max_pool2d descarta las ventanas incompletas del borde."""
    expect_max_pool2d(student, places(rng, 7, 7), "la salida de una imagen de 7×7")
    expect_max_pool2d(student, places(rng, 8, 8), "la salida de una imagen de 8×8 con pool_size 3", pool_size=3)


@pytest.mark.grade("max-pool2d-basic")
@pytest.mark.needs("test_max_pool2d_halves_the_image")
def test_max_pool2d_rectangular_images(student, rng):
    """max_pool2d acepta imágenes que no son cuadradas, también de una sola fila o columna."""
    for rows, columns in ((4, 8), (6, 2), (5, 9)):
        expect_max_pool2d(student, places(rng, rows, columns), f"la salida de una imagen de {rows}×{columns}")
    expect_max_pool2d(student, places(rng, 3, 4), "la salida con pool_size 3", pool_size=3)
    for rows, columns in ((1, 6), (6, 1), (1, 1)):
        what = f"la salida de una imagen de {rows}×{columns} con pool_size 1"
        expect_max_pool2d(student, places(rng, rows, columns), what, pool_size=1)
    for (rows, columns), pool_size, stride in (((7, 9), 3, 2), ((8, 11), 2, 3), ((1, 7), 1, 2)):
        what = f"la salida de una imagen de {rows}×{columns} con pool_size {pool_size} y stride {stride}"
        options = {"pool_size": pool_size, "stride": stride}
        case = places(rng, rows, columns), what
        charged_once(
            student,
            lambda case=case, options=options: expect_max_pool2d(student, *case, **options),
            given=lambda: expect_max_pool2d(student, places(rng, 4, 8)),
            elsewhere=lambda options=options: expect_max_pool2d(student, places(rng, 8, 8), **options),
        )


@pytest.mark.grade("max-pool2d-basic")
@pytest.mark.needs("test_max_pool2d_halves_the_image")
def test_max_pool2d_negative_values(student, rng):
    """max_pool2d da el máximo también cuando todos los valores son negativos."""
    expect_max_pool2d(student, -places(rng, 6, 6), "la salida de una imagen negativa")
    expect_max_pool2d(student, -places(rng, 5, 7), "la salida de una imagen negativa de 5×7")


@pytest.mark.grade("max-pool2d-basic")
@pytest.mark.needs("test_max_pool2d_halves_the_image")
def test_max_pool2d_types(student, rng):
    """max_pool2d conserva los valores de imágenes float y uint8, con cualquier ventana y stride."""
    expect_max_pool2d(student, rng.uniform(-1, 1, size=(6, 6)), "la salida de una imagen float")
    image = rng.integers(128, 256, size=(6, 6), dtype=np.uint8)
    expect_max_pool2d(student, image, "la salida de una imagen uint8")
    for shape, options in (
        ((7, 7), {"pool_size": 3, "stride": 2}),
        ((8, 11), {"pool_size": 2, "stride": 3}),
        ((5, 7), {"pool_size": 2, "stride": 1}),
        ((1, 7), {"pool_size": 1, "stride": 2}),
    ):
        whole = places(rng, *shape)
        for image in (rng.uniform(0.1, 0.9, size=shape), rng.integers(128, 256, size=shape, dtype=np.uint8)):
            charged_once(
                student,
                lambda case=image, options=options: expect_max_pool2d(student, case, "la salida", **options),
                given=lambda: expect_max_pool2d(student, places(rng, 6, 6)),
                elsewhere=lambda case=whole, options=options: expect_max_pool2d(student, case, **options),
            )


@pytest.mark.grade("max-pool2d-basic")
def test_max_pool2d_leaves_the_image_alone(student, rng):
    """max_pool2d no modifica la imagen."""
    expect_max_pool2d(student, places(rng, 6, 6), "la salida de una imagen de 6×6")
    image = rng.normal(size=(6, 6))
    expect_unchanged(student.call("max_pool2d", image), image=image)


def ask_stride(student, image, pool_size, stride):
    """Ask with both arguments; incomplete windows at the edge have been charged without a stride."""
    what = f"la salida con pool_size {pool_size} y stride {stride}"
    side = len(image) - (len(image) - pool_size) % stride
    charged_once(
        student,
        lambda: expect_max_pool2d(student, image, what, pool_size=pool_size, stride=stride),
        given=lambda: expect_max_pool2d(student, image[:side, :side], what, pool_size=pool_size, stride=stride),
        elsewhere=lambda: expect_max_pool2d(student, image[:7, :7]),
    )


@pytest.mark.grade("max-pool2d-stride")
def test_max_pool2d_overlapping_windows(student, rng):
    """max_pool2d con stride menor que pool_size recorre ventanas que se solapan."""
    image = places(rng, 7, 7)
    ask_stride(student, image, 3, 2)
    ask_stride(student, image, 2, 1)


@pytest.mark.grade("max-pool2d-stride")
def test_max_pool2d_stride_larger_than_the_window(student, rng):
    """max_pool2d con stride mayor que pool_size saltea píxeles."""
    ask_stride(student, places(rng, 8, 8), 2, 3)
    ask_stride(student, places(rng, 7, 7), 1, 2)


@pytest.mark.grade("max-pool2d-stride")
def test_max_pool2d_stride_that_does_not_fit(student, rng):
    """max_pool2d descarta lo que sobra cuando el paso no encaja."""
    image = places(rng, 8, 8)
    ask_stride(student, image, 3, 2)
    ask_stride(student, image, 2, 4)
