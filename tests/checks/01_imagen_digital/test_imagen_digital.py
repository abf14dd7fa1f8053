"""Hidden checks of 01_imagen_digital: reading images, channels, two conversions to grey.

Every image is new for each submission, never square, and small: the references are loops over the formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from autograder.checking import (
    Figure,
    Image,
    Outcome,
    Student,
    StudentFault,
    arrays,
    as_array,
    charged_once,
    expect_array,
    expect_that,
    expect_unchanged,
    fail,
    helped,
    holds,
    inputs,
    smallest,
)

MEAN = (1 / 3, 1 / 3, 1 / 3)
LUMINOSITY = (0.3, 0.59, 0.11)
SKIMAGE = (0.2125, 0.7154, 0.0721)
CMAPS = {"Reds": "R", "Greens": "G", "Blues": "B"}

# A grey that was rounded, even channel by channel, is within this of the right one; an overflow is 256 / 3 away from it
# at least. So the checks on overflow judge overflow, and others judge rounding.
ROUNDING = 3.0


def random_image(rng: np.random.Generator, low: int = 0, high: int = 255, dtype: Any = np.uint8) -> np.ndarray:
    """Return an image (H, W, 3), wide or tall, of whole numbers from ``low`` to ``high``."""
    short, long = int(rng.integers(5, 9)), int(rng.integers(11, 17))
    size = (short, long) if rng.random() < 0.5 else (long, short)
    return rng.integers(low, high, size=(*size, 3), endpoint=True).astype(dtype)


def reference_gray(image: np.ndarray, weights: tuple[float, float, float]) -> np.ndarray:
    """Add up the weighted channels of each pixel, in floating point."""
    rows, columns, _ = image.shape
    gray = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            gray[row, column] = sum(weight * float(value) for weight, value in zip(weights, image[row, column]))
    return gray


@pytest.mark.grade("load-rgb-pixels", weight=3)
def test_load_rgb_reads_every_pixel(student: Student, rng: np.random.Generator) -> None:
    """load_rgb devuelve los píxeles del archivo: forma (H, W, 3), canales R, G, B, de 0 a 255."""
    for number in (1, 2):
        image = random_image(rng)
        opaque = np.full((*image.shape[:2], 1), 255, dtype=np.uint8)
        expect_array(
            student.load_rgb(student.put_png(f"imagen_{number}.png", image)),
            image,
            "la imagen leída",
            mistakes={
                "está en escala 0–1; los píxeles del archivo van de 0 a 255.": image / 255,
                "tiene los canales en el orden B, G, R; deben ser R, G, B.": image[:, :, ::-1],
                "tiene intercambiadas las filas y las columnas.": image.swapaxes(0, 1),
                "tiene los canales al principio; van al final: (H, W, 3).": np.moveaxis(image, 2, 0),
                "trae un cuarto canal, de transparencia; deben ser tres.": np.concatenate([image, opaque], axis=2),
            },
            shape_hint="¿Lees el archivo `path` que recibe la función, y en color?",
        )


@pytest.mark.grade("load-rgb-pixels")
@pytest.mark.needs("test_load_rgb_reads_every_pixel")
def test_load_rgb_keeps_the_bytes(student: Student, rng: np.random.Generator) -> None:
    """load_rgb conserva el tipo de los píxeles: enteros de 8 bits (uint8)."""
    received = student.load_rgb(student.put_png("bytes.png", random_image(rng)))
    kind = as_array(received, "la imagen leída").dtype
    # A list has lost its dtype on the way: whole numbers are all that it can keep.
    kept = kind == np.uint8 if isinstance(received, np.ndarray) else kind.kind in "iu"
    expect_that(kept, f"La imagen leída debería ser de tipo uint8 y es {kind}: devuélvela tal como está en el archivo.")


@pytest.mark.grade("load-gray-values", weight=2)
def test_load_gray_values(student: Student, rng: np.random.Generator) -> None:
    """load_gray da lo mismo que io.imread(path, as_gray=True): forma (H, W), de 0 a 1."""
    for number in (1, 2):
        image = random_image(rng)
        gray = reference_gray(image, SKIMAGE) / 255
        expect_array(
            student.load_gray(student.put_png(f"gris_{number}.png", image)),
            gray,
            "la imagen en grises",
            atol=1e-4,
            mistakes={
                "está en escala 0–255; con `as_gray=True` va de 0 a 1.": 255 * gray,
                "es el promedio de los canales; `as_gray=True` usa otros pesos.": reference_gray(image, MEAN) / 255,
                "usa los pesos 0,3, 0,59 y 0,11; los de `as_gray=True` son otros.": reference_gray(image, LUMINOSITY)
                / 255,
                "es el promedio de los canales en escala 0–255.": reference_gray(image, MEAN),
                "usa los pesos 0,3, 0,59 y 0,11 y la escala 0–255.": reference_gray(image, LUMINOSITY),
                "usa los canales en el orden B, G, R.": reference_gray(image[:, :, ::-1], SKIMAGE) / 255,
                "tiene intercambiadas las filas y las columnas.": gray.T,
                "perdió los decimales: ¿la convertiste a enteros?": gray.astype(int),
                "sigue siendo una imagen en color.": image,
            },
            shape_hint="¿Lees el archivo `path` que recibe la función, y en grises?",
        )


@pytest.mark.grade("load-gray-values")
def test_load_gray_range(student: Student) -> None:
    """load_gray da 0 para el negro y 1 para el blanco."""
    image = np.zeros((6, 9, 3), dtype=np.uint8)
    image[2:, 4:] = 255
    expect_array(
        student.load_gray(student.put_png("blanco_y_negro.png", image)),
        image[:, :, 0] / 255,
        "una imagen en blanco y negro",
        atol=1e-3,
        mistakes={"el blanco vale 255; con `as_gray=True` vale 1.": image[:, :, 0]},
    )


@smallest(lambda image, name: inputs(images_like(image), st.just(name)))
def expect_channel(student: Student, image: np.ndarray, name: str) -> None:
    """Ask for one channel of the image and compare it with the loop over its pixels."""
    index = "RGB".index(name)
    plane = np.array([[pixel[index] for pixel in row] for row in image])
    alone = np.zeros_like(image)
    alone[:, :, index] = plane
    mistakes = {
        "parece que los canales están en el orden B, G, R; son R, G, B.": image[:, :, 2 - index],
        "devolviste la imagen con los otros canales en cero; se pide solo el plano (H, W).": alone,
        "devolviste la imagen completa.": image,
        "quedó con una tercera dimensión; se pide una matriz (H, W).": plane[:, :, np.newaxis],
        "tiene intercambiadas las filas y las columnas.": plane.T,
        "cambió de escala; un canal conserva los valores de la imagen.": plane / 255,
        "perdió los decimales: no lo conviertas a enteros.": plane.astype(int),
    }
    if index < len(image):
        text = "el canal es el último índice, `image[:, :, k]`; elegiste una fila de la imagen."
        mistakes[text] = image[index]
    if index < image.shape[1]:
        mistakes["el canal es el último índice, `image[:, :, k]`; elegiste una columna."] = image[:, index]
    expect_array(student.channel(image, name), plane, f"el canal {name}", mistakes=mistakes)


def images_like(image: np.ndarray) -> Any:
    """Return a strategy of smaller images of the same type."""
    rows, columns = (st.integers(1, side) for side in image.shape[:2])
    return arrays(image, rows, columns, 3)


def expect_channels(student: Student, image: np.ndarray) -> None:
    """Ask for each channel of the image."""
    for name in "RGB":
        expect_channel(student, image, name)


@pytest.mark.grade("channel-planes", weight=2)
def test_channel_of_bytes(student: Student, rng: np.random.Generator) -> None:
    """channel entrega el plano R, G o B de una imagen uint8 que no es cuadrada."""
    expect_channels(student, random_image(rng))


@pytest.mark.grade("channel-planes")
def test_channel_of_other_numbers(student: Student, rng: np.random.Generator) -> None:
    """channel conserva los valores de imágenes int y float."""
    expect_channels(student, random_image(rng, dtype=np.int64))
    expect_channels(student, random_image(rng) / 255)


@pytest.mark.grade("channel-planes")
def test_channel_of_narrow_images(student: Student, rng: np.random.Generator) -> None:
    """channel da una matriz (H, W) también de imágenes de una fila, de una columna, de un solo píxel o de tres."""
    for size in ((1, 6), (6, 1), (1, 1), (3, 5), (5, 3), (3, 3)):
        image = rng.integers(0, 255, size=(*size, 3), endpoint=True)
        for sent in (image.astype(np.uint8), image, image / 255):
            expect_channels(student, sent)


@pytest.mark.grade("channel-planes")
@pytest.mark.needs("test_channel_of_bytes")
def test_channel_leaves_the_image_alone(student: Student, rng: np.random.Generator) -> None:
    """channel no modifica la imagen que recibe."""
    for image in (random_image(rng, low=1), random_image(rng, low=1) / 255):
        for name in "RGB":
            expect_unchanged(student.call("channel", image, name), image=image)


def drawn_images(outcome: Outcome) -> list[Image]:
    """Return what ``show_channels`` drew, in figures that it returned or left open; fail if there is nothing."""

    def returned(value: Any) -> Iterator[Figure]:
        if isinstance(value, Figure):
            yield value
        elif isinstance(value, (list, tuple)):
            for part in value:
                yield from returned(part)

    figures = [*outcome.figures, *returned(outcome.value)]
    expect_that(
        bool(figures),
        "show_channels no devolvió una figura ni dejó figuras abiertas. Termina con `return fig` y no la cierres.",
    )
    images = [image for figure in figures for image in figure.images]
    expect_that(bool(images), "La figura de show_channels no contiene ninguna imagen: dibuja cada canal con `imshow`.")
    return images


def shows(image: Image, plane: np.ndarray) -> bool:
    """Tell whether the image shows the plane, be it rescaled: a colour map looks the same from 0 to 1 or to 255."""
    if image.data.shape != plane.shape:
        return False
    data = image.data.astype(float) - image.data.mean()
    centred = plane - plane.mean()
    return bool(np.sum(data * centred) > 0.999 * np.linalg.norm(data) * np.linalg.norm(centred) > 0)


FOLLOWS = "Los colores van bien con tu channel: el error está allí, y se cuenta en su ejercicio."


def own_channel(student: Student, image: np.ndarray, name: str) -> np.ndarray | None:
    """Return what the student's own channel gives, if it is a plane of the image or hides the others; else None."""
    last = student.last
    try:
        plane = as_array(student.channel(image, name))
    except StudentFault:
        return None
    finally:
        student.last = last
    known = [part for index in range(3) for part in (image[:, :, index], image[:, :, index].T)]
    known += [image * (np.arange(3) == index) for index in range(3)]
    return plane if any(plane.shape == part.shape and shows(Image(plane, ""), part) for part in known) else None


