"""How many test images a student's model gets right, the points for it, and whether the figures are believable.

Everything here happens in the grader: the model was rebuilt from data, the pixels are transformed by our own code
(`autograder.judging.pixels`), and neither test images nor labels go to the worker.

The grade is the accuracy on the official test set. Three other figures only serve to recognise a model that has learned
the test set by heart: the accuracy on training images, and on variations (`data.variation`) of test and training
images. A model that learned from training images makes about as many mistakes on new ones, or more; one that was
trained on the test set makes far fewer there than anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.checking.expect import as_array, fail
from autograder.checking.student import Student
from autograder.errors import StudentFault
from autograder.judging.architecture import answer, has_convolution, hidden_dense_layers, rescales
from autograder.judging.fingerprint import FINGERPRINT, weights_fingerprint
from autograder.judging.luck import credit, percent, thousands, within
from autograder.judging.pixels import RAW, UNIT, PixelMap, fit_pixel_map
from autograder.judging.resizing import mean_resizing
from autograder.models.rebuild import batch_size
from data.benchmark import Benchmark, benchmark

if TYPE_CHECKING:
    import keras

__all__ = ["Figures", "judge_accuracy", "measure", "recognised", "suspicion", "tell_accuracy"]

MEMORISED = "memorised-test-set"
TRAINED = 0.5
"""From this accuracy on, equal weights say something: untrained ones may come from the same seed."""

ERROR_RATIO, ERROR_DIFFERENCE, EXCESS_GAP = 1.75, 0.006, 0.015
SURE = 2.5
"""Differences below so many standard errors are chance, whatever their size: some test sets are small."""

_FALLBACK = (
    " Tu `preprocess` tiene un error (mira su ejercicio). Para que no te cueste dos veces, medí tu modelo con {what}."
)


@dataclass(frozen=True)
class Figures:
    """Accuracies of one model, 0 to 1.

    Parameters
    ----------
    test : float
        On the official test set; it alone decides the grade.
    sample, varied_test : float
        On a part of the test set, and on the variations of the same images.
    train, varied_train : float
        On training images, and on the variations of the same images.
    tests, samples : int
        How many test images there are, and how many images each of the other figures comes from.
    """

    test: float
    sample: float
    varied_test: float
    train: float
    varied_train: float
    tests: int = 10_000
    samples: int = 5_000


def recognised(model: keras.Model, pixels: PixelMap, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Tell for each image whether its most probable class is its label.

    Parameters
    ----------
    model : keras.Model
        A rebuilt model with weights. It may take (H, W), (H, W, C), or all pixels in a row.
    pixels : PixelMap
        What turns the images into the model's input.
    images : ndarray of uint8, (N, H, W[, C])
    labels : ndarray, (N,)

    Returns
    -------
    ndarray of bool, (N,)
        Its mean is the accuracy.

    Raises
    ------
    CheckFailure
        The model takes something else, or does not give one finite number per class.
    """
    classes = int(labels.max()) + 1
    inputs = pixels(images)
    shape = _input_shape(model, inputs.shape[1:])
    answers = []
    count = batch_size(model)
    for start in range(0, len(images), count):
        batch = inputs[start : start + count]
        outputs = answer(model, batch.reshape(len(batch), *shape))
        if outputs.shape != (len(batch), classes):
            fail(f"El modelo debería dar {classes} números por imagen; su salida tiene forma {outputs.shape[1:]}.")
        if not np.all(np.isfinite(outputs)):
            fail(
                "El modelo da valores no finitos (NaN o infinito). ¿Divergió el entrenamiento? Baja la tasa de "
                "aprendizaje."
            )
        answers.append(outputs.argmax(axis=1))
    return np.asarray(np.concatenate(answers) == labels)


