"""What is a fine-tuned VGG16, and how it is measured: on small generated images instead of CIFAR-10's.

A VGG16 with a sixteenth of its filters and random weights stands in for ImageNet's: all but the figures is alike.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import data
from autograder.checking.student import Outcome, Student
from autograder.course.assignments import ROOT
from autograder.errors import CheckFailure, ModelRejected
from autograder.judging.fingerprint import read_fingerprint, weights_fingerprint
from autograder.judging.likeness import ALIKE, compare
from data import cats_and_dogs as benchmark
from data import vgg16
from data.cats_and_dogs import CatsAndDogs, cats_and_dogs

fine_tuning = importlib.import_module("tests.checks.07_vgg16.fine_tuning")
transfer_model = importlib.import_module("tests.checks.07_vgg16.transfer_model")
keras = pytest.importorskip("keras")
# Keras itself copies variables in a way that NumPy 2 deprecates when it saves weights.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
layers = keras.layers

CACHES = (vgg16.base_weights, vgg16.first_blocks, cats_and_dogs, benchmark._images)
PATH = "models/fine_tuned.keras"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatsAndDogs]:
    """Generated images: cats are dark and dogs are bright, with a few of other classes between; random weights."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)

    def pair(count: int) -> data.Pair:
        labels = np.resize([3, 5, 0], count)
        noise = rng.integers(0, 60, (count, 32, 32, 3))
        return (noise + 150 * (labels == 5)[:, None, None, None]).astype(np.uint8), labels[:, None].astype(np.uint8)

    train, test = pair(24), pair(30)
    (folder / "vgg16").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, (rows, columns, channels, filters) in dict(vgg16.KERNEL_SHAPES).items():
            thin = (rows, columns, channels if channels == 3 else channels // 16, filters // 16)
            patch.setitem(vgg16.KERNEL_SHAPES, name, thin)
        for module in (vgg16, benchmark, transfer_model):
            patch.setattr(module, "FEATURE_SHAPE", (6, 6, 32))
        keras.utils.set_random_seed(1)
        vgg16.structure().save_weights(folder / "vgg16/vgg16_notop.weights.h5")
        patch.setenv("CNN_DATA", str(folder))
        patch.setattr(benchmark, "SAMPLE", 8)
        patch.setattr(benchmark.data, "load", lambda name: (train, test))
        patch.setattr(benchmark, "has_sample", lambda name: False)
        patch.setattr(benchmark, "_file", lambda: folder / "derived/features.npy")
        for cached in CACHES:
            cached.cache_clear()
        yield cats_and_dogs()
        for cached in CACHES:
            cached.cache_clear()


class Submitted(Student):
    """A student of whom only the saved models are known."""

    def __init__(self, **models: Any) -> None:
        self._models = {f"models/{name}.keras": model for name, model in models.items()}
        self.asked: list[str] = []

    def call(self, name: str, *arguments: Any, **keywords: Any) -> Outcome:
        raise NotImplementedError

    def value(self, name: str) -> Any:
        raise NotImplementedError

    def put(self, name: str, content: bytes) -> str:
        raise NotImplementedError

    def saved_model(self, path: str) -> Any:
        self.asked.append(path)
        if path not in self._models:
            raise ModelRejected("missing", f"No encuentro `{path}`.")
        return self._models[path]


def head(outputs: Any, units: int = 2, activation: str | None = "softmax") -> Any:
    outputs = layers.GlobalAveragePooling2D()(outputs)
    return layers.Dense(units, activation=activation, name="classifier")(outputs)


def part(units: int = 2, activation: str | None = "softmax") -> Any:
    """Return what the notebook saves: block 5 and a classifier."""
    base = original()
    inputs = outputs = keras.Input(vgg16.FEATURE_SHAPE)
    for layer in base.layers[-4:]:
        outputs = layer(outputs)
    return keras.Model(inputs, head(outputs, units, activation))


def original() -> Any:
    """Return the base with its "ImageNet" weights."""
    return vgg16._load_base()


def whole(base: Any, kind: str = "nested") -> Any:
    """Return the base with a classifier, in one of the ways in which students build it."""
    if kind == "spread":
        return keras.Model(base.inputs[0], head(base.outputs[0]))
    if kind == "sequential":
        tail = [layers.GlobalAveragePooling2D(), layers.Dense(2, activation="softmax", name="classifier")]
        return keras.Sequential([keras.Input(vgg16.IMAGE_SHAPE), base, *tail])
    inputs = keras.Input(vgg16.IMAGE_SHAPE)
    return keras.Model(inputs, head(base(inputs)))


def nudged(model: Any, names: tuple[str, ...] = vgg16.BLOCK5, size: float = 0.05) -> Any:
    """Change the kernels of some layers a little, as training does."""
    rng = np.random.default_rng(2)
    for layer in flat(model):
        if layer.name in names:
            kernel, bias = layer.get_weights()
            layer.set_weights([kernel * (1 + size * rng.normal(size=kernel.shape)), bias])
    return model


def flat(model: Any) -> list[Any]:
    return [inner for layer in model.layers for inner in (flat(layer) if hasattr(layer, "layers") else [layer])]


def test_the_benchmark_holds_cats_and_dogs_only(small: CatsAndDogs) -> None:
    """Test images all, and as many training images as are varied."""
    assert {name: len(part) for name, part in small.images.items()} == {
        "test": 20,
        "train": 8,
        "varied_test": 8,
        "varied_train": 8,
    }
    for name, images in small.images.items():
        assert set(small.labels[name]) == {0, 1}
        np.testing.assert_array_equal(images.mean(axis=(1, 2, 3)) > 90, small.labels[name] == 1)
    np.testing.assert_array_equal(small.labels["varied_test"], small.labels["test"][small.sample])


def test_features_are_what_the_first_blocks_give(small: CatsAndDogs) -> None:
    """For each image its own, in half precision."""
    for name in small.images:
        assert small.features[name].shape == (len(small.images[name]), *vgg16.FEATURE_SHAPE)
    expected = np.asarray(vgg16.first_blocks()(vgg16.enlarge(small.images["varied_train"][-2:])))
    np.testing.assert_allclose(small.features["varied_train"][-2:], expected, rtol=2e-3, atol=1e-3)


def test_features_are_computed_once(small: CatsAndDogs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next process finds the file."""
    monkeypatch.setattr(benchmark, "first_blocks", lambda: pytest.fail("computed again"))
    assert benchmark.is_made()
    benchmark.make()
    cats_and_dogs.cache_clear()
    assert cats_and_dogs().features["test"].dtype == np.float16


@pytest.mark.parametrize("kind", ["nested", "spread", "sequential"])
def test_a_whole_network_is_cut_to_its_last_part(small: CatsAndDogs, kind: str) -> None:
    """It answers alike, without four fifths of the work."""
    model = nudged(whole(original(), kind))
    accepted = transfer_model.accept(model, PATH)
    assert accepted.last_part is not None
    expected = np.asarray(model(vgg16.enlarge(small.images["test"][:3])))
    found = np.asarray(accepted.last_part(small.features["test"][:3].astype(np.float32)))
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_a_network_of_changed_first_blocks_runs_as_a_whole(small: CatsAndDogs) -> None:
    """Whoever trained all of it is measured on all of it."""
    model = nudged(whole(original()), ("block2_conv1",))
    assert transfer_model.accept(model, PATH).last_part is None
    student = Submitted(fine_tuned=model)
    images = vgg16.enlarge(small.images["test"])
    expected = np.asarray(model(images)).argmax(axis=1) == small.labels["test"]
    assert fine_tuning.measure_fine_tuned(student).accuracy == expected.mean()


def test_a_network_that_does_more_before_the_base_runs_as_a_whole(small: CatsAndDogs) -> None:
    """The original blocks alone do not make it the original way."""
    inputs = keras.Input(vgg16.IMAGE_SHAPE)
    model = keras.Model(inputs, head(original()(layers.Rescaling(-3.0)(inputs))))
    assert transfer_model.accept(model, PATH).last_part is None


def test_half_precision_does_not_count_as_training(small: CatsAndDogs) -> None:
    """Neither for the first blocks nor for the last one."""
    model = whole(original())
    for layer in flat(model):
        layer.set_weights([weight.astype(np.float16).astype(np.float32) for weight in layer.get_weights()])
    assert transfer_model.accept(model, PATH).last_part is not None
    assert transfer_model.trained_layers(model) == []


def test_trained_layers_are_named(small: CatsAndDogs) -> None:
    """In a part and in a whole network."""
    assert transfer_model.trained_layers(part()) == []
    assert transfer_model.trained_layers(nudged(part(), ("block5_conv3",), 0.01)) == ["block5_conv3"]
    assert transfer_model.trained_layers(nudged(whole(original()))) == list(vgg16.BLOCK5)


def test_a_last_block_from_scratch_is_no_fine_tuning(small: CatsAndDogs) -> None:
    """Random weights have nothing in common with those of ImageNet."""
    with pytest.raises(CheckFailure, match="no se parecen a los de ImageNet"):
        transfer_model.trained_layers(nudged(part(), size=50))


def _narrow() -> Any:
    base = vgg16.structure(thinner=2)
    return keras.Model(base.inputs[0], head(base.outputs[0]))


def _without_block5() -> Any:
    inputs = keras.Input(vgg16.FEATURE_SHAPE)
    return keras.Model(inputs, head(layers.Conv2D(8, 3)(inputs)))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: part(units=3), "debería dar 2 probabilidades por imagen"),
        (lambda: part(activation=None), "no son probabilidades"),
        (lambda: keras.Sequential([keras.Input((32, 32, 3)), layers.Flatten(), layers.Dense(2)]), "su entrada es"),
        (lambda: keras.Sequential([keras.Input((3, 3, 32)), layers.Flatten(), layers.Dense(2)]), "falta el bloque 5"),
        (lambda: keras.Sequential([keras.Input((224, 224, 3)), layers.Flatten(), layers.Dense(2)]), "son de 96×96"),
        (_narrow, "tiene otra cantidad de filtros"),
        (_without_block5, "le falta la capa «block5_conv1»"),
    ],
)
def test_something_else_is_refused_with_its_reason(small: CatsAndDogs, build: Any, message: str) -> None:
    """No data are needed to say so."""
    with pytest.raises(CheckFailure) as caught:
        transfer_model.expect_vgg16(build(), PATH)
    assert message in str(caught.value)
    assert PATH in str(caught.value)


def judge(
    student: Student, threshold: float = 0.75, right: np.ndarray | None = None
) -> tuple[float, str, list[dict[str, Any]]]:
    """Return credit, message and flags."""
    flags: list[dict[str, Any]] = []
    lost: list[Any] = [1.0, ""]

    def partial(earned: float, message: str) -> None:
        lost[:] = [earned, message]

    def flag(kind: str, message: str, **figures: Any) -> None:
        flags.append({"kind": kind, "message": message, **figures})

    measured = fine_tuning.measure_fine_tuned(student)
    if right is not None:
        measured = replace(measured, on_test=right)
    fine_tuning.judge_fine_tuned(measured, threshold, partial, flag)
    return lost[0], lost[1], flags


def bright(model: Any, small: CatsAndDogs) -> Any:
    """Set the classifier of a model so that it tells bright from dark images, by its last features."""
    classifier = next(layer for layer in flat(model) if layer.name == "classifier")
    inner = keras.Model(model.inputs[0], classifier.input)
    given = np.asarray(inner(small.features["test"].astype(np.float32)))
    difference = given[small.labels["test"] == 1].mean(axis=0) - given[small.labels["test"] == 0].mean(axis=0)
    direction = difference / np.linalg.norm(difference)
    middle = float((given @ direction).mean())
    classifier.set_weights([np.stack([-direction, direction], axis=1), np.array([middle, -middle])])
    return model


def test_full_points_from_the_threshold_on(small: CatsAndDogs) -> None:
    """With the fingerprint of the weights, and no other flag."""
    student = Submitted(fine_tuned=bright(nudged(part()), small))
    earned, message, flags = judge(student)
    assert earned == 1
    assert message == "Tu modelo acierta el 100,00 % (±8,06) de las 20 imágenes de prueba oficiales, gatos y perros."
    assert student.asked == [PATH]
    assert [flag["kind"] for flag in flags] == ["model-fingerprint", "memorised-test-set"]
    assert "exceeds 95.0%" in flags[1]["message"]


def test_points_fall_below_the_threshold(small: CatsAndDogs) -> None:
    """In a straight line to nothing, and the message says how many were right."""
    student = Submitted(fine_tuned=bright(part(), small))
    right = np.arange(20) < 10
    earned, message, flags = judge(student, 0.73, right)
    assert earned == pytest.approx(0.414, abs=0.001)
    assert "acierta el 50,00 % (±20,07) de las 20 imágenes de prueba oficiales, gatos y perros" in message
    assert "se pide el 73 %. Obtienes el 41 % de los puntos." in message
    earned, message, flags = judge(student, 0.95, np.arange(20) < 14)
    assert earned == pytest.approx(0)
    assert "esta prueba no da puntos" in message
    assert [flag["kind"] for flag in flags] == ["model-fingerprint"]


def test_a_model_that_knows_the_test_images_is_flagged(small: CatsAndDogs, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them right, and of the training images none."""
    student = Submitted(fine_tuned=bright(part(), small))

    def right(network: Any, name: str) -> np.ndarray:
        return np.full(20, name == "test")

    monkeypatch.setattr(fine_tuning, "_right", right)
    _, _, flags = judge(student)
    (found,) = [flag for flag in flags if flag["kind"] == "memorised-test-set"]
    assert (found["test_accuracy"], found["train_accuracy"]) == (1.0, 0.0)
    assert "errs much less on test images" in found["message"]


def test_models_of_the_same_origin_are_no_copies_of_each_other(small: CatsAndDogs) -> None:
    """Everybody's last block comes from ImageNet: the classifiers, which began at random, tell students apart."""
    models = []
    for seed in (1, 2):
        keras.utils.set_random_seed(seed)
        models.append(nudged(part()))
    whole_prints = [weights_fingerprint(model) for model in models]
    heads = [weights_fingerprint(model, without=vgg16.KERNEL_SHAPES) for model in models]
    assert compare(*map(read_fingerprint, whole_prints)).score > ALIKE
    assert compare(*map(read_fingerprint, heads)).score < ALIKE
    _, _, flags = judge(Submitted(fine_tuned=bright(models[0], small)))
    assert flags[0]["fingerprint"] == weights_fingerprint(models[0], without=vgg16.KERNEL_SHAPES)


def test_a_model_that_gives_nan_is_refused(small: CatsAndDogs) -> None:
    """Training diverged."""
    model = part()
    classifier = model.get_layer("classifier")
    classifier.set_weights([np.full((32, 2), 1e38, np.float32), np.array([np.inf, -np.inf], np.float32)])
    with pytest.raises(CheckFailure, match=r"no finitos|no son probabilidades"):
        judge(Submitted(fine_tuned=model))


def scratch(shape: tuple[int, ...] = (32, 32, 3), name: str = "conv", units: int = 2) -> Any:
    """Return a small CNN."""
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(4, 3, strides=2, name=name),
            layers.GlobalAveragePooling2D(),
            layers.Dense(units, activation="softmax"),
        ]
    )


