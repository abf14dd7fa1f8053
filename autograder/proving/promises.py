"""What a function promises, as something that can be asked: random inputs, and when two answers to them are alike.

An assignment says so in ``tests/checks/<assignment>/promises.py``: a dictionary ``PROMISES`` of `Promise` by the name
that the student defines. The solution of the notebook is the reference, so a promise needs no second one.
"""

from __future__ import annotations

import copy
import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autograder.checking.calls import call_text, value_text

__all__ = ["Call", "Promise", "alike", "first_difference", "load_promises"]


@dataclass(frozen=True)
class Call:
    """The arguments of one call.

    Parameters
    ----------
    arguments : tuple
    keywords : dict
    """

    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How large the arguments are: the entries of arrays, and the numbers themselves."""
        return sum(_size(part) for part in (*self.arguments, *self.keywords.values()))


def alike(one: Any, other: Any) -> bool:
    """Tell whether two answers say the same: shape and values, whatever the type of the numbers."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if one is None or other is None or isinstance(one, str) or isinstance(other, str):
        return bool(type(one) is type(other) and one == other)
    try:
        left, right = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    except (TypeError, ValueError):
        return False
    return left.shape == right.shape and bool(np.allclose(left, right, rtol=1e-5, atol=1e-4))


@dataclass(frozen=True)
class Promise:
    """What can be asked about a name that the student defines.

    Parameters
    ----------
    inputs : callable, optional
        Takes a random number generator and returns a valid `Call`; None if the name is a variable.
    alike : callable
        Takes an answer and the solution's answer to the same call; tells whether the first keeps the promise as well.
    count : int
        How many random calls to ask.
    lists : bool
        Whether the answer is an array that may come as nested lists, too.
    """

    inputs: Callable[[np.random.Generator], Call] | None = None
    alike: Callable[[Any, Any], bool] = alike
    count: int = 300
    lists: bool = False


def load_promises(checks: Path) -> Mapping[str, Promise]:
    """Return the promises of an assignment by name; none if nobody wrote them down."""
    file = checks / "promises.py"
    if not file.is_file():
        return {}
    name = f"promises_of_{checks.name}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    found: Mapping[str, Promise] = module.PROMISES
    return found


def first_difference(
    name: str,
    promise: Promise,
    mine: Mapping[str, Any],
    right: Mapping[str, Any],
    rng: np.random.Generator,
    limited: Callable[[Callable[[], Any]], Any],
) -> str | None:
    """Ask two namespaces the same random questions, the smallest first; return the first that tells them apart.

    Parameters
    ----------
    name : str
    promise : Promise
    mine, right : mapping
        The variables of the notebook with the mutant, and with the solution.
    rng : numpy.random.Generator
    limited : callable
        Calls what it is given and raises if that takes too long.

    Returns
    -------
    str or None
        ``conv2d(np.array([[1]]), …) → [[2]]``; None if all answers were alike.
    """
    if name not in mine:
        return f"{name} is not defined"
    if promise.inputs is None:
        return None if promise.alike(mine[name], right[name]) else f"{name} = {value_text(mine[name])}"
    calls = [promise.inputs(rng) for _ in range(promise.count)]
    for call in sorted(calls, key=lambda call: call.size):
        expected = right[name](*copy.deepcopy(call.arguments), **call.keywords)
        asked = call_text(name, call.arguments, call.keywords) or f"{name}(…)"
        sent = copy.deepcopy(call.arguments)
        try:
            received = limited(lambda sent=sent, call=call: mine[name](*sent, **call.keywords))  # type: ignore[misc]
        except Exception as error:
            return f"{asked} → {type(error).__name__}"
        if not promise.alike(received, expected):
            return f"{asked} → {value_text(received)}"
        if any(isinstance(part, np.ndarray) and not alike(part, now) for part, now in zip(call.arguments, sent)):
            return f"{asked} changes its argument"
    return None


def _size(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return int(value.size)
    if isinstance(value, (list, tuple)):
        return sum(_size(part) for part in value)
    return abs(value) if isinstance(value, int) else len(value) if isinstance(value, str) else 1
