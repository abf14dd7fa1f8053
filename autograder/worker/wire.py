"""Values that cross the trust boundary: a JSON tree plus plain npy buffers, never pickle.

``encode`` turns a Python value into ``(tree, buffers)``; ``decode`` turns that back and trusts nothing: it limits
depth, nodes and bytes, checks every npy header against the bytes that really came, and knows only the kinds below.

==================  =====================================================================================
node                value
==================  =====================================================================================
``null, true, 1``   None, bool, int (within 64 bits), str; finite float
``{"float": s}``    a float that JSON lacks: ``nan``, ``inf``, ``-inf``
``{"int": s}``      an int beyond 64 bits, in decimal
``{"list": [..]}``  list; likewise ``tuple``, and ``dict`` as a list of pairs
``{"npy": i}``      ndarray in buffer ``i``; ``{"scalar": i}`` numpy scalar, ``{"nested": i}`` rectangular nested list
``{"figure": ..}``  a matplotlib figure as `Figure`
``{"model": ..}``   a Keras model as `ModelParts`: JSON configuration and weight arrays by layer
``{"opaque": ..}``  anything else, as `Opaque`: the name of its type and a short ``repr``
==================  =====================================================================================
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from .npy import ARRAY_KINDS, WireError, crossing, from_npy, rectangular, to_npy
from .text import clean_text

__all__ = [
    "MAX_BYTES",
    "MAX_NODES",
    "MAX_NUMBERS",
    "MAX_TEXT",
    "Figure",
    "Image",
    "ModelParts",
    "Opaque",
    "WireError",
    "decode",
    "encode",
]

MAX_DEPTH = 24
MAX_NODES = 200_000
MAX_NUMBERS = 1 << 21
"""Numbers in all nested lists of a value: as Python's objects they take ten times the bytes that came."""
MAX_TEXT = 1_000_000
MAX_BYTES = 1 << 28


@dataclass(frozen=True)
class Opaque:
    """A value that has no plain form: only its type's name and a short text came across."""

    type_name: str
    text: str


@dataclass(frozen=True)
class Image:
    """What one ``imshow`` drew: the data handed over and the name of the colour map."""

    data: np.ndarray
    cmap: str


@dataclass(frozen=True)
class Figure:
    """A matplotlib figure, reduced to the images and titles of its axes."""

    images: list[Image]
    titles: list[str]


@dataclass(frozen=True)
class ModelParts:
    """A Keras model as data.

    Parameters
    ----------
    config : str
        The JSON text of ``model.to_json()``.
    weights : dict of str to list of ndarray, or None
        Weight arrays by layer path (``"dense"``, ``"vgg16/block1_conv1"``), in the order of ``layer.weights``.
    """

    config: str
    weights: dict[str, list[np.ndarray]] | None = None


@dataclass
class _Buffers:
    """Collects npy buffers and remembers how many bytes they hold."""

    most: int
    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, array: np.ndarray) -> int:
        array = crossing(array)
        self.size += array.nbytes
        if self.size > self.most:
            raise WireError(f"more than {self.most >> 20} MB of arrays in one value")
        self.parts.append(to_npy(array))
        return len(self.parts) - 1


def _rational(item: Fraction | Decimal) -> int | float:
    """Return a fraction or decimal as the whole number that it is, else as a float."""
    try:
        number = float(item)
    except OverflowError:
        return math.inf
    return int(item) if abs(number) < 2**63 and item == int(item) else number


def encode(value: Any, special: Callable[[Any], Any] | None = None, most: int = MAX_BYTES) -> tuple[Any, list[bytes]]:
    """Turn a value into ``(tree, buffers)``.

    Parameters
    ----------
    value : object
        Any Python value.
    special : callable, optional
        Called with each value that has no plain form; returns a `Figure`, `ModelParts` or anything else that can
        cross, or None if it does not know the value either.
    most : int
        Bytes that its arrays may have together.

    Raises
    ------
    WireError
        The value is too deep, too large, or an array of a kind that has no plain form.
    """
    buffers = _Buffers(most)
    budget = [MAX_NODES]

    def walk(item: Any, depth: int) -> Any:
        budget[0] -= 1
        if depth > MAX_DEPTH or budget[0] < 0:
            raise WireError("the value is too deep or has too many parts")
        if item is None or type(item) is bool:
            return item
        if type(item) is str:
            return clean_text(item[:MAX_TEXT])
        if type(item) is int:
            return item if -(2**63) <= item < 2**63 else {"int": _decimal(item)}
        if type(item) is float:
            return item if math.isfinite(item) else {"float": str(item)}
        if type(item) in (Fraction, Decimal):
            return walk(_rational(item), depth)
        if isinstance(item, np.generic) and item.dtype.kind in ARRAY_KINDS:
            return {"scalar": buffers.add(np.asarray(item))}
        if isinstance(item, np.ndarray) and item.dtype.kind != "O":
            return {"npy": buffers.add(np.asarray(item))}
        if isinstance(item, np.ndarray):
            # Ragged lists of numbers, or matplotlib's axes: each part crosses as what it is.
            return walk(item.tolist(), depth + 1)
        if isinstance(item, (list, tuple)):
            if type(item) is list and (nested := rectangular(item, MAX_NUMBERS)) is not None:
                return {"nested": buffers.add(nested)}
            return {"tuple" if isinstance(item, tuple) else "list": [walk(part, depth + 1) for part in item]}
        if isinstance(item, Mapping):
            return {"dict": [[walk(key, depth + 1), walk(part, depth + 1)] for key, part in list(item.items())]}
        if isinstance(item, complex):
            return {"scalar": buffers.add(np.asarray(item))}
        if isinstance(item, Figure):
            images = [{"data": buffers.add(image.data), "cmap": clean_text(str(image.cmap))} for image in item.images]
            return {"figure": {"images": images, "titles": [clean_text(str(title)) for title in item.titles]}}
        if isinstance(item, ModelParts):
            weights = None
            if item.weights is not None:
                weights = [[path, [buffers.add(array) for array in arrays]] for path, arrays in item.weights.items()]
            return {"model": {"config": item.config, "weights": weights}}
        known = special(item) if special is not None else None
        if known is not None:
            return walk(known, depth + 1)
        if hasattr(item, "__array__"):
            return {"npy": buffers.add(np.asarray(item))}
        if isinstance(item, Sequence | set | frozenset) or hasattr(item, "__next__"):
            return {"list": [walk(part, depth + 1) for part, _ in zip(item, range(MAX_NODES))]}
        if isinstance(item, (bool, int, float, str)):
            plain: Any = next(kind for kind in (bool, int, float, str) if isinstance(item, kind))
            return walk(plain(item), depth + 1)
        kind = type(item)
        return {"opaque": [clean_text(f"{kind.__module__}.{kind.__qualname__}"[:200]), clean_text(_short_repr(item))]}

    tree = walk(value, 0)
    # A function that calls itself waits for the garbage collector: leave nothing large with it.
    parts, buffers.parts = buffers.parts, []
    return tree, parts


