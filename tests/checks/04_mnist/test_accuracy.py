"""Do the saved models read the official test images?"""

import pytest

from autograder.checking import expect_that
from autograder.judging.accuracy import judge_accuracy
from autograder.judging.architecture import has_convolution, hidden_dense_layers


@pytest.mark.grade("softmax-accuracy")
def test_softmax_accuracy(student, rng, partial, flag):
    """La red softmax guardada debe acertar al menos el 90 % de las imágenes de prueba."""
    model = student.saved_model("models/softmax.keras")
    expect_that(
        not has_convolution(model) and not hidden_dense_layers(model),
        "El modelo guardado en models/softmax.keras tiene capas ocultas o convolucionales: no es una sola capa "
        "softmax. ¿Guardaste otro modelo con ese nombre?",
    )
    judge_accuracy(student, model, "softmax", "mnist", 0.90, 0.94, rng, partial, flag)


@pytest.mark.grade("mlp-accuracy")
def test_mlp_accuracy(student, rng, partial, flag):
    """El MLP guardado debe acertar al menos el 97 % de las imágenes de prueba."""
    model = student.saved_model("models/mlp.keras")
    expect_that(
        not has_convolution(model),
        "El modelo guardado en models/mlp.keras tiene capas convolucionales: no es un MLP. "
        "¿Guardaste otro modelo con ese nombre?",
    )
    expect_that(
        bool(hidden_dense_layers(model)),
        "El modelo guardado en models/mlp.keras no tiene capa oculta: no es un MLP. ¿Guardaste otro con ese nombre?",
    )
    judge_accuracy(student, model, "mlp", "mnist", 0.97, 0.994, rng, partial, flag)


@pytest.mark.grade("cnn-accuracy")
def test_cnn_accuracy(student, rng, partial, flag):
    """La CNN guardada debe acertar al menos el 99 % de las imágenes de prueba."""
    model = student.saved_model("models/cnn.keras")
    expect_that(
        has_convolution(model),
        "El modelo de `models/cnn.keras` no tiene capas convolucionales. Entrena el de `build_cnn()` y guárdalo con "
        "ese nombre.",
    )
    judge_accuracy(student, model, "cnn", "mnist", 0.99, 0.998, rng, partial, flag)
