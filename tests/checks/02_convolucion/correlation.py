"""What the checks of conv2d, and of all that builds on it, compare with: the slow reference, and what mistakes give."""

from __future__ import annotations

import contextlib

import numpy as np
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from autograder.checking import (
    StudentException,
    StudentFault,
    arrays,
    as_array,
    expect_array,
    expect_unchanged,
    fail,
    sizes,
    smallest,
)

from .zeros import misread_padding, reference_pad2d

SLIDE_IMAGE = np.array(
    [
        [60, 113, 56, 139, 85],
        [73, 121, 54, 84, 128],
        [131, 99, 70, 129, 127],
        [80, 57, 115, 69, 134],
        [104, 126, 123, 95, 130],
    ]
)
SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])


def reference_conv2d(image: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Add up products window by window, as on the slides."""
    return correlate(reference_pad2d(image, padding), kernel, stride, stride)


def correlate(image: np.ndarray, kernel: np.ndarray, row_step: int = 1, column_step: int = 1) -> np.ndarray:
    if image.shape[0] < kernel.shape[0] or image.shape[1] < kernel.shape[1]:
        rows = (image.shape[0] - kernel.shape[0]) // row_step + 1
        columns = (image.shape[1] - kernel.shape[1]) // column_step + 1
        return np.zeros((max(rows, 0), max(columns, 0)))
    windows = sliding_window_view(image.astype(float), kernel.shape)[::row_step, ::column_step]
    return np.einsum("tuij,ij->tu", windows, kernel.astype(float))


def usual_mistakes(image: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: int = 0) -> dict[str, np.ndarray]:
    """Return the wrong answers that one meets often, by the sentence that explains them."""
    padded = np.pad(image, padding)
    right = reference_conv2d(image, kernel, stride, padding)
    flipped = reference_conv2d(image, kernel[::-1, ::-1], stride, padding)
    beyond = tuple((0, -(size - k) % stride) for size, k in zip(padded.shape, kernel.shape))
    mistakes = {
        "giraste el kernel: eso es la convolución de la definición; conv2d calcula la correlación cruzada, "
        "sin girar.": flipped,
        "recortaste los valores negativos o los mayores que 255; la salida los conserva.": np.clip(right, 0, 255),
        "los valores negativos pasaron a 0; conv2d no lleva activación.": np.maximum(right, 0),
        "tomaste el valor absoluto; la salida conserva el signo.": np.abs(right),
        "se perdieron los decimales: revisa el tipo del arreglo de salida.": np.trunc(right),
        "la salida se desbordó: 8 bits no alcanzan. Convierte la imagen antes de multiplicar.": np.mod(
            np.trunc(right), 256
        ),
        "promediaste los productos en vez de sumarlos.": right / kernel.size,
    }
    if kernel.sum():
        mistakes["dividiste por la suma del kernel; la definición solo suma productos."] = right / kernel.sum()
    if kernel.shape[0] == kernel.shape[1]:
        mistakes["intercambiaste filas y columnas del kernel."] = reference_conv2d(image, kernel.T, stride, padding)
    mistakes["la salida está transpuesta: filas y columnas intercambiadas."] = right.T
    if padding:
        edge = np.pad(image, padding, mode="edge")
        first, last = ((padding, 0),) * 2, ((0, padding),) * 2
        sides, ends = ((0, 0), (padding, padding)), ((padding, padding), (0, 0))
        mistakes |= {
            "no se ve ningún efecto de `padding`.": reference_conv2d(image, kernel, stride),
            "rellenaste solo arriba y a la izquierda; van ceros en los cuatro lados.": correlate(
                np.pad(image, first), kernel, stride, stride
            ),
            "rellenaste solo abajo y a la derecha; van ceros en los cuatro lados.": correlate(
                np.pad(image, last), kernel, stride, stride
            ),
            "rellenaste solo los costados; faltan arriba y abajo.": correlate(
                np.pad(image, sides), kernel, stride, stride
            ),
            "rellenaste solo arriba y abajo; faltan los costados.": correlate(
                np.pad(image, ends), kernel, stride, stride
            ),
            "rellenaste repitiendo el borde; el relleno son ceros.": correlate(edge, kernel, stride, stride),
            "rellenaste con un solo píxel, sin mirar cuánto vale `padding`.": reference_conv2d(
                image, kernel, stride, 1
            ),
        }
    else:
        mistakes["rellenaste con ceros aunque `padding` es 0."] = reference_conv2d(image, kernel, stride, 1)
    if stride > 1:
        every = correlate(padded, kernel)
        spread = np.zeros_like(every)
        spread[::stride, ::stride] = every[::stride, ::stride]
        mistakes |= {
            "con stride el resultado de la ventana que empieza en x, y va en output[x // stride, y // stride], y no en "
            "output[x, y].": spread,
            "no se ve ningún efecto de `stride`.": correlate(padded, kernel),
            "el paso se aplicó solo a las filas.": correlate(padded, kernel, stride, 1),
            "el paso se aplicó solo a las columnas.": correlate(padded, kernel, 1, stride),
            "donde el paso no encaja se descarta el resto (se redondea hacia abajo, no hacia arriba).": correlate(
                np.pad(padded, beyond), kernel, stride, stride
            ),
            "el tamaño es correcto, pero la ventana avanzó de a un píxel en vez de `stride`.": correlate(
                padded, kernel
            )[: right.shape[0], : right.shape[1]],
        }
    return mistakes


@st.composite
def shapes(draw, image_shape, kernel_shape, border):
    """Draw smaller shapes of image and kernel of the same kind: what is square stays square, what is odd stays odd."""
    rows, columns = (draw(sizes(side)) for side in image_shape)
    if image_shape[0] == image_shape[1]:
        columns = rows
    height, width = (draw(sizes(min(most, side + 2 * border))) for most, side in zip(kernel_shape, (rows, columns)))
    height, width = (side - 1 + side % 2 if most % 2 else side for most, side in zip(kernel_shape, (height, width)))
    if kernel_shape[0] == kernel_shape[1]:
        height = width = min(height, width)
    return (rows, columns), (height, width)


@st.composite
def smaller(draw, image, kernel, stride=1, padding=0, *_, **__):
    """Draw smaller inputs of conv2d into which the kernel fits."""
    border = draw(sizes(padding, 0))
    image_shape, kernel_shape = draw(shapes(image.shape, kernel.shape, border))
    drawn = draw(arrays(image, *image_shape)), draw(arrays(kernel, *kernel_shape))
    return drawn, {"stride": draw(sizes(stride)), "padding": border}


@smallest(smaller)
def expect_conv2d(student, image, kernel, stride=1, padding=0, what="la salida", is_about_defaults=False):
    """Call conv2d, with only the options that differ from their defaults, and compare with the reference.

    Two mistakes cost their points elsewhere and none here: a wrong default, and a `pad2d` of the student's own that his
    conv2d builds on.
    """
    options = {"stride": stride} if stride != 1 else {}
    options |= {"padding": padding} if padding else {}
    try:
        return compare(student.conv2d(image, kernel, **options), image, kernel, stride, padding, what)
    except StudentFault:
        last = student.last
        if not is_about_defaults and agrees(
            lambda: compare(
                student.conv2d(image, kernel, stride=stride, padding=padding), image, kernel, stride, padding
            )
        ):
            return student.note("Algún valor por defecto de conv2d no es el pedido; eso se cuenta en otra parte.")
        own = misread_padding(student, image, padding)
        answered = own is not None and last is not None and last.outcome is not None
        follows_from_pad2d = answered and agrees(
            lambda: expect_array(last.outcome.value, correlate(own, kernel, stride, stride), atol=1e-4)
        )
        if follows_from_pad2d or is_right_with(
            student,
            PAD2D,
            lambda value: compare(value, image, kernel, stride, padding),
            ("conv2d", image, kernel),
            options,
        ):
            return student.note(ELSEWHERE.format(part="pad2d"))
        student.last = last
        if stride > 1 and last is not None and last.error.startswith("IndexError"):
            fail(OUTPUT_XY.format(name="conv2d"))
        raise


ELSEWHERE = "El error está en tu {part}, y se cuenta en su ejercicio."
PAD2D = {"pad2d": reference_pad2d}
PARTS = {**PAD2D, "conv2d": reference_conv2d}
"""What the grader answers in place of functions of the student's that others build on."""


def is_right_with(student, parts, expectation, call, options):
    """Tell whether a call gives what is expected where the grader answers for these parts of it."""
    return agrees(lambda: expectation(student.call_with(parts, *call, **options).value))


def outcome_of(student, parts, name, *sent, **options):
    """Call a function; where it stops, call it with the grader's own parts, and raise what stopped it if that fails."""
    try:
        return student.call(name, *sent, **options)
    except StudentException:
        last = student.last
        with contextlib.suppress(StudentFault):
            return student.call_with(parts, name, *sent, **options)
        student.last = last
        raise


OUTPUT_XY = (
    "`{name}` se detuvo con IndexError al avanzar con `stride`: ¿escribes el resultado en `output[x, y]`? La ventana "
    "que empieza en x, y va en `output[x // stride, y // stride]`."
)


def compare(received, image, kernel, stride, padding, what="la salida"):
    """Compare an answer of conv2d with the reference, naming usual mistakes."""
    return expect_array(
        received,
        reference_conv2d(image, kernel, stride, padding),
        what,
        atol=1e-4,
        mistakes=lambda: usual_mistakes(image, kernel, stride, padding),
        shape_hint="Repasa la cuenta ⌊(N + 2P − K) / S⌋ + 1 por separado para filas y columnas.",
    )


def agrees(expectation):
    """Tell whether an expectation holds."""
    try:
        expectation()
    except StudentFault:
        return False
    return True


STOPPED = "stopped"
"""What `misread_conv2d` returns for a conv2d that raises."""


def misread_conv2d(student, image, kernel, **options):
    """Return what the student's own conv2d gives, or `STOPPED`, if one may build on it; else None.

    Whoever builds on it and does his own part right gets what follows from it, and is not charged twice. One may build
    on a conv2d that is right in the plain case, or wrong in a way that one knows; not on one that computes nothing.
    """
    last = student.last
    stride, padding = options.get("stride", 1), options.get("padding", 0)
    right = reference_conv2d(image, kernel, stride, padding)
    try:
        received = as_array(student.conv2d(image, kernel, **options)).astype(float)
    except StudentFault:
        received = STOPPED
    try:
        if is_plainly_right(student):
            return received
        if received is STOPPED:
            return None
        known = list(usual_mistakes(image, kernel, stride, padding).values())
        own = misread_padding(student, image, padding)
        if own is not None and min(own.shape[0] - kernel.shape[0], own.shape[1] - kernel.shape[1]) >= 0:
            known.append(correlate(own, kernel, stride, stride))
    finally:
        student.last = last
    # Where the mistake does not show, the right answer is what follows from it.
    is_known = any(one.shape == received.shape and np.allclose(one, received, atol=1e-4) for one in (right, *known))
    return received if is_known else None


def follows(received, own):
    """Tell whether an answer, or `STOPPED`, is what follows from the student's own conv2d."""
    if own is None or own is STOPPED or received is STOPPED:
        return own is STOPPED and received is STOPPED
    return agrees(lambda: expect_array(received, own, atol=1e-4))


def expect_untouched(student, outcome, **sent):
    """Fail if a call changed its arguments, unless the student's own conv2d does so, and is charged for it."""
    last, asked = student.last, {"image": SLIDE_IMAGE.astype(float), "kernel": SHARPEN.astype(float)}
    try:
        expect_unchanged(outcome, **sent)
    except StudentFault:
        own = []
        if agrees(lambda: own.append(student.call("conv2d", *asked.values()))) and not agrees(
            lambda: expect_unchanged(own[0], **asked)
        ):
            return student.note("Tu conv2d cambia sus argumentos, y eso se cuenta en su ejercicio.")
        student.last = last
        raise


def is_plainly_right(student):
    """Tell whether the student's conv2d is right for the slide's image and another kernel."""
    kernel = np.array([[1, 2, 3], [4, 5, 4], [3, 2, 1]])
    return agrees(lambda: compare(student.conv2d(SLIDE_IMAGE, kernel, stride=1, padding=0), SLIDE_IMAGE, kernel, 1, 0))


def centred_kernel(rng, shape):
    """Return a random kernel of whole numbers that looks the same after half a turn."""
    half = rng.integers(-5, 6, size=shape)
    kernel = half + half[::-1, ::-1]
    kernel.flat[0] = kernel.flat[-1] = rng.integers(1, 10)  # never all zeros
    return kernel
