"""How many cats and dogs a fine-tuned VGG16 recognises, and a CNN that started from scratch; the points for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.checking.expect import fail
from autograder.judging.accuracy import TRAINED, of_test_images, tell_accuracy, tell_sample
from autograder.judging.architecture import answer, flat_layers, has_convolution
from autograder.judging.fingerprint import FINGERPRINT, weights_fingerprint
from autograder.judging.luck import credit
from autograder.judging.memorised import Figures
from autograder.models.rebuild import batch_size
from data.cats_and_dogs import cats_and_dogs
from data.vgg16 import IMAGE_SHAPE, KERNEL_SHAPES, enlarge

from .transfer_model import TransferModel, accept, expect_two_classes, single_shape

if TYPE_CHECKING:
    from autograder.checking.student import Student

__all__ = ["FINE_TUNED", "SCRATCH", "Measured", "accuracy_of_scratch", "judge_fine_tuned", "measure_fine_tuned"]

FINE_TUNED, SCRATCH = "models/fine_tuned.keras", "models/scratch.keras"

CEILING = 0.95
"""No honest model of this exercise comes near it."""

LOOK_CLOSER = 0.85
"""From this accuracy on the variations are measured, too; most models stay below, and save a third of their time."""

_SMALL_SHAPE = (32, 32, 3)


@dataclass(frozen=True)
class Measured:
    """A fine-tuned model and what it says of the official test images.

    Parameters
    ----------
    network : TransferModel
    on_test : ndarray of bool, (N,)
        Which of them it recognises.
    """

    network: TransferModel
    on_test: np.ndarray

    @property
    def accuracy(self) -> float:
        """The part of the official test images that it recognises, 0 to 1."""
        return float(self.on_test.mean())


def measure_fine_tuned(student: Student) -> Measured:
    """Let the saved model look at the official test images.

    Raises
    ------
    StudentFault
        There is no saved model, or it is no fine-tuned VGG16.
    DataMissing
        CIFAR-10 or the ImageNet weights are not on this machine, nor a sample of them.
    """
    network = accept(student.saved_model(FINE_TUNED), FINE_TUNED)
    return Measured(network, _right(network, "test"))


def accuracy_of_scratch(student: Student) -> float:
    """Return the accuracy of the CNN that was trained from scratch on the official test images, 0 to 1.

    Raises
    ------
    StudentFault
        There is none, it is no CNN of its own, or takes or gives something else.
    DataMissing
        CIFAR-10 or the ImageNet weights are not on this machine, nor a sample of them.
    """
    model = student.saved_model(SCRATCH)
    if not has_convolution(model):
        fail(f"El modelo de `{SCRATCH}` no tiene ninguna capa convolucional: no es una CNN.")
    if any(layer.name in KERNEL_SHAPES for layer in flat_layers(model)):
        fail(f"El modelo de `{SCRATCH}` lleva capas de VGG16: no es una red entrenada desde cero.")
    shape = single_shape(model.input_shape)
    if shape not in (_SMALL_SHAPE, IMAGE_SHAPE):
        fail(
            f"La CNN de `{SCRATCH}` debería recibir imágenes de {_SMALL_SHAPE} con valores de 0 a 1, o de "
            f"{IMAGE_SHAPE} como las prepara `enlarge`; su entrada es {model.input_shape}."
        )
    expect_two_classes(model, SCRATCH)
    images = cats_and_dogs()
    found = _classes(model, images.images["test"], enlarge if shape == IMAGE_SHAPE else _scale)
    return float((found == images.labels["test"]).mean())


def judge_fine_tuned(
    measured: Measured,
    threshold: float,
    partial: Callable[[float, str], None],
    flag: Callable[..., None],
) -> None:
    """Give the fine-tuned model the points for its accuracy; raise flags about memorised images, and its fingerprint.

    Parameters
    ----------
    measured : Measured
        What `measure_fine_tuned` returned.
    threshold : float
        See `autograder.judging.luck.credit`.
    partial, flag : object
        The check's fixtures.
    """
    reached, network = measured.accuracy, measured.network
    if reached > TRAINED:
        # Honest last blocks hardly differ: they all come from ImageNet. The classifiers began at random.
        fingerprint = weights_fingerprint(network.model, without=KERNEL_SHAPES)
        flag(FINGERPRINT, "Fingerprint of the weights.", model="fine_tuned", fingerprint=fingerprint)
    tests = len(measured.on_test)
    is_sample = cats_and_dogs().is_sample
    compared = credit(reached, threshold, tests) > 0 and not is_sample
    figures = _figures(network, measured.on_test) if compared else None
    if is_sample:
        tell_sample("cats_and_dogs", tests, flag)
    told = f"{of_test_images(is_sample)}, gatos y perros"
    tell_accuracy(
        *("fine_tuned", reached, threshold, figures, CEILING, partial, flag),
        tests=tests,
        of=told,
        note=_advice(reached),
    )


def _right(network: TransferModel, part: str) -> np.ndarray:
    images = cats_and_dogs()
    if network.last_part is not None:
        found = _classes(network.last_part, images.features[part], lambda batch: batch.astype(np.float32))
    else:
        found = _classes(network.model, images.images[part], enlarge)
    return np.asarray(found == images.labels[part])


def _figures(network: TransferModel, on_test: np.ndarray) -> Figures:
    test, sample = float(on_test.mean()), float(on_test[cats_and_dogs().sample].mean())
    train = float(_right(network, "train").mean())
    closer = test >= LOOK_CLOSER
    return Figures(
        test=test,
        sample=sample,
        varied_test=float(_right(network, "varied_test").mean()) if closer else sample,
        train=train,
        varied_train=float(_right(network, "varied_train").mean()) if closer else train,
        tests=len(on_test),
        samples=len(cats_and_dogs().sample),
        varied=len(cats_and_dogs().sample),
    )


def _classes(model: Any, images: np.ndarray, prepare: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the most probable class of each image."""
    found = []
    count = min(128, batch_size(model))
    for start in range(0, len(images), count):
        outputs = answer(model, prepare(images[start : start + count]))
        if not np.all(np.isfinite(outputs)):
            fail(
                "El modelo da valores no finitos (NaN o infinito). ¿Divergió el entrenamiento? Baja la tasa de "
                "aprendizaje."
            )
        found.append(outputs.argmax(axis=1))
    return np.concatenate(found)


def _scale(images: np.ndarray) -> np.ndarray:
    return images.astype(np.float32) / 255


def _advice(reached: float) -> str:
    if reached < 0.55:
        return " Acierta casi al azar: ¿lo entrenaste con lo que sale del bloque 4, y lo guardaste después?"
    return ""
