"""Does an image reach VGG16 as VGG16 saw images in training, and are its best answers read out right?"""

import numpy as np
import pytest

from autograder.checking import as_array, as_number, describe, expect_array, expect_that, expect_unchanged, fail
from data.vgg16 import CHANNEL_MEANS, classify, is_classifier_here

from .photograph import photograph

SIDE = 224


@pytest.mark.grade("prepare-image-pixels")
def test_prepare_image_gives_four_dimensions(student, rng):
    """prepare_image devuelve un arreglo de números reales de forma (1, 224, 224, 3): la imagen en 4-D."""
    prepared = _expect_four_dimensions(student.prepare_image(_image(rng)))
    expect_that(
        prepared.dtype.kind == "f",
        f"prepare_image debería devolver números reales (float32) y devuelve {prepared.dtype}. En uint8 no caben los "
        "valores negativos.",
    )


@pytest.mark.grade("prepare-image-pixels", weight=3)
@pytest.mark.needs("test_prepare_image_gives_four_dimensions")
def test_prepare_image_does_what_preprocess_input_does(student, rng):
    """prepare_image pasa de RGB a BGR y centra cada canal con la media de ImageNet, sin escalar."""
    decimals = rng.uniform(0, 255, (SIDE, SIDE, 3)).astype(np.float32)
    for image in (_image(rng), _flat_colour(rng), decimals):
        expect_array(
            _expect_four_dimensions(student.prepare_image(image)),
            (image[..., ::-1] - CHANNEL_MEANS)[np.newaxis],
            "la imagen preparada",
            atol=1e-2,
            mistakes=_mistakes(image.astype(np.float64)),
        )


@pytest.mark.grade("prepare-image-pixels")
@pytest.mark.needs("test_prepare_image_gives_four_dimensions")
def test_prepare_image_leaves_its_argument_alone(student, rng):
    """prepare_image no modifica la imagen que recibe, tampoco si ya es float32."""
    for image in (_image(rng), _image(rng).astype(np.float32)):
        outcome = student.call("prepare_image", image)
        _expect_four_dimensions(outcome.value)
        expect_unchanged(outcome, image=image)


@pytest.mark.grade("top-predictions-order", weight=2)
def test_top_predictions_gives_the_best_first(student, rng):
    """top_predictions devuelve los n pares (nombre, probabilidad) más probables, del mayor al menor."""
    for count, n in ((10, 3), (1000, 5), (6, 1), (4, 4)):
        probabilities, names = _answer(rng, count)
        best = np.argsort(-probabilities)[:n]
        _expect_pairs(student.top_predictions(probabilities, names, n), probabilities, names, best)


@pytest.mark.grade("top-predictions-order")
@pytest.mark.needs("test_top_predictions_gives_the_best_first")
def test_top_predictions_leaves_its_arguments_alone(student, rng):
    """top_predictions no cambia las probabilidades ni reordena la lista de nombres que recibe."""
    for batch in (False, True):
        probabilities, names = _answer(rng, 9)
        probabilities = probabilities[np.newaxis] if batch else probabilities
        outcome = student.call("top_predictions", probabilities, names, n=4)
        expect_unchanged(outcome, probabilities=probabilities, names=names)


@pytest.mark.grade("top-predictions-order")
@pytest.mark.needs("test_top_predictions_gives_the_best_first")
def test_top_predictions_gives_three_unless_told(student, rng):
    """top_predictions devuelve tres pares si no se le dice cuántos."""
    probabilities, names = _answer(rng, 12)
    _expect_pairs(student.top_predictions(probabilities, names), probabilities, names, np.argsort(-probabilities)[:3])


@pytest.mark.grade("top-predictions-order")
@pytest.mark.needs("test_top_predictions_gives_the_best_first")
def test_top_predictions_takes_what_predict_returns(student, rng):
    """top_predictions acepta las probabilidades con forma (1, K), como las devuelve predict."""
    probabilities, names = _answer(rng, 8)
    batch = probabilities[np.newaxis].astype(np.float32)
    outcome = student.call("top_predictions", batch, names, n=2)
    _expect_pairs(outcome.value, batch[0], names, np.argsort(-batch[0])[:2])


@pytest.mark.grade("top-predictions-order", weight=0)
@pytest.mark.needs(
    "test_prepare_image_does_what_preprocess_input_does", "test_top_predictions_takes_what_predict_returns"
)
def test_vgg16_recognises_the_photograph(student):
    """Con prepare_image y top_predictions, VGG16 completa reconoce la fotografía (sin puntos: pide 553 MB de pesos)."""
    if not is_classifier_here():
        pytest.skip(
            "Esta prueba no da puntos y no se hizo: faltaban los pesos completos de VGG16 (553 MB) en la máquina que "
            "califica."
        )
    image = photograph()
    names = [f"clase {number}" for number in range(1000)]
    expected = classify((image[..., ::-1] - CHANNEL_MEANS)[np.newaxis])
    received = classify(_expect_four_dimensions(student.prepare_image(image)))
    best = np.argsort(-expected[0])[:3]
    _expect_pairs(student.top_predictions(received, names), received[0], names, best)


def _image(rng):
    return rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)


def _flat_colour(rng):
    """Return an image of one colour whose channels differ: a swap of axes goes unnoticed, one of channels does not."""
    return np.broadcast_to(rng.choice(256, 3, replace=False).astype(np.uint8), (SIDE, SIDE, 3)).copy()


