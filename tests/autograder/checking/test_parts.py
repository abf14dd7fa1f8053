"""The grader's functions in place of the student's: what they answer, and what nobody gets from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.checking.local import LocalStudent
from autograder.errors import BadReply, StudentException, StudentFault

SOURCE = """
import numpy as np
kept = []
def double(x):
    raise ValueError("no")
def twice_two(x):
    kept.append(double)
    return double(x) + double(2)
def named(x):
    return double(x=x)
def large(x):
    return double(np.zeros(10_000))
def huge(x):
    return double(10**400)
def odd(x):
    return double([x])
def without_end(x):
    while True:
        double(x)
def again(x):
    return kept[0](x)
def other(x):
    return triple(x)
"""


def double(x: Any) -> Any:
    return 2 * np.asarray(x)


@pytest.fixture
def student(tmp_path: Path) -> LocalStudent:
    namespace: dict[str, Any] = {}
    exec(SOURCE, namespace)
    return LocalStudent(namespace, tmp_path)


@pytest.mark.parametrize("name", ["twice_two", "named"])
def test_the_graders_function_answers_where_the_students_would(student: LocalStudent, name: str) -> None:
    """One answer for each call, and afterwards everything is as before."""
    value = student.call_with({"double": double}, name, np.arange(3)).value
    assert value.tolist() == {"twice_two": [4, 6, 8], "named": [0, 2, 4]}[name]
    with pytest.raises(StudentException, match="no"):
        student.call(name, np.arange(3))


@pytest.mark.parametrize("name", ["large", "huge", "odd", "without_end"])
def test_only_small_plain_questions_are_answered(student: LocalStudent, name: str) -> None:
    """The grader computes nothing that takes long, and not for ever."""
    with pytest.raises(BadReply):
        student.call_with({"double": double}, name, 1)


def test_a_function_that_was_kept_answers_nothing_later(student: LocalStudent) -> None:
    """It is a question, which is put only where the grader waits for it."""
    student.call_with({"double": double}, "twice_two", 1)
    with pytest.raises(BadReply, match="no se pudo llamar"):
        student.call("again", 1)


def test_a_function_that_is_not_offered_is_missing(student: LocalStudent) -> None:
    """And one of the grader's that raises is no answer."""
    with pytest.raises(StudentException, match="triple"):
        student.call_with({"double": double}, "other", 1)
    with pytest.raises(StudentFault):
        student.call_with({"double": lambda x: 1 / 0}, "named", 1)
    assert student.call_with({"triple": lambda x: 3 * x}, "other", 5).value == 15