@pytest.mark.parametrize(("shape", "prepare"), [((32, 32, 3), lambda x: x / 255), ((96, 96, 3), vgg16.enlarge)])
def test_a_cnn_from_scratch_may_take_small_or_large_images(small: CatsAndDogs, shape: Any, prepare: Any) -> None:
    """Each as the notebook prepares them."""
    model = scratch(shape)
    expected = np.asarray(model(prepare(small.images["test"]))).argmax(axis=1) == small.labels["test"]
    assert fine_tuning.accuracy_of_scratch(Submitted(scratch=model)) == expected.mean()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: scratch(name="block1_conv1"), "lleva capas de VGG16"),
        (lambda: scratch((64, 64, 3)), "su entrada es (None, 64, 64, 3)"),
        (lambda: scratch(units=10), "debería dar 2 probabilidades"),
        (lambda: keras.Sequential([keras.Input((32, 32, 3)), layers.Flatten(), layers.Dense(2)]), "no es una CNN"),
    ],
)
def test_what_is_no_cnn_from_scratch_is_refused(small: CatsAndDogs, build: Any, message: str) -> None:
    """With its reason."""
    with pytest.raises(CheckFailure) as caught:
        fine_tuning.accuracy_of_scratch(Submitted(scratch=build()))
    assert message in str(caught.value)


def test_the_photograph_is_the_notebooks() -> None:
    """In the size that VGG16 takes."""
    photograph = importlib.import_module("tests.checks.07_vgg16.photograph").photograph()
    assert (photograph.shape, photograph.dtype) == ((224, 224, 3), np.uint8)
    path = ROOT / "source/07_vgg16/gato.jpg"
    theirs = keras.utils.img_to_array(keras.utils.load_img(path, target_size=(224, 224)))
    assert np.abs(theirs - photograph).mean() < 10
