"""A sample of the hostile class: ``make redteam`` runs all of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.helpers.long_run import Progress
from tests.redteam.fuzzing import fuzz
from tests.redteam.guided import main
from tests.redteam.hostile_class import grade_class
from tests.redteam.interruptions import kill_and_resume, two_at_once
from tests.redteam.nbgrader_class import autograde_class

pytestmark = [pytest.mark.redteam, pytest.mark.timeout(1800)]


def test_a_sample_of_attacks_and_broken_notebooks_earns_nothing_and_hurts_nobody(tmp_path: Path) -> None:
    """Each has a verdict, and the honest students' reports are those that they get alone."""
    counts = grade_class(Progress(tmp_path), seed=7, sample=10)
    assert counts.attacks >= 40
    assert (counts.undeserved, counts.changed, counts.silent) == ([], [], [])


def test_the_sharpest_attacks_earn_nothing_in_nbgrader(tmp_path: Path) -> None:
    """Nor do they change the rows of others."""
    counts = autograde_class(Progress(tmp_path))
    assert (counts.undeserved, counts.changed, counts.silent) == ([], [], [])


def test_mutants_of_every_input_end_in_a_value_or_a_refusal(tmp_path: Path) -> None:
    """None is a fault of the grader."""
    assert fuzz(Progress(tmp_path), seed=7, mutants=300) == []


def test_a_run_that_is_killed_goes_on(tmp_path: Path) -> None:
    """And ends in the reports of one that was let go."""
    assert kill_and_resume(Progress(tmp_path), seed=7, kills=3) == []


def test_two_runs_of_one_class_do_not_disturb_each_other(tmp_path: Path) -> None:
    """They share what is kept, and the file."""
    assert two_at_once(Progress(tmp_path)) == []


def test_without_atheris_the_guided_mutants_say_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is none of the course's libraries."""
    monkeypatch.setitem(sys.modules, "atheris", None)
    assert main(["zip"]) == 2
    assert capsys.readouterr().err == "expected atheris. Received: none. Run: python -m pip install atheris\n"
