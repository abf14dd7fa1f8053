"""Reads the pickled batches of CIFAR-10 without unpickling them.

A pickle is a program for a stack machine that may import and call anything. The official batches use a few of its
instructions: a dict of texts, lists of numbers, and one array of bytes. `read_pickled` interprets those instructions
itself and knows nothing else: it imports nothing, calls nothing that a file names, and refuses every other instruction.
"""

from __future__ import annotations

import math
import pickletools
from pathlib import Path
from typing import Any

import numpy as np

from data.errors import DataCorrupt

MAX_BYTES = 64 << 20
"""The largest file that is read; an official batch has 31 MB."""

_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_LITERALS = frozenset({"BININT", "BININT1", "BININT2", "BINUNICODE", "SHORT_BINUNICODE", "BINBYTES", "SHORT_BINBYTES"})
_PYTHON_2_TEXTS = frozenset({"BINSTRING", "SHORT_BINSTRING"})
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_ARRAY = {("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct")}
_NAMES = _ARRAY | {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")}
_BYTE_TYPES = ("u1", b"u1", "uint8", "|u1")


class _Refused(Exception):
    """The file holds something that no batch holds."""


class _Name(tuple[str, str]):
    """A module and a name in it, as the file gives them; nothing is imported."""


class _ByteType:
    """Stands for numpy's unsigned byte."""


class _Mark:
    """Where a variable number of values on the stack begins."""


class _Array:
    """An array that has been announced, and its values once they came."""

    def __init__(self) -> None:
        self.values: np.ndarray | None = None

    def fill(self, state: Any) -> None:
        _, shape, kind, fortran, content = state
        if not isinstance(kind, _ByteType) or not isinstance(content, bytes) or not isinstance(shape, tuple):
            raise _Refused("an array that does not consist of unsigned bytes")
        if not all(type(size) is int and size >= 0 for size in shape) or math.prod(shape) != len(content):
            raise _Refused(f"an array of shape {shape} with {len(content)} bytes")
        self.values = np.frombuffer(content, np.uint8).reshape(shape, order="F" if fortran else "C")


def read_pickled(path: Path) -> dict[str, Any]:
    """Read one batch file.

    Parameters
    ----------
    path : Path
        ``data_batch_1``, ``test_batch`` or another file of that kind, written by Python 2 or 3.

    Returns
    -------
    dict
        Its keys as str; values are str, bytes, int, list, tuple, dict, and ndarray of uint8 (read-only).

    Raises
    ------
    DataCorrupt
        The file is too large, cut off, or holds anything else.
    """
    with path.open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise DataCorrupt(path, f"expected at most {MAX_BYTES} bytes")
    try:
        value = _Machine(len(content)).run(content)
    except _Refused as error:
        raise DataCorrupt(path, f"a CIFAR-10 batch does not contain {error}") from error
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, UnicodeError) as error:
        raise DataCorrupt(path, f"expected the pickle of a CIFAR-10 batch ({error})") from error
    if not isinstance(value, dict):
        raise DataCorrupt(path, f"expected a dict. Received: {type(value).__name__}")
    return {_text(key): part.values if isinstance(part, _Array) else part for key, part in value.items()}


def _text(key: Any) -> str:
    return key.decode("latin-1") if isinstance(key, bytes) else str(key)


class _Machine:
    """The stack of a pickle that is being read.

    Parameters
    ----------
    budget : int
        How many bytes may be made from text: a short file could ask for one large text again and again.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self, content: bytes) -> Any:
        """Carry out every instruction and return what is left."""
        for operation, argument, _ in pickletools.genops(content):
            name = operation.name
            if name == "STOP":
                break
            if name in _LITERALS:
                self.stack.append(argument)
            elif name in _PYTHON_2_TEXTS:
                self.stack.append(str(argument).encode("latin-1"))
            elif name in _CONSTANTS:
                self.stack.append(_CONSTANTS[name])
            elif name in _TUPLES:
                self.stack.append(tuple(self._pop(_TUPLES[name])))
            else:
                step = getattr(self, f"_do_{name.lower()}", None)
                if step is None:
                    raise _Refused(f"the instruction {name}")
                step(argument)
        (value,) = self.stack
        return value

    def _pop(self, count: int) -> list[Any]:
        if count > len(self.stack):
            raise _Refused("an instruction with too few values")
        start = len(self.stack) - count
        values = self.stack[start:]
        del self.stack[start:]
        return values

    def _pop_to_mark(self) -> list[Any]:
        values = []
        while not isinstance(value := self.stack.pop(), _Mark):
            values.append(value)
        return values[::-1]

    def _do_proto(self, version: int) -> None:
        if not 2 <= version <= 4:
            raise _Refused(f"a pickle of protocol {version}")

    def _do_frame(self, _: int) -> None:
        pass

    def _do_mark(self, _: None) -> None:
        self.stack.append(_Mark())

    def _do_empty_dict(self, _: None) -> None:
        self.stack.append({})

    def _do_empty_list(self, _: None) -> None:
        self.stack.append([])

    def _do_tuple(self, _: None) -> None:
        self.stack.append(tuple(self._pop_to_mark()))

    def _do_append(self, _: None) -> None:
        (value,) = self._pop(1)
        self._top(list).append(value)

    def _do_appends(self, _: None) -> None:
        values = self._pop_to_mark()
        self._top(list).extend(values)

    def _do_setitem(self, _: None) -> None:
        key, value = self._pop(2)
        self._top(dict)[key] = value

    def _do_setitems(self, _: None) -> None:
        values = self._pop_to_mark()
        self._top(dict).update(zip(values[::2], values[1::2]))

    def _top(self, kind: type) -> Any:
        if type(self.stack[-1]) is not kind:
            raise _Refused(f"values for a {kind.__name__} that is none")
        return self.stack[-1]

    def _do_memoize(self, _: None) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    def _do_binput(self, index: int) -> None:
        self.memo[index] = self.stack[-1]

    _do_long_binput = _do_binput

    def _do_binget(self, index: int) -> None:
        self.stack.append(self.memo[index])

    _do_long_binget = _do_binget

    def _do_global(self, names: str) -> None:
        self._name(*names.split(" "))

    def _do_stack_global(self, _: None) -> None:
        self._name(*self._pop(2))

    def _name(self, module: str, name: str) -> None:
        if (module, name) not in _NAMES:
            raise _Refused(f"the name {module}.{name}"[:200])
        self.stack.append(_Name((module, name)))

    def _do_reduce(self, _: None) -> None:
        name, arguments = self._pop(2)
        if not isinstance(name, _Name) or not isinstance(arguments, tuple):
            raise _Refused("a call")
        if name in _ARRAY:
            self.stack.append(_Array())
        elif name == ("numpy", "dtype") and arguments[0] in _BYTE_TYPES:
            self.stack.append(_ByteType())
        elif name == ("_codecs", "encode") and isinstance(arguments[0], str) and arguments[1] in ("latin1", "latin-1"):
            self.budget -= len(arguments[0])
            if self.budget < 0:
                raise _Refused("more bytes than it is long")
            self.stack.append(arguments[0].encode("latin-1"))
        else:
            raise _Refused(f"a call of {'.'.join(name)}{arguments!r}"[:200])

    def _do_build(self, _: None) -> None:
        target, state = self._pop(2)
        if isinstance(target, _Array):
            target.fill(state)
        elif not isinstance(target, _ByteType):
            raise _Refused("an object")
        self.stack.append(target)
