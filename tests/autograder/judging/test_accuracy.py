"""Points for accuracy, and the flag about the test set, on the sample submissions' own models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import data
from autograder.checking.student import Outcome, Student
from autograder.course.assignments import ROOT
from autograder.errors import CheckFailure, StudentFault
from autograder.judging.accuracy import judge_accuracy, network_kind, recognised
from autograder.judging.luck import credit, within
from autograder.judging.pixels import RAW, UNIT
from autograder.models.rebuild import rebuild
from autograder.worker.model_file import read_model
from autograder.worker.wire import ModelParts
from data.benchmark import benchmark
from data.fingers import write_images

keras = pytest.importorskip("keras")
layers = keras.layers
SAMPLES = ROOT / "tests" / "submissions" / "04_mnist"


def saved(variant: str, name: str) -> Any:
    """Return a sample submission's model as the grader rebuilds it."""
    parts = read_model(SAMPLES / variant / "models" / f"{name}.keras")
    assert isinstance(parts, ModelParts)
    return rebuild(parts)


class Asked(Student):
    """A student of whom only ``preprocess`` is known; remembers what it was shown."""

    def __init__(self, preprocess: Callable[[np.ndarray], Any] | None) -> None:
        self._preprocess = preprocess
        self.shown: list[np.ndarray] = []

    def call(self, name: str, *arguments: Any, **keywords: Any) -> Outcome:
        if self._preprocess is None:
            raise StudentFault("no")
        self.shown.append(arguments[0])
        return Outcome(self._preprocess(arguments[0]))

    def value(self, name: str) -> Any:
        raise NotImplementedError

    def put(self, name: str, content: bytes) -> str:
        raise NotImplementedError

    def saved_model(self, path: str) -> Any:
        raise NotImplementedError


class Lost(Exception):
    """Points were lost."""


def judge(
    model: Any,
    preprocess: Callable[[np.ndarray], Any] | None,
    threshold: float = 0.99,
    ceiling: float = 0.998,
    dataset: str = "mnist",
    **how: bool,
) -> tuple[float, str, list[dict[str, Any]], Asked]:
    """Return credit, message and flags of one judgement, and the student that was asked."""
    student, flags = Asked(preprocess), []

    told = []

    def partial(earned: float, message: str) -> None:
        if earned < 1:
            raise Lost(earned, message)
        told.append(message)

    def flag(kind: str, message: str, **figures: Any) -> None:
        flags.append({"kind": kind, "message": message, **figures})

    try:
        rng = np.random.default_rng(3)
        judge_accuracy(student, model, "cnn", dataset, threshold, ceiling, rng, partial, flag, **how)
    except Lost as lost:
        return (*lost.args, flags, student)
    (message,) = told
    return 1.0, message, flags, student


@pytest.mark.parametrize(
    ("variant", "name", "threshold", "least", "most"),
    [
        ("perfect", "softmax", 0.90, 0.92, 0.93),
        ("perfect", "mlp", 0.97, 0.975, 0.985),
        ("perfect", "cnn", 0.99, 0.992, 0.997),
        ("almost", "cnn", 0.99, 0.98, 0.99),
    ],
)
def test_the_sample_models_reach_what_the_notebook_says(
    variant: str, name: str, threshold: float, least: float, most: float
) -> None:
    """The references are above their thresholds, `almost` is just below; none of them looks memorised."""
    pixels = RAW if variant == "almost" else UNIT
    model, images = saved(variant, name), benchmark("mnist")
    reached = recognised(model, pixels, *images.test).right.mean()
    assert least <= reached < most
    earned, message, flags, _ = judge(model, lambda x: pixels(x), threshold)
    assert earned == pytest.approx(credit(reached, threshold, 10_000))
    assert message.startswith(f"Tu modelo acierta el {within(reached, 10_000)} de las 10.000 imágenes de prueba")
    assert message.endswith("oficiales.") == (earned == 1)
    assert [flag["kind"] for flag in flags] == ([] if name == "softmax" else ["model-fingerprint"])


def test_a_model_trained_on_the_test_set_gets_its_points_and_a_flag() -> None:
    """The grade is the accuracy; the flag has the four figures."""
    earned, _, flags, _ = judge(saved("trained_on_test", "cnn"), lambda x: x / 255)
    assert earned == 1
    (found,) = [flag for flag in flags if flag["kind"] == "memorised-test-set"]
    assert found["test_accuracy"] > 0.998
    assert found["train_accuracy"] < 0.98
    assert found["variation_accuracy"] < 0.96
    assert found["train_variation_accuracy"] < 0.95
    assert found["model"] == "cnn"
    assert "test images" in found["message"]


def test_no_test_image_is_shown_to_preprocess() -> None:
    """Neither an official test image nor a variation of one: only noise and training images."""
    images = benchmark("mnist")
    secret = {image.tobytes() for image in (*images.test[0], *images.varied_test, *images.slight[0], *images.slight[1])}
    *_, student = judge(saved("perfect", "cnn"), lambda x: x / 255)
    assert sum(len(batch) for batch in student.shown) > 20
    assert not secret & {image.tobytes() for batch in student.shown for image in batch}


def test_the_students_own_scale_is_used() -> None:
    """A model trained on standardised pixels is measured on standardised pixels."""
    model = saved("mlp_as_cnn", "mlp")

    def standardise(images: np.ndarray) -> np.ndarray:
        return ((images - 33.3184) / 78.5675).reshape(len(images), 784)

    earned, _, _, _ = judge(model, standardise, 0.97)
    assert earned == 1
    assert judge(model, lambda x: x / 255, 0.97)[0] < earned