def _mistakes(image):
    """Return what one gets by misreading ``preprocess_input``, by the sentence that explains it."""
    swapped = image[..., ::-1]
    wrong = {
        "solo agregaste el eje: faltan el cambio a BGR y la resta de las medias.": image,
        "falta restar la media de cada canal.": swapped,
        "falta pasar de RGB a BGR: restaste las medias en el orden R, G, B y los canales siguen en ese orden.": (
            image - CHANNEL_MEANS[::-1]
        ),
        "las medias no corresponden a sus canales: después de pasar a BGR van en el orden B, G, R.": (
            swapped - CHANNEL_MEANS[::-1]
        ),
        "restaste las medias de B, G, R a los canales R, G, B: falta pasar a BGR.": image - CHANNEL_MEANS,
        "los valores quedaron entre 0 y 1. VGG16 se entrenó sin escalar: no dividas por 255.": image / 255,
        "los valores quedaron entre -1 y 1. Ese es el `preprocess_input` de otras redes; usa el de vgg16.": (
            image / 127.5 - 1
        ),
        "dividiste por 255 antes de centrar. `preprocess_input` recibe valores de 0 a 255.": (
            swapped / 255 - CHANNEL_MEANS
        ),
        "centraste y además dividiste por 255. VGG16 se entrenó sin escalar.": (swapped - CHANNEL_MEANS) / 255,
        "los canales quedaron en BGR dos veces, o sea otra vez en RGB, y dos veces centrados.": (
            (swapped - CHANNEL_MEANS)[..., ::-1] - CHANNEL_MEANS
        ),
    }
    return {explanation: values[np.newaxis] for explanation, values in wrong.items()}


def _expect_four_dimensions(value):
    array = as_array(value, "lo que devuelve prepare_image")
    shape = (1, SIDE, SIDE, 3)
    if array.shape != shape:
        hint = "Se esperaba (1, 224, 224, 3): un lote de una imagen."
        if array.shape == shape[1:]:
            hint = "Falta el eje del lote. Agrégalo adelante, con `reshape` o `image[np.newaxis]`."
        elif array.shape == (*shape[1:], 1):
            hint = "El eje del lote va adelante, no al final."
        elif array.shape == (1, 3, SIDE, SIDE):
            hint = "Los canales van al final."
        fail(f"prepare_image devolvió {describe(array)}. {hint}")
    return array


def _answer(rng, count):
    """Return probabilities without ties, and names in no order."""
    values = rng.permutation(np.linspace(1, 3, count)) ** 2
    names = [f"{word}_{number}" for number, word in enumerate(rng.choice(["gato", "perro", "tigre", "zorro"], count))]
    return values / values.sum(), names


def _expect_pairs(value, probabilities, names, best):
    """Fail unless ``value`` holds the names and probabilities of the classes ``best``, in that order."""
    if value is None:
        fail("top_predictions devuelve None. ¿Falta un `return`? Imprimir no alcanza.")
    if not isinstance(value, (list, tuple, np.ndarray)):
        fail(f"top_predictions debería devolver una lista de pares y devuelve {describe(value)}.")
    if len(value) != len(best):
        fail(f"Con n={len(best)}, top_predictions devolvió {len(value)} elementos. Son n pares (nombre, probabilidad).")
    found = [_pair(pair) for pair in value]
    received = [name for name, _ in found]
    wanted = [names[index] for index in best]
    if received != wanted:
        _explain_names(received, wanted, probabilities, names)
    for (name, probability), index in zip(found, best):
        if abs(probability - probabilities[index]) > 1e-4:
            if abs(probability - 100 * probabilities[index]) < 1e-2:
                fail("La probabilidad va entre 0 y 1, no en porcentaje.")
            fail(f"La probabilidad que acompaña a «{name}» no es la suya.")


def _explain_names(received, wanted, probabilities, names):
    if received == wanted[::-1]:
        fail("Los pares están al revés: primero va el más probable. `argsort` ordena de menor a mayor.")
    if sorted(received) == sorted(wanted):
        fail("Los nombres son los correctos, pero no están ordenados del más probable al menos probable.")
    if received == [names[index] for index in np.argsort(probabilities)[: len(wanted)]]:
        fail("Devuelves las categorías menos probables. `argsort` ordena de menor a mayor.")
    if received == list(names[: len(wanted)]):
        fail("Devuelves las primeras categorías de la lista, y no las más probables.")
    fail("Los nombres no son los de las categorías más probables.")


def _pair(pair):
    """Return name and probability of one received pair."""
    if isinstance(pair, np.ndarray):
        pair = pair.tolist()
    if not isinstance(pair, (list, tuple)) or len(pair) != 2:
        kind = describe(pair) if not isinstance(pair, (list, tuple)) else f"{len(pair)} elementos"
        fail(f"Cada resultado debería ser un par (nombre, probabilidad) y es {kind}.")
    name, probability = pair
    if not isinstance(name, str):
        swapped = isinstance(probability, str)
        hint = " El nombre va primero." if swapped else " Usa el índice para buscar el nombre en `names`."
        fail(f"El primer elemento de cada par debería ser el nombre y es {describe(name)}.{hint}")
    if isinstance(probability, str):
        fail("La probabilidad debería ser un número y es un texto. Déjala como número; el formato es para imprimir.")
    return str(name), as_number(probability, "la probabilidad")
