"""Do two submissions hold the same trained model?

A fingerprint is made of the weights alone: the names of layers, the optimizer and the way it was saved do not matter,
and a little noise or a rounding changes few of its bits, so that a disguised copy is still near its original. Models
that were trained apart, even with one architecture, are as far from each other as random bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.architecture import flat_layers
from autograder.report import Report

if TYPE_CHECKING:
    import keras

__all__ = ["FINGERPRINT", "distance", "flag_equal_models", "weights_fingerprint"]

FINGERPRINT = "model-fingerprint"
"""The kind of flag in which a check hands a fingerprint over; `flag_equal_models` takes it out of the report."""

BITS = 256
MAX_DISTANCE = 12
"""Bits in which copies may differ: noise of 10 % changes about 3. Models from different seeds differ in 128 or so, and
those from one seed, trained a little differently, in 40."""

_EQUAL = (
    "El modelo «{model}» tiene los mismos pesos, o casi, que el de {others}. Dos entrenamientos independientes no "
    "llegan a los mismos pesos, salvo con la misma semilla en la misma máquina. Pregunta cómo se entrenó."
)


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


def flag_equal_models(reports: Sequence[Report], public: Collection[str] = ()) -> list[Report]:
    """Replace the fingerprints in the flags of a class by flags about equal models.

    Parameters
    ----------
    reports : sequence of Report
        Of one class. A flag ``{"kind": "model-fingerprint", "model", "fingerprint"}`` is what a check found.
    public : collection of str
        Fingerprints of models that everybody may hand in.

    Returns
    -------
    list of Report
        The same reports without fingerprints. Where a model's weights are also those of another submission, whatever
        either calls it, there is ``{"kind": "equal-models", "message", "model", "others": [submission, ...]}``.
    """
    owners: dict[str, set[tuple[str, str]]] = {}
    for report in reports:
        for flag in report.flags:
            if flag["kind"] == FINGERPRINT:
                owners.setdefault(flag["fingerprint"], set()).add((report.assignment, report.submission))
    flagged = []
    for report in reports:
        flags = [flag for flag in report.flags if flag["kind"] != FINGERPRINT]
        for mine in (flag for flag in report.flags if flag["kind"] == FINGERPRINT):
            if any(_near(mine["fingerprint"], known) for known in public):
                continue
            near = [pairs for fingerprint, pairs in owners.items() if _near(mine["fingerprint"], fingerprint)]
            others = {
                submission
                for assignment, submission in set().union(*near)
                if assignment == report.assignment and submission != report.submission
            }
            if others:
                flags.append(_equal(mine["model"], sorted(others)))
        flagged.append(replace(report, flags=flags))
    return flagged


def _near(first: str, second: str) -> bool:
    return distance(first, second) <= MAX_DISTANCE


def _equal(model: str, others: list[str]) -> dict[str, Any]:
    message = _EQUAL.format(model=model, others=", ".join(others))
    return {"kind": "equal-models", "message": message, "model": model, "others": others}