@pytest.mark.parametrize("preprocess", [None, lambda x: x[:, ::2], lambda x: x[:, ::-1] / 255, lambda x: "no"])
def test_a_useless_preprocess_does_not_cost_the_models_points(preprocess: Callable[[np.ndarray], Any] | None) -> None:
    """It has lost its own already; the message says what was used instead."""
    assert judge(saved("perfect", "mlp"), preprocess, 0.97)[0] == 1
    earned, message, _, _ = judge(saved("almost", "mlp"), preprocess, 0.97)
    assert earned == pytest.approx(0.62, abs=0.01)
    assert message.endswith("medí tu modelo con los píxeles de 0 a 255, porque los escala.")


def test_an_untrained_model_gets_nothing_and_no_flag() -> None:
    """Chance level, a hint, and no fingerprint: equal seeds make equal untrained models."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(20, "relu"), layers.Dense(10)])
    earned, message, flags, _ = judge(model, lambda x: x / 255)
    assert earned == 0
    assert "Está 5 puntos porcentuales o más por debajo: esta prueba no da puntos." in message
    assert "Acierta casi al azar" in message
    assert flags == []


@pytest.mark.parametrize(
    ("shape", "units", "text"),
    [
        ((32, 32, 1), 10, "debería aceptar imágenes de (28, 28)"),
        ((28, 28, 3), 10, "debería aceptar imágenes de (28, 28)"),
        ((784,), 12, "debería dar 10 números por imagen"),
        ((28, 28), 10, "debería dar 10 números por imagen"),
    ],
)
def test_a_model_of_other_shapes_is_refused_with_its_shape(shape: tuple[int, ...], units: int, text: str) -> None:
    """Too large, in colour, too many classes, not flattened."""
    flat = [] if shape == (28, 28) else [layers.Flatten()]
    model = keras.Sequential([keras.Input(shape), *flat, layers.Dense(units)])
    with pytest.raises(CheckFailure) as caught:
        judge(model, lambda x: x / 255)
    assert text in str(caught.value)


def test_a_model_that_gives_nan_is_refused() -> None:
    """Training diverged."""
    model = keras.Sequential([keras.Input((784,)), layers.Dense(10)])
    model.set_weights([np.full((784, 10), np.nan, np.float32), np.zeros(10, np.float32)])
    with pytest.raises(CheckFailure, match="no finitos"):
        judge(model, lambda x: x / 255)


@pytest.fixture
def shades(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A data set like fingers in which the shade of an image is its label, and a network of 32x32 that knows it."""
    levels = np.arange(6) * 40 + 20
    for split, times, seed in (("train", 10, 1), ("test", 5, 2)):
        images = np.repeat(levels.astype(np.uint8), times)[:, None, None] + np.zeros((1, 128, 128), np.uint8)
        write_images(tmp_path / "fingers" / split, images, [f"{k}L" for k in range(6) for _ in range(times)], seed)
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    data.load.cache_clear()
    benchmark.cache_clear()
    model = keras.Sequential([keras.Input((32, 32)), layers.Flatten(), layers.Dense(6)])
    shade = levels / 255
    weights = np.repeat(2 * shade[None, :] / 1024, 1024, axis=0).astype(np.float32)
    model.set_weights([weights, -(shade**2).astype(np.float32)])
    yield model
    data.load.cache_clear()
    benchmark.cache_clear()


@pytest.mark.parametrize(
    ("preprocess", "expected"),
    [
        (lambda x: x[:, ::4, ::4] / 255, 1),
        (lambda x: x.reshape(-1, 32, 4, 32, 4).mean((2, 4))[..., None] / 255, 1),
        (lambda x: x[:, ::4, ::4] / 510, 0),
        (lambda x: x[:, ::4, ::4] > 100, 1),
        (None, 1),
    ],
)
def test_smaller_images_are_made_as_the_student_makes_them(
    shades: Any, preprocess: Callable[[np.ndarray], Any] | None, expected: float
) -> None:
    """With the student's scale; where that cannot be told, with means of blocks and a scale of 0 to 1."""
    assert judge(shades, preprocess, 0.98, 1.0, dataset="fingers", may_shrink=True)[0] == expected


def test_where_images_must_keep_their_size_a_smaller_network_is_refused(shades: Any) -> None:
    """As for digits."""
    with pytest.raises(CheckFailure, match=r"debería aceptar imágenes de \(128, 128\)"):
        judge(shades, lambda x: x[:, ::4, ::4] / 255, 0.98, 1.0, dataset="fingers")


def test_the_message_says_what_took_the_place_of_a_useless_preprocess(shades: Any) -> None:
    """Size and scale."""
    shades.set_weights([weight * 0 for weight in shades.get_weights()])
    earned, message, _, _ = judge(shades, None, 0.98, 1.0, dataset="fingers", may_shrink=True)
    assert earned == 0
    assert "medí tu modelo con los píxeles divididos por 255 del tamaño que pide." in message


def test_the_kind_of_a_network_decides_what_is_honest_of_it() -> None:
    """By its layers, whatever the student calls it."""
    flat = [keras.Input((28, 28)), layers.Flatten()]
    assert network_kind(keras.Sequential([*flat, layers.Dense(10)])) == "softmax"
    assert network_kind(keras.Sequential([*flat, layers.Dense(5), layers.Dense(10)])) == "mlp"
    assert network_kind(saved("perfect", "cnn")) == "cnn"
