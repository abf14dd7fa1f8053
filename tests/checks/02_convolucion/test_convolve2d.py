"""convolve2d: the definition of the convolution, with g flipped, on the valid part."""

import numpy as np
import pytest
from hypothesis import strategies as st

from autograder.checking import StudentFault, arrays, expect_array, smallest

from .correlation import (
    ELSEWHERE,
    PARTS,
    SHARPEN,
    SLIDE_IMAGE,
    STOPPED,
    expect_untouched,
    follows,
    is_right_with,
    misread_conv2d,
    outcome_of,
    shapes,
)


def reference_convolve2d(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Follow the slide's double sum f[n1, n2] g[x - n1, y - n2] wherever all of g meets the image."""
    (rows, columns), (height, width) = image.shape, kernel.shape
    output = np.zeros((rows - height + 1, columns - width + 1))
    for t in range(output.shape[0]):
        for u in range(output.shape[1]):
            x, y = t + height - 1, u + width - 1
            for n1 in range(t, x + 1):
                for n2 in range(u, y + 1):
                    output[t, u] += float(image[n1, n2]) * float(kernel[x - n1, y - n2])
    return output


def usual_mistakes(image: np.ndarray, kernel: np.ndarray) -> dict[str, np.ndarray]:
    """Return the wrong answers that one meets often, by the sentence that explains them."""
    height, width = kernel.shape
    full = reference_convolve2d(np.pad(image, ((height - 1,) * 2, (width - 1,) * 2)), kernel)
    top, left = (height - 1) // 2, (width - 1) // 2
    right = reference_convolve2d(image, kernel)
    mistakes = {
        "no giraste el kernel: eso es la correlación cruzada (conv2d). En la definición, g aparece reflejada "
        "en filas y en columnas.": reference_convolve2d(image, kernel[::-1, ::-1]),
        "reflejaste g solo en las filas; también hay que reflejar las columnas.": reference_convolve2d(
            image, kernel[:, ::-1]
        ),
        "reflejaste g solo en las columnas; también hay que reflejar las filas.": reference_convolve2d(
            image, kernel[::-1]
        ),
        "devolviste la convolución completa («full»); se pide solo la parte válida, donde g cae entera dentro de la "
        "imagen.": full,
        "devolviste una salida del tamaño de la imagen («same»); se pide solo la parte válida, sin relleno.": full[
            top : top + image.shape[0], left : left + image.shape[1]
        ],
        "los valores negativos pasaron a 0.": np.maximum(right, 0),
        "se perdieron los decimales.": np.trunc(right),
        "la salida se desbordó: 8 bits no alcanzan.": np.mod(np.trunc(right), 256),
    }
    if height == width:
        mistakes["transponer no es girar: hay que reflejar las filas y las columnas."] = reference_convolve2d(
            image, kernel[::-1, ::-1].T
        )
        mistakes["giraste el kernel y además lo transpusiste."] = reference_convolve2d(image, kernel.T)
        mistakes["giraste el kernel 90°; es media vuelta, 180°."] = reference_convolve2d(image, np.rot90(kernel, -1))
        mistakes["giraste el kernel 270°; es media vuelta, 180°."] = reference_convolve2d(image, np.rot90(kernel))
    return mistakes


@st.composite
def smaller(draw, image, kernel, *_):
    """Draw smaller inputs of convolve2d into which the kernel fits."""
    image_shape, kernel_shape = draw(shapes(image.shape, kernel.shape, 0))
    return (draw(arrays(image, *image_shape)), draw(arrays(kernel, *kernel_shape))), {}


@smallest(smaller)
def expect_convolve2d(student, image, kernel, what="la salida"):
    """Call convolve2d and compare with the definition, or with what follows from the student's own conv2d.

    convolve2d may be a conv2d with the kernel turned. A conv2d that is wrong has lost its own points.
    """
    received = STOPPED
    try:
        received = student.convolve2d(image, kernel)
        compare(received, image, kernel, what)
    except StudentFault:
        last = student.last
        own = misread_conv2d(student, image, np.ascontiguousarray(kernel[::-1, ::-1]))
        if follows(received, own) or is_right_with(
            student, PARTS, lambda value: compare(value, image, kernel), ("convolve2d", image, kernel), {}
        ):
            return student.note(ELSEWHERE.format(part="conv2d"))
        student.last = last
        raise


def compare(received, image, kernel, what="la salida"):
    """Compare an answer of convolve2d with the definition, naming usual mistakes."""
    expect_array(
        received,
        reference_convolve2d(image, kernel),
        what,
        atol=1e-4,
        mistakes=lambda: usual_mistakes(image, kernel),
        shape_hint="Se pide la parte válida: (N − K₁ + 1) filas y (M − K₂ + 1) columnas.",
    )


@pytest.mark.grade("convolve2d-flip")
def test_convolve2d_slide_example(student):
    """convolve2d da los números de las diapositivas: sharpen es simétrico y girarlo no lo cambia."""
    expect_convolve2d(student, SLIDE_IMAGE, SHARPEN, "la salida del ejemplo de las diapositivas")


@pytest.mark.grade("convolve2d-flip", weight=3)
@pytest.mark.needs("test_convolve2d_slide_example")
def test_convolve2d_flips_the_kernel(student, rng):
    """convolve2d gira el kernel media vuelta, como dice la definición."""
    kernel = rng.permutation(np.arange(-4, 5)).reshape(3, 3)
    expect_convolve2d(student, rng.integers(0, 256, size=(6, 6)), kernel, "la salida con un kernel asimétrico")


@pytest.mark.grade("convolve2d-flip")
@pytest.mark.needs("test_convolve2d_slide_example")
def test_convolve2d_impulse(student, rng):
    """convolve2d de una imagen con un solo 1 en el centro reproduce el kernel, sin girar."""
    image = np.zeros((5, 5), dtype=int)
    image[2, 2] = 1
    expect_convolve2d(student, image, rng.permutation(np.arange(1, 10)).reshape(3, 3), "la respuesta al impulso")


SHAPES = (
    *(((5, 9), (2, 3)), ((8, 4), (3, 2)), ((4, 6), (1, 4)), ((3, 4), (3, 4)), ((6, 6), (2, 2))),
    *(((1, 6), (1, 3)), ((6, 1), (3, 1)), ((1, 1), (1, 1)), ((4, 5), (1, 1))),
)
"""Shapes of image and kernel: rectangles, even kernels, one row, one column, one pixel."""


@pytest.mark.grade("convolve2d-flip", weight=2)
@pytest.mark.needs("test_convolve2d_slide_example")
def test_convolve2d_any_shape(student, rng):
    """convolve2d acepta imágenes y kernels rectangulares, pares, del tamaño de la imagen o de una sola fila."""
    for image_shape, kernel_shape in SHAPES:
        ask_shapes(student, rng, image_shape, kernel_shape)


def ask_shapes(student, rng, image_shape, kernel_shape):
    """Ask for one pair of shapes; a conv2d that fails it on its own has been charged for shapes."""
    image, kernel = rng.integers(0, 256, size=image_shape), rng.integers(1, 10, size=kernel_shape)
    what = f"la salida con imagen {'×'.join(map(str, image_shape))} y kernel {'×'.join(map(str, kernel_shape))}"
    expect_convolve2d(student, image, kernel, what)


@pytest.mark.grade("convolve2d-flip")
@pytest.mark.needs("test_convolve2d_slide_example")
def test_convolve2d_bytes_and_decimals(student, rng):
    """convolve2d no se desborda con imágenes uint8 ni pierde decimales ni signos, tampoco en imágenes rectangulares."""
    image = rng.integers(0, 256, size=(6, 6), dtype=np.uint8)
    image[1:4, 1:4] = 255
    image[2, 2] = 1
    expect_convolve2d(student, image, SHARPEN, "la salida de una imagen uint8")
    expect_convolve2d(student, image, SHARPEN / 8, "la salida con un kernel float")
    expect_convolve2d(student, rng.uniform(0, 1, size=(5, 5)), SHARPEN, "la salida de una imagen float")
    for image_shape, kernel_shape in (((5, 8), (2, 3)), ((1, 6), (1, 3)), ((6, 1), (2, 1))):
        numbers, kernel = rng.uniform(-1, 1, size=image_shape), rng.normal(size=kernel_shape)
        expect_convolve2d(student, numbers, kernel, "la salida con decimales")


@pytest.mark.grade("convolve2d-flip")
@pytest.mark.needs("test_convolve2d_slide_example")
def test_convolve2d_leaves_its_arguments_alone(student, rng):
    """convolve2d no modifica ni la imagen ni el kernel: lo gira en una copia."""
    image, kernel = rng.normal(size=(6, 6)), rng.normal(size=(3, 3))
    outcome = outcome_of(student, PARTS, "convolve2d", image, kernel)
    expect_untouched(student, outcome, image=image, kernel=kernel)
