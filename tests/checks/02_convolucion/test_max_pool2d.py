"""max_pool2d: the largest value of each complete window."""

import numpy as np
import pytest

from autograder.checking import expect_array, expect_unchanged


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


def expect_max_pool2d(student, image, what="la salida", **options):
    """Call max_pool2d with the given options and compare with the reference."""
    expect_array(
        student.max_pool2d(image, **options),
        reference_max_pool2d(image, **options),
        what,
        mistakes=usual_mistakes(image, **options),
        shape_hint="La ventana y el paso determinan el tamaño igual que en la convolución; lo incompleto se descarta.",
    )


@pytest.mark.grade("max-pool2d-basic", weight=2)
def test_max_pool2d_halves_the_image(student, rng):
    """max_pool2d toma por defecto el máximo de cada bloque de 2×2."""
    expect_max_pool2d(student, rng.permutation(36).reshape(6, 6), "la salida de una imagen de 6×6")


@pytest.mark.grade("max-pool2d-basic")
@pytest.mark.needs("test_max_pool2d_halves_the_image")
def test_max_pool2d_window_size(student, rng):
    """max_pool2d usa ventanas de pool_size × pool_size y avanza ese mismo paso."""
    expect_max_pool2d(student, rng.permutation(81).reshape(9, 9), "la salida con pool_size 3", pool_size=3)
    expect_max_pool2d(student, rng.permutation(64).reshape(8, 8), "la salida con pool_size 4", pool_size=4)
    expect_max_pool2d(student, rng.permutation(16).reshape(4, 4), "la salida con pool_size 1", pool_size=1)


@pytest.mark.grade("max-pool2d-basic")
@pytest.mark.needs("test_max_pool2d_halves_the_image")
def test_max_pool2d_drops_incomplete_windows(student, rng):
    """max_pool2d descarta las ventanas incompletas del borde."""
    expect_max_pool2d(student, rng.permutation(49).reshape(7, 7), "la salida de una imagen de 7×7")
    expect_max_pool2d(
        student, rng.permutation(64).reshape(8, 8), "la salida de una imagen de 8×8 con pool_size 3", pool_size=3
    )


@pytest.mark.grade("max-pool2d-basic")
@pytest.mark.needs("test_max_pool2d_halves_the_image")
def test_max_pool2d_rectangular_images(student, rng):
    """max_pool2d acepta imágenes que no son cuadradas."""
    for rows, columns in ((4, 8), (6, 2), (5, 9)):
        image = rng.permutation(rows * columns).reshape(rows, columns)
        expect_max_pool2d(student, image, f"la salida de una imagen de {rows}×{columns}")
    expect_max_pool2d(student, rng.permutation(12).reshape(3, 4), "la salida con pool_size 3", pool_size=3)


@pytest.mark.grade("max-pool2d-basic")
@pytest.mark.needs("test_max_pool2d_halves_the_image")
def test_max_pool2d_negative_values(student, rng):
    """max_pool2d da el máximo también cuando todos los valores son negativos."""
    expect_max_pool2d(student, -1 - rng.permutation(36).reshape(6, 6), "la salida de una imagen negativa")
    expect_max_pool2d(student, -1 - rng.permutation(35).reshape(5, 7), "la salida de una imagen negativa de 5×7")


@pytest.mark.grade("max-pool2d-basic")
@pytest.mark.needs("test_max_pool2d_halves_the_image")
def test_max_pool2d_types(student, rng):
    """max_pool2d conserva los valores de imágenes float y uint8."""
    expect_max_pool2d(student, rng.uniform(-1, 1, size=(6, 6)), "la salida de una imagen float")
    image = rng.integers(128, 256, size=(6, 6), dtype=np.uint8)
    expect_max_pool2d(student, image, "la salida de una imagen uint8")


@pytest.mark.grade("max-pool2d-basic")
@pytest.mark.needs("test_max_pool2d_halves_the_image")
def test_max_pool2d_leaves_the_image_alone(student, rng):
    """max_pool2d no modifica la imagen."""
    image = rng.normal(size=(5, 6))
    expect_unchanged(student.call("max_pool2d", image), image)


@pytest.mark.grade("max-pool2d-stride")
@pytest.mark.needs("test_max_pool2d_halves_the_image")
def test_max_pool2d_overlapping_windows(student, rng):
    """max_pool2d con stride menor que pool_size recorre ventanas que se solapan."""
    image = rng.permutation(63).reshape(7, 9)
    expect_max_pool2d(student, image, "la salida con pool_size 3 y stride 2", pool_size=3, stride=2)
    expect_max_pool2d(student, image, "la salida con pool_size 2 y stride 1", pool_size=2, stride=1)


@pytest.mark.grade("max-pool2d-stride")
@pytest.mark.needs("test_max_pool2d_halves_the_image")
def test_max_pool2d_stride_larger_than_the_window(student, rng):
    """max_pool2d con stride mayor que pool_size salta píxeles."""
    image = rng.permutation(88).reshape(8, 11)
    expect_max_pool2d(student, image, "la salida con pool_size 2 y stride 3", pool_size=2, stride=3)


@pytest.mark.grade("max-pool2d-stride")
@pytest.mark.needs("test_max_pool2d_halves_the_image")
def test_max_pool2d_stride_that_does_not_fit(student, rng):
    """max_pool2d descarta lo que sobra cuando el paso no encaja."""
    image = rng.permutation(80).reshape(8, 10) - 200
    expect_max_pool2d(student, image, "la salida con pool_size 3 y stride 2", pool_size=3, stride=2)
    expect_max_pool2d(student, image, "la salida con pool_size 2 y stride 4", pool_size=2, stride=4)
