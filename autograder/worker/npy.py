"""Arrays as plain npy buffers, version 1.0: what is written, and the little that is believed of what is read."""

from __future__ import annotations

import functools
import math
import re
from typing import Any

import numpy as np

MAX_EMPTY = 1 << 16
MAX_AXES = 24
ARRAY_KINDS = "biufcU"
"""Booleans, whole, real and complex numbers, and texts."""
_ALIGNMENT = 64
_HEAD = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '([<>|][biufcU]\d{1,4})', 'fortran_order': False, "
    rb"'shape': \((|\d{1,18},|\d{1,18}(?:, \d{1,18}){1,31})\), \} *\n",
    re.DOTALL,
)
"""A head as numpy and `to_npy` write it; what else a dictionary may look like, nobody sends."""


class WireError(ValueError):
    """A value that cannot cross, or a message that breaks the rules."""


def crossing(value: Any) -> np.ndarray:
    """Return an array of a kind that can cross; `WireError` if there is none."""
    array: np.ndarray = np.asarray(value)
    if array.dtype.kind not in ARRAY_KINDS:
        raise WireError(f"arrays of dtype {array.dtype} do not cross")
    if array.dtype.kind == "f" and array.dtype.itemsize not in (2, 4, 8):
        array = array.astype(np.float64)
    return array


def to_npy(array: np.ndarray) -> bytes:
    """Return an array that `crossing` let pass as one buffer, in C order."""
    return _head(array.shape, array.dtype) + array.tobytes()


def from_npy(buffer: Any) -> np.ndarray:
    """Read one npy buffer from an untrusted process.

    Parameters
    ----------
    buffer : bytes-like
        The array lies in it where it can be written, and is a copy elsewhere.

    Raises
    ------
    WireError
        Its header does not account for exactly the bytes that came, or names what does not cross.
    """
    raw = memoryview(buffer).cast("B")
    start = 10 + int.from_bytes(raw[8:10], "little")
    head = _HEAD.fullmatch(raw[:start])
    if head is None:
        raise WireError("not an npy array of version 1.0 in C order, with numbers or texts in it")
    dtype = _dtype(head[1])
    shape = tuple(int(size) for size in head[2].split(b",") if size)
    count = math.prod(shape)
    if count * dtype.itemsize != len(raw) - start:
        raise WireError("an npy header that does not match its bytes")
    if count == 0 or dtype.itemsize == 0:
        if math.prod(size for size in shape if size) > MAX_EMPTY:
            raise WireError("an array of very many items that hold nothing")
        return np.zeros(shape, dtype if dtype.itemsize else "U1")
    array = np.frombuffer(raw, dtype, count, start).reshape(shape)
    return array if array.flags.writeable else array.copy()


def rectangular(items: list[Any], most: int) -> np.ndarray | None:
    """Return a nested list of numbers as an array if that loses nothing, else None.

    At most ``most`` numbers. The shape is read along the first elements; lists that contain themselves or share parts
    end there.
    """
    if len(items) < 16 and not (items and isinstance(items[0], list)):
        return None
    shape: list[int] = []
    leaf: Any = items
    while isinstance(leaf, list):
        shape.append(len(leaf))
        if not leaf or len(shape) > MAX_AXES:
            return None
        leaf = leaf[0]
    if type(leaf) not in (int, float, bool) or math.prod(shape) > most:
        return None
    kinds: set[type] = set()

    def fits(part: Any, depth: int) -> bool:
        if depth < len(shape):
            return type(part) is list and len(part) == shape[depth] and all(fits(inner, depth + 1) for inner in part)
        kinds.add(type(part))
        return True

    if not fits(items, 0) or not (kinds <= {int} or kinds <= {float, int} or kinds <= {bool}):
        return None
    try:
        array = np.asarray(items)
    except (ValueError, OverflowError):
        return None
    return array if array.dtype.kind in "bif" else None


@functools.lru_cache(512)
def _head(shape: tuple[int, ...], dtype: np.dtype[Any]) -> bytes:
    """Return what stands before the numbers of an npy array, version 1.0, in C order."""
    about = f"{{'descr': '{dtype.str}', 'fortran_order': False, 'shape': {shape!r}, }}"
    length = -(-(10 + len(about) + 1) // _ALIGNMENT) * _ALIGNMENT - 10
    return b"\x93NUMPY\x01\x00" + length.to_bytes(2, "little") + about.ljust(length - 1).encode() + b"\n"


@functools.lru_cache(64)
def _dtype(name: bytes) -> np.dtype[Any]:
    try:
        dtype: np.dtype[Any] = np.dtype(name.decode())
    except TypeError as error:
        raise WireError("a dtype that does not exist") from error
    if dtype.itemsize > 4096:
        raise WireError(f"arrays of dtype {dtype} do not cross")
    return dtype
