"""A class graded in the real sandbox: honest students' grades, whatever lies beside them."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from autograder.course.assignments import Assignment, find_assignments
from autograder.grading import kept, pool
from autograder.grading.class_run import run_class
from autograder.grading.executor import Event
from autograder.intake.submissions import find_submissions
from autograder.report import Report
from autograder.settings import Settings

NAMES = ("01_imagen_digital", "02_convolucion")
ASSIGNMENTS: dict[str, Assignment] = {name: find_assignments()[name] for name in NAMES}


def edited(path: Path, change: Callable[[Any], None]) -> None:
    """Change a notebook as plain JSON: nbformat would repair what is wrong on purpose."""
    notebook = nbformat.from_dict(json.loads(path.read_text(encoding="utf-8")))
    change(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def handed_in(place: Path, student: str, name: str) -> Path:
    """Hand in the instructor's own solution."""
    folder = place / student / name
    folder.mkdir(parents=True)
    return Path(shutil.copy(ASSIGNMENTS[name].source, folder / f"{name}.ipynb"))


def _mixed_up(notebook: Any) -> None:
    """Delete, copy, retag and edit the instructor's cells; answer in cells of one's own."""
    kept = []
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code":
            continue
        if about.get("solution"):
            cell = new_code_cell(cell.source)
            cell.metadata["tags"] = ["skip-execution"]
        elif about.get("grade"):
            continue
        elif about.get("locked"):
            cell.source = "raise SystemExit('edited')"
        kept.append(cell)
    notebook.cells = kept


def _format_3(path: Path) -> None:
    """Save as notebooks of 2014 are."""
    cells = [
        {"cell_type": "code", "language": "python", "metadata": {}, "outputs": [], "input": cell["source"]}
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells, "metadata": {}}]}
    path.write_text(json.dumps(old), encoding="utf-8")


def grade(place: Path, jobs: int = 2, **settings: Any) -> tuple[dict[str, Report], list[Event], Sequence[str]]:
    submissions = find_submissions([place], ASSIGNMENTS)
    events: list[Event] = []
    results = run_class(submissions, ASSIGNMENTS, Settings(jobs=jobs, **settings), events.append)
    return {result.report.submission: result.report for result in results}, events, [item.name for item in submissions]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("class") / "submitted"
    handed_in(place, "ana", "02_convolucion")
    handed_in(place, "image", "01_imagen_digital")
    edited(handed_in(place, "mixed", "02_convolucion"), _mixed_up)
    _format_3(handed_in(place, "old", "02_convolucion"))
    handed_in(place, "broken", "02_convolucion").write_text('{"cells": [')
    handed_in(place, "empty", "02_convolucion").unlink()

    def crash(notebook: Any) -> None:
        notebook.cells.append(new_code_cell("import os\ndef max_pool2d(*a, **k): os._exit(1)\nx = '\\ud800'"))

    edited(handed_in(place, "crash", "02_convolucion"), crash)
    return place


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def own_archive(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))


@pytest.fixture(scope="module")
def first_run(place: Path, cache: Path) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        return grade(place)


@pytest.mark.parametrize("student", ["ana", "image", "mixed", "old"])
def test_right_answers_get_full_marks(first_run: Any, student: str) -> None:
    """Beside broken ones, in a shuffled notebook, and in one of an old format."""
    report = first_run[0][student]
    assert [check for check in report.checks if check.status != "passed"] == []
    assert (report.score, report.max_score) == (10, 10)


@pytest.mark.parametrize(("student", "kind"), [("broken", "unreadable"), ("empty", "missing")])
def test_what_cannot_be_read_gets_no_grade(first_run: Any, student: str, kind: str) -> None:
    """An error, with the reason, and no points lost for anybody else."""
    report = first_run[0][student]
    assert (report.score, report.max_score) == (None, 10)
    assert {check.status for check in report.checks} == {"error"}
    assert [flag["kind"] for flag in report.flags] == [kind]
    assert "Traceback" not in json.dumps(report.as_dict())


def test_a_function_that_ends_the_process_costs_its_own_points(first_run: Any) -> None:
    """The worker is started again for the others."""
    report = first_run[0]["crash"]
    assert 0 < report.score < 10
    lost = {check.grade_id for check in report.checks if check.status in ("failed", "skipped")}
    assert {grade_id.rpartition("max-pool2d")[1] for grade_id in lost} == {"max-pool2d"}


def test_reports_come_in_the_order_of_the_submissions(first_run: Any) -> None:
    """Whatever was finished first, each once."""
    reports, events, names = first_run
    assert list(reports) == list(names)
    assert sorted(event.index for event in events if event.kind == "finished") == list(range(len(names)))


def test_what_has_not_changed_is_not_graded_again(place: Path, first_run: Any) -> None:
    """What has changed is."""
    target = place / "image/01_imagen_digital/01_imagen_digital.ipynb"
    before = target.read_text(encoding="utf-8")
    edited(target, lambda notebook: notebook.cells.append(new_code_cell("extra = 1")))
    try:
        reports, events, names = grade(place)
    finally:
        target.write_text(before, encoding="utf-8")
    kept = {names[event.index] for event in events if event.kept}
    assert kept >= {"ana", "mixed", "old"}
    assert not kept & {"image", "broken", "empty"}
    assert reports["ana"] == first_run[0]["ana"]
    assert reports["image"].score == 10


def test_the_same_submission_gets_the_same_report(tmp_path: Path, first_run: Any) -> None:
    """Times aside."""
    place = tmp_path / "submitted"
    handed_in(place, "ana", "02_convolucion")
    again = grade(place, fresh=True)[0]["ana"]

    def timeless(report: Report) -> Report:
        return replace(report, seconds=0, checks=[replace(check, seconds=0) for check in report.checks])

    assert timeless(again) == timeless(first_run[0]["ana"])


def test_a_class_that_has_not_changed_starts_nothing(
    tmp_path: Path, first_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a sandbox nor a grading process: the reports are there at once."""
    monkeypatch.setattr(pool, "Sandbox", None)
    handed_in(tmp_path / "submitted", "carla", "02_convolucion")
    reports, events, _ = grade(tmp_path / "submitted")
    assert reports["carla"].score == 10
    assert [(event.kind, event.kept) for event in events] == [("finished", True)]


def _die_for_beto(pipe: Any, submission: Any, *others: Any) -> None:
    if submission.name == "beto":
        os.kill(os.getpid(), signal.SIGKILL)
    GRADE_IN_CHILD(pipe, submission, *others)


GRADE_IN_CHILD = pool._grade_in_child


def test_a_killed_grading_process_costs_its_own_submission_only(
    tmp_path: Path, first_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried twice, then an error that is not the student's fault, and not kept."""
    monkeypatch.setattr(pool, "_grade_in_child", _die_for_beto)
    place = tmp_path / "submitted"
    for student in ("ana", "beto"):
        handed_in(place, student, "02_convolucion")
    before = sorted(kept.folder().iterdir())
    reports, events, names = grade(place, fresh=True)
    assert reports["ana"].score == 10
    assert reports["beto"].score is None
    assert {check.status for check in reports["beto"].checks} == {"error"}
    assert "no es culpa tuya" in reports["beto"].checks[0].message
    [flag] = reports["beto"].flags
    assert (flag["kind"], flag["reason"]) == ("grader-error", "its process ended (code -9)")
    assert Counter(names[event.index] for event in events if event.kind == "started") == {"ana": 1, "beto": 2}
    assert sorted(kept.folder().iterdir()) == before
