"""What one submission may take of the grader: its memory, and its time. Real sandbox, hostile notebooks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.course.assignments import ROOT
from autograder.course.notebooks import notebook_text
from autograder.course.sample import build_notebook
from autograder.intake.submissions import Submission
from autograder.report import Report
from autograder.sandbox.remote import ENDLESS
from autograder.settings import Settings
from tests.helpers.greedy_notebooks import MEMORY, TIME, greedy_notebook
from tests.helpers.peaks import grade_measured

NAME = "02_convolucion"


@pytest.fixture
def graded(tmp_path: Path) -> Any:
    """Grade a notebook in a process of its own; return the report, the peak of memory in MB and the seconds."""

    def grade(text: str, **settings: Any) -> tuple[Report, float, float]:
        path = tmp_path / "ana" / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        [verdict] = grade_measured([Submission("ana", path, path.parent, NAME)], tmp_path, Settings(jobs=1, **settings))
        return verdict.report, verdict.peak, verdict.seconds

    return grade


@pytest.mark.slow
@pytest.mark.parametrize("name", MEMORY)
def test_whatever_a_worker_sends_takes_less_than_a_gigabyte(graded: Any, name: str) -> None:
    """There is a verdict, in the time that a submission has, and it is no fault of the grader."""
    report, peak, seconds = graded(json.dumps(greedy_notebook(name)))
    assert report.score is not None
    assert {check.status for check in report.checks} <= {"passed", "failed", "skipped"}
    assert peak < 1000
    assert seconds < Settings().total_seconds + 60


def test_a_bomb_in_the_metadata_is_refused_before_it_is_parsed(graded: Any) -> None:
    """Twenty MB of empty lists would take thirty times as much."""
    notebook = greedy_notebook("")
    notebook["metadata"]["bomb"] = "BOMB"
    text = json.dumps(notebook).replace('"BOMB"', "[" + "[]," * 7_000_000 + "0]")
    report, peak, _ = graded(text)
    assert (report.score, [flag["kind"] for flag in report.flags]) == (None, ["too-large"])
    assert peak < 600  # it is forked from a process that may have imported TensorFlow before: 400 MB


@pytest.mark.parametrize("name", TIME)
def test_when_the_time_is_spent_the_rest_fails_and_what_is_earned_stays(graded: Any, name: str) -> None:
    """Cells, second chances and calls draw from one budget; nothing is tried again because it was slow."""
    notebook = json.dumps(greedy_notebook(name)).replace("sleep(29)", "sleep(1)").replace("sleep(18.5)", "sleep(0.7)")
    report, _, seconds = graded(notebook, total_seconds=8, call_seconds=3)
    assert seconds < 8 + 25
    assert report.score is not None
    assert [flag["kind"] for flag in report.flags] == ["timeout"]
    status = {check.status for check in report.checks}
    assert "error" not in status
    if name == "calls of eighteen seconds":
        assert 1 < report.score < 10
        passed = [check for check in report.checks if check.status == "passed"]
        assert sum(check.grade_id == "kernels-slides" for check in passed) == 5  # a value costs no call
        assert any("se acabó el tiempo" in check.message for check in report.checks)
    else:
        assert report.score == 10


def test_a_function_that_never_ends_is_not_waited_for_again_and_again(graded: Any) -> None:
    """After several in a row it is not called any more; the other exercises earn what they earn."""
    answers = (ROOT / f"tests/submissions/{NAME}/infinite_loop.py").read_text(encoding="utf-8")
    report, _, seconds = graded(notebook_text(build_notebook(NAME, answers)), call_seconds=2)
    assert report.score == pytest.approx(7)
    assert [flag["kind"] for flag in report.flags] == ["timeout"]
    assert sum("no terminó" in check.message for check in report.checks) > ENDLESS
    assert seconds < 30  # 2 and 7 times 0.25, and what the rest takes; were every check to call it, ten times as many
