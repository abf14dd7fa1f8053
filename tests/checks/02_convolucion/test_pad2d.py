"""pad2d: zeros on all four sides."""

import numpy as np
import pytest

from autograder.checking import expect_array, expect_unchanged

SLIDE_IMAGE = np.array(
    [
        [60, 113, 56, 139, 85],
        [73, 121, 54, 84, 128],
        [131, 99, 70, 129, 127],
        [80, 57, 115, 69, 134],
        [104, 126, 123, 95, 130],
    ]
)


def reference_pad2d(image: np.ndarray, padding: int) -> np.ndarray:
    """Place the image pixel by pixel inside a larger image of zeros."""
    rows, columns = image.shape
    padded = np.zeros((rows + 2 * padding, columns + 2 * padding))
    for i in range(rows):
        for j in range(columns):
            padded[i + padding, j + padding] = image[i, j]
    return padded


def usual_mistakes(image: np.ndarray, padding: int) -> dict[str, np.ndarray]:
    """Return the wrong answers that one meets often."""
    one = (padding, 0), (padding, 0)
    other = (0, padding), (0, padding)
    both = (padding, padding)
    return {
        "no agregaste nada alrededor.": image,
        "rellenaste solo arriba y a la izquierda; van ceros en los cuatro lados.": np.pad(image, one),
        "rellenaste solo abajo y a la derecha; van ceros en los cuatro lados.": np.pad(image, other),
        "rellenaste solo arriba y abajo; faltan los costados.": np.pad(image, (both, (0, 0))),
        "rellenaste solo a los costados; faltan arriba y abajo.": np.pad(image, ((0, 0), both)),
        "rellenaste siempre con un solo píxel, sin mirar `padding`.": np.pad(image, 1),
        "el tamaño es correcto, pero la imagen no quedó en el centro.": np.pad(image, ((0, 2 * padding),) * 2),
        "el tamaño es correcto, pero la imagen quedó contra la esquina inferior derecha.": np.pad(
            image, ((2 * padding, 0),) * 2
        ),
        "rellenaste repitiendo el borde; el relleno son ceros.": np.pad(image, padding, mode="edge"),
        "rellenaste con unos; el relleno son ceros.": np.pad(image, padding, constant_values=1),
        "intercambiaste filas y columnas.": np.pad(image.T, padding),
        "perdiste los decimales: revisa el tipo del arreglo de ceros.": np.pad(np.trunc(image), padding),
        "los valores no caben en 8 bits y se desbordaron.": np.pad(np.trunc(image.astype(float)) % 256, padding),
        "falta la imagen: hay solo ceros.": np.zeros((image.shape[0] + 2 * padding, image.shape[1] + 2 * padding)),
    }


@pytest.mark.grade("pad2d-zeros")
def test_pad2d_slide_example(student):
    """pad2d rodea de ceros la imagen de 5×5 de la diapositiva."""
    expect_array(
        student.pad2d(SLIDE_IMAGE, 1),
        reference_pad2d(SLIDE_IMAGE, 1),
        "la imagen con padding",
        mistakes=usual_mistakes(SLIDE_IMAGE, 1),
    )


@pytest.mark.grade("pad2d-zeros", weight=2)
@pytest.mark.needs("test_pad2d_slide_example")
def test_pad2d_any_size(student, rng):
    """pad2d sirve para cualquier tamaño de imagen, cuadrada o no, y cualquier padding."""
    for padding in (2, 3, 5):
        rows, columns = (int(size) for size in rng.choice(np.arange(2, 9), size=2, replace=False))
        image = rng.integers(1, 256, size=(rows, columns))
        expect_array(
            student.pad2d(image, padding),
            reference_pad2d(image, padding),
            f"la imagen de {rows}×{columns} con padding {padding}",
            mistakes=usual_mistakes(image, padding),
        )


@pytest.mark.grade("pad2d-zeros")
@pytest.mark.needs("test_pad2d_slide_example")
def test_pad2d_without_padding(student, rng):
    """pad2d con padding 0 devuelve la imagen tal cual."""
    image = rng.integers(1, 256, size=(3, 6))
    expect_array(
        student.pad2d(image, 0),
        image,
        "la imagen con padding 0",
        mistakes={"rellenaste con un píxel aunque `padding` es 0.": np.pad(image, 1)},
        shape_hint="Ojo: `imagen[p:-p]` queda vacío cuando `p` es 0.",
    )


@pytest.mark.grade("pad2d-zeros")
@pytest.mark.needs("test_pad2d_slide_example")
def test_pad2d_keeps_the_values(student, rng):
    """pad2d conserva los valores: bytes claros, números negativos y decimales."""
    images = {
        "uint8": rng.integers(128, 256, size=(4, 5), dtype=np.uint8),
        "int": rng.integers(-1000, 1000, size=(4, 5)),
        "float": rng.uniform(-1, 1, size=(4, 5)),
    }
    for kind, image in images.items():
        expect_array(
            student.pad2d(image, 1),
            reference_pad2d(image, 1),
            f"la imagen de tipo {kind} con padding",
            mistakes=usual_mistakes(image, 1),
        )


@pytest.mark.grade("pad2d-zeros")
@pytest.mark.needs("test_pad2d_slide_example")
def test_pad2d_leaves_the_image_alone(student, rng):
    """pad2d no modifica la imagen que recibe."""
    image = rng.integers(1, 256, size=(4, 6))
    expect_unchanged(student.call("pad2d", image, 2), image)
