"""conv2d: the cross-correlation that a CNN computes, with padding and stride.

A misconception costs points once. Except where flipping the kernel is what a check is about, kernels here look the same
after half a turn. Only ``conv2d-shapes`` asks for images or kernels that are not square, for even kernels and for a
single row, and only ``conv2d-types`` for anything but ordinary whole numbers. Where these are crossed with stride or
padding, whoever fails the plain case is charged there alone.
"""

import numpy as np
import pytest

from autograder.checking import charged_once, expect_unchanged, holds

from .correlation import PAD2D, SHARPEN, SLIDE_IMAGE, centred_kernel, expect_conv2d, outcome_of

CROSSED = ((1, 0), (1, 1), (2, 2))
"""Strides and paddings with which shapes and types are crossed."""


def square(rng, side=7):
    return rng.integers(0, 256, size=(side, side))


def plain(student, rng, stride, padding):
    """Return the plain case: whole numbers, a square image and an odd square kernel, with this stride and padding.

    A stride is asked where it fits and where it does not, a padding with one that is not half of the kernel.
    """
    images = [square(rng, side) for side in ((7, 8) if stride > 1 else (7,))]
    kernel = centred_kernel(rng, (3, 3))

    def ask():
        for image in images:
            for border in {padding, padding + 1} if padding else {0}:
                expect_conv2d(student, image, kernel, stride, border)

    return ask


@pytest.mark.grade("conv2d-slide")
def test_conv2d_slide_example(student):
    """conv2d da los nueve números del ejemplo de 5×5 de las diapositivas."""
    what = "la salida del ejemplo de las diapositivas"
    expect_conv2d(student, SLIDE_IMAGE, SHARPEN, what=what, is_about_defaults=True)


@pytest.mark.grade("conv2d-slide", weight=2)
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_another_square_image(student, rng):
    """conv2d también acierta con otra imagen cuadrada y otro kernel de 3×3."""
    expect_conv2d(student, square(rng, 6), centred_kernel(rng, (3, 3)), is_about_defaults=True)


@pytest.mark.grade("conv2d-correlation", weight=2)
def test_conv2d_does_not_flip_the_kernel(student, rng):
    """conv2d es la correlación cruzada de las CNN: el kernel no se gira."""
    kernel = rng.permutation(np.arange(-4, 5)).reshape(3, 3)
    expect_conv2d(student, square(rng, 6), kernel, what="la salida con un kernel asimétrico")


@pytest.mark.grade("conv2d-correlation")
def test_conv2d_shift(student, rng):
    """conv2d con un único 1 en el kernel copia la parte de la imagen que queda debajo de ese 1."""
    image = square(rng, 6)
    for row, column in ((0, 0), (0, 2), (2, 1)):
        kernel = np.zeros((3, 3), dtype=int)
        kernel[row, column] = 1
        expect_conv2d(student, image, kernel, what=f"la salida con un único 1 en la posición [{row}, {column}]")


@pytest.mark.grade("conv2d-correlation")
def test_conv2d_is_linear(student, rng):
    """conv2d es lineal: la salida de una suma de imágenes es la suma de las salidas."""
    first, second = square(rng, 5), square(rng, 5)
    kernel = centred_kernel(rng, (3, 3))
    for image, what in (
        (first, "la salida de la primera imagen"),
        (second, "la salida de la segunda imagen"),
        (2 * first - second, "la salida de la combinación de las dos imágenes"),
    ):
        expect_conv2d(student, image, kernel, what=what)


@pytest.mark.grade("conv2d-padding")
def test_conv2d_slide_example_with_padding(student):
    """conv2d con padding 1 da los 25 números del ejemplo y conserva el tamaño."""
    expect_conv2d(student, SLIDE_IMAGE, SHARPEN, padding=1, what="la salida del ejemplo con padding 1")


@pytest.mark.grade("conv2d-padding", weight=2)
def test_conv2d_any_padding(student, rng):
    """conv2d rellena los cuatro lados con tantos ceros como diga padding, aunque superen al kernel."""
    for padding, size in ((2, 3), (1, 3), (2, 5), (4, 3)):
        what = f"la salida con padding {padding} y un kernel de {size}×{size}"
        expect_conv2d(student, square(rng), centred_kernel(rng, (size, size)), padding=padding, what=what)


