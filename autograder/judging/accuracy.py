"""How many test images a student's model gets right, the points for it, and whether the figures are believable.

Everything here happens in the grader: the model was rebuilt from data, the pixels are transformed by our own code
(`autograder.judging.pixels`), and neither test images nor labels go to the worker.

The grade is the accuracy on the official test set. Other figures only serve to recognise a model that has learned the
test set by heart: on training images, and on variations of test and training images (`autograder.judging.memorised`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.checking.expect import as_array, fail
from autograder.checking.student import Student
from autograder.errors import StudentFault
from autograder.judging.architecture import answers, has_convolution, hidden_dense_layers, rescales
from autograder.judging.fingerprint import FINGERPRINT, weights_fingerprint
from autograder.judging.luck import credit, percent, thousands, within
from autograder.judging.memorised import MEMORISED, Figures, Losses, losses, suspicion
from autograder.judging.pixels import RAW, UNIT, PixelMap, fit_pixel_map
from autograder.judging.remembered import figures_of, model_key
from autograder.judging.resizing import mean_resizing
from autograder.report import DATA_SAMPLE
from data.benchmark import Benchmark, benchmark
from data.registry import Bounds, find

if TYPE_CHECKING:
    import keras

__all__ = [
    "Answers",
    "judge_accuracy",
    "measure",
    "network_kind",
    "of_test_images",
    "recognised",
    "tell_accuracy",
    "tell_sample",
]


TRAINED = 0.5
"""From this accuracy on, equal weights say something: untrained ones may come from the same seed."""

_FALLBACK = (
    " Tu `preprocess` tiene un error (mira su ejercicio). Para que no te cueste dos veces, medí tu modelo con {what}."
)


@dataclass(frozen=True)
class Answers:
    """What a model says about images.

    Parameters
    ----------
    right : ndarray of bool, (N,)
        Whether the most probable class is the label.
    losses : ndarray of float, (N,)
        See `autograder.judging.memorised.losses`.
    """

    right: np.ndarray
    losses: np.ndarray


def recognised(
    model: keras.Model, pixels: PixelMap, images: np.ndarray, labels: np.ndarray, classes: int = 0
) -> Answers:
    """Tell for each image whether its most probable class is its label.

    Parameters
    ----------
    model : keras.Model
        A rebuilt model with weights. It may take (H, W), (H, W, C), or all pixels in a row.
    pixels : PixelMap
        What turns the images into the model's input.
    images : ndarray of uint8, (N, H, W[, C])
    labels : ndarray, (N,)
    classes : int
        How many there are, where the labels may not show all of them.

    Raises
    ------
    CheckFailure
        The model takes something else, or does not give one finite number per class.
    """
    classes = classes or int(labels.max()) + 1
    inputs = pixels(images)
    shape = _input_shape(model, inputs.shape[1:])
    parts = []
    for outputs in answers(model, inputs.reshape(len(inputs), *shape)):
        if outputs.shape[1:] != (classes,):
            fail(f"El modelo debería dar {classes} números por imagen; su salida tiene forma {outputs.shape[1:]}.")
        if not np.all(np.isfinite(outputs)):
            fail(
                "El modelo da valores no finitos (NaN o infinito). ¿Divergió el entrenamiento? Baja la tasa de "
                "aprendizaje."
            )
        parts.append(outputs)
    found = np.concatenate(parts)
    return Answers(found.argmax(axis=1) == labels, losses(found, labels))


def measure(model: keras.Model, pixels: PixelMap, images: Benchmark, seed: int, on_test: Answers) -> Figures:
    """Measure one model on the images that ``seed`` draws; ``on_test`` is what it says about the test set."""
    draw = images.draw(seed)
    test = images.sample[draw.test]
    labels, (x_train, y_train) = images.test[1], images.train

    def on(varied: np.ndarray, expected: np.ndarray) -> Answers:
        # A few drawn images of a small data set may not show every class.
        return recognised(model, pixels, varied, expected, int(labels.max()) + 1)

    slight = [on(part[draw.test], labels[test]).losses.mean() for part in images.slight]
    train = on(x_train[draw.train], y_train[draw.train])
    varied = images.sample[draw.varied_test]
    return Figures(
        test=float(on_test.right.mean()),
        sample=float(on_test.right[varied].mean()),
        varied_test=float(on(images.varied_test[draw.varied_test], labels[varied]).right.mean()),
        train=float(train.right.mean()),
        varied_train=float(on(images.varied_train[draw.varied_train], y_train[draw.varied_train]).right.mean()),
        tests=len(on_test.right),
        samples=len(draw.train),
        varied=len(varied),
        losses=Losses(float(on_test.losses[test].mean()), float(np.mean(slight)), float(train.losses.mean())),
    )


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
    key = model_key(model, pixels, images.test[0])
    on_test = Answers(**student.figure(f"test {dataset} {key}", lambda: vars(recognised(model, pixels, *images.test))))
    reached = float(on_test.right.mean())
    earned = credit(reached, threshold, len(on_test.right))
    if reached >= TRAINED and network_kind(model) != "softmax":
        flag(FINGERPRINT, "Fingerprint of the weights.", model=name, fingerprint=weights_fingerprint(model))
    compared = earned > 0 and not images.is_sample
    figures = None
    if compared:
        seed = int(rng.integers(2**63))
        made = student.figure(
            f"figures {dataset} {key} {seed}", lambda: asdict(measure(model, pixels, images, seed, on_test))
        )
        figures = figures_of(made)
    if images.is_sample:
        tell_sample(dataset, len(on_test.right), flag)
    tell_accuracy(
        *(name, reached, threshold, figures, ceiling, partial, flag),
        tests=len(on_test.right),
        of=of_test_images(images.is_sample),
        note=note + _advice(reached),
        bounds=find(dataset).bounds.get(network_kind(model)),
    )


def of_test_images(is_sample: bool) -> str:
    """Return what the student is told that an accuracy was measured on."""
    return "imágenes de una muestra de las de prueba oficiales" if is_sample else "imágenes de prueba oficiales"


def tell_sample(dataset: str, tests: int, flag: Callable[..., None]) -> None:
    """Tell the instructor that an accuracy was measured on the embedded sample of a data set (`data.samples`)."""
    flag(
        DATA_SAMPLE,
        f"An accuracy was measured on the embedded sample of {dataset}, {tests} images: no final grade. "
        "Run `make data` and grade again.",
        dataset=dataset,
        tests=tests,
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
    bounds: Bounds | None = None,
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
    bounds : Bounds, optional
        See `suspicion`.
    """
    reason = suspicion(figures, ceiling, bounds) if figures is not None else ""
    if figures is not None and reason:
        flag(
            MEMORISED,
            f"The model {name} seems to know the test images: {reason}. The grade stays; ask what it was trained on.",
            model=name,
            test_accuracy=round(figures.test, 4),
            train_accuracy=round(figures.train, 4),
            variation_accuracy=round(figures.varied_test, 4),
            train_variation_accuracy=round(figures.varied_train, 4),
            **({} if figures.losses is None else {key: round(value, 4) for key, value in _ratios(figures.losses)}),
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


def network_kind(model: keras.Model) -> str:
    """Return ``cnn``, ``mlp`` or ``softmax``: with a convolution, with a hidden layer, or with neither."""
    return "cnn" if has_convolution(model) else "mlp" if hidden_dense_layers(model) else "softmax"


def _ratios(found: Losses) -> tuple[tuple[str, float], ...]:
    return ("variation_loss_ratio", found.paired), ("train_loss_ratio", found.train_ratio)


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