def measure(model: keras.Model, pixels: PixelMap, images: Benchmark, on_test: np.ndarray | None = None) -> Figures:
    """Measure one model on everything that a benchmark holds; ``on_test`` is `recognised` on the test set, if known."""
    if on_test is None:
        on_test = recognised(model, pixels, *images.test)
    test_labels, train_labels = images.test[1][images.sample], images.train[1]
    return Figures(
        test=float(on_test.mean()),
        sample=float(on_test[images.sample].mean()),
        varied_test=float(recognised(model, pixels, images.varied_test, test_labels).mean()),
        train=float(recognised(model, pixels, *images.train).mean()),
        varied_train=float(recognised(model, pixels, images.varied_train, train_labels).mean()),
        tests=len(on_test),
        samples=len(images.sample),
    )


def suspicion(figures: Figures, ceiling: float = 1.0) -> str:
    """Say, in Spanish, why a model seems to have seen the test set; empty if it does not.

    Parameters
    ----------
    figures : Figures
        What `measure` found.
    ceiling : float
        The accuracy that a model of this kind does not exceed honestly.
    """
    test_error, train_error = 1 - figures.test, 1 - figures.train
    reasons = []
    more = max(ERROR_DIFFERENCE, _chance(figures.train, figures.samples, figures.test, figures.tests))
    if train_error >= ERROR_RATIO * test_error and train_error - test_error >= more:
        reasons.append("it errs much less on test images than on training images")
    gap = figures.sample - figures.varied_test
    larger = max(EXCESS_GAP, _chance(figures.varied_test, figures.samples, figures.varied_train, figures.samples))
    if gap - (figures.train - figures.varied_train) >= larger:
        reasons.append("it loses much more when test images are varied a little than when training images are")
    if figures.test > ceiling:
        reasons.append(f"it exceeds {ceiling:.1%} on test images, which no model of its kind reaches")
    return "; ".join(reasons)


def _chance(first: float, first_count: int, second: float, second_count: int) -> float:
    """Return how far apart two accuracies, measured on so many images, may be by chance."""
    variance = first * (1 - first) / first_count + second * (1 - second) / second_count
    return SURE * float(np.sqrt(variance))


def judge_accuracy(
    student: Student,
    model: keras.Model,
    name: str,
    dataset: str,
    threshold: float,
    ceiling: float,
    rng: np.random.Generator,
    partial: Callable[[float, str], None],
    flag: Callable[..., None],
    *,
    may_shrink: bool = False,
) -> None:
    """Give a saved model the points for its accuracy; raise flags about memorised images, and its fingerprint.

    Parameters
    ----------
    student : Student
        Is asked what ``preprocess`` does. It sees random and training images, no test images.
    model : keras.Model
        What `Student.saved_model` returned.
    name : str
        What the flags call it: ``"cnn"``.
    dataset : str
        A name for `benchmark`.
    threshold, ceiling : float
        See `credit` and `suspicion`.
    rng, partial, flag : object
        The check's fixtures.
    may_shrink : bool
        Whether ``preprocess`` may make grey images smaller.
    """
    images = benchmark(dataset)
    pixels, note = _student_pixels(student, model, images.train[0], rng, may_shrink)
    on_test = recognised(model, pixels, *images.test)
    reached = float(on_test.mean())
    earned = credit(reached, threshold, len(on_test))
    if reached >= TRAINED and _is_deep(model):
        flag(FINGERPRINT, "Fingerprint of the weights.", model=name, fingerprint=weights_fingerprint(model))
    figures = measure(model, pixels, images, on_test) if earned > 0 else None
    told, tests = "imágenes de prueba oficiales", len(on_test)
    tell_accuracy(
        name, reached, threshold, figures, ceiling, partial, flag, tests=tests, of=told, note=note + _advice(reached)
    )