@pytest.mark.grade("conv2d-padding")
def test_conv2d_identity_kernel(student, rng):
    """conv2d con un 1 en el centro del kernel y el padding justo devuelve la imagen."""
    for size in (3, 5):
        kernel = np.zeros((size, size), dtype=int)
        kernel[size // 2, size // 2] = 1
        what = f"la salida con el kernel identidad de {size}×{size}"
        expect_conv2d(student, square(rng, 6), kernel, padding=size // 2, what=what)


@pytest.mark.grade("conv2d-stride")
def test_conv2d_stride_that_fits(student, rng):
    """conv2d avanza de a stride píxeles, en filas y en columnas."""
    for side, stride in ((7, 2), (9, 3)):
        what = f"la salida con stride {stride}"
        expect_conv2d(student, square(rng, side), centred_kernel(rng, (3, 3)), stride=stride, what=what)


@pytest.mark.grade("conv2d-stride", weight=2)
def test_conv2d_stride_that_does_not_fit(student, rng):
    """conv2d descarta lo que sobra cuando el paso no encaja, también si el paso supera al kernel."""
    for side, size, stride in ((8, 3, 2), (7, 3, 3), (9, 3, 4), (11, 3, 5)):
        what = f"la salida con imagen {side}×{side}, kernel {size}×{size} y stride {stride}"
        expect_conv2d(student, square(rng, side), centred_kernel(rng, (size, size)), stride=stride, what=what)


@pytest.mark.grade("conv2d-stride", weight=2)
def test_conv2d_stride_and_padding(student, rng):
    """conv2d combina stride y padding."""
    for side, size, stride, padding in ((5, 3, 2, 1), (6, 3, 2, 1), (7, 3, 3, 2), (7, 3, 2, 2)):
        image, kernel = square(rng, side), centred_kernel(rng, (size, size))
        what = f"la salida con imagen {side}×{side}, kernel {size}×{size}, stride {stride} y padding {padding}"
        charged_once(
            student,
            lambda case=(image, kernel, stride, padding, what): expect_conv2d(student, *case),
            given=lambda case=(image, kernel, stride, 0): expect_conv2d(student, *case),
            elsewhere=lambda case=(image, kernel, 1, padding): expect_conv2d(student, *case),
        )


def cross_shapes(student, rng, image_shape, kernel_shape, crossed=CROSSED):
    """Ask for one shape of image and kernel with strides and paddings; their own checks are charged for these."""
    for stride, padding in crossed:
        image, kernel = rng.integers(0, 256, size=image_shape), centred_kernel(rng, kernel_shape)
        if any(size > side + 2 * padding for size, side in zip(kernel_shape, image_shape)):
            continue
        what = (
            f"la salida con imagen {'×'.join(map(str, image_shape))}, kernel {'×'.join(map(str, kernel_shape))}, "
            f"stride {stride} y padding {padding}"
        )
        if (stride, padding) == (1, 0):
            expect_conv2d(student, image, kernel, what=what)
            continue
        charged_once(
            student,
            lambda case=(image, kernel, stride, padding, what): expect_conv2d(student, *case),
            given=plain(student, rng, 1, 0),
            elsewhere=plain(student, rng, stride, padding),
        )


@pytest.mark.grade("conv2d-shapes", weight=2)
def test_conv2d_rectangular_images(student, rng):
    """conv2d acepta imágenes que no son cuadradas."""
    for shape in ((4, 9), (8, 5)):
        cross_shapes(student, rng, shape, (3, 3))


@pytest.mark.grade("conv2d-shapes", weight=2)
def test_conv2d_rectangular_kernels(student, rng):
    """conv2d acepta kernels que no son cuadrados."""
    for shape in ((2, 4), (5, 3), (1, 3), (3, 1)):
        cross_shapes(student, rng, (7, 7), shape)


@pytest.mark.grade("conv2d-shapes")
def test_conv2d_even_and_tiny_kernels(student, rng):
    """conv2d acepta kernels de lado par y de un solo número."""
    for size in (2, 4, 1):
        cross_shapes(student, rng, (7, 7), (size, size))


@pytest.mark.grade("conv2d-shapes")
def test_conv2d_kernel_as_large_as_the_image(student, rng):
    """conv2d con un kernel del tamaño de la imagen da un solo número, en un arreglo de 1×1."""
    cross_shapes(student, rng, (5, 5), (5, 5), ((1, 0), (2, 0)))
    cross_shapes(student, rng, (3, 6), (3, 6), ((1, 0), (1, 1)))


@pytest.mark.grade("conv2d-shapes")
def test_conv2d_everything_together(student, rng):
    """conv2d acierta con imagen y kernel rectangulares, o de una sola fila o columna, con stride y padding a la vez."""
    cross_shapes(student, rng, (6, 11), (2, 3))
    cross_shapes(student, rng, (12, 7), (3, 2))
    for image_shape, kernel_shape in (((1, 6), (1, 3)), ((6, 1), (3, 1)), ((1, 6), (3, 3)), ((1, 1), (1, 1))):
        cross_shapes(student, rng, image_shape, kernel_shape)


def cross_types(student, rng, image, kernel, what):
    """Ask for one type of image and kernel with strides and paddings; their own checks are charged for these."""
    for stride, padding in CROSSED:
        about = f"{what} con stride {stride} y padding {padding}"
        if (stride, padding) == (1, 0):
            expect_conv2d(student, image, kernel, what=what)
            continue
        charged_once(
            student,
            lambda case=(image, kernel, stride, padding, about): expect_conv2d(student, *case),
            given=plain(student, rng, 1, 0),
            elsewhere=plain(student, rng, stride, padding),
        )


@pytest.mark.grade("conv2d-types")
def test_conv2d_bytes_do_not_overflow(student, rng):
    """conv2d no se desborda con imágenes uint8: hay salidas negativas y mayores que 255."""
    image = rng.integers(0, 256, size=(7, 7), dtype=np.uint8)
    image[2:5, 2:5] = 255
    image[3, 3] = 1
    cross_types(student, rng, image, SHARPEN, "la salida de una imagen uint8")
    cross_types(student, rng, image, np.ones((3, 3), dtype=int), "la suma de ventanas de una imagen uint8")


@pytest.mark.grade("conv2d-types")
def test_conv2d_keeps_the_decimals(student, rng):
    """conv2d no pierde decimales ni signos: ni los de la imagen, ni los del kernel, con cualquier stride y padding."""
    half = rng.normal(size=(3, 3))
    kernel = half + half[::-1, ::-1]
    cross_types(student, rng, square(rng), kernel / 16, "la salida con un kernel float")
    cross_types(student, rng, rng.uniform(0, 1, size=(7, 7)), SHARPEN, "la salida de una imagen float")
    cross_types(student, rng, rng.uniform(-9, 0, size=(7, 7)), kernel, "la salida de una imagen float negativa")
    cross_types(student, rng, -square(rng), SHARPEN, "la salida de una imagen int negativa")


@pytest.mark.grade("conv2d-types")
def test_conv2d_decimals_in_any_shape(student, rng):
    """conv2d conserva los decimales también en imágenes rectangulares, de una fila o de una columna."""
    for image_shape, kernel_shape in (((5, 8), (2, 3)), ((1, 6), (1, 3)), ((6, 1), (2, 1))):
        numbers, kernel = rng.uniform(-1, 1, size=image_shape), centred_kernel(rng, kernel_shape)
        whole = np.round(numbers * 9).astype(int)
        for stride, padding in ((1, 0), (2, 1)):
            charged_once(
                student,
                lambda case=(numbers, kernel / 4, stride, padding): expect_conv2d(student, *case),
                given=plain(student, rng, 1, 0),
                elsewhere=lambda case=(whole, kernel, stride, padding): expect_conv2d(student, *case),
            )


@pytest.mark.grade("conv2d-types")
def test_conv2d_leaves_its_arguments_alone(student, rng):
    """conv2d no modifica la imagen ni el kernel."""
    plain(student, rng, 1, 0)()
    for options in ({}, {"stride": 2, "padding": 1}):
        image, kernel = rng.normal(size=(5, 5)), rng.normal(size=(3, 3))
        if not options or holds(student, plain(student, rng, 2, 1)):
            outcome = outcome_of(student, PAD2D, "conv2d", image, kernel, **options)
            expect_unchanged(outcome, image=image, kernel=kernel)
