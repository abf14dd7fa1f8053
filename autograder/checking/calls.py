"""Writes a call as the student would type it, and what it returned, short enough to paste and to read."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["call_text", "value_text"]

_SHORT = reprlib.Repr()
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = 20
_SHORT.maxstring = _SHORT.maxother = 200
_SHORT.maxlevel = 8

LONGEST = 160
"""A call with a longer text is not worth pasting."""


def call_text(name: str, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> str | None:
    """Return one line that makes the call, with NumPy as ``np``; None if an argument has no short text.

    >>> call_text("conv2d", [np.ones((6, 3)), np.array([[1, 0]])], {"stride": 2})
    'conv2d(np.ones((6, 3)), np.array([[1, 0]]), stride=2)'
    """
    parts = [_literal(value) for value in arguments]
    parts += [f"{key}={_literal(value)}" if _literal(value) else None for key, value in keywords.items()]
    if any(part is None for part in parts):
        return None
    text = f"{name}({', '.join(part for part in parts if part is not None)})"
    return text if len(text) <= LONGEST else None


def value_text(value: Any) -> str:
    """Return what a function returned in one short line."""
    if isinstance(value, np.ndarray) and value.size > 200:
        return f"un arreglo de forma {value.shape}"
    if isinstance(value, np.ndarray):
        value = np.round(value, 4).tolist() if value.dtype.kind == "f" else value.tolist()
    if hasattr(value, "layers"):
        return f"un modelo de {len(value.layers)} capas"
    text = _SHORT.repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _literal(value: Any) -> str | None:
    """Return Python source for a value, or None."""
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, (bool, int, float, str, type(None))):
        return repr(value)
    if isinstance(value, (list, tuple)):
        parts = [_literal(part) for part in value]
        if any(part is None for part in parts):
            return None
        inside = ", ".join(part for part in parts if part is not None)
        if isinstance(value, list):
            return f"[{inside}]"
        return f"({inside},)" if len(parts) == 1 else f"({inside})"
    return None


def _array(value: np.ndarray) -> str | None:
    """Return how to make an array: by its entries if there are few, by its shape if they are alike or counted up."""
    kind = "" if value.dtype in (np.dtype(int), np.dtype(float)) else f", dtype=np.{value.dtype.name}"
    if value.dtype.kind not in "biuf" or value.size == 0:
        return None
    first = value.flat[0]
    if value.size > 9 and np.all(value == first):
        of_float = value.dtype == np.dtype(float)
        if of_float and first in (0, 1):
            return f"np.{'ones' if first else 'zeros'}({value.shape})"
        return f"np.full({value.shape}, {first.item()!r}{kind})"
    shape = "" if value.ndim == 1 else f".reshape{value.shape}"
    if value.size > 12 and value.dtype.kind in "iu" and np.array_equal(value.ravel(), np.arange(value.size)):
        return f"np.arange({value.size}{kind}){shape}"
    if value.size > 30:
        return None
    numbers = np.round(value, 4).tolist() if np.array_equal(np.round(value, 4), value) else value.tolist()
    return f"np.array({numbers!r}{kind})"
