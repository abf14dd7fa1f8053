"""A saved model is rebuilt as itself: every layer, every operation, every argument, and random networks of them."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.errors import ModelRejected
from autograder.judging import architecture
from autograder.judging.architecture import answer, answers
from autograder.models.layers import LAYERS
from autograder.models.operations import OPERATIONS
from autograder.models.rebuild import rebuild
from autograder.worker.model_file import read_model
from autograder.worker.service import model_parts
from autograder.worker.wire import ModelParts
from tests.helpers.architectures import LAYER_ARGUMENTS, OPERATION_CALLS, STYLES, random_model, targets

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
# Keras 3.15 and NumPy 2.4 disagree about `__array__` when a model is saved.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:You passed `rms_scaling=True`"),
    pytest.mark.filterwarnings(r"ignore:[\s\S]*You are using a softmax over axis"),
]

EVERYDAY, ALL = 20, 330


@pytest.fixture(scope="module")
def keras() -> Any:
    """Keras, imported once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras

    return keras


def sample(model: Any, seed: int = 0) -> np.ndarray:
    """Return three inputs of a model: from -1 to 1, or bytes where it takes those."""
    values = np.random.default_rng(seed).uniform(-1, 1, (3, *model.input_shape[1:]))
    whole = model.inputs[0].dtype == "uint8"
    return (values * 127 + 128).astype(np.uint8) if whole else values.astype(np.float32)


def difference(model: Any, rebuilt: Any, seed: int = 0) -> float:
    """Return how far the answers of two models are apart; the second is asked at once, and as a series is."""
    inputs = sample(model, seed)
    expected = np.asarray(model(inputs, training=False))
    assert np.all(np.isfinite(expected)), "this model says nothing"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(architecture, "_MANY", 0)
        patch.setattr(architecture, "has_convolution", lambda model: True)
        found = [answer(rebuilt, inputs), *answers(rebuilt, inputs)]
    return max(float(np.abs(outputs - expected).max()) for outputs in found)


def rebuilt_as_it_is(model: Any) -> Any:
    """Rebuild a model in memory; its weights are set without a prediction, which would take most of the time."""
    again = rebuild(model_parts(model, weights=False))
    again.set_weights(model.get_weights())
    for layer in again.layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
    return again


