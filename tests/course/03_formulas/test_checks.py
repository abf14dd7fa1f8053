"""What the checks of 03_formulas say about the lecture's networks in the styles in which students write them."""

from __future__ import annotations

import os
import warnings
from typing import Any

import pytest

from tests.helpers.builders import messages

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import keras

layers = keras.layers


def hidden_net(tanh: Any, **where: bool) -> Any:
    image = keras.Input((28, 28, 1))
    x = image / 255.0 if where.get("divided") else image
    x = keras.ops.relu(layers.Conv2D(64, 3)(x))
    x = layers.Dropout(0.2)(x) if where.get("dropout") else x
    return keras.Model(image, layers.Dense(10, "softmax")(tanh(layers.Dense(15)(layers.Flatten()(x)))))


@pytest.mark.parametrize("where", [{}, {"divided": True}, {"dropout": True}])
def test_activations_of_the_hidden_net_may_be_operations(where: dict[str, bool]) -> None:
    """Called on what a layer gives, also where the input is divided or a dropout lies between."""
    build = {"build_conv_hidden_net": lambda: hidden_net(keras.activations.tanh, **where)}
    assert messages("03_formulas", "build-conv-hidden-net-layers", **build) == {}


def test_another_operation_is_named() -> None:
    """A relu where the lecture has tanh, although it is no layer."""
    found = messages(
        "03_formulas", "build-conv-hidden-net-layers", build_conv_hidden_net=lambda: hidden_net(keras.ops.relu)
    )
    assert list(found) == ["test_conv_hidden_net_settings"]
    assert found["test_conv_hidden_net_settings"].startswith(
        "En la capa 3 de `build_conv_hidden_net()` (Dense) la activación es relu, que no es la de esa capa en la red "
        "de las diapositivas."
    )
