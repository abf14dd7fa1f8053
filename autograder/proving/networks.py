"""Whether a mutant's network still keeps what a network promises: shapes, layers, probabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.judging.architecture import answer, flat_layers, gives_probabilities

__all__ = ["keeps_promise", "layer_names"]


def layer_names(model: Any) -> list[str]:
    """Return the classes of a model's layers, those of nested models in their place."""
    return [type(layer).__name__ for layer in flat_layers(model)]


def keeps_promise(also: Callable[[Any], bool] = lambda model: True) -> Callable[[Any, Any], bool]:
    """Return a comparison of two models: the same input and output, probabilities, and what ``also`` asks of the first.

    How many layers there are, and how large, is the student's choice.
    """

    def alike(mine: Any, right: Any) -> bool:
        if not hasattr(mine, "layers") or tuple(mine.output_shape) != tuple(right.output_shape):
            return False
        if int(np.prod(mine.input_shape[1:])) != int(np.prod(right.input_shape[1:])):
            return False
        images = np.random.default_rng(0).random((2, *mine.input_shape[1:])).astype("float32")
        return gives_probabilities(answer(mine, images)) and also(mine)

    return alike
