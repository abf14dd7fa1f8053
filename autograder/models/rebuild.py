"""Rebuilds a student's Keras model in the trusted process, from data alone.

A saved model is a program: Keras's loaders have run foreign code from it again and again, ``safe_mode`` or not. So none
of them is called here. The configuration is read as data, each layer is looked up in a fixed table and built by our own
code, sizes are counted before anything is allocated, and the weights are set from plain arrays.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.models.blocks import Block, Builder
from autograder.models.config import parse_config, show
from autograder.models.cost import Budget, ModelLimits, concrete
from autograder.models.graph import build_model
from autograder.models.refusals import misfit
from autograder.models.weights import set_weights
from autograder.worker.wire import ModelParts

if TYPE_CHECKING:
    import keras

__all__ = ["ModelLimits", "batch_size", "fill", "rebuild", "weight_bytes"]


def rebuild(parts: ModelParts, limits: ModelLimits | None = None) -> keras.Model:
    """Build the model that ``parts`` describes.

    Layer names, their order, arguments and ``trainable`` flags are kept; floats of any precision become float32.
    Without weights the structure is built with zero kernels. With weights the model has answered one empty sample, so
    ``predict`` works.

    Parameters
    ----------
    parts : ModelParts
        JSON text of ``model.to_json()`` and, for a saved model, weight arrays by layer path. Both untrusted.
    limits : ModelLimits, optional
        What the model may cost.

    Returns
    -------
    keras.Model
        ``Sequential`` or functional, not compiled.

    Raises
    ------
    ModelRejected
        With ``kind`` ``layer``, ``config``, ``weights`` or ``too-large`` and a Spanish message.
    """
    config = parse_config(parts.config)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where warnings are errors, one of Keras's must not reject a model
        builder = Builder(Budget(limits or ModelLimits()))
        block = build_model(builder, config)
        builder.budget.check(block.cost, block.inputs)
        _restore_trainable(block)
        if parts.weights is not None:
            set_weights(block.layer, parts.weights)
        if parts.weights is not None or block.resizes_in_training:
            builder.attempt(f"el modelo «{block.name}»", lambda: _answer_one_sample(block.layer))
    return block.layer


def weight_bytes(model: keras.Model) -> int:
    """Return the bytes of a rebuilt model's weights."""
    return sum(math.prod(weight.shape) * 4 for weight in model.weights)


def fill(model: keras.Model, weights: Mapping[str, Sequence[np.ndarray]]) -> None:
    """Set the weights of a model that was rebuilt without, and let it answer one empty sample, so ``predict`` works.

    Parameters
    ----------
    model : keras.Model
        What `rebuild` gave.
    weights : mapping of str to sequence of ndarray
        By layer path. Untrusted.

    Raises
    ------
    ModelRejected
        With ``kind`` ``weights`` or ``config``.
    """
    set_weights(model, weights)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _answer_one_sample(model)
        except Exception as error:
            raise misfit(f"el modelo «{model.name}»", f"Keras dice: {show(str(error), 200)}") from error


def batch_size(model: keras.Model, memory: int = 1 << 28) -> int:
    """Return how many samples to predict at once.

    Parameters
    ----------
    model : keras.Model
        A rebuilt model.
    memory : int
        Bytes that the largest output of a layer may take for the whole batch.

    Returns
    -------
    int
        From 1 to 1024.
    """
    return max(1, min(1024, memory // (4 * _largest_output(model))))


def _largest_output(model: Any) -> int:
    sizes = [1]
    for part in getattr(model, "operations", model.layers):  # operations: arithmetic between the layers, too
        if hasattr(part, "layers"):
            sizes.append(_largest_output(part))
        else:
            outputs = part.output if isinstance(part.output, list) else [part.output]
            sizes += [math.prod(concrete(tensor.shape)) for tensor in outputs]
    return max(sizes)


def _restore_trainable(block: Block) -> None:
    """Set the flags from the outside in: setting a model's flag sets those of all its layers."""
    block.layer.trainable = block.trainable
    for part in block.parts:
        _restore_trainable(part)


def _answer_one_sample(model: Any) -> None:
    """Predict once, in the compiled way in which the checks will: what fails there fails here, with a reason."""
    samples = [np.zeros(concrete(tensor.shape), tensor.dtype) for tensor in model.inputs]
    model.predict_on_batch(samples if len(samples) > 1 else samples[0])