def changes_its_image(student: Student, image: np.ndarray, name: str) -> bool:
    """Tell whether the student's own channel answers, and changes its argument."""
    last, outcomes = student.last, []
    answers = holds(student, lambda: outcomes.append(student.call("channel", image, name)))
    changed = answers and not holds(student, lambda: expect_unchanged(outcomes[0], image=image))
    student.last = last
    return changed


def with_channel(student: Student, expectation: Callable[[Student], Any]) -> None:
    """Judge show_channels by itself: where the student's channel is broken, with the grader's in its place."""
    helped(student, {"channel": lambda image, name: image[:, :, "RGB".index(name)]}, expectation)


def names_of(images: list[Image]) -> str:
    return ", ".join(sorted({image.cmap for image in images}))


@pytest.mark.grade("show-channels-cmaps")
def test_show_channels_uses_the_three_colour_maps(student: Student, rng: np.random.Generator) -> None:
    """show_channels usa los mapas de colores Reds, Greens y Blues."""
    image = random_image(rng)
    with_channel(student, lambda student: expect_maps(drawn_images(student.call("show_channels", image))))


def expect_maps(images: list[Image]) -> None:
    """Fail unless each of the three colour maps is used."""
    for cmap in CMAPS:
        if cmap in {image.cmap for image in images}:
            continue
        if cmap + "_r" in {image.cmap for image in images}:
            fail(f"El mapa {cmap}_r está invertido: usa cmap='{cmap}'.")
        if all(image.data.ndim == 3 for image in images):
            fail(
                "Las imágenes dibujadas tienen tres canales, y entonces `imshow` no usa el mapa de colores: dale un "
                f"canal (H, W) y cmap='{cmap}'."
            )
        fail(f"Ninguna imagen usa cmap='{cmap}'; encontré: {names_of(images)}.")


