"""What a model is made of, in the styles in which students write it."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.architecture import (
    acts_only_in_training,
    answer,
    flat_layers,
    gives_probabilities,
    has_convolution,
    hidden_dense_layers,
    is_linear,
    parameter_count,
    rescales,
)

keras = pytest.importorskip("keras")
layers = keras.layers


def sequential(*parts: object, shape: tuple[int, ...] = (28, 28, 1)) -> object:
    return keras.Sequential([keras.Input(shape), *parts])


@pytest.mark.parametrize("as_list", [True, False])
def test_answer_feeds_a_single_input_in_the_way_the_model_was_made(as_list: bool) -> None:
    """With or without a list around it, and without Keras complaining about it (warnings are errors here)."""
    pixels = keras.Input((4,))
    result = layers.Dense(3)(pixels)
    model = keras.Model([pixels], [result]) if as_list else keras.Model(pixels, result)
    assert answer(model, np.zeros((5, 4), np.float32)).shape == (5, 3)


def test_flat_layers_open_nested_models() -> None:
    """The layers of an inner model stand where it stood."""
    inner = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(2, 3), layers.Flatten()])
    model = sequential(layers.Rescaling(1 / 255), inner, layers.Dense(10))
    assert [type(layer).__name__ for layer in flat_layers(model)] == ["Rescaling", "Conv2D", "Flatten", "Dense"]
    assert has_convolution(model)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (lambda: layers.Conv2D(2, 3), True),
        (lambda: layers.SeparableConv2D(2, 3), True),
        (lambda: layers.DepthwiseConv2D(3), True),
        (lambda: layers.MaxPooling2D(), False),
        (lambda: layers.Dense(4), False),
    ],
)
def test_has_convolution(layer: object, expected: bool) -> None:
    """Any kind of convolution counts, pooling does not."""
    assert has_convolution(sequential(layer(), layers.Flatten(), layers.Dense(10))) is expected  # type: ignore[operator]


def test_hidden_dense_layers_leave_the_last_one_out() -> None:
    """However many there are."""
    assert hidden_dense_layers(sequential(layers.Flatten(), layers.Dense(10))) == []
    model = sequential(layers.Flatten(), layers.Dense(5, name="a"), layers.Dense(4, name="b"), layers.Dense(10))
    assert [layer.name for layer in hidden_dense_layers(model)] == ["a", "b"]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (lambda: [layers.Dense(5)], True),
        (lambda: [layers.Dense(5), layers.Dropout(0.1), layers.BatchNormalization()], True),
        (lambda: [layers.Dense(5), layers.Activation("linear")], True),
        (lambda: [layers.Dense(5, activation="tanh")], False),
        (lambda: [layers.Dense(5), layers.BatchNormalization(), layers.Activation("relu")], False),
        (lambda: [layers.Dense(5), layers.LeakyReLU()], False),
    ],
)
def test_is_linear(parts: object, expected: bool) -> None:
    """An activation may be an argument or a layer of its own; the last layer's softmax is not the hidden layer's."""
    model = sequential(layers.Flatten(), *parts(), layers.Dense(10, activation="softmax"))  # type: ignore[operator]
    assert is_linear(model, hidden_dense_layers(model)[0]) is expected


ACTIVATED = {
    "keras.activations.tanh": keras.activations.tanh,
    "keras.activations.relu": keras.activations.relu,
    "keras.ops.relu": keras.ops.relu,
    "keras.ops.maximum": lambda x: keras.ops.maximum(x, 0),
    "keras.ops.gelu": keras.ops.gelu,
}


@pytest.mark.parametrize("name", ACTIVATED)
def test_an_activation_may_be_an_operation(name: str) -> None:
    """A function called on what the layer gives makes it nonlinear, also in a model within a model."""
    image = keras.Input((784,))
    inner = keras.Model(image, ACTIVATED[name](layers.Dense(5)(image)))
    assert not is_linear(inner, hidden_dense_layers(keras.Sequential([inner, layers.Dense(3)]))[0])
    model = keras.Model(image, layers.Dense(3)(inner(image)))
    assert not is_linear(model, hidden_dense_layers(model)[0])


def test_arithmetic_is_no_activation() -> None:
    """Twice a linear layer is linear."""
    image = keras.Input((784,))
    model = keras.Model(image, layers.Dense(3)(layers.Dense(5)(image / 255.0) * 2.0 + 1.0))
    assert is_linear(model, hidden_dense_layers(model)[0])


@pytest.mark.parametrize("layer", ["GaussianNoise", "SpatialDropout2D", "RandomShear", "RandomCrop", "RandomZoom"])
def test_layers_of_training_are_known(layer: str) -> None:
    """Noise, dropout and augmentation change nothing of what a network is."""
    arguments = {"RandomCrop": (28, 28), "RandomShear": ()}.get(layer, (0.1,))
    built = getattr(layers, layer)(*arguments)
    assert acts_only_in_training(built)
    assert rescales(sequential(built, layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(10)))
    assert not rescales(sequential(built, layers.Flatten(), layers.Dense(10), layers.Rescaling(2.0)))


def test_dividing_the_input_rescales_it() -> None:
    """An operation in the place of `Rescaling`."""
    image = keras.Input((28, 28, 1))
    assert rescales(keras.Model(image, layers.Flatten()(image / 255.0)))
    assert not rescales(keras.Model(image, layers.Flatten()(keras.ops.relu(image) / 255.0)))


def test_a_model_rescales_if_its_first_computing_layer_does() -> None:
    """Reshaping may come before, convolutions may not."""
    assert rescales(sequential(layers.Reshape((784,)), layers.Rescaling(1 / 255), layers.Dense(10), shape=(28, 28)))
    assert rescales(sequential(layers.Normalization(), layers.Flatten(), layers.Dense(10)))
    assert not rescales(sequential(layers.Conv2D(2, 3), layers.Rescaling(1 / 255)))
    assert not rescales(sequential(layers.Flatten(), layers.Dense(10)))


def test_a_normaliser_adds_no_parameters() -> None:
    """The softmax layer has 7850 with and without it."""
    assert parameter_count(sequential(layers.Flatten(), layers.Dense(10))) == 7850
    assert parameter_count(sequential(layers.Normalization(), layers.Flatten(), layers.Dense(10))) == 7850


def test_gives_probabilities() -> None:
    """Rows sum to 1 and nothing is negative."""
    assert gives_probabilities(np.array([[0.5, 0.5], [1, 0]]))
    assert not gives_probabilities(np.array([[0.5, 0.6]]))
    assert not gives_probabilities(np.array([[1.5, -0.5]]))
    assert not gives_probabilities(np.full((1, 10), 0.5))
