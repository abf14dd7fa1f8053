"""Do two submissions hold the same trained model?

A fingerprint is made of the weights alone: the names of layers, the optimizer and the way it was saved do not matter,
and a little noise or a rounding changes few of its bits, so that a disguised copy is still near its original. Models
that were trained apart, even with one architecture, are as far from each other as random bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

__all__ = ["FINGERPRINT", "distance", "weights_fingerprint"]

FINGERPRINT = "model-fingerprint"
"""The kind of flag in which a check hands a fingerprint over; `flag_equal_models` takes it out of the report."""

BITS = 256


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
        ``shapes:bits``, in hexadecimal: a hash of the shapes of the weight arrays, and 256 signs of sums over randomly
        chosen, randomly signed weights, each array centred and scaled before.
    """
    import numpy as np

    from autograder.judging.architecture import flat_layers

    layers = [layer for layer in flat_layers(model) if layer.name not in without]
    arrays = [np.asarray(weight, np.float64) for layer in layers for weight in layer.get_weights()]
    shapes = hashlib.sha256(repr([array.shape for array in arrays]).encode()).hexdigest()[:16]
    rng = np.random.default_rng(0)
    sums = np.zeros(BITS)
    for array in arrays:
        bucket = rng.integers(BITS, size=array.size)
        sign = rng.choice([-1.0, 1.0], size=array.size)
        deviation = array.std()
        if deviation > 0:
            values = (array.ravel() - array.mean()) / deviation
            sums += np.bincount(bucket, sign * values, minlength=BITS)
    return f"{shapes}:{np.packbits(sums > 0).tobytes().hex()}"


def distance(first: str, second: str) -> int:
    """Return the number of bits in which two fingerprints differ; all of them if the shapes do."""
    (shapes, bits), (other_shapes, other_bits) = first.split(":"), second.split(":")
    return (int(bits, 16) ^ int(other_bits, 16)).bit_count() if shapes == other_shapes else BITS