@pytest.mark.grade("show-channels-cmaps")
@pytest.mark.needs("test_show_channels_uses_the_three_colour_maps")
def test_show_channels_gives_each_channel_its_colour(student: Student, rng: np.random.Generator) -> None:
    """show_channels pinta el canal R con Reds, el G con Greens y el B con Blues."""
    image = random_image(rng)
    with_channel(student, lambda student: expect_colours(student, image))


def expect_colours(student: Student, image: np.ndarray) -> None:
    """Fail unless each channel is drawn in its own colour map."""
    images = drawn_images(student.call("show_channels", image))
    planes = {name: image[:, :, index] for index, name in enumerate("RGB")}
    for cmap, name in CMAPS.items():
        painted = [drawn for drawn in images if drawn.cmap == cmap]
        if any(shows(drawn, planes[name]) for drawn in painted):
            continue
        own = own_channel(student, image, name)
        if own is not None and any(shows(drawn, own) for drawn in painted):
            student.note(FOLLOWS)
            continue
        for other, plane in planes.items():
            if any(shows(drawn, plane) for drawn in painted):
                fail(f"Con {cmap} se ve el canal {other}, y debería verse el canal {name}. Los canales son R, G, B.")
        fail(f"Lo que se ve con {cmap} no es el canal {name} de la imagen.")