def tell_accuracy(
    name: str,
    reached: float,
    threshold: float,
    figures: Figures | None,
    ceiling: float,
    partial: Callable[[float, str], None],
    flag: Callable[..., None],
    *,
    tests: int,
    of: str,
    note: str = "",
) -> None:
    """Give the points for an accuracy, and raise a flag if its figures look as if the test images were learned.

    Parameters
    ----------
    name : str
        What the flag calls the model.
    reached, threshold : float
        The accuracy, and the one that is asked for.
    figures : Figures or None
        What else was measured; None where there are no points.
    ceiling : float
        See `suspicion`.
    partial, flag : object
        The check's fixtures.
    tests : int
        How many test images the accuracy comes from.
    of : str
        What they are: ``"imágenes de prueba oficiales"``.
    note : str
        What to add for the student.
    """
    reason = suspicion(figures, ceiling) if figures is not None else ""
    if figures is not None and reason:
        flag(
            MEMORISED,
            f"The model {name} seems to know the test images: {reason}. The grade stays; ask what it was trained on.",
            model=name,
            test_accuracy=round(figures.test, 4),
            train_accuracy=round(figures.train, 4),
            variation_accuracy=round(figures.varied_test, 4),
            train_variation_accuracy=round(figures.varied_train, 4),
        )
    earned = credit(reached, threshold, tests)
    told = f"Tu modelo acierta el {within(reached, tests)} de las {thousands(tests)} {of}"
    if earned == 1:
        partial(1, f"{told}.{note}")
        return
    lost = (
        f" Obtienes el {percent(earned, 0)} de los puntos."
        if earned
        else " Está 5 puntos porcentuales o más por debajo: esta prueba no da puntos."
    )
    partial(earned, f"{told}; se pide el {percent(threshold, 0)}.{lost}{note}")


def _student_pixels(
    student: Student, model: keras.Model, examples: np.ndarray, rng: np.random.Generator, may_shrink: bool
) -> tuple[PixelMap, str]:
    """Return what ``preprocess`` does, and a note if that cannot be told and the model's own wish counts instead."""
    try:
        pixels = fit_pixel_map(lambda batch: as_array(student.preprocess(batch)), examples, rng, may_shrink=may_shrink)
    except (StudentFault, ValueError):
        pixels = None
    if pixels is not None:
        return pixels, ""
    smaller = _smaller_input(model, examples.shape[1:]) if may_shrink else None
    resizing = mean_resizing((examples.shape[1], examples.shape[2]), smaller) if smaller else None
    shrunk = " del tamaño que pide" if smaller else ""
    if rescales(model):
        what = f"los píxeles de 0 a 255{shrunk}, porque los escala"
        return replace(RAW, resizing=resizing), _FALLBACK.format(what=what)
    return replace(UNIT, resizing=resizing), _FALLBACK.format(what=f"los píxeles divididos por 255{shrunk}")


def _smaller_input(model: keras.Model, shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Return height and width of the images that a model takes if they are smaller than those of ``shape``."""
    sizes = model.input_shape[1:3] if isinstance(model.input_shape, tuple) else ()
    if len(sizes) != 2 or not all(isinstance(size, int) for size in sizes):
        return None
    height, width = sizes
    return (height, width) if 0 < height < shape[0] and 0 < width < shape[1] else None


def _is_deep(model: keras.Model) -> bool:
    """Return whether the weights depend on chance: a single softmax layer always ends up near the same ones."""
    return bool(hidden_dense_layers(model)) or has_convolution(model)


def _input_shape(model: Any, image_shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape in which the model takes an image, given that of an image."""
    shape = model.input_shape
    sizes = tuple(shape[1:]) if isinstance(shape, tuple) else ()
    channels = image_shape if len(image_shape) == 3 else (*image_shape, 1)
    if sizes not in (image_shape, channels, (int(np.prod(image_shape)),)):
        fail(
            f"El modelo debería aceptar imágenes de {image_shape} (o con eje de canales, o aplanadas); "
            f"recibí un modelo con entrada {shape}."
        )
    return sizes


def _advice(reached: float) -> str:
    if reached < 0.2:
        return " Acierta casi al azar: ¿lo entrenaste con lo que devuelve `preprocess`, y lo guardaste después?"
    return ""
