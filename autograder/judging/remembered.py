"""What a model's predictions follow from, so that they are kept and not made again when only a threshold changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.judging.memorised import Figures, Losses

if TYPE_CHECKING:
    import keras

__all__ = ["figures_of", "model_key"]

_SEEN = 8


def model_key(model: keras.Model, pixels: Callable[[np.ndarray], np.ndarray], images: np.ndarray) -> str:
    """Return a SHA-256 of a model, of what it is given for images, and of the code that judges it.

    Parameters
    ----------
    model : keras.Model
        A rebuilt model with weights.
    pixels : callable
        What turns images into the model's input; told apart by what it makes of a few of them.
    images : ndarray of uint8, (N, H, W[, C])
    """
    total = hashlib.sha256(model.to_json().encode())
    for weights in model.get_weights():
        total.update(f"{weights.shape}{weights.dtype}".encode() + np.ascontiguousarray(weights).tobytes())
    seen = np.ascontiguousarray(pixels(images[:: max(1, len(images) // _SEEN)][:_SEEN]))
    total.update(f"{seen.shape}{seen.dtype}".encode() + seen.tobytes() + _code())
    return total.hexdigest()


def figures_of(values: Mapping[str, Any]) -> Figures:
    """Return the figures that `dataclasses.asdict` has taken apart."""
    losses = values["losses"]
    return Figures(**{**values, "losses": Losses(**losses) if losses is not None else None})


@cache
def _code() -> bytes:
    here = Path(__file__).resolve().parent
    total = hashlib.sha256()
    for path in [*sorted(here.glob("*.py")), *sorted((here.parent / "models").glob("*.py"))]:
        total.update(path.read_bytes())
    return total.digest()