def expect_planes(student: Student, image: np.ndarray) -> None:
    """Fail unless each channel of the image is drawn somewhere, in any order, layout and colour map."""
    images = drawn_images(student.call("show_channels", image))
    for index, name in enumerate("RGB"):
        if any(shows(drawn, image[:, :, index]) for drawn in images):
            continue
        own = own_channel(student, image, name)
        if own is not None and any(shows(drawn, own) for drawn in images):
            student.note(FOLLOWS)
            continue
        if all(drawn.data.ndim == 3 for drawn in images):
            fail("Las imágenes dibujadas tienen tres canales: dale a `imshow` un solo canal, de forma (H, W).")
        if any(shows(drawn, -image[:, :, index].astype(float)) for drawn in images):
            fail(f"El canal {name} aparece invertido, como en un negativo.")
        if any(shows(drawn, image[:, :, index].T) for drawn in images):
            fail(f"El canal {name} aparece con las filas y las columnas intercambiadas.")
        fail(f"Ninguna de las imágenes dibujadas es el canal {name}, la matriz (H, W) de sus valores.")


@pytest.mark.grade("show-channels-planes", weight=2)
def test_show_channels_draws_every_channel(student: Student, rng: np.random.Generator) -> None:
    """show_channels dibuja los tres canales de una imagen uint8."""
    image = random_image(rng)
    with_channel(student, lambda student: expect_planes(student, image))


@pytest.mark.grade("show-channels-planes")
def test_show_channels_of_other_numbers(student: Student, rng: np.random.Generator) -> None:
    """show_channels funciona también con imágenes int y con imágenes float de 0 a 1."""
    for image in (random_image(rng, dtype=np.int64), random_image(rng) / 255):
        with_channel(student, lambda student, image=image: expect_planes(student, image))


@pytest.mark.grade("show-channels-planes")
@pytest.mark.needs("test_show_channels_draws_every_channel")
def test_show_channels_leaves_the_image_alone(student: Student, rng: np.random.Generator) -> None:
    """show_channels no modifica la imagen que recibe."""
    for image in (random_image(rng, low=1), random_image(rng, low=1) / 255):
        if any(changes_its_image(student, image, name) for name in "RGB"):
            student.note("Tu channel cambia la imagen que recibe, y eso se cuenta en su ejercicio.")
        else:
            with_channel(
                student,
                lambda student, image=image: expect_unchanged(student.call("show_channels", image), image=image),
            )


FORMULAS = {
    "es el promedio (R + G + B) / 3, y aquí cada canal tiene su peso.": MEAN,
    "usa los pesos 0,3, 0,59 y 0,11, y aquí se pide el promedio (R + G + B) / 3.": LUMINOSITY,
    "usa los pesos de `as_gray=True`; los de este ejercicio son otros.": SKIMAGE,
    "usa los pesos 0,299, 0,587 y 0,114; los de este ejercicio son otros.": (0.299, 0.587, 0.114),
    "parece que los pesos están en el orden B, G, R.": LUMINOSITY[::-1],
    "es la suma de los canales: falta dividir por 3.": (1, 1, 1),
    "es solo el canal R.": (1, 0, 0),
    "es solo el canal G.": (0, 1, 0),
    "es solo el canal B.": (0, 0, 1),
}


