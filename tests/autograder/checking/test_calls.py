"""A call in one line, as the student would type it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.checking.calls import call_text, value_text


@pytest.mark.parametrize(
    ("arguments", "keywords", "text"),
    [
        ([np.array([[1, 2]]), 3], {}, "f(np.array([[1, 2]]), 3)"),
        ([np.array([255], dtype=np.uint8)], {"stride": 2}, "f(np.array([255], dtype=np.uint8), stride=2)"),
        ([np.ones((6, 3))], {}, "f(np.ones((6, 3)))"),
        ([np.full((4, 4), 7)], {}, "f(np.full((4, 4), 7))"),
        ([np.arange(16).reshape(4, 4)], {}, "f(np.arange(16).reshape(4, 4))"),
        ([(2, 3), ["a"], None], {}, "f((2, 3), ['a'], None)"),
        ([(1,)], {}, "f((1,))"),
    ],
)
def test_a_call_reads_as_python_that_makes_it(arguments: list[Any], keywords: dict[str, Any], text: str) -> None:
    """And makes the same arguments."""
    assert call_text("f", arguments, keywords) == text
    made = eval(text, {"np": np, "f": lambda *given, **named: given})
    for one, other in zip(made, arguments):
        assert np.array_equal(one, other) if isinstance(other, np.ndarray) else one == other
        assert not isinstance(other, np.ndarray) or one.dtype == other.dtype


def test_what_is_too_long_to_paste_has_no_text() -> None:
    """Large arrays, objects, and many arguments."""
    assert call_text("f", [np.random.default_rng(0).normal(size=(9, 9))], {}) is None
    assert call_text("f", [object()], {}) is None
    assert call_text("f", [[1000 + number for number in range(99)]], {}) is None


def test_a_value_is_shown_in_one_short_line() -> None:
    """However much a student returns."""
    assert value_text(np.array([[0.33333333, 1.0]])) == "[[0.3333, 1.0]]"
    assert value_text(np.zeros((300, 300))) == "un arreglo de forma (300, 300)"
    assert len(value_text(["x" * 500] * 500)) <= 160
