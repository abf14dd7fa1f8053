"""What the formgrader says of a student."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook

from autograder.course.roster import Roster, Student
from autograder.feedback.display import harmless_markdown
from autograder.nbgrader.people import FLAGS, flags_cell, name_students, without_flags


def test_names_of_the_roster_reach_the_gradebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that differ; a team, a stranger and an empty field change nothing."""
    # nbgrader asks the program alembic for the version of a new gradebook.
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    roster = Roster(
        [
            Student("ana", "Ana", "González", "ana@example.edu", github="anag", team="uno"),
            Student("eva", "Eva", "Ríos", team="uno"),
        ]
    )
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        for name in ("anag", "uno", "nadie"):
            gradebook.add_student(name)
        gradebook.add_student("eva", email="old@example.edu")
        everybody = ["anag", "uno", "nadie", "eva", "not-in-the-gradebook"]
        assert name_students(gradebook, roster, everybody) == ["anag", "eva"]
        ana, eva = gradebook.find_student("anag"), gradebook.find_student("eva")
        assert (ana.first_name, ana.last_name, ana.email) == ("Ana", "González", "ana@example.edu")
        assert (eva.first_name, eva.email) == ("Eva", "old@example.edu")
        assert gradebook.find_student("uno").first_name is None
        assert name_students(gradebook, roster, everybody) == []


def test_flags_stand_above_the_notebook_and_no_student_gets_them() -> None:
    """Explained; what a student may have written in one is text."""
    hostile = "`<script>alert(1)</script>` [x](javascript:1)"
    cell = flags_cell(
        [{"kind": "timeout", "message": "Too slow."}, {"kind": "mine", "message": hostile, "who": hostile}]
    )
    assert cell is not None
    shown = harmless_markdown({}, cell.source)
    assert "no terminó a tiempo" in shown
    assert "<script" not in shown
    assert "<a " not in shown
    notebook = new_notebook(cells=[cell, new_code_cell("x = 1", id="mine")])
    assert [one.id for one in without_flags(notebook).cells] == ["mine"]
    assert flags_cell([]) is None
    assert cell.id == FLAGS


def test_what_changed_a_grade_stands_there_too() -> None:
    """The newest first; a first grade is no change."""
    first = ("2026-11-01 10:00 UTC", "– → 6,46", "primera nota")
    cell = flags_cell([], [("2026-11-02 10:00 UTC", "6,46 → 6,71", "cambiaron las pruebas"), first])
    assert cell is not None
    assert cell.source.index("6,46 → 6,71") < cell.source.index("primera nota")
    assert flags_cell([], [first]) is None
