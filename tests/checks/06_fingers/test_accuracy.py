"""Does the saved model count the fingers of the official test images?"""

import pytest

from autograder.checking import expect_that
from autograder.judging.accuracy import judge_accuracy
from autograder.judging.architecture import has_convolution


@pytest.mark.grade("cnn-accuracy")
def test_cnn_accuracy(student, rng, partial, flag):
    """La CNN guardada debe contar bien los dedos en al menos el 98 % de las imágenes de prueba."""
    model = student.saved_model("models/cnn.keras")
    expect_that(
        has_convolution(model),
        "El modelo de `models/cnn.keras` no tiene capas convolucionales. Entrena el de `build_cnn()` y guárdalo con "
        "ese nombre.",
    )
    judge_accuracy(student, model, "cnn", "fingers", 0.98, 1.0, rng, partial, flag, may_shrink=True)
