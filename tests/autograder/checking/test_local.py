"""Checks against code of this process: what crosses is what crosses into the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.checking.local import LocalStudent
from autograder.checking.student import three_parts
from autograder.errors import StudentFault


def test_what_has_no_plain_form_crosses_as_in_the_sandbox(tmp_path: Path) -> None:
    """A set among the arguments is no reason to fail: the function gets what a student's function would."""
    student = LocalStudent({"kind": lambda value: type(value).__name__}, tmp_path)
    assert student.kind({1, 2}) == "list"


def test_arrays_cross_as_copies(tmp_path: Path) -> None:
    """The function's own changes come back beside its value, and the check's array stays."""
    image = np.zeros((2, 2))

    def darken(image: np.ndarray) -> float:
        image -= 1
        return float(image.sum())

    outcome = LocalStudent({"darken": darken}, tmp_path).call("darken", image)
    assert (outcome.value, outcome.arguments[0].sum(), image.sum()) == (-4.0, -4.0, 0.0)


@pytest.mark.parametrize("reply", [None, [1, (), []][:2], [1, [], []], [1, (), {}], (1, (), [])])
def test_a_forged_reply_to_a_call_is_the_students_fault(reply: Any) -> None:
    """Never an error of the grader."""
    with pytest.raises(StudentFault, match="no puede leer"):
        three_parts(reply)
