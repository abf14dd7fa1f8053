"""Is the saved model a fine-tuned VGG16, how many cats and dogs does it recognise, and was it worth it?"""

import pytest

from autograder.checking import expect_that
from autograder.judging.luck import percent

from .fine_tuning import FINE_TUNED, accuracy_of_scratch, judge_fine_tuned, measure_fine_tuned
from .transfer_model import expect_vgg16, trained_layers

CHANCE = 0.55


@pytest.fixture(scope="module")
def measured(student):
    """The fine-tuned model and its answers to the test images, asked once for two checks."""
    return measure_fine_tuned(student)


@pytest.mark.grade("fine-tuned-block5")
def test_the_fine_tuned_model_is_vgg16_with_a_classifier(student):
    """El modelo guardado es VGG16, o su último bloque, con un clasificador de dos clases."""
    expect_vgg16(student.saved_model(FINE_TUNED), FINE_TUNED)


@pytest.mark.grade("fine-tuned-block5")
@pytest.mark.needs("test_the_fine_tuned_model_is_vgg16_with_a_classifier")
def test_the_last_block_was_trained(student):
    """Los pesos del bloque 5 parten de los de ImageNet y el entrenamiento los ajustó."""
    changed = trained_layers(student.saved_model(FINE_TUNED))
    expect_that(
        bool(changed),
        "Los pesos del bloque 5 son exactamente los de ImageNet: solo entrenaste el clasificador. Falta el tercer "
        "paso: unfreeze_last_block, compilar de nuevo con una tasa de aprendizaje pequeña, y fit.",
    )


@pytest.mark.grade("fine-tuned-accuracy")
@pytest.mark.needs("test_the_fine_tuned_model_is_vgg16_with_a_classifier")
def test_fine_tuned_accuracy(measured, partial, flag):
    """El modelo guardado debe acertar al menos el 75 % de los gatos y perros de prueba de CIFAR-10."""
    judge_fine_tuned(measured, 0.75, partial, flag)


@pytest.mark.grade("fine-tuned-beats-scratch")
@pytest.mark.needs("test_the_fine_tuned_model_is_vgg16_with_a_classifier")
def test_fine_tuning_beats_starting_from_scratch(student, measured):
    """El modelo ajustado acierta más que tu CNN entrenada desde cero con las mismas imágenes."""
    scratch, tuned = accuracy_of_scratch(student), measured.accuracy
    expect_that(
        scratch >= CHANCE,
        f"Tu CNN desde cero acierta el {percent(scratch, 1)}, casi como al azar: no sirve para comparar. Entrénala "
        "más.",
    )
    expect_that(
        tuned > scratch,
        f"Tu modelo ajustado acierta el {percent(tuned, 1)} y tu CNN desde cero el {percent(scratch, 1)}: el ajuste "
        "debería ganar. ¿La tasa de aprendizaje del tercer paso es demasiado grande?",
    )
