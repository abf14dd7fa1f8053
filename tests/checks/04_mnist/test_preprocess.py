"""Is ``preprocess`` a transformation of grey levels that leaves every pixel apart and in its place?"""

import contextlib

import numpy as np
import pytest

import data
from autograder.checking import StudentFault, as_array, describe, expect_that, expect_unchanged, fail
from autograder.judging.architecture import rescales
from autograder.judging.pixels import fit_pixel_map

BUILDERS = ("build_softmax", "build_mlp", "build_cnn")
LARGEST = 10


@pytest.mark.grade("preprocess-pixels")
def test_preprocess_answers_for_any_number_of_images(student, rng):
    """preprocess devuelve una imagen preparada por cada imagen, sean una o muchas, y no cambia las originales."""
    for count in (int(rng.integers(2, 9)), 1, 28, 120):
        images = _digits(rng, count)
        outcome = student.call("preprocess", images)
        _expect_images(outcome.value, count)
        expect_unchanged(outcome, images)


@pytest.mark.grade("preprocess-pixels")
@pytest.mark.needs("test_preprocess_answers_for_any_number_of_images")
def test_preprocess_gives_small_numbers(student, rng):
    """preprocess devuelve números reales pequeños: de 0 a 1, o estandarizados."""
    images = _digits(rng, 300)
    values = _expect_images(student.preprocess(images), 300).reshape(images.shape)
    if values.dtype.kind == "f":
        expect_that(
            np.all(np.isfinite(values)), "preprocess da valores no finitos (NaN o infinito). ¿Divides por cero?"
        )
    if values.max() > 200 and np.array_equal(values, images):
        if not _models_rescale(student):
            fail(
                "preprocess devuelve los píxeles de 0 a 255 sin cambiar. Divídelos por 255 (solo si todas tus redes "
                "empiezan con una capa Rescaling o Normalization pueden quedar así)."
            )
        return
    if values.dtype.kind != "f":
        cause = "¿Usaste `//` en vez de `/`?" if values.max() <= 1 else "Conviértelos con `astype('float32')`."
        fail(f"preprocess debería devolver números reales y devuelve {values.dtype}. {cause}")
    largest = np.abs(values).max()
    if largest > LARGEST:
        fail(
            f"preprocess devuelve valores de hasta {largest:.4g} en valor absoluto: son demasiado grandes. "
            "Llévalos a un rango pequeño, por ejemplo de 0 a 1."
        )


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
        first, second = answer(images), answer(images)
        if not np.allclose(first, second, equal_nan=True):
            fail(
                "preprocess devuelve algo distinto cada vez para las mismas imágenes. Los cambios al azar (correr, "
                "girar) son para entrenar y van fuera de preprocess."
            )
        for mistake, undo in MOVED.items():
            if fit_pixel_map(lambda batch, undo=undo: answer(batch, undo), images, rng) is not None:
                fail(f"Los píxeles no quedan en su lugar: {mistake}")
        fail(
            "El valor de un píxel preparado no depende solo de ese píxel: algo lo mezcla con otros o lo mueve. "
            "preprocess solo cambia la escala (por ejemplo, divide por 255) y, si hace falta, la forma con `reshape`."
        )
    if not pixels.keeps_pixels:
        fail(
            "Divides cada imagen, fila o columna por su norma (¿`keras.utils.normalize`?): un mismo tono queda "
            "distinto según los píxeles que tenga cerca. Divide todo por el mismo número."
        )
    if pixels.levels == 1:
        fail("Todos los tonos de gris quedan iguales. ¿Usaste `//` en vez de `/`, o lo dejaste en uint8?")
    if pixels.levels == 2:
        fail("Solo quedan dos tonos. ¿Usaste `//` en vez de `/`, o comparaste con un umbral? Conserva los grises.")
    if not pixels.keeps_order:
        fail(
            "Los tonos quedan desordenados: uno más claro recibe un número menor que otro más oscuro. En uint8 las "
            "restas dan la vuelta (3 - 5 es 254): convierte antes con `astype('float32')`."
        )
    if not pixels.keeps_levels:
        fail(f"De 256 tonos de gris solo quedan {pixels.levels} distintos. ¿Redondeas o usas `//`?")


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
    """Tell whether all of the networks that can be built take raw pixels, and at least one can be."""
    answers = []
    for name in BUILDERS:
        with contextlib.suppress(StudentFault):
            model = getattr(student, name)()
            answers.append(hasattr(model, "layers") and rescales(model))
    return bool(answers) and all(answers)
