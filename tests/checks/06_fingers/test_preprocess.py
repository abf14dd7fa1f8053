"""Does ``preprocess`` make numbers a network likes, keeping every hand in its place, whatever size it chooses?"""

import contextlib

import numpy as np
import pytest

from autograder.checking import StudentFault, as_array, describe, expect_that, expect_unchanged, fail
from autograder.judging.architecture import rescales
from autograder.judging.pixels import fit_pixel_map
from autograder.judging.preprocessing import expect_pixels_kept, expect_small_numbers, explain_moved

SIDE = 128
SMALLEST = 8


@pytest.mark.grade("preprocess-pixels")
def test_preprocess_answers_for_any_number_of_images(student, rng):
    """preprocess devuelve una imagen preparada por cada imagen, sean una o muchas, y no cambia las originales."""
    shapes = set()
    for count in (int(rng.integers(2, 9)), 1, 40):
        images = hands(rng, count)
        outcome = student.call("preprocess", images)
        shapes.add(expect_images(outcome.value, count).shape[1:])
        expect_unchanged(outcome, images=images)
    expect_that(
        len(shapes) == 1, "El tamaño de las imágenes preparadas depende de cuántas son: debe ser siempre igual."
    )


@pytest.mark.grade("preprocess-pixels")
@pytest.mark.needs("test_preprocess_answers_for_any_number_of_images")
def test_preprocess_gives_small_numbers(student, rng):
    """preprocess devuelve números reales pequeños: de 0 a 1, o estandarizados."""
    images = hands(rng, 60)
    values = expect_images(student.preprocess(images), 60)
    raw = bool(values.max() > 150 and values.min() >= 0)
    expect_small_numbers(values, raw=raw, rescaling=lambda: model_rescales(student), networks="tu red empieza")


@pytest.mark.grade("preprocess-pixels", weight=2)
@pytest.mark.needs("test_preprocess_answers_for_any_number_of_images")
def test_preprocess_keeps_every_hand_in_its_place(student, rng):
    """preprocess conserva los grises y deja cada mano donde está, aunque reduzca la imagen."""
    images = hands(rng, 24)

    def answer(batch, undo=None):
        values = expect_images(student.preprocess(batch), len(batch))
        return values if undo is None else undo(values)

    first = answer(images)
    levels = len(np.unique(first))
    if levels <= 2:
        left = "queda uno solo" if levels == 1 else "solo quedan dos"
        fail(
            f"De todos los grises {left}. ¿Usaste `//` en vez de `/`, o comparaste con un umbral? Conserva los grises."
        )
    pixels = fit_pixel_map(answer, images, rng, may_shrink=True)
    if pixels is None:
        explain_moved(
            answer,
            images,
            rng,
            MOVED,
            moved=MOVED_MESSAGE,
            otherwise="No reconozco lo que preprocess hace con los grises. Solo debería reducir la imagen (uno de cada "
            "dos píxeles, promedios de bloques, `resize`) y cambiar la escala con una misma cuenta para todos los "
            "píxeles.",
            may_shrink=True,
        )
    if pixels.resizing is not None and any(getattr(pixels.resizing, "mirrored", ())):
        upside_down, _ = pixels.resizing.mirrored
        fail(MOVED_MESSAGE + ("quedan cabeza abajo." if upside_down else "quedan reflejadas de izquierda a derecha."))
    expect_pixels_kept(pixels, "tonos de gris")


MOVED_MESSAGE = "Las manos no quedan en su lugar: "
MOVED = {
    "las imágenes quedan transpuestas (filas por columnas). ¿Un `.T` o un `transpose` de más?": (
        lambda values: np.swapaxes(values, 1, 2)
    ),
    "quedan reflejadas de izquierda a derecha.": lambda values: values[:, :, ::-1],
    "quedan cabeza abajo.": lambda values: values[:, ::-1],
    "las imágenes cambian de orden, y dejan de corresponder a sus etiquetas.": lambda values: values[::-1],
}
"""What undoes a mistake, by the sentence that explains it."""


def hands(rng, count):
    """Return images (count, 128, 128): a noisy dark background, a palm, some fingers, and a white and a black spot."""
    images = rng.integers(20, 60, (count, SIDE, SIDE), np.uint8)
    for image in images:
        shade = int(rng.integers(110, 190))
        image[60:105, 40:90] = shade
        for finger in range(int(rng.integers(6))):
            image[20:60, 40 + 10 * finger : 47 + 10 * finger] = shade - 8 * finger
        image[:16, :16], image[:16, -16:] = 0, 255
    return images


def expect_images(value, count):
    """Return the answer about ``count`` images as (count, h, w), or fail."""
    array = as_array(value, "lo que devuelve preprocess")
    sent = "una imagen" if count == 1 else f"{count} imágenes"
    said = f"Para {sent}, preprocess devolvió {describe(array)}. "
    shape = array.shape
    if array.ndim == 4 and shape[-1] == 1:
        array = array[..., 0]
    side = round(np.sqrt(shape[-1])) if len(shape) == 2 else 0
    if side and side * side == shape[1] and shape[0] == count:
        array = array.reshape(count, side, side)
    if array.ndim == 3 and len(array) == count and all(SMALLEST <= size <= SIDE for size in array.shape[1:]):
        return array
    if len(shape) == 4 and shape[-1] == 3:
        fail(said + "Las imágenes son grises: un solo canal, (N, h, w, 1).")
    if len(shape) == 4 and shape[1] == 1:
        fail(said + "El eje de los canales va al final: (N, h, w, 1).")
    if count == 1 and len(shape) == 2 and shape[0] > 1:
        fail(said + "Con una sola imagen también va el eje de las imágenes: (1, h, w, 1). ¿Un `squeeze` de más?")
    if array.ndim and len(array) != count:
        fail(said + f"Debería haber {count}. ¿Está fija la cantidad en un `reshape`?")
    if array.ndim == 3 and max(array.shape[1:]) > SIDE:
        fail(said + "Quedaron más grandes que las originales.")
    if array.ndim == 3 and min(array.shape[1:]) < SMALLEST:
        fail(said + "Son demasiado pequeñas para contar dedos en ellas.")
    fail(said + "Se esperaba (N, h, w, 1), (N, h, w) o, si son cuadradas, (N, h * h).")


def model_rescales(student):
    """Tell whether the student's network takes raw pixels; where it cannot be built, the saved one counts."""
    model = None
    with contextlib.suppress(StudentFault):
        model = student.build_cnn()
    if not hasattr(model, "layers"):
        with contextlib.suppress(StudentFault):
            model = student.saved_model("models/cnn.keras")
    return hasattr(model, "layers") and rescales(model)
