"""What the checks of 04_mnist say about networks in the styles in which students write them."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from tests.helpers.builders import messages

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import keras

layers = keras.layers


def functional(*steps: Callable[[Any], Any]) -> Callable[[], Any]:
    """Return a function that builds a model of layers and functions, one after the other."""

    def build() -> Any:
        image = x = keras.Input((28, 28, 1))
        for step in steps:
            x = step(x)
        return keras.Model(image, x)

    return build


SOFTMAX = {
    "noise": lambda: functional(
        layers.GaussianNoise(0.1), layers.Flatten(), layers.GaussianDropout(0.1), layers.Dense(10, "softmax")
    ),
    "augmentation": lambda: functional(
        layers.RandomRotation(0.1), layers.RandomShear(0.1, 0.1), layers.Flatten(), layers.Dense(10, "softmax")
    ),
    "operations": lambda: functional(lambda x: x / 255.0, layers.Flatten(), layers.Dense(10), keras.ops.softmax),
}


@pytest.mark.parametrize("style", SOFTMAX)
def test_a_softmax_network_may_act_in_training(style: str) -> None:
    """Noise, dropout and augmentation are no layers of the network."""
    assert messages("04_mnist", "build-softmax-structure", build_softmax=SOFTMAX[style]()) == {}


@pytest.mark.parametrize("activation", [keras.activations.tanh, keras.ops.relu, keras.ops.leaky_relu])
def test_the_activation_of_a_hidden_layer_may_be_an_operation(activation: Callable[[Any], Any]) -> None:
    """A function called on what the layer gives."""
    build = functional(layers.Flatten(), layers.Dense(32), activation, layers.Dense(10, "softmax"))
    assert messages("04_mnist", "build-mlp-structure", build_mlp=build) == {}


def test_a_hidden_layer_without_activation_is_told() -> None:
    """Arithmetic in the place of the activation is none."""
    build = functional(layers.Flatten(), layers.Dense(32), lambda x: x * 2.0, layers.Dense(10, "softmax"))
    found = messages("04_mnist", "build-mlp-structure", build_mlp=build)
    assert list(found) == ["test_mlp_hidden_layers_are_not_linear"]
    assert "no tiene función de activación" in found["test_mlp_hidden_layers_are_not_linear"]


def test_a_pooling_in_the_place_of_flatten_is_told() -> None:
    """The mean of all pixels is no image."""
    build = functional(layers.GlobalAveragePooling2D(), layers.Dense(32, "relu"), layers.Dense(10, "softmax"))
    found = messages("04_mnist", "build-mlp-structure", build_mlp=build)
    told = found["test_mlp_has_a_hidden_layer_and_no_convolution"]
    assert told.startswith("Con GlobalAveragePooling2D el MLP ve un solo número por imagen")