def one_column(image: np.ndarray) -> np.ndarray:
    return image[:, :1]


def one_pixel(image: np.ndarray) -> np.ndarray:
    return image[:1, :1]


def ask_gray(
    student: Student, name: str, image: np.ndarray, weights: tuple[float, float, float], atol: float = 1e-5
) -> None:
    """Call a grey conversion and compare it with the reference."""

    @smallest(lambda image: inputs(images_like(image)))
    def expect(student: Student, image: np.ndarray) -> None:
        expect_gray(student.call(name, image).value, image, weights, atol)

    expect(student, image)


def expect_gray(received: Any, image: np.ndarray, weights: tuple[float, float, float], atol: float = 1e-5) -> None:
    """Compare a grey image with the reference to within ``atol``, naming the mistakes that one meets."""
    gray = reference_gray(image, weights)
    array = as_array(received, "el gris")
    if array.shape == gray.shape and np.allclose(array.astype(float), gray, rtol=1e-5, atol=atol):
        return
    # 1e-9: three thirds of 128 may add up to 127.99999999999999, whose floor is not the one that students get.
    by_channel = sum(np.floor(weight * image[:, :, index] + 1e-9) for index, weight in enumerate(weights))
    numerators, denominator = ((1, 1, 1), 3) if weights == MEAN else ((30, 59, 11), 100)
    mistakes = {
        "la suma de los canales se desbordó; convierte a float antes de sumar.": reference_gray(image, numerators)
        % 256
        / denominator,
        "está en escala 0–1; debe conservar la escala de la imagen.": gray / 255,
        "está multiplicado por 255; debe conservar la escala de la imagen.": gray * 255,
        "perdió los decimales: no uses `//` ni conviertas a enteros.": np.floor(gray + 1e-9),
        "perdió los decimales de cada canal; súmalos como float.": by_channel,
        "está redondeado; conserva los decimales.": np.round(gray),
        "es casi cero: ¿los pesos perdieron sus decimales, o `rgb2gray` dividió por el mayor entero?": 0 * gray,
        "tiene intercambiadas las filas y las columnas.": gray.T,
        "se repitió en tres canales; se pide una matriz (H, W).": np.repeat(gray[:, :, np.newaxis], 3, axis=2),
        "se combinaron las filas; los canales están en el último eje (`axis=2`).": image.mean(axis=0),
        "se combinaron las columnas; los canales están en el último eje (`axis=2`).": image.mean(axis=1),
        "es un solo número; combina solo los canales (`axis=2`).": image.mean(),
        "la imagen sigue en color.": image,
    }
    for explanation, others in FORMULAS.items():
        mistakes[explanation] = reference_gray(image, others)
        mistakes["además de estar en escala 0–1, " + explanation] = reference_gray(image, others) / 255
    expect_array(array, gray, "el gris", mistakes=mistakes)


def expect_untouched(
    student: Student, name: str, weights: tuple[float, float, float], rng: np.random.Generator
) -> None:
    """Fail if a grey conversion changes its image; one that gives no grey, rounded at worst, earns nothing by that."""
    for kind in (np.int64, np.float64):
        image = random_image(rng, low=1, dtype=kind)
        outcome = student.call(name, image)
        expect_unchanged(outcome, image=image)
        expect_gray(outcome.value, image, weights, atol=ROUNDING)


def upside_down(image: np.ndarray) -> np.ndarray:
    """Another image of the same shape: a function that remembers the first one gives itself away."""
    return image[::-1]


def three_rows(image: np.ndarray) -> np.ndarray:
    return image[:3]


def one_row(image: np.ndarray) -> np.ndarray:
    return image[:1]


def ask_narrow_bytes(student: Student, name: str, image: np.ndarray, weights: tuple[float, float, float]) -> None:
    """Ask for bytes, also in a single row or column; a narrow image as such is charged with the other numbers."""
    ask_gray(student, name, image, weights)
    for narrow in (one_row(image), one_column(image)):
        charged_once(
            student,
            lambda narrow=narrow: ask_gray(student, name, narrow, weights),
            given=lambda: ask_gray(student, name, image, weights),
            elsewhere=lambda narrow=narrow: ask_gray(student, name, narrow.astype(np.int64), weights),
        )


