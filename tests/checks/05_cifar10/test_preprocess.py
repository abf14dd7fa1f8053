"""Is ``preprocess`` a transformation of colours that leaves every pixel apart and in its place?"""

import contextlib

import numpy as np
import pytest

from autograder.checking import StudentFault, as_array, describe, expect_unchanged, fail
from autograder.judging.architecture import rescales
from autograder.judging.pixels import fit_pixel_map
from autograder.judging.preprocessing import expect_pixels_kept, expect_small_numbers, explain_moved

SHAPE = (32, 32, 3)


@pytest.mark.grade("preprocess-pixels")
def test_preprocess_answers_for_any_number_of_images(student, rng):
    """preprocess devuelve una imagen preparada por cada imagen, sean una o muchas, y no cambia las originales."""
    for count in (int(rng.integers(4, 9)), 1, 3, 32, 120):
        images = photos(rng, count)
        outcome = student.call("preprocess", images)
        expect_images(outcome.value, count)
        expect_unchanged(outcome, images=images)


@pytest.mark.grade("preprocess-pixels")
@pytest.mark.needs("test_preprocess_answers_for_any_number_of_images")
def test_preprocess_gives_small_numbers(student, rng):
    """preprocess devuelve números reales pequeños: de 0 a 1, o estandarizados."""
    images = photos(rng, 200)
    values = expect_images(student.preprocess(images), 200)
    raw = values.max() > 200 and np.array_equal(values, images)
    expect_small_numbers(values, raw=raw, rescaling=lambda: model_rescales(student), networks="tu red empieza")


@pytest.mark.grade("preprocess-pixels", weight=2)
@pytest.mark.needs("test_preprocess_answers_for_any_number_of_images")
def test_preprocess_keeps_every_pixel_apart_and_in_its_place(student, rng):
    """preprocess conserva cada píxel en su lugar, con sus tres colores, y no confunde tonos distintos."""
    images = photos(rng, 64)

    def answer(batch, undo=None):
        values = expect_images(student.preprocess(batch), len(batch))
        return values if undo is None else undo(values)

    pixels = fit_pixel_map(answer, images, rng)
    if pixels is None:
        first = answer(images)
        if np.allclose(np.ptp(first, axis=3), 0, atol=1e-6 * np.ptp(first)):
            fail("Los tres canales quedan iguales: convertiste las imágenes a grises. Aquí el color se conserva.")
        explain_moved(
            answer,
            images,
            rng,
            MOVED,
            moved="Los píxeles no quedan en su lugar: ",
            otherwise="El valor de un píxel preparado no depende solo de ese píxel y canal: algo lo mezcla con otros o "
            "lo mueve. preprocess solo cambia la escala: por ejemplo, divide por 255.",
        )
    expect_pixels_kept(pixels, "tonos de cada color")


MOVED = {
    "los canales quedan en otro orden (BGR en lugar de RGB).": lambda values: values[..., ::-1],
    "las imágenes quedan transpuestas (filas por columnas). ¿Un `.T` o un `transpose` de más?": (
        lambda values: values.transpose(0, 2, 1, 3)
    ),
    "las imágenes quedan reflejadas de izquierda a derecha.": lambda values: values[:, :, ::-1],
    "las imágenes quedan cabeza abajo.": lambda values: values[:, ::-1],
    "las imágenes cambian de orden, y dejan de corresponder a sus etiquetas.": lambda values: values[::-1],
    "los ejes están mezclados. `reshape` no mueve ejes: para eso está `transpose`, y aquí no hace falta.": (
        lambda values: values.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    ),
    "los canales están mezclados con las filas. `reshape` no mueve ejes, y aquí no hace falta ninguno de los dos.": (
        lambda values: values.transpose(0, 3, 1, 2).reshape(-1, *SHAPE)
    ),
}
"""What undoes a mistake, by the sentence that explains it."""


def photos(rng, count):
    """Return images (count, 32, 32, 3): coloured skies, a shape before each, and a black and a white spot."""
    height = np.linspace(0.3, 1, 32)[:, None, None]
    images = (height * rng.integers(60, 250, (count, 1, 1, 3)) + rng.integers(0, 6, (count, *SHAPE))).astype(np.uint8)
    for image in images:
        top, left = rng.integers(2, 14, 2)
        image[top : top + 14, left : left + 10] = rng.integers(10, 240, 3)
        image[0, 0], image[31, 31] = 0, 255
    return images


def expect_images(value, count):
    """Return the answer about ``count`` images as (count, 32, 32, 3), or fail."""
    array = as_array(value, "lo que devuelve preprocess")
    if array.shape in [(count, *SHAPE), (count, 3072)]:
        return array.reshape(count, *SHAPE)
    hint = "Se esperaba (N, 32, 32, 3)."
    if array.shape == (count, 3, 32, 32):
        hint = "El eje de los canales va al final: (N, 32, 32, 3)."
    elif array.shape[:3] == (count, 32, 32) and array.size == count * 1024:
        hint = "Queda un solo canal: ¿convertiste a grises? Se esperaba (N, 32, 32, 3)."
    elif array.shape in [SHAPE, (3072,)] and count == 1:
        hint = "Con una sola imagen también va el eje de las imágenes: (1, 32, 32, 3). ¿Un `squeeze` de más?"
    elif array.ndim and array.shape[0] != count:
        hint = f"Entraron {count} imágenes y salieron {array.shape[0]}. ¿Está fija la cantidad en un `reshape`?"
    sent = "una imagen" if count == 1 else f"{count} imágenes"
    fail(f"Para {sent}, preprocess devolvió {describe(array)}. {hint}")


def model_rescales(student):
    """Tell whether the student's network takes raw pixels; where it cannot be built, the saved one counts."""
    model = None
    with contextlib.suppress(StudentFault):
        model = student.build_cnn()
    if not hasattr(model, "layers"):
        with contextlib.suppress(StudentFault):
            model = student.saved_model("models/cnn.keras")
    return hasattr(model, "layers") and rescales(model)
