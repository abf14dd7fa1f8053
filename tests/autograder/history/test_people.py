"""What people change in nbgrader's gradebook is in the history."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Base, Gradebook
from sqlalchemy import create_engine

from autograder.history.people import note_people

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change a grade cell of ana's in a gradebook, as the formgrader does."""
    monkeypatch.setenv("CNN_HISTORY", str(tmp_path / "history.db"))
    address = f"sqlite:///{tmp_path}/gradebook.db"
    # The tables alone: nbgrader would start a program that notes their version.
    Base.metadata.create_all(create_engine(address))

    def opened() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Gradebook(address)

    with opened() as gradebook:
        gradebook.add_assignment("ps1")
        gradebook.add_notebook("ps1", "ps1")
        for cell in ("auto", "words"):
            gradebook.add_grade_cell(cell, "ps1", "ps1", max_score=5, cell_type="code")
        gradebook.add_student("ana")
        gradebook.add_submission("ps1", "ana")

    def change(cell: str, penalty: float = 0, **points: float | None) -> None:
        with opened() as gradebook:
            grade = gradebook.find_grade(cell, "ps1", "ps1", "ana")
            for name, value in points.items():
                setattr(grade, name, value)
            gradebook.find_submission_notebook("ps1", "ps1", "ana").late_submission_penalty = penalty
            gradebook.db.commit()

    return change


def found(tmp_path: Path) -> list[tuple[Any, ...]]:
    changes = note_people(tmp_path / "gradebook.db", "submitted")
    return [(one.key.submission, one.before, one.after, one.after_max, one.why, one.by) for one in changes]


def test_points_of_people_are_changes_and_those_of_checks_are_not(tmp_path: Path, change: Callable[..., None]) -> None:
    """A report's points have a ledger of their own."""
    change("auto", auto_score=3.0)
    assert found(tmp_path) == []
    change("words", manual_score=4.0)
    assert found(tmp_path) == [("ana", 3.0, 7.0, 10.0, ("a person: words 0 → 4",), "a person")]
    assert found(tmp_path) == []
    change("auto", auto_score=2.0)
    change("auto", manual_score=5.0)
    assert found(tmp_path) == [("ana", 6.0, 9.0, 10.0, ("a person: auto 2 → 5",), "a person")]
    change("auto", manual_score=None)
    assert found(tmp_path) == [("ana", 9.0, 6.0, 10.0, ("a person: auto 5 → 2",), "a person")]


def test_extra_credit_and_penalties_are_changes(tmp_path: Path, change: Callable[..., None]) -> None:
    """A penalty is nbgrader's, unless a person did something, too."""
    change("auto", auto_score=3.0, penalty=1.0)
    assert found(tmp_path) == [("ana", 3.0, 2.0, 10.0, ("late penalty 0 → 1",), "nbgrader")]
    change("words", extra_credit=0.5, penalty=1.0)
    assert found(tmp_path) == [("ana", 2.0, 2.5, 10.0, ("a person: extra credit for words 0 → 0.5",), "a person")]


def test_a_gradebook_that_is_none_changes_nothing(tmp_path: Path) -> None:
    """It is not there, or not nbgrader's; nothing is made of it."""
    assert note_people(tmp_path / "gradebook.db", "submitted") == []
    (tmp_path / "gradebook.db").write_text("no database")
    assert note_people(tmp_path / "gradebook.db", "submitted") == []
    assert [path.name for path in tmp_path.iterdir()] == ["gradebook.db"]