@pytest.mark.grade("gray-mean-values", weight=2)
def test_gray_mean_of_whole_numbers(student: Student, rng: np.random.Generator) -> None:
    """gray_mean calcula (R + G + B) / 3 en cada píxel, con decimales, también en una sola fila o columna."""
    image = random_image(rng, dtype=np.int64)
    ask_gray(student, "gray_mean", image, MEAN)
    for narrow in (upside_down, three_rows, one_row, one_column, one_pixel):
        ask_gray(student, "gray_mean", narrow(image), MEAN)


@pytest.mark.grade("gray-mean-values")
def test_gray_mean_keeps_the_scale(student: Student, rng: np.random.Generator) -> None:
    """gray_mean conserva la escala de las imágenes float: de 0 a 1, o de 0 a 255."""
    image = random_image(rng)
    for kept in (np.asarray, one_row, one_column, one_pixel):
        ask_gray(student, "gray_mean", kept(image) / 255, MEAN)
    ask_gray(student, "gray_mean", image.astype(np.float32), MEAN, atol=1e-3)


@pytest.mark.grade("gray-mean-values")
def test_gray_mean_leaves_the_image_alone(student: Student, rng: np.random.Generator) -> None:
    """gray_mean no modifica la imagen que recibe."""
    expect_untouched(student, "gray_mean", MEAN, rng)


@pytest.mark.grade("gray-mean-overflow", weight=2)
def test_gray_mean_of_bright_bytes(student: Student, rng: np.random.Generator) -> None:
    """gray_mean no se desborda con imágenes uint8 claras."""
    image = random_image(rng, low=90)
    ask_gray(student, "gray_mean", image, MEAN, atol=ROUNDING)


@pytest.mark.grade("gray-mean-overflow")
def test_gray_mean_of_dark_bytes(student: Student, rng: np.random.Generator) -> None:
    """gray_mean conserva los decimales con imágenes uint8."""
    image = random_image(rng, high=80)
    ask_narrow_bytes(student, "gray_mean", image, MEAN)


@pytest.mark.grade("gray-luminosity-values", weight=2)
def test_gray_luminosity_of_whole_numbers(student: Student, rng: np.random.Generator) -> None:
    """gray_luminosity calcula 0,3 R + 0,59 G + 0,11 B en cada píxel, también en una sola fila o columna."""
    image = random_image(rng, dtype=np.int64)
    ask_gray(student, "gray_luminosity", image, LUMINOSITY)
    for narrow in (upside_down, three_rows, one_row, one_column, one_pixel):
        ask_gray(student, "gray_luminosity", narrow(image), LUMINOSITY)


@pytest.mark.grade("gray-luminosity-values")
def test_gray_luminosity_keeps_the_scale(student: Student, rng: np.random.Generator) -> None:
    """gray_luminosity conserva la escala de las imágenes float: de 0 a 1, o de 0 a 255."""
    image = random_image(rng)
    for kept in (np.asarray, one_row, one_column, one_pixel):
        ask_gray(student, "gray_luminosity", kept(image) / 255, LUMINOSITY)
    ask_gray(student, "gray_luminosity", image.astype(np.float32), LUMINOSITY, atol=1e-3)


@pytest.mark.grade("gray-luminosity-values")
def test_gray_luminosity_leaves_the_image_alone(student: Student, rng: np.random.Generator) -> None:
    """gray_luminosity no modifica la imagen que recibe."""
    expect_untouched(student, "gray_luminosity", LUMINOSITY, rng)


@pytest.mark.grade("gray-luminosity-bytes", weight=2)
def test_gray_luminosity_of_bright_bytes(student: Student, rng: np.random.Generator) -> None:
    """gray_luminosity no se desborda con imágenes uint8 claras."""
    image = random_image(rng, low=90)
    ask_gray(student, "gray_luminosity", image, LUMINOSITY, atol=ROUNDING)


@pytest.mark.grade("gray-luminosity-bytes")
def test_gray_luminosity_of_dark_bytes(student: Student, rng: np.random.Generator) -> None:
    """gray_luminosity conserva los decimales con imágenes uint8."""
    image = random_image(rng, high=80)
    ask_narrow_bytes(student, "gray_luminosity", image, LUMINOSITY)
