"""Puts a student's weight arrays into a rebuilt model, after looking at every one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.errors import ModelRejected
from autograder.models.config import show

_SAVE_AGAIN = "Guarda el modelo de nuevo con `model.save(...)` después de entrenarlo."


def leaf_layers(model: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield ``(path, layer)`` for every layer that is no model; ``"vgg16/block1_conv1"`` lies in a nested model."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from leaf_layers(layer, f"{prefix}{layer.name}/")
        else:
            yield prefix + layer.name, layer


def set_weights(model: Any, weights: Mapping[str, Sequence[np.ndarray]]) -> None:
    """Set the weights of ``model`` from arrays by layer path.

    Parameters
    ----------
    model : keras.Model
        Built model.
    weights : mapping of str to sequence of ndarray
        For each layer with weights its arrays, in the order of ``layer.weights``.

    Raises
    ------
    ModelRejected
        ``weights``: arrays are missing, left over, of another shape, no numbers, or not finite.
    """
    layers = {path: layer for path, layer in leaf_layers(model) if layer.weights}
    for path in weights:
        if path not in layers:
            raise _refuse(f"traen valores para la capa «{show(path)}», que el modelo no tiene (o que no lleva pesos)")
    for path, layer in layers.items():
        if path not in weights:
            raise _refuse(f"no incluyen los de la capa «{show(path)}»")
        arrays = list(weights[path])
        if len(arrays) != len(layer.weights):
            raise _refuse(
                f"traen {len(arrays)} arreglos para la capa «{show(path)}», que necesita {len(layer.weights)}"
            )
        for variable, array in zip(layer.weights, arrays):
            variable.assign(_checked(path, variable, array))
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()  # Normalization derives what it computes with from its weights


def _checked(path: str, variable: Any, array: Any) -> Any:
    what = f"{show(path)}/{variable.name}"
    if not isinstance(array, (np.ndarray, np.generic)) or array.dtype.kind not in "fiu":
        raise _refuse(f"no son números en «{what}»")
    if tuple(array.shape) != tuple(variable.shape):
        raise _refuse(f"tienen en «{what}» la forma {tuple(array.shape)}, y el modelo necesita {tuple(variable.shape)}")
    with np.errstate(over="ignore", invalid="ignore"):
        converted = array.astype(variable.dtype, copy=False)
    if not np.all(np.isfinite(converted)):
        raise ModelRejected(
            "weights",
            f"El modelo tiene pesos que no son finitos (NaN o infinito) en «{what}»: el entrenamiento divergió. Baja "
            "la tasa de aprendizaje, revisa que `preprocess` no divida por cero, entrena otra vez y guarda el "
            "modelo.",
        )
    return converted


def _refuse(clause: str) -> ModelRejected:
    return ModelRejected("weights", f"Los pesos guardados no corresponden al modelo: {clause}. {_SAVE_AGAIN}")
