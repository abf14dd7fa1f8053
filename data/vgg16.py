"""VGG16 in the trusted process: the ImageNet weights of the data folder, its two halves, and how images reach it.

A fine-tuned VGG16 differs from the original in its last block and its classifier. So the first four blocks are the same
for everybody: what they make of an image is computed once (`data.cats_and_dogs`), and a submission costs its last
block alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from data import find
from data.samples import sampled_weights

if TYPE_CHECKING:
    import keras

__all__ = [
    "BLOCK5",
    "CHANNEL_MEANS",
    "FEATURE_SHAPE",
    "IMAGE_SHAPE",
    "KERNEL_SHAPES",
    "base_weights",
    "beside_original",
    "classify",
    "enlarge",
    "first_blocks",
    "is_classifier_here",
    "original_bias",
    "structure",
]

CHANNEL_MEANS = np.array([103.939, 116.779, 123.68])
"""Means of ImageNet's images in the order B, G, R, which `preprocess_input` subtracts."""

IMAGE_SHAPE = (96, 96, 3)
FEATURE_SHAPE = (6, 6, 512)
"""What four blocks leave of an image: each halves both sides."""

_BLOCKS = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
"""Layers and filters of each block."""

KERNEL_SHAPES: dict[str, tuple[int, int, int, int]] = {}
"""Shape of the kernels of each convolutional layer, by its name and in order."""
_channels = 3
for _block, (_layers, _filters) in enumerate(_BLOCKS, start=1):
    for _number in range(1, _layers + 1):
        KERNEL_SHAPES[f"block{_block}_conv{_number}"] = (3, 3, _channels, _filters)
        _channels = _filters

BLOCK5 = tuple(name for name in KERNEL_SHAPES if name.startswith("block5"))

_NO_TOP = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
_FULL = "vgg16_weights_tf_dim_ordering_tf_kernels.h5"


def enlarge(images: np.ndarray) -> np.ndarray:
    """Return small images as VGG16 takes them, exactly as the notebook does.

    Parameters
    ----------
    images : ndarray of uint8, (N, 32, 32, 3)

    Returns
    -------
    ndarray of float32, (N, 96, 96, 3)
        Enlarged with bicubic interpolation; the channels are B, G, R, each centred, not scaled.
    """
    import keras

    large = np.array(keras.ops.image.resize(images.astype("float32"), IMAGE_SHAPE[:2], interpolation="bicubic"))
    return np.asarray(keras.applications.vgg16.preprocess_input(large))


def structure(thinner: int = 1) -> keras.Model:
    """Build the convolutional base of VGG16 for 96x96 images, without weights of any use.

    Parameters
    ----------
    thinner : int
        Divides the number of filters: 1 is VGG16 itself, 16 a small stand-in with the same layers and names.
    """
    import keras

    inputs = outputs = keras.Input(IMAGE_SHAPE, name="images")
    for name, (*_, filters) in KERNEL_SHAPES.items():
        block, number = int(name[5]), int(name[-1])
        outputs = keras.layers.Conv2D(filters // thinner, 3, padding="same", activation="relu", name=name)(outputs)
        if number == _BLOCKS[block - 1][0]:
            outputs = keras.layers.MaxPooling2D(name=f"block{block}_pool")(outputs)
    return keras.Model(inputs, outputs, name="vgg16")


def is_classifier_here() -> bool:
    """Return whether the weights of the whole VGG16, with its 1000 classes, are on this machine."""
    return find("vgg16_full").is_here


@lru_cache(maxsize=1)
def base_weights() -> dict[str, list[np.ndarray]]:
    """Return kernel and bias of each convolutional layer of the base, by its name.

    Raises
    ------
    DataMissing
        The weights are not on this machine.
    """
    model = _load_base()
    return {layer.name: [np.asarray(weight) for weight in layer.weights] for layer in model.layers if layer.weights}


def beside_original(layer: str, kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of a layer's kernel and those of ImageNet's at the same places, both (n,).

    All of them, or some thousands where the weights are not on this machine (`data.samples`).
    """
    if find("vgg16").is_here:
        return np.ravel(kernel), base_weights()[layer][0].ravel()
    known = sampled_weights()
    return np.ravel(kernel)[known[f"{layer}.places"]], known[f"{layer}.kernel"]


def original_bias(layer: str) -> np.ndarray:
    """Return the bias that ImageNet gave a layer, (filters,)."""
    return base_weights()[layer][1] if find("vgg16").is_here else sampled_weights()[f"{layer}.bias"]


@lru_cache(maxsize=1)
def first_blocks() -> keras.Model:
    """Return the first four blocks with their ImageNet weights: (N, 96, 96, 3) to (N, 6, 6, 512).

    Raises
    ------
    DataMissing
        The weights are not on this machine.
    """
    import keras

    base = _load_base()
    return keras.Model(base.inputs[0], base.get_layer("block4_pool").output)


def classify(prepared: np.ndarray) -> np.ndarray:
    """Return what the whole VGG16 says about prepared images (N, 224, 224, 3): 1000 probabilities for each.

    Raises
    ------
    DataMissing
        The full weights are not on this machine.
    """
    return np.asarray(_classifier()(np.asarray(prepared, np.float32), training=False))


@lru_cache(maxsize=1)
def _classifier() -> Any:
    import keras

    model = keras.applications.VGG16(weights=None)
    model.load_weights(find("vgg16_full").path(_FULL))
    return model


def _load_base() -> keras.Model:
    model = structure()
    model.load_weights(find("vgg16").path(_NO_TOP))
    return model