def through_a_file(keras: Any, folder: Path, seeds: range, met: set[str]) -> list[str]:
    """Return what went wrong with the random models of ``seeds``; add what they hold to ``met``."""
    wrong = []
    every = targets()
    for seed in seeds:
        style, target = STYLES[(seed // 7) % len(STYLES)], every[seed % len(every)]
        model = random_model(keras, seed, style, target)
        model.save(folder / "model.keras")
        parts = read_model(folder / "model.keras")
        assert isinstance(parts, ModelParts), parts
        if f'"{target.removeprefix("ops.")}"' in parts.config:
            met.add(target)
        try:
            far = difference(model, rebuild(parts), seed)
        except ModelRejected as error:
            wrong.append(f"{seed} {style} {target}: refused: {error}")
            continue
        if not far < 1e-4:
            wrong.append(f"{seed} {style} {target}: {far:.2g} from Keras's own answer")
    return wrong


@pytest.mark.slow
def test_some_random_architectures_come_back_as_themselves(keras, tmp_path):
    """Saved, read and rebuilt, each answers within 1e-4 of what Keras answered before."""
    step = ALL // EVERYDAY
    met: set[str] = set()
    assert through_a_file(keras, tmp_path, range(3, ALL, step)[:EVERYDAY], met) == []
    assert len(met) == EVERYDAY


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_all_random_architectures_come_back_as_themselves(keras, tmp_path):
    """330 of them: every layer and operation is there, in all four styles."""
    met: set[str] = set()
    assert through_a_file(keras, tmp_path, range(ALL), met) == []
    assert met == set(targets())


def test_every_layer_comes_back_as_itself(keras):
    """A model that holds it answers the same, and the layer is still there."""
    assert set(LAYER_ARGUMENTS) == set(LAYERS)
    for number, name in enumerate(LAYERS):
        model = random_model(keras, number, "functional", name)
        assert name in [type(layer).__name__ for layer in model.layers], name
        again = rebuilt_as_it_is(model)
        assert [type(one) for one in again.layers] == [type(one) for one in model.layers], name
        assert difference(model, again) < 1e-4, name


def test_every_operation_comes_back_as_itself(keras):
    """The same for functions of `keras.ops`, whose arguments lie elsewhere."""
    assert set(OPERATIONS) <= set(OPERATION_CALLS)
    for number, name in enumerate(OPERATION_CALLS):
        model = random_model(keras, number, "functional", f"ops.{name}")
        assert name in [type(operation).__name__ for operation in model.operations], name
        assert difference(model, rebuilt_as_it_is(model)) < 1e-4, name


ARGUMENTS = {
    "the slope of leaky_relu": lambda keras, x: keras.ops.leaky_relu(x, 0.35),
    "the alpha of elu": lambda keras, x: keras.activations.elu(x, alpha=0.3),
    "the axis of softmax": lambda keras, x: keras.ops.softmax(x, axis=1),
    "the exact gelu": lambda keras, x: keras.ops.gelu(x, approximate=False),
    "a relu that is cut off": lambda keras, x: keras.activations.relu(x, 0.1, 0.5, 0.2),
    "an array": lambda keras, x: (x - np.array([0.1, 0.2, 0.3], np.float32)) / keras.ops.convert_to_tensor(3.0),
    "padding with ones": lambda keras, x: keras.layers.Resizing(8, 4, pad_to_aspect_ratio=True, fill_value=1)(x),
    "one mean for all": lambda keras, x: keras.layers.Normalization(axis=None, mean=0.3, variance=2)(x),
    "whole numbers": lambda keras, x: keras.layers.Rescaling(2.0, dtype="int32")(x * 9),
    "a layer without `trainable`": lambda keras, x: keras.layers.SpatialDropout2D(0.5)(x),
}


@pytest.mark.parametrize("what", ARGUMENTS)
def test_an_argument_that_changes_answers_is_kept(what, keras):
    """Each of these was dropped or refused once."""
    image = keras.Input((4, 4, 3))
    model = keras.Model(image, ARGUMENTS[what](keras, image))
    assert difference(model, rebuild(model_parts(model, weights=False))) < 1e-6


def test_bytes_are_subtracted_as_bytes(keras):
    """An input of whole numbers and a whole constant stay whole: 3 - 128 is 131 there, as in Keras."""
    image = keras.Input((2,), dtype="uint8")
    again = rebuild(model_parts(keras.Model(image, (image - 128) / 2), weights=False))
    assert np.asarray(again(np.array([[3, 130]], np.uint8))).tolist() == [[65.5, 1.0]]


def test_an_image_in_a_row_may_be_long(keras):
    """The side of an input is bounded by its number of values only: CIFAR-10 in a row, or what Flatten leaves."""
    model = keras.Sequential([keras.Input((70_000,)), keras.layers.Dense(2)])
    assert rebuild(model_parts(model, weights=False)).input_shape == (None, 70_000)


def test_an_unknown_argument_of_an_operation_is_named(keras):
    """What is not in the table is refused, whatever it would do."""
    image = keras.Input((4, 4, 3))
    config = json.loads(model_parts(keras.Model(image, keras.ops.tanh(image)), weights=False).config)
    config["config"]["layers"][1]["config"]["b"] = 2
    with pytest.raises(ModelRejected, match=r"La operación «tanh.*» \(tanh\) tiene un argumento que no conozco: `b`"):
        rebuild(ModelParts(json.dumps(config)))


@pytest.mark.parametrize(
    ("value", "clause"),
    [
        ('{"class_name": "__numpy__", "config": {"value": [300], "dtype": "uint8"}}', "algo que no es"),
        ('{"class_name": "__numpy__", "config": {"value": [1], "dtype": "object"}}', "algo que no es"),
        ('{"class_name": "__lambda__", "config": {"value": "x"}}', "algo que no es"),
        ("[[1], [1, 2]]", "junta tamaños que no encajan"),
    ],
)
def test_a_constant_that_is_no_array_is_refused(value, clause, keras):
    """A constant beside a tensor is read as data: numbers of a type that numpy has, and of one shape."""
    image = keras.Input((4, 4, 3))
    parts = model_parts(keras.Model(image, image + 77), weights=False)
    with pytest.raises(ModelRejected, match=clause):
        rebuild(ModelParts(parts.config.replace("77", value)))


def test_random_crop_lets_images_pass_as_keras_does(keras):
    """It cuts in training only: behind it lie whole images, whatever size it announces, and they are paid for."""
    layers = keras.layers
    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(2, 3)(layers.RandomCrop(24, 24)(image))
    model = keras.Model(image, layers.Dense(2)(layers.GlobalMaxPooling2D()(x)))
    assert difference(model, rebuilt_as_it_is(model)) == 0

    flat = keras.Sequential([keras.Input((28, 28, 1)), layers.RandomCrop(24, 24), layers.Flatten(), layers.Dense(2)])
    with pytest.raises(ModelRejected, match="No puedo reconstruir el modelo"):
        rebuild(model_parts(flat, weights=False))
    nested = keras.Sequential([keras.Input((28, 28, 1)), keras.Sequential([keras.Input((28, 28, 1)), *flat.layers])])
    with pytest.raises(ModelRejected, match="contiene un RandomCrop que cambia el tamaño"):
        rebuild(model_parts(nested, weights=False))
