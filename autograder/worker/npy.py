"""Arrays as plain npy buffers, version 1.0: what is written, and the little that is believed of what is read."""

from __future__ import annotations

import functools
import io
import math
from typing import Any

import numpy as np

MAX_EMPTY = 1 << 16
MAX_HEADER = 10_000
_ORDINARY_HEAD = 256
"""Bytes of a head that is worth remembering."""
MAX_AXES = 24
ARRAY_KINDS = "biufcU"
"""Booleans, whole, real and complex numbers, and texts."""


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
    head = bytes(raw[:start])
    if head[6:8] not in (b"\x01\x00", b""):
        raise WireError("an npy version other than 1.0")
    try:
        shape, fortran, dtype = (_read_head if start <= _ORDINARY_HEAD else _read_head.__wrapped__)(head)
    except Exception as error:
        raise WireError("not an npy array") from error
    if dtype.kind not in ARRAY_KINDS or dtype.hasobject or dtype.itemsize > 4096:
        raise WireError(f"arrays of dtype {dtype} do not cross")
    # True is an int to whoever reads headers.
    if fortran or len(shape) > 32 or any(type(size) is not int or size < 0 for size in shape):
        raise WireError("an npy header that makes no sense")
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
    stream = io.BytesIO()
    about = {"shape": shape, "fortran_order": False, "descr": np.lib.format.dtype_to_descr(dtype)}
    np.lib.format.write_array_header_1_0(stream, about)
    return stream.getvalue()


@functools.lru_cache(512)
def _read_head(head: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Read what stands before the numbers; the same few heads come again and again."""
    stream = io.BytesIO(head)
    np.lib.format.read_magic(stream)
    return np.lib.format.read_array_header_1_0(stream, max_header_size=MAX_HEADER)
