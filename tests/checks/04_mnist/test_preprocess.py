"""Is ``preprocess`` a transformation of grey levels that leaves every pixel apart and in its place?"""

import contextlib

import numpy as np
import pytest

import data
from autograder.checking import StudentFault, as_array, describe, expect_unchanged, fail
from autograder.judging.architecture import rescales
from autograder.judging.pixels import fit_pixel_map
from autograder.judging.preprocessing import expect_pixels_kept, expect_small_numbers, explain_moved

BUILDERS = ("build_softmax", "build_mlp", "build_cnn")


@pytest.mark.grade("preprocess-pixels")
def test_preprocess_answers_for_any_number_of_images(student, rng):
    """preprocess devuelve una imagen preparada por cada imagen, sean una o muchas, y no cambia las originales."""
    for count in (int(rng.integers(2, 9)), 1, 28, 120):
        images = _digits(rng, count)
        outcome = student.call("preprocess", images)
        _expect_images(outcome.value, count)
        expect_unchanged(outcome, images=images)


@pytest.mark.grade("preprocess-pixels")
@pytest.mark.needs("test_preprocess_answers_for_any_number_of_images")
def test_preprocess_gives_small_numbers(student, rng):
    """preprocess devuelve números reales pequeños: de 0 a 1, o estandarizados."""
    images = _digits(rng, 300)
    values = _expect_images(student.preprocess(images), 300).reshape(images.shape)
    raw = values.max() > 200 and np.array_equal(values, images)
    networks = "todas tus redes empiezan"
    expect_small_numbers(values, raw=raw, rescaling=lambda: _models_rescale(student), networks=networks)


@pytest.mark.grade("preprocess-pixels", weight=2)
@pytest.mark.needs("test_preprocess_answers_for_any_number_of_images")
def test_preprocess_keeps_every_pixel_apart_and_in_its_place(student, rng):
    """preprocess conserva cada píxel en su lugar y no confunde tonos distintos."""
    images = data.load("mnist")[0][0][rng.choice(60000, 64, replace=False)]

    def answer(batch, undo=None):
        values = _expect_images(student.preprocess(batch), len(batch)).reshape(batch.shape)
        return values if undo is None else undo(values)

    pixels = fit_pixel_map(answer, images, rng)
    if pixels is None:
        explain_moved(
            answer,
            images,
            rng,
            MOVED,
            moved="Los píxeles no quedan en su lugar: ",
            otherwise="El valor de un píxel preparado no depende solo de ese píxel: algo lo mezcla con otros o lo "
            "mueve. preprocess solo cambia la escala (por ejemplo, divide por 255) y, si hace falta, la forma con "
            "`reshape`.",
        )
    expect_pixels_kept(pixels, "tonos de gris")


MOVED = {
    "las imágenes quedan transpuestas (filas por columnas). ¿Un `.T`, un `transpose` o un `order='F'` de más?": (
        lambda values: values.transpose(0, 2, 1)
    ),
    "las imágenes quedan reflejadas de izquierda a derecha.": lambda values: values[:, :, ::-1],
    "las imágenes quedan cabeza abajo.": lambda values: values[:, ::-1],
    "las imágenes cambian de orden, y dejan de corresponder a sus etiquetas.": lambda values: values[::-1],
    "los ejes están mezclados. ¿Usaste `reshape` para pasar de (N, ...) a (..., N)? Usa solo formas con N adelante.": (
        lambda values: np.moveaxis(values.reshape(28, 28, -1), -1, 0)
    ),
}
"""What undoes a mistake, by the sentence that explains it."""


def _digits(rng, count):
    """Return training images of which one at least reaches from black to white."""
    images = data.load("mnist")[0][0][rng.choice(60000, count, replace=False)].copy()
    images[0, 0, 0], images[0, 14, 14] = 0, 255
    return images


def _expect_images(value, count):
    array = as_array(value, "lo que devuelve preprocess")
    if array.shape in [(count, 28, 28), (count, 28, 28, 1), (count, 784)]:
        return array
    hint = "Se esperaba (N, 28, 28, 1), (N, 28, 28) o (N, 784)."
    if array.ndim == 4 and array.shape[1:] == (1, 28, 28):
        hint = "El eje de los canales va al final: (N, 28, 28, 1)."
    elif array.shape[-1:] == (count,) and count not in (1, 28):
        hint = "El eje de las imágenes va primero: (N, 28, 28, 1), (N, 28, 28) o (N, 784)."
    elif array.shape in [(28, 28), (28, 28, 1), (784,)] and count == 1:
        hint = "Con una sola imagen también va el eje de las imágenes: (1, 28, 28, 1). ¿Un `squeeze` de más?"
    elif array.ndim and array.shape[0] != count:
        hint = f"Entraron {count} imágenes y salieron {array.shape[0]}. ¿Está fija la cantidad en un `reshape`?"
    sent = "una imagen" if count == 1 else f"{count} imágenes"
    fail(f"Para {sent}, preprocess devolvió {describe(array)}. {hint}")


def _models_rescale(student):
    """Tell whether all of the networks that there are take raw pixels, and at least one is there.

    A builder that is broken has lost its own points: then the saved model counts.
    """
    answers = []
    for name in BUILDERS:
        model = None
        with contextlib.suppress(StudentFault):
            model = getattr(student, name)()
        if not hasattr(model, "layers"):
            with contextlib.suppress(StudentFault):
                model = student.saved_model(f"models/{name.removeprefix('build_')}.keras")
        if hasattr(model, "layers"):
            answers.append(rescales(model))
    return bool(answers) and all(answers)
