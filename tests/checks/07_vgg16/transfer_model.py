"""Is a saved model a fine-tuned VGG16, and which part of it does the measuring need?

A submission holds the whole network (96x96 images in, two classes out) or only what training has changed: the last
block and the classifier, which take what the first four blocks give. Those four are everybody's, so their output is
known (`data.cats_and_dogs`), and a whole network whose first blocks are still the original ones is cut to its
last part.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.checking.expect import fail
from autograder.judging.architecture import answer, flat_layers, gives_probabilities, kind
from data.cats_and_dogs import cats_and_dogs
from data.vgg16 import BLOCK5, FEATURE_SHAPE, IMAGE_SHAPE, KERNEL_SHAPES, beside_original, enlarge, original_bias

__all__ = ["TransferModel", "accept", "expect_two_classes", "expect_vgg16", "single_shape", "trained_layers"]

CLASSES = 2
ROUNDING = 2e-3
"""Relative change of a weight that saving it in half precision may bring."""


@dataclass(frozen=True)
class TransferModel:
    """A saved model that is a fine-tuned VGG16.

    Parameters
    ----------
    model : keras.Model
        All that was saved.
    last_part : keras.Model or None
        What of it begins behind the fourth block; None if the blocks before it were changed: then all of it must run.
    """

    model: Any
    last_part: Any


def accept(model: Any, path: str) -> TransferModel:
    """Return what is known about a saved model that is VGG16, or its last block, with a classifier of two classes.

    Parameters
    ----------
    model : keras.Model
        A rebuilt model with weights.
    path : str
        How messages call it.

    Raises
    ------
    CheckFailure
        It is something else.
    DataMissing
        The ImageNet weights or CIFAR-10 are not on this machine, nor a sample of them.
    """
    expect_vgg16(model, path)
    return TransferModel(model, _last_part(model))


def trained_layers(model: Any) -> list[str]:
    """Return which layers of the last block have other weights than ImageNet gave them, beyond rounding.

    Raises
    ------
    CheckFailure
        The last block has nothing to do with ImageNet's weights any more: it was not *fine*-tuned.
    DataMissing
        The ImageNet weights are not on this machine, nor a sample of them.
    """
    changed = []
    for layer in _by_name(model, BLOCK5):
        kernel, base = beside_original(layer.name, np.asarray(layer.weights[0]))
        if np.corrcoef(kernel, base)[0, 1] < 0.5:
            fail(
                f"Los pesos de la capa «{layer.name}» no se parecen a los de ImageNet: no hay nada que afinar. "
                "¿La base se creó con weights='imagenet'? ¿Y la tasa de aprendizaje es pequeña?"
            )
        if not np.allclose(kernel, base, rtol=ROUNDING, atol=1e-7):
            changed.append(layer.name)
    return changed


def expect_two_classes(model: Any, path: str) -> None:
    """Fail unless a model gives two probabilities for a sample."""
    shape = model.output_shape
    if shape != (None, CLASSES):
        fail(
            f"El modelo de `{path}` debería dar {CLASSES} probabilidades por imagen, gato y perro; su salida es "
            f"{shape}."
        )
    outputs = answer(model, np.zeros((1, *single_shape(model.input_shape)), np.float32))
    if not gives_probabilities(outputs):
        fail(f"Las salidas del modelo de `{path}` no son probabilidades: ¿la última capa tiene activation='softmax'?")


def single_shape(shape: Any) -> tuple[int, ...]:
    """Return the shape of one sample from a model's ``input_shape``; empty for a model with several inputs."""
    if isinstance(shape, list) and len(shape) == 1:
        shape = shape[0]
    return tuple(shape[1:]) if isinstance(shape, tuple) else ()


def expect_vgg16(model: Any, path: str) -> None:
    """Fail unless a model is VGG16, or its last block, with a classifier of two classes behind it."""
    shape = single_shape(model.input_shape)
    if shape not in (FEATURE_SHAPE, IMAGE_SHAPE):
        hint = ""
        if shape[:2] == (3, 3):
            hint = " Parece que guardaste solo el clasificador: falta el bloque 5, que también entrenaste."
        elif shape == (224, 224, 3):
            hint = " En esta práctica las imágenes son de 96×96."
        fail(
            f"El modelo de `{path}` debería recibir lo que sale del bloque 4, {FEATURE_SHAPE}, o imágenes de "
            f"{IMAGE_SHAPE} como las prepara `enlarge`; su entrada es {model.input_shape}.{hint}"
        )
    names = {layer.name for layer in flat_layers(model)}
    wanted = BLOCK5 if shape == FEATURE_SHAPE else tuple(KERNEL_SHAPES)
    missing = [name for name in wanted if name not in names]
    if missing:
        fail(
            f"Al modelo de `{path}` le falta la capa «{missing[0]}» de VGG16: no es VGG16 ajustada. ¿Guardaste otra "
            "red con ese nombre?"
        )
    for layer in _by_name(model, wanted):
        if not layer.weights or tuple(layer.weights[0].shape) != KERNEL_SHAPES[layer.name]:
            fail(f"La capa «{layer.name}» de `{path}` no es la de VGG16: tiene otra cantidad de filtros.")
    expect_two_classes(model, path)


def _last_part(model: Any) -> Any:
    """Return the part of a model behind the fourth block, or None if the blocks before it are not the original ones."""
    if single_shape(model.input_shape) == FEATURE_SHAPE:
        return model
    for layer in _by_name(model, [name for name in KERNEL_SHAPES if name not in BLOCK5]):
        kernel, bias = map(np.asarray, layer.weights)
        for found, kept in (beside_original(layer.name, kernel), (bias, original_bias(layer.name))):
            if not np.allclose(found, kept, rtol=ROUNDING, atol=1e-5):
                return None
    part = _cut(model)
    if part is None:
        return None
    # Whatever the graph looks like: if the cut-off part says what the whole says, it is the part that decides.
    images = cats_and_dogs()
    whole = answer(model, enlarge(images.images["test"][:4]))
    same = np.allclose(answer(part, images.features["test"][:4].astype(np.float32)), whole, atol=0.02)
    return part if same else None


def _cut(model: Any) -> Any:
    """Apply the layers behind ``block4_pool`` one after the other; None where they are no chain."""
    import keras

    layers = flat_layers(model)
    names = [layer.name for layer in layers]
    if "block4_pool" not in names:
        return None
    inputs = outputs = keras.Input(FEATURE_SHAPE)
    try:
        for layer in layers[names.index("block4_pool") + 1 :]:
            outputs = outputs if kind(layer) == "InputLayer" else layer(outputs)
        return keras.Model(inputs, outputs)
    except Exception:  # Keras raises what it likes over shapes that do not fit
        return None


def _by_name(model: Any, names: Collection[str]) -> list[Any]:
    return [layer for layer in flat_layers(model) if layer.name in names]
