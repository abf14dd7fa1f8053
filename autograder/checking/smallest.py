"""When a comparison fails: the smallest inputs on which it fails, found with hypothesis.

A check that compares decorates its comparison with what smaller inputs look like::

    def smaller(image, kernel):
        return st.builds(Inputs, crops(image), crops(kernel))

    @smallest(smaller)
    def expect_conv2d(student, image, kernel): ...

The search is the same each time (derandomised, without a database) and asks a limited number of questions, so that the
same submission gets the same report in about the same time.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from hypothesis.internal.conjecture import providers
from hypothesis.strategies import SearchStrategy

from autograder.checking.asked import Asked, AskedStudent, is_unwritten
from autograder.checking.calls import call_text
from autograder.errors import CheckFailure, StudentException, StudentFault

__all__ = ["arrays", "inputs", "sizes", "smallest"]

QUESTIONS = 30
"""How many questions a search may ask."""


_SETTINGS = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=QUESTIONS,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
_Inputs = tuple[tuple[Any, ...], dict[str, Any]]
_Expect = TypeVar("_Expect", bound=Callable[..., Any])


# hypothesis also tries numbers that it finds in the modules at hand, and notes them in a folder: the same submission
# would get another example wherever other modules happen to be loaded.
providers._get_local_constants = lambda: providers._local_constants


class _Enough(BaseException):
    """The search has asked as much as it may."""


def smallest(smaller: Callable[..., SearchStrategy[_Inputs]]) -> Callable[[_Expect], _Expect]:
    """Decorate ``expect(student, *inputs, **named)``: where it fails, its fault can look for the smallest example.

    Parameters
    ----------
    smaller : callable
        Takes the inputs that failed, by position and by name as ``expect`` got them; returns a strategy for inputs of
        the same kind that are no larger, made with `inputs`.
    """

    def decorate(expect: _Expect) -> _Expect:
        @functools.wraps(expect)
        def expecting(student: Any, *given: Any, **named: Any) -> Any:
            try:
                return expect(student, *given, **named)
            except (CheckFailure, StudentException) as error:
                fault = error
                if isinstance(student, AskedStudent) and not is_unwritten(fault):
                    asked = student.last
                    fault.example = lambda: _search(student, expect, smaller(*given, **named), fault) or asked
                raise

        return expecting  # type: ignore[return-value]

    return decorate


def inputs(*given: Any, **named: Any) -> SearchStrategy[_Inputs]:
    """Return a strategy of inputs, from a strategy or a fixed value for each of them."""

    def drawn(value: Any) -> SearchStrategy[Any]:
        return value if isinstance(value, SearchStrategy) else st.just(value)

    positional = st.tuples(*map(drawn, given))
    return st.tuples(positional, st.fixed_dictionaries({key: drawn(value) for key, value in named.items()}))


def sizes(most: int, least: int = 1) -> SearchStrategy[int]:
    """Return a strategy of whole numbers up to ``most``; small ones are tried first."""
    return st.integers(least, max(most, least))


@st.composite
def arrays(draw: Any, model: np.ndarray, *lengths: Any) -> np.ndarray:
    """Draw an array with the type of another, no larger than it, and with numbers that are easy to follow.

    Parameters
    ----------
    model : ndarray
    *lengths : int or SearchStrategy, optional
        The length of each axis, where it is not any up to that of the model.
    """
    axes = lengths or tuple(map(sizes, model.shape))
    shape = tuple(draw(axis) if isinstance(axis, SearchStrategy) else axis for axis in axes)
    count = int(np.prod(shape))
    counted = np.arange(1, count + 1).reshape(shape)
    ways = [np.ones(shape), counted, np.random.default_rng(count).integers(1, 10, shape)]
    values = ways[draw(st.integers(0, 2))]
    turned = model[::-1, ::-1] if model.ndim > 1 else model
    if model.ndim > 1 and np.array_equal(model, turned):
        # Half a turn leaves the model as it is: so it shall leave this one, or it would show another mistake.
        values = values + values[::-1, ::-1]
    if model.size and model.min() < 0 and draw(st.booleans()):
        values = -values
    if model.dtype.kind == "f" and np.any(model != np.round(model)):
        values = values + 0.5
    if model.dtype.kind == "u" and model.max() > 127 and draw(st.booleans()):
        values = 255 - values
    drawn: np.ndarray = values.astype(model.dtype)
    return drawn


def _search(
    student: AskedStudent, expect: Callable[..., Any], strategy: SearchStrategy[_Inputs], fault: StudentFault
) -> Asked | None:
    """Return the smallest call that was found to fail in the same way, or None."""
    if student.searches >= student.most_searches:
        return None
    student.searches += 1
    best: tuple[int, Asked] | None = None
    known: dict[str, bool] = {}

    def fails(drawn: _Inputs) -> bool:
        nonlocal best
        key = repr(drawn)
        if key in known:
            return known[key]
        if len(known) >= QUESTIONS:
            raise _Enough
        known[key] = False
        notes = list(student.notes)
        try:
            expect(student, *drawn[0], **drawn[1])
        except (CheckFailure, StudentException) as smaller:
            if getattr(smaller, "mistake", "") != getattr(fault, "mistake", ""):
                return False
            asked = student.last
            text = call_text(asked.name, asked.arguments, asked.keywords) if asked else None
            if asked is not None and text is not None and (best is None or len(text) <= best[0]):
                best = len(text), asked
            known[key] = True
        except StudentFault:
            raise _Enough from None
        finally:
            student.notes = notes
        return known[key]

    with contextlib.suppress(_Enough, HypothesisException):
        find(strategy, fails, settings=_SETTINGS)
    return best[1] if best else None
