"""What a rebuilt Keras model is made of, for checks about its structure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.checking.expect import describe, expect_that, fail
from autograder.models.layers import LAYERS
from autograder.models.operations import OPERATIONS
from autograder.models.rebuild import batch_size

if TYPE_CHECKING:
    import keras

__all__ = [
    "acts_only_in_training",
    "answer",
    "answers",
    "expect_distribution",
    "expect_model",
    "expect_probabilities",
    "flat_layers",
    "flat_operations",
    "gives_probabilities",
    "has_convolution",
    "hidden_dense_layers",
    "is_activation",
    "is_linear",
    "parameter_count",
    "rescales",
]

_NORMALISERS = ("Rescaling", "Normalization")
_ARITHMETIC = ("Add", "Multiply", "Negative", "Subtract", "TrueDivide")
_ACTIVATIONS = frozenset(["Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", *OPERATIONS]) - {*_ARITHMETIC}
_DROPOUTS = (
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "SpatialDropout2D",
)
_TRAINING_ONLY = frozenset(["Identity", *_DROPOUTS, *(name for name, spec in LAYERS.items() if spec.idle)])
_SHAPING = ("InputLayer", "Reshape", "Flatten")
_MANY = 1000
"""For so many samples it pays to put a model's operations together first."""


def flat_layers(model: keras.Model) -> list[Any]:
    """Return the layers of a model in their order, those of nested models in place of the model."""
    layers: list[Any] = []
    for layer in model.layers:
        layers += flat_layers(layer) if hasattr(layer, "layers") else [layer]
    return layers


def flat_operations(model: keras.Model) -> list[Any]:
    """Return layers and functions between them (``x / 255``, ``relu(x)``) in order, nested models opened."""
    steps: list[Any] = []
    for step in getattr(model, "operations", model.layers):
        steps += flat_operations(step) if hasattr(step, "layers") else [step]
    return steps


def answer(model: keras.Model, batch: np.ndarray) -> np.ndarray:
    """Return the outputs of a model with one input for a batch, computed at once and without training behaviour."""
    return np.asarray(model(_as_input(model, batch), training=False))


def answers(model: keras.Model, inputs: np.ndarray) -> Iterator[np.ndarray]:
    """Yield what `answer` does for one batch after another.

    Many are computed as a graph where there are convolutions: in it TensorFlow does a convolution, what is added to it
    and its activation in one step, with the same numbers in two thirds of the time.

    Parameters
    ----------
    model : keras.Model
        A rebuilt model with weights.
    inputs : ndarray, (N, ...)
    """
    count = batch_size(model)
    pays = len(inputs) >= _MANY and has_convolution(model)
    whole = _as_graph(model, inputs.shape[1:], inputs.dtype) if pays else None
    for start in range(0, len(inputs), count):
        batch = inputs[start : start + count]
        yield answer(model, batch) if whole is None else np.asarray(whole(batch))


@lru_cache(maxsize=1)
def _as_graph(model: keras.Model, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Callable[[np.ndarray], Any]:
    """Return a model as one function of TensorFlow; the last one is kept, for a model is asked several times."""
    import tensorflow as tf

    signature = [tf.TensorSpec((None, *shape), dtype)]
    return tf.function(lambda batch: model(_as_input(model, batch), training=False), signature, autograph=False)  # type: ignore[no-any-return]


def _as_input(model: keras.Model, batch: Any) -> Any:
    """Return a batch as a model takes it: one made with ``keras.Model([input], ...)`` wants a list."""
    in_list = kind(model) != "Sequential" and isinstance(model.input, (list, tuple))
    return [batch] if in_list else batch


def kind(layer: Any) -> str:
    """Return the name of a layer's class."""
    return type(layer).__name__


def has_convolution(model: keras.Model) -> bool:
    """Return whether some layer convolves: ``Conv2D``, ``SeparableConv2D``, ``DepthwiseConv2D`` and the like."""
    return any("Conv" in kind(layer) for layer in flat_layers(model))


def hidden_dense_layers(model: keras.Model) -> list[Any]:
    """Return every ``Dense`` layer but the last one."""
    return [layer for layer in flat_layers(model) if kind(layer) == "Dense"][:-1]


def acts_only_in_training(layer: Any) -> bool:
    """Return whether a layer changes nothing in a prediction: dropout, noise, augmentation."""
    return kind(layer) in _TRAINING_ONLY


def is_activation(step: Any) -> bool:
    """Return whether a layer or a function, one of `flat_operations`, is an activation on its own."""
    return kind(step) in _ACTIVATIONS


def is_linear(model: keras.Model, layer: Any) -> bool:
    """Return whether nothing nonlinear happens between a ``Dense`` layer and the next layer with weights to learn."""
    if getattr(layer.activation, "__name__", "") != "linear":
        return False
    steps = flat_operations(model)
    for follower in steps[steps.index(layer) + 1 :]:
        if is_activation(follower):
            return bool(getattr(getattr(follower, "activation", None), "__name__", "") == "linear")
        if kind(follower) == "Dense":
            break
    return True


def rescales(model: keras.Model) -> bool:
    """Return whether the model scales raw grey levels itself, in the first step that computes anything."""
    computing = [
        step for step in flat_operations(model) if kind(step) not in _SHAPING and not acts_only_in_training(step)
    ]
    return bool(computing) and kind(computing[0]) in (*_NORMALISERS, *_ARITHMETIC)


def parameter_count(model: keras.Model) -> int:
    """Return the number of parameters to learn, frozen ones included; a normaliser's statistics do not count."""
    layers = [layer for layer in flat_layers(model) if kind(layer) not in _NORMALISERS]
    return sum(int(np.prod(weight.shape)) for layer in layers for weight in layer.weights)


def gives_probabilities(outputs: np.ndarray) -> bool:
    """Return whether each row is a distribution: no negative number, and a sum of 1."""
    return bool(np.all(outputs >= 0) and np.allclose(outputs.sum(axis=-1), 1, atol=1e-3))


def expect_model(value: Any, name: str) -> keras.Model:
    """Return what the student's function ``name`` returned, or fail unless it is a model."""
    if not hasattr(value, "layers"):
        hint = " ¿Falta un `return`?" if value is None else " Devuelve el modelo, no lo que da `fit` ni `compile`."
        fail(f"`{name}` debería devolver un modelo de Keras y devuelve {describe(value)}.{hint}")
    model: keras.Model = value
    return model


def expect_probabilities(model: keras.Model, sizes: tuple[int, ...], classes: int, each: str = "uno por clase") -> None:
    """Fail unless a model gives one number for each class, and they are a distribution.

    Parameters
    ----------
    model : keras.Model
    sizes : tuple of int
        The shape in which it takes one image.
    classes : int
        How many classes there are.
    each : str
        What each number stands for.
    """
    expect_that(
        tuple(model.output_shape) == (None, classes),
        f"La red debería dar {classes} números por imagen, {each}. Su salida es {model.output_shape}.",
    )
    expect_distribution(answer(model, np.zeros((2, *sizes), np.float32)), classes)


def expect_distribution(outputs: np.ndarray, classes: int) -> None:
    """Fail unless each row of outputs is a distribution."""
    expect_that(
        gives_probabilities(outputs),
        f"Las {classes} salidas no son probabilidades: deben ser positivas y sumar 1. ¿La última capa tiene "
        "activation='softmax'?",
    )
