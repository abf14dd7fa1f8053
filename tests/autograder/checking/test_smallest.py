"""The smallest input on which a comparison fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import find, settings

from autograder.checking.asked import Asked, AskedStudent
from autograder.checking.local import LocalStudent
from autograder.checking.smallest import QUESTIONS, arrays, inputs, sizes, smallest
from autograder.errors import CheckFailure, StudentFault


def smaller(image: np.ndarray, stride: int) -> Any:
    return inputs(arrays(image), sizes(stride))


@smallest(smaller)
def expect_sum(student: Any, image: np.ndarray, stride: int) -> None:
    """Compare the sum of every so many numbers."""
    if student.total(image, stride) != image[::stride].sum():
        raise CheckFailure("No es la suma.")


def failure(home: Path, function: Any) -> tuple[StudentFault, AskedStudent]:
    student = AskedStudent(LocalStudent({"total": function}, home))
    with pytest.raises(StudentFault) as caught:
        expect_sum(student, np.arange(40, 60), 3)
    return caught.value, student


def test_a_failure_is_shown_with_the_smallest_call(tmp_path: Path) -> None:
    """Here a stride above one, of which one number is left."""
    fault, _ = failure(tmp_path, lambda image, stride: image.sum() if stride < 2 else -1)
    asked = fault.example()
    assert isinstance(asked, Asked)
    assert asked.line("Suma de a saltos.") == (
        "Pruébalo en tu cuaderno: `total(np.array([1]), 2)` devuelve `-1`. Se pide: «Suma de a saltos»."
    )


def test_the_same_failure_is_shown_each_time(tmp_path: Path) -> None:
    """Nothing is drawn by luck, and nothing is kept."""
    lines = {failure(tmp_path, lambda image, stride: 0)[0].example().line("") for _ in range(3)}
    assert len(lines) == 1
    assert not (tmp_path / ".hypothesis").exists()


def test_an_exception_names_the_call_that_raised(tmp_path: Path) -> None:
    """With what Python said."""
    fault, _ = failure(tmp_path, lambda image, stride: image[99])
    assert "`total(np.array([1]), 1)` se detiene con IndexError: " in fault.example().line("")


def test_a_search_asks_a_limited_number_of_questions(tmp_path: Path) -> None:
    """And a submission gets a limited number of searches; what failed at first is shown then."""
    calls: list[int] = []
    fault, student = failure(tmp_path, lambda image, stride: calls.append(1) or (-1 if image.sum() > 900 else 0))
    fault.example()
    assert len(calls) <= QUESTIONS + 1
    student.searches = student.most_searches
    asked = len(calls)
    assert fault.example().arguments[1] == 3
    assert len(calls) == asked


def test_who_reads_no_messages_gets_no_search(tmp_path: Path) -> None:
    """As the proof of the checks, whatever a check before has searched: what failed is shown as it is."""
    calls: list[int] = []
    student = AskedStudent(LocalStudent({"total": lambda image, stride: calls.append(1) or 0}, tmp_path), 0)
    with pytest.raises(StudentFault) as caught:
        expect_sum(student, np.arange(40, 60), 3)
    student.searches = 0
    assert caught.value.example().arguments[1] == 3
    assert len(calls) == 1


def test_an_array_keeps_the_type_and_the_symmetry_of_its_model() -> None:
    """Or another mistake would be shown than the one that was found."""
    kept = settings(database=None, derandomize=True)
    assert find(arrays(np.array([200], dtype=np.uint8)), lambda drawn: True, settings=kept).dtype == np.uint8
    kernel = np.array([[1, 2, 3], [4, 5, 4], [3, 2, 1]])
    drawn = find(arrays(kernel, 3, 3), lambda array: len(np.unique(array)) > 3, settings=kept)
    assert np.array_equal(drawn, drawn[::-1, ::-1])
