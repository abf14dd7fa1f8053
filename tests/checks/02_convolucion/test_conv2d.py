"""conv2d: the cross-correlation that a CNN computes, with padding and stride.

A misconception should cost points once. Except where flipping the kernel is what a check is about, kernels here look
the same after half a turn, so that a student who flipped the kernel still earns padding, stride, shapes and types.
"""

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
SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])


def reference_conv2d(image: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Add up products window by window, as on the slides."""
    return _correlate(np.pad(image, padding), kernel, stride, stride)


def _correlate(image: np.ndarray, kernel: np.ndarray, row_step: int = 1, column_step: int = 1) -> np.ndarray:
    rows = (image.shape[0] - kernel.shape[0]) // row_step + 1
    columns = (image.shape[1] - kernel.shape[1]) // column_step + 1
    output = np.zeros((max(rows, 0), max(columns, 0)))
    for t in range(output.shape[0]):
        for u in range(output.shape[1]):
            top, left = t * row_step, u * column_step
            window = image[top : top + kernel.shape[0], left : left + kernel.shape[1]]
            output[t, u] = np.sum(window.astype(float) * kernel)
    return output


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
            "rellenaste solo arriba y a la izquierda; van ceros en los cuatro lados.": _correlate(
                np.pad(image, first), kernel, stride, stride
            ),
            "rellenaste solo abajo y a la derecha; van ceros en los cuatro lados.": _correlate(
                np.pad(image, last), kernel, stride, stride
            ),
            "rellenaste solo los costados; faltan arriba y abajo.": _correlate(
                np.pad(image, sides), kernel, stride, stride
            ),
            "rellenaste solo arriba y abajo; faltan los costados.": _correlate(
                np.pad(image, ends), kernel, stride, stride
            ),
            "rellenaste repitiendo el borde; el relleno son ceros.": _correlate(edge, kernel, stride, stride),
            "rellenaste con un solo píxel, sin mirar cuánto vale `padding`.": reference_conv2d(
                image, kernel, stride, 1
            ),
        }
    else:
        mistakes["rellenaste con ceros aunque `padding` es 0."] = reference_conv2d(image, kernel, stride, 1)
    if stride > 1:
        mistakes |= {
            "no se ve ningún efecto de `stride`.": _correlate(padded, kernel),
            "el paso se aplicó solo a las filas.": _correlate(padded, kernel, stride, 1),
            "el paso se aplicó solo a las columnas.": _correlate(padded, kernel, 1, stride),
            "donde el paso no encaja se descarta el resto (se redondea hacia abajo, no hacia arriba).": _correlate(
                np.pad(padded, beyond), kernel, stride, stride
            ),
            "el tamaño es correcto, pero la ventana avanzó de a un píxel en vez de `stride`.": _correlate(
                padded, kernel
            )[: right.shape[0], : right.shape[1]],
        }
    return mistakes


def expect_conv2d(student, image, kernel, stride=1, padding=0, what="la salida"):
    """Call conv2d, with only the options that differ from their defaults, and compare with the reference."""
    options = {"stride": stride} if stride != 1 else {}
    options |= {"padding": padding} if padding else {}
    expect_array(
        student.conv2d(image, kernel, **options),
        reference_conv2d(image, kernel, stride, padding),
        what,
        atol=1e-4,
        mistakes=usual_mistakes(image, kernel, stride, padding),
        shape_hint="Repasa la cuenta ⌊(N + 2P − K) / S⌋ + 1 por separado para filas y columnas.",
    )


def centred_kernel(rng, shape):
    """Return a random kernel of whole numbers that looks the same after half a turn."""
    half = rng.integers(-5, 6, size=shape)
    kernel = half + half[::-1, ::-1]
    kernel.flat[0] = kernel.flat[-1] = rng.integers(1, 10)  # never all zeros
    return kernel


@pytest.mark.grade("conv2d-slide")
def test_conv2d_slide_example(student):
    """conv2d da los nueve números del ejemplo de 5×5 de las diapositivas."""
    expect_conv2d(student, SLIDE_IMAGE, SHARPEN, what="la salida del ejemplo de las diapositivas")


@pytest.mark.grade("conv2d-slide", weight=2)
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_another_square_image(student, rng):
    """conv2d también acierta con otra imagen cuadrada y otro kernel de 3×3."""
    expect_conv2d(student, rng.integers(0, 256, size=(6, 6)), centred_kernel(rng, (3, 3)))


@pytest.mark.grade("conv2d-correlation", weight=2)
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_does_not_flip_the_kernel(student, rng):
    """conv2d es la correlación cruzada de las CNN: el kernel no se gira."""
    image = rng.integers(0, 256, size=(6, 6))
    kernel = rng.permutation(np.arange(-4, 5)).reshape(3, 3)
    expect_conv2d(student, image, kernel, what="la salida con un kernel asimétrico")
    expect_conv2d(student, image, np.array([[-1, 0], [0, 1]]), what="la salida con el kernel diagonal_1")


@pytest.mark.grade("conv2d-correlation")
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_shift(student, rng):
    """conv2d con un único 1 en el kernel copia la parte de la imagen que queda debajo de ese 1."""
    image = rng.integers(0, 256, size=(6, 6))
    for row, column in ((0, 0), (0, 2), (2, 1)):
        kernel = np.zeros((3, 3), dtype=int)
        kernel[row, column] = 1
        expect_conv2d(student, image, kernel, what=f"la salida con un único 1 en la posición [{row}, {column}]")


@pytest.mark.grade("conv2d-correlation")
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_is_linear(student, rng):
    """conv2d es lineal: la salida de una suma de imágenes es la suma de las salidas."""
    first, second = rng.integers(0, 256, size=(5, 5)), rng.integers(0, 256, size=(5, 5))
    kernel = centred_kernel(rng, (3, 3))
    together, alone = reference_conv2d(2 * first - second, kernel), reference_conv2d(first, kernel)
    other = reference_conv2d(second, kernel)
    hint = "conv2d solo multiplica y suma: ni recorta, ni normaliza, ni lleva activación."
    for image, right, what in (
        (first, alone, "la salida de la primera imagen"),
        (second, other, "la salida de la segunda imagen"),
        (2 * first - second, together, "la salida de la combinación de las dos imágenes"),
    ):
        mistakes = {hint: np.maximum(right, 0)} | usual_mistakes(image, kernel)
        expect_array(student.conv2d(image, kernel), right, what, atol=1e-4, mistakes=mistakes)


@pytest.mark.grade("conv2d-padding")
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_slide_example_with_padding(student):
    """conv2d con padding 1 da los 25 números del ejemplo y conserva el tamaño."""
    expect_conv2d(student, SLIDE_IMAGE, SHARPEN, padding=1, what="la salida del ejemplo con padding 1")


@pytest.mark.grade("conv2d-padding", weight=2)
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_any_padding(student, rng):
    """conv2d rellena los cuatro lados con tantos ceros como diga padding, aunque superen al kernel."""
    for padding, size in ((2, 3), (1, 2), (4, 3)):
        image = rng.integers(0, 256, size=(6, 6))
        expect_conv2d(
            student,
            image,
            centred_kernel(rng, (size, size)),
            padding=padding,
            what=f"la salida con padding {padding} y un kernel de {size}×{size}",
        )


@pytest.mark.grade("conv2d-padding")
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_identity_kernel(student, rng):
    """conv2d con un 1 en el centro del kernel y el padding justo devuelve la imagen."""
    image = rng.integers(0, 256, size=(6, 6))
    for size in (3, 5):
        kernel = np.zeros((size, size), dtype=int)
        kernel[size // 2, size // 2] = 1
        expect_conv2d(
            student, image, kernel, padding=size // 2, what=f"la salida con el kernel identidad de {size}×{size}"
        )


@pytest.mark.grade("conv2d-stride")
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_stride_that_fits(student, rng):
    """conv2d avanza de a stride píxeles, en filas y en columnas."""
    expect_conv2d(
        student, rng.integers(0, 256, size=(7, 7)), centred_kernel(rng, (3, 3)), stride=2, what="la salida con stride 2"
    )


@pytest.mark.grade("conv2d-stride", weight=2)
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_stride_that_does_not_fit(student, rng):
    """conv2d descarta lo que sobra cuando el paso no encaja, también si el paso supera al kernel."""
    for side, size, stride in ((8, 3, 2), (9, 2, 3), (11, 2, 4)):
        image = rng.integers(0, 256, size=(side, side))
        expect_conv2d(
            student,
            image,
            centred_kernel(rng, (size, size)),
            stride=stride,
            what=f"la salida con imagen {side}×{side}, kernel {size}×{size} y stride {stride}",
        )


@pytest.mark.grade("conv2d-stride", weight=2)
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_stride_and_padding(student, rng):
    """conv2d combina stride y padding."""
    for side, size, stride, padding in ((5, 3, 2, 1), (6, 3, 2, 1), (7, 2, 3, 2)):
        image = rng.integers(0, 256, size=(side, side))
        expect_conv2d(
            student,
            image,
            centred_kernel(rng, (size, size)),
            stride,
            padding,
            f"la salida con imagen {side}×{side}, kernel {size}×{size}, stride {stride} y padding {padding}",
        )


@pytest.mark.grade("conv2d-shapes", weight=2)
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_rectangular_images(student, rng):
    """conv2d acepta imágenes que no son cuadradas."""
    for shape in ((4, 9), (8, 5)):
        expect_conv2d(
            student,
            rng.integers(0, 256, size=shape),
            centred_kernel(rng, (3, 3)),
            what=f"la salida de una imagen de {shape[0]}×{shape[1]}",
        )


@pytest.mark.grade("conv2d-shapes", weight=2)
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_rectangular_kernels(student, rng):
    """conv2d acepta kernels que no son cuadrados."""
    image = rng.integers(0, 256, size=(7, 7))
    for shape in ((2, 4), (5, 3), (1, 3), (3, 1)):
        expect_conv2d(
            student, image, centred_kernel(rng, shape), what=f"la salida con un kernel de {shape[0]}×{shape[1]}"
        )


@pytest.mark.grade("conv2d-shapes")
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_even_and_tiny_kernels(student, rng):
    """conv2d acepta kernels de lado par y de un solo número."""
    image = rng.integers(0, 256, size=(6, 6))
    for size in (2, 4, 1):
        expect_conv2d(
            student, image, centred_kernel(rng, (size, size)), what=f"la salida con un kernel de {size}×{size}"
        )


@pytest.mark.grade("conv2d-shapes")
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_kernel_as_large_as_the_image(student, rng):
    """conv2d con un kernel del tamaño de la imagen da un solo número, en un arreglo de 1×1."""
    expect_conv2d(student, rng.integers(0, 256, size=(4, 4)), centred_kernel(rng, (4, 4)))


@pytest.mark.grade("conv2d-shapes")
@pytest.mark.needs("test_conv2d_rectangular_images", "test_conv2d_rectangular_kernels")
def test_conv2d_everything_together(student, rng):
    """conv2d acierta con imagen y kernel rectangulares, stride y padding a la vez."""
    expect_conv2d(student, rng.integers(0, 256, size=(6, 11)), centred_kernel(rng, (2, 3)), stride=2, padding=1)
    expect_conv2d(student, rng.integers(0, 256, size=(12, 7)), centred_kernel(rng, (3, 2)), stride=3, padding=2)


@pytest.mark.grade("conv2d-types")
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_bytes_do_not_overflow(student, rng):
    """conv2d no se desborda con imágenes uint8: hay salidas negativas y mayores que 255."""
    image = rng.integers(0, 256, size=(7, 7), dtype=np.uint8)
    image[2:5, 2:5] = 255
    image[3, 3] = 1
    expect_conv2d(student, image, SHARPEN, what="la salida de una imagen uint8")
    expect_conv2d(student, image, np.ones((3, 3), dtype=int), what="la suma de ventanas de una imagen uint8")
    expect_conv2d(student, image, SHARPEN, padding=1, what="la salida de una imagen uint8 con padding")


@pytest.mark.grade("conv2d-types")
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_keeps_the_decimals(student, rng):
    """conv2d no pierde decimales: ni los de la imagen, ni los del kernel."""
    half = rng.normal(size=(3, 3))
    kernel = half + half[::-1, ::-1]
    expect_conv2d(student, rng.integers(0, 256, size=(5, 5)), kernel / 16, what="la salida con un kernel float")
    expect_conv2d(student, rng.uniform(0, 1, size=(5, 5)), SHARPEN, what="la salida de una imagen float")


@pytest.mark.grade("conv2d-types")
@pytest.mark.needs("test_conv2d_slide_example")
def test_conv2d_leaves_its_arguments_alone(student, rng):
    """conv2d no modifica la imagen ni el kernel."""
    image, kernel = rng.normal(size=(5, 6)), rng.normal(size=(3, 3))
    expect_unchanged(student.call("conv2d", image, kernel), image, kernel)
    expect_unchanged(student.call("conv2d", image, kernel, stride=2, padding=1), image, kernel)
