"""Checks against code of this process: what crosses is what crosses into the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.checking.expect import expect_unchanged
from autograder.checking.local import LocalStudent
from autograder.checking.student import Outcome, outcome_of
from autograder.errors import CheckFailure, StudentFault
from autograder.worker.wire import ModelParts


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


@pytest.mark.parametrize("reply", [None, [1, (), []][:2], [1, [], []], [1, (0,), {}], (1, (0,), []), [1, (), []]])
def test_a_forged_reply_to_a_call_is_the_students_fault(reply: Any) -> None:
    """Never an error of the grader, also where an argument is missing afterwards."""
    with pytest.raises(StudentFault, match="no puede leer"):
        outcome_of(reply, [np.zeros(3)])


@pytest.mark.parametrize(
    "after", [[[1, 2], [3]], "texto", ["a", "b", "c"], [10**400, 0, 0], (), None, ModelParts("{}"), np.array(["1"] * 3)]
)
def test_forged_arguments_after_the_call_are_changed_arguments(after: Any) -> None:
    """Ragged lists, text and huge integers are told as a change, whatever the check had sent."""
    for sent in (np.zeros(3), [0.0, 0.0, 0.0], np.zeros(3, np.uint8)):
        with pytest.raises(CheckFailure, match="Tu función cambió `image`"):
            expect_unchanged(outcome_of([1, (after,), []], [sent]), image=sent)


def test_arguments_of_text_that_stay_are_unchanged() -> None:
    """Names of classes are arguments, too."""
    expect_unchanged(Outcome(None, (["a", "b"], [1, 2.5])), names=["a", "b"], biases=[1, 2.5])


def test_models_are_rebuilt_only_where_a_check_may_ask_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by the hundred within a list, not in place of an image, and not at all where no check asks for any."""
    asked: list[ModelParts] = []
    monkeypatch.setattr("autograder.models.rebuild.rebuild", asked.append)
    parts = ModelParts("{}", {"dense": [np.zeros(3)]})
    many = [[parts] * 300, {"a": parts}, (parts,)]
    assert outcome_of([many, (parts,), []], [np.zeros(3)]).value is many
    outcome_of([parts, (parts,), []], [np.zeros(3)], models=False)
    assert asked == []
    outcome_of([parts, (parts,), []], [np.zeros(3)])
    assert asked == [ModelParts("{}")]
