"""What the checks of 05_cifar10 say about right and wrong ``preprocess`` functions, asked in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.checking.results import CheckResult
from autograder.checking.run import run_checks
from autograder.checking.student import Outcome, Student
from autograder.course.assignments import find_assignments
from autograder.errors import MissingName, ModelRejected

MEAN, DEVIATION = np.array([125.3, 123.0, 113.9]), np.array([63.0, 62.1, 66.7])


class Asked(Student):
    """A student of whom only ``preprocess`` is known."""

    def __init__(self, preprocess: Callable[[np.ndarray], Any]) -> None:
        self._preprocess = preprocess

    def call(self, name: str, *arguments: Any, **keywords: Any) -> Outcome:
        if name != "preprocess":
            raise MissingName(name)
        received = arguments[0].copy()
        return Outcome(self._preprocess(received), (received,))

    def value(self, name: str) -> Any:
        raise NotImplementedError

    def put(self, name: str, content: bytes) -> str:
        raise NotImplementedError

    def saved_model(self, path: str) -> Any:
        raise ModelRejected("missing", f"No encuentro `{path}`.")


def checked(preprocess: Callable[[np.ndarray], Any]) -> list[CheckResult]:
    """Run the checks of ``preprocess-pixels``."""
    assignment = find_assignments()["05_cifar10"]
    results, _ = run_checks(assignment, Asked(preprocess), "seed", "preprocess-pixels")
    return results


def by_image(images: np.ndarray) -> np.ndarray:
    values = images.astype("float32")
    means, deviations = values.mean(axis=(1, 2, 3), keepdims=True), values.std(axis=(1, 2, 3), keepdims=True)
    return (values - means) / deviations


def by_channel_of_the_batch(images: np.ndarray) -> np.ndarray:
    return (images - images.mean(axis=(0, 1, 2))) / images.std(axis=(0, 1, 2))


RIGHT: dict[str, Callable[[np.ndarray], Any]] = {
    "0 to 1": lambda x: x / 255,
    "float32": lambda x: x.astype("float32") / 255,
    "float16": lambda x: (x / 255).astype("float16"),
    "-1 to 1": lambda x: x.astype("float32") / 127.5 - 1,
    "by channel": lambda x: (x - MEAN) / DEVIATION,
    "by one mean": lambda x: (x - 120.7) / 64.2,
    "by image": by_image,
    "by channel of the batch": by_channel_of_the_batch,
    "a list": lambda x: (x / 255).tolist(),
    "in rows": lambda x: x.reshape(len(x), -1) / 255,
}


@pytest.mark.parametrize("style", RIGHT)
def test_every_right_style_passes(style: str) -> None:
    """Scaled or standardised, in arrays or lists."""
    assert [result.message for result in checked(RIGHT[style])] == ["", "", ""]


rng = np.random.default_rng(0)
WRONG: dict[str, tuple[Callable[[np.ndarray], Any], str]] = {
    "integer division": (lambda x: x // 255, "¿Usaste `//` en vez de `/`?"),
    "nothing": (lambda x: x + 0, "preprocess deja los píxeles de 0 a 255."),
    "raw floats": (lambda x: x.astype(float) * 2, "son demasiado grandes"),
    "wrapped around": (lambda x: (x - np.uint8(128)) / 255, "En uint8 las restas dan la vuelta"),
    "grey": (lambda x: np.repeat(x.mean(axis=3, keepdims=True), 3, axis=3) / 255, "convertiste las imágenes a grises"),
    "one channel": (lambda x: x.mean(axis=3, keepdims=True) / 255, "Queda un solo canal"),
    "BGR": (lambda x: x[..., ::-1] / 255, "los canales quedan en otro orden (BGR en lugar de RGB)"),
    "transposed": (lambda x: x.transpose(0, 2, 1, 3) / 255, "quedan transpuestas"),
    "mirrored": (lambda x: x[:, :, ::-1] / 255, "reflejadas de izquierda a derecha"),
    "upside down": (lambda x: x[:, ::-1] / 255, "cabeza abajo"),
    "in another order": (lambda x: x[::-1] / 255, "cambian de orden"),
    "channels first": (lambda x: x.transpose(0, 3, 1, 2) / 255, "El eje de los canales va al final"),
    "reshaped": (lambda x: x.transpose(0, 3, 1, 2).reshape(x.shape) / 255, "los ejes están mezclados"),
    "reshaped back": (lambda x: x.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1) / 255, "mezclados con las filas"),
    "at random": (lambda x: x / 255 + rng.normal(size=x.shape), "algo distinto cada vez"),
    "blurred": (lambda x: (x + np.roll(x, 1, axis=1).astype(int)) / 510, "algo lo mezcla con otros"),
    "thresholded": (lambda x: (x > 127).astype(float), "Solo quedan dos tonos"),
    "rounded": (lambda x: np.round(x / 255, 1), "De 256 tonos de cada color solo quedan 11 distintos"),
    "one image": (lambda x: x[0] / 255, "salieron 32"),
    "squeezed": (lambda x: np.squeeze(x) / 255, "¿Un `squeeze` de más?"),
    "fixed number": (lambda x: x.reshape(-1, 64, 32, 3) / 255, "¿Está fija la cantidad"),
    "not a number": (lambda x: np.log(x / 255.0 - 0.5), "NaN"),
}


@pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")
@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_is_named(mistake: str) -> None:
    """In words that lead to it, and without a value that was expected."""
    function, said = WRONG[mistake]
    messages = [result.message for result in checked(function) if result.status == "failed"]
    assert any(said in message for message in messages), messages


def test_changing_the_images_is_noticed() -> None:
    """They are the student's training set."""

    def in_place(images: np.ndarray) -> np.ndarray:
        images //= 2
        return images / 127

    assert checked(in_place)[0].status == "failed"
