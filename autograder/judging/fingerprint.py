"""A trained network without its disguise: what is compared to tell whether two submissions hold one and the same.

Names, the optimizer and the way of saving do not matter. Batch normalisation is folded into its neighbours, positive
scale is moved from each unit to the next layer (which changes nothing behind a ReLU), units that nothing listens to are
left out. Layers of many positions are projected to a few random directions, the same ones for everybody, so that
fingerprints are small; `autograder.judging.likeness` matches their units.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.judging.architecture import flat_layers

if TYPE_CHECKING:
    import keras

__all__ = ["FINGERPRINT", "Layer", "fingerprint_of", "network", "read_fingerprint", "weights_fingerprint"]

FINGERPRINT = "model-fingerprint"
"""The kind of flag in which a check hands a fingerprint over; `flag_equal_models` takes it out of the report."""

DIRECTIONS = 96
"""Random directions to which the positions of a layer are projected, all channels together."""
MOST_UNITS = 256
LAYERS = 4
MOST = 1 << 17
"""Numbers in a fingerprint; layers beyond them are left out."""
_DEAD = 1e-3
_KERNELS = ("Dense", "Conv2D")
_NORM = "BatchNormalization"


@dataclass(frozen=True)
class Layer:
    """One hidden layer of a network without its disguise.

    Parameters
    ----------
    weights : ndarray of float32, (positions, channels, units)
        Of the incoming weights; the positions are pixels, places of a kernel, or random directions.
    alive : ndarray of bool, (units,)
        Whether the next layer listens.
    positions : int
        How many there were before the projection.
    output : bool
        Whether it is the output, kept only where there is no hidden layer: trained apart, outputs may end alike.
    """

    weights: np.ndarray
    alive: np.ndarray
    positions: int
    output: bool = False


def network(layers: Iterable[tuple[str, Mapping[str, Any], Sequence[np.ndarray]]]) -> list[Layer]:
    """Return the hidden layers of a network without their disguise, or its output where it has none.

    Parameters
    ----------
    layers : iterable of (class name, configuration, weight arrays)
        In the order in which data pass through them; arrays as Keras orders them (kernel, bias; gamma, beta, mean,
        variance).
    """
    found: list[np.ndarray] = []
    before: np.ndarray | None = None  # the scale of what comes in, by channel
    linear = False
    for name, config, arrays in layers:
        if name == _NORM and found:
            scale = _scale(config, arrays, found[-1].shape[-1])
            if scale is None:
                continue
            if linear:
                found[-1] = found[-1] * scale
            else:
                before = scale if before is None else before * scale
        elif name in _KERNELS and arrays and arrays[0].ndim in (2, 4):
            kernel = np.nan_to_num(np.asarray(arrays[0], np.float32), posinf=0.0, neginf=0.0)
            channels = found[-1].shape[-1] if found else (kernel.shape[2] if kernel.ndim == 4 else 1)
            rows = kernel.reshape(-1, kernel.shape[-1])
            if len(rows) % channels:
                break
            kernel = rows.reshape(-1, channels, rows.shape[-1])
            if before is not None:
                kernel = kernel * before[None, :, None]
            found.append(kernel)
            before, linear = None, config.get("activation") in (None, "linear")
        elif name in ("Activation", "ReLU", "LeakyReLU", "ELU", "PReLU"):
            linear = False
    return _normal(found)


def weights_fingerprint(model: keras.Model, without: Collection[str] = ()) -> str:
    """Return the fingerprint of a model's weights.

    Parameters
    ----------
    model : keras.Model
        A model with weights, as `Student.saved_model` returns it.
    without : collection of str
        Names of layers that count for nothing, because everybody's come from one pretrained network.

    Returns
    -------
    str
        Text of a few kilobytes, for `read_fingerprint`; empty if there is nothing to compare.
    """
    layers = [
        (
            type(layer).__name__,
            layer.get_config() if layer.weights else {},
            [np.asarray(one) for one in layer.get_weights()],
        )
        for layer in flat_layers(model)
        if layer.name not in without
    ]
    return fingerprint_of(network(layers))


def fingerprint_of(layers: Sequence[Layer]) -> str:
    """Return layers as text: eight bits a number, compressed."""
    parts = []
    left = MOST
    for layer in layers[:LAYERS]:
        positions, channels, units = layer.weights.shape
        if layer.weights.size > left:
            break
        left -= layer.weights.size
        largest = max(float(np.abs(layer.weights).max(initial=0)), 1e-12)
        head = np.array([positions, channels, units, layer.positions, layer.output], np.int32).tobytes()
        numbers = np.round(layer.weights / largest * 32000).astype(np.int16).tobytes()
        parts.append(head + np.float32(largest).tobytes() + np.packbits(layer.alive).tobytes() + numbers)
    return base64.b64encode(zlib.compress(b"".join(parts), 1)).decode() if parts else ""


def read_fingerprint(text: str) -> list[Layer]:
    """Return the layers of a fingerprint that `fingerprint_of` wrote."""
    content = zlib.decompress(base64.b64decode(text)) if text else b""
    layers, place = [], 0
    while place < len(content):
        positions, channels, units, whole, output = np.frombuffer(content, np.int32, 5, place).tolist()
        largest = float(np.frombuffer(content, np.float32, 1, place + 20)[0])
        place += 24
        alive = np.unpackbits(np.frombuffer(content, np.uint8, -(-units // 8), place))[:units].astype(bool)
        place += -(-units // 8)
        numbers = np.frombuffer(content, np.int16, positions * channels * units, place)
        place += 2 * positions * channels * units
        weights = numbers.astype(np.float32).reshape(positions, channels, units) * (largest / 32000)
        layers.append(Layer(weights, alive, whole, bool(output)))
    return layers


def _scale(config: Mapping[str, Any], arrays: Sequence[np.ndarray], units: int) -> np.ndarray | None:
    """Return by what a batch normalisation multiplies each channel."""
    if len(arrays) < 2 or any(array.shape != (units,) for array in arrays):
        return None
    gamma = arrays[0] if config.get("scale", True) else np.ones(units)
    return np.asarray(gamma / np.sqrt(np.maximum(arrays[-1], 0) + float(config.get("epsilon", 1e-3))), np.float32)


def _normal(kernels: Sequence[np.ndarray]) -> list[Layer]:
    """Move each unit's scale to the next layer, drop what is dead or too much, and project what is wide."""
    if len(kernels) == 1:
        only = kernels[0] / max(float(np.linalg.norm(kernels[0])), 1e-12)
        alive = np.ones(only.shape[-1], bool)
        return [_projected(Layer(only.astype(np.float32), alive, len(only), output=True))]
    layers: list[Layer] = []
    scale: np.ndarray | None = None
    chosen: np.ndarray | None = None
    for kernel, after in pairwise(kernels):  # the last one is the output: everybody's classes
        if scale is not None:
            kernel = kernel * scale[None, :, None]
        if chosen is not None:
            kernel = kernel[:, chosen]
        norms = np.sqrt((kernel.astype(np.float64) ** 2).sum(axis=(0, 1)))
        listened = np.sqrt((after.astype(np.float64) ** 2).sum(axis=(0, 2)))
        weight = norms * listened if len(listened) == len(norms) else norms
        alive = weight > _DEAD * max(float(np.median(weight)), float(weight.mean()) / 4, 1e-12)
        scale = norms.astype(np.float32)
        chosen = None
        unit = kernel / np.maximum(norms, 1e-12).astype(np.float32)
        if len(norms) > MOST_UNITS:
            chosen = np.sort(np.argsort(-weight, kind="stable")[:MOST_UNITS])
            unit, alive = unit[..., chosen], alive[chosen]
        layers.append(_projected(Layer(unit.astype(np.float32), alive, kernel.shape[0])))
    return layers


def _projected(layer: Layer) -> Layer:
    positions, channels, _ = layer.weights.shape
    kept = max(4, DIRECTIONS // channels)
    if positions <= kept:
        return layer
    directions = np.random.default_rng(positions).normal(size=(kept, positions)).astype(np.float32) / np.sqrt(kept)
    return replace(layer, weights=np.tensordot(directions, layer.weights, axes=1))