def decode(tree: Any, buffers: Sequence[Any]) -> Any:
    """Turn ``(tree, buffers)`` from an untrusted process into plain values.

    The arrays lie in the buffers, where those can be written, and are copied elsewhere.

    Raises
    ------
    WireError
        Anything that ``encode`` could not have produced: unknown nodes, npy headers that lie, a buffer that is named
        twice, too much of anything.
    """
    budget = [MAX_NODES]
    numbers = [MAX_NUMBERS]
    held = dict(enumerate(buffers))

    def array(index: Any) -> np.ndarray:
        if type(index) is not int or index not in held:
            raise WireError("a reference to a buffer that did not come, or is already taken")
        return from_npy(held.pop(index))

    def nested(index: Any) -> Any:
        found = array(index)
        numbers[0] -= found.size
        if numbers[0] < 0 or found.size == 0 or found.dtype.kind not in "bif":
            raise WireError("a nested list that is too large, empty or not of numbers")
        return found.tolist()

    def text(item: Any, limit: int = MAX_TEXT) -> str:
        if type(item) is not str or len(item) > limit:
            raise WireError("text expected")
        return clean_text(item)

    def parts(item: Any) -> list[Any]:
        if type(item) is not list:
            raise WireError("a list expected")
        return item

    def pair(item: Any) -> list[Any]:
        if type(item) is not list or len(item) != 2:
            raise WireError("a pair expected")
        return item

    def walk(node: Any, depth: int) -> Any:
        budget[0] -= 1
        if depth > MAX_DEPTH or budget[0] < 0:
            raise WireError("the value is too deep or has too many parts")
        if node is None or type(node) in (bool, int, float):
            return node
        if type(node) is str:
            return text(node)
        if type(node) is not dict or len(node) != 1:
            raise WireError("an unknown node")
        (kind, body), *_ = node.items()
        if kind == "float" and body in ("nan", "inf", "-inf"):
            return float(body)
        if kind == "int":
            digits = text(body, 2500)
            if not (digits.isascii() and digits.removeprefix("-").isdigit()):
                raise WireError("an integer expected")
            return int(digits)
        if kind == "list":
            return [walk(part, depth + 1) for part in parts(body)]
        if kind == "tuple":
            return tuple(walk(part, depth + 1) for part in parts(body))
        if kind == "dict":
            pairs = [(walk(key, depth + 1), walk(part, depth + 1)) for key, part in map(pair, parts(body))]
            if not all(map(_is_key, (key for key, _ in pairs))):
                raise WireError("a dictionary key of an unknown kind")
            try:
                return dict(pairs)
            except TypeError as error:
                raise WireError("a dictionary key that cannot be hashed") from error
        if kind == "npy":
            return array(body)
        if kind == "scalar":
            value = array(body)
            if value.shape != ():
                raise WireError("a scalar expected")
            return value[()]
        if kind == "nested":
            return nested(body)
        if kind == "opaque":
            type_name, short = pair(body)
            return Opaque(text(type_name, 200), text(short, 400))
        if kind == "figure" and type(body) is dict:
            images = [
                Image(array(part.get("data")), text(part.get("cmap"), 100))
                for part in parts(body.get("images"))
                if type(part) is dict
            ]
            return Figure(images, [text(title) for title in parts(body.get("titles"))])
        if kind == "model" and type(body) is dict:
            rows = body.get("weights")
            weights = None
            if rows is not None:
                weights = {
                    text(path, 1000): [array(index) for index in parts(indices)]
                    for path, indices in map(pair, parts(rows))
                }
            return ModelParts(text(body.get("config"), 20 * MAX_TEXT), weights)
        raise WireError("an unknown node")

    try:
        return walk(tree, 0)
    finally:
        # A function that calls itself waits for the garbage collector: leave nothing large with it.
        held.clear()


def _is_key(key: Any) -> bool:
    """Tell whether a value may be a key; integers that all have one hash would keep a dictionary busy."""
    if type(key) is int:
        return abs(key) < 1 << 60
    return isinstance(key, (str, float, bool, tuple, np.generic, type(None)))


def _decimal(number: int) -> str:
    if number.bit_length() > 8000:
        raise WireError("an integer too large to cross")
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(4300)
    return str(number)


def _short_repr(item: Any) -> str:
    try:
        return repr(item)[:300]
    except Exception:
        return "<repr failed>"
