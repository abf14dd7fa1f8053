"""Which grades a run changed, and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.course.assignments import ROOT, find_assignments
from autograder.grading import fingerprint
from autograder.grading.kept import Graded
from autograder.history.causes import UNEXPLAINED
from autograder.history.notes import Noted, changes_of, note, place_of
from autograder.history.store import HistoryUnavailable, Store
from autograder.intake.submissions import Submission
from autograder.report import Check, Report
from autograder.settings import Settings

NAME = "02_convolucion"


@pytest.fixture(autouse=True)
def own_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNN_HISTORY", str(tmp_path / "history.db"))


@pytest.fixture
def submission(course: Path) -> Submission:
    folder = course / f"submitted/ana/{NAME}"
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_text("{}")
    return Submission("ana", folder / f"{NAME}.ipynb", folder, NAME)


def report(score: float | None, most: float = 10, **changes: Any) -> Report:
    checks = [Check("pad2d::test_the_size", "pad2d", "T.", "passed", score or 0.0, most)]
    return replace(Report(NAME, "ana", score, most, checks, versions={"python": "3.11.7"}), **changes)


@pytest.fixture
def run(course: Path, submission: Submission) -> Callable[..., Noted]:
    """Note one report, with today's course and hand-in."""

    def noted(
        score: float | None, keep_better: bool = False, settings: Settings | None = None, **changes: Any
    ) -> Noted:
        settings = settings or Settings()
        item = Graded(submission, report(score, **changes), f"key {score}")
        return note([item], find_assignments(course), settings, "grade", keep_better)

    return noted


def test_the_first_grade_is_noted_and_changes_none(run: Callable[..., Noted]) -> None:
    """It is where the history begins."""
    noted = run(6.46)
    assert [(change.before, change.after, change.why) for change in noted.changes] == [(None, 6.46, ("first grade",))]
    assert noted.changed == []
    assert run(6.46).changes == []


def test_another_hand_in_is_a_cause(run: Callable[..., Noted], submission: Submission) -> None:
    """With the checks that earned something else, and the report that was replaced."""
    run(6.46)
    assert submission.notebook is not None
    submission.notebook.write_text("{ }")
    (change,) = run(6.71).changed
    assert (change.before, change.after, change.why) == (6.46, 6.71, ("another hand-in",))
    assert change.checks == (("pad2d::test_the_size", 6.46, 6.71),)
    assert change.earlier == report(6.46).as_dict()
    assert (change.by, change.versions) == ("grade", {"python": "3.11.7"})


def test_a_report_that_was_noted_and_kept_is_not_looked_at_again(
    run: Callable[..., Noted], course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class that has not changed is noted at once; another report between makes it a change."""
    item = replace(run(6.46).results[0], earlier=True)
    assignments = find_assignments(course)
    with monkeypatch.context() as unread:
        unread.delattr("autograder.history.notes.state_of")
        assert note([item], assignments, Settings(), "grade").changes == []
    run(6.71)
    assert [change.after for change in note([item], assignments, Settings(), "grade").changed] == [6.46]


def test_what_changed_is_found_again_by_submission(run: Callable[..., Noted], submission: Submission) -> None:
    """One, or a class; the newest first; another of the same name elsewhere is another."""
    first = run(6.46).results[0]
    run(6.71, versions={"python": "3.12.0"})
    other = replace(first, submission=replace(submission, name="eva"), report=replace(first.report, submission="eva"))
    for results in ([first], [first, other]):
        found = changes_of(results)
        assert [change.after for change in found[(NAME, "ana")]] == [6.71, 6.46]
        assert list(found) == [(NAME, "ana")]
    assert changes_of([other]) == {}


def test_changed_checks_are_a_cause(run: Callable[..., Noted], course: Path) -> None:
    """Whatever file of them it is."""
    run(6.46)
    (course / f"tests/checks/{NAME}/reference.py").write_text("more = 1")
    assert run(6.71).changed[0].why == ("changed checks",)


def test_a_cause_that_changed_no_grade_is_not_the_cause_of_a_later_change(
    run: Callable[..., Noted], course: Path, submission: Submission
) -> None:
    """What the history knows of a grade follows each grading."""
    run(6.46)
    (course / f"tests/checks/{NAME}/reference.py").write_text("more = 1")
    assert run(6.46).changes == []
    assert submission.notebook is not None
    submission.notebook.write_text("{ }")
    assert run(6.71).changed[0].why == ("another hand-in",)


def test_changed_points_are_named_cell_by_cell(run: Callable[..., Noted], course: Path) -> None:
    """A change of what can be earned is a change of the grade."""
    run(6.0)
    source = course / f"source/{NAME}/{NAME}.ipynb"
    source.write_text(source.read_text().replace('"points": 4', '"points": 14'))
    (change,) = run(6.0, most=20).changed
    assert change.why == ("changed points: pad2d 4 → 14",)
    assert (change.before_max, change.after_max) == (10, 20)


def test_data_that_came_are_a_cause(run: Callable[..., Noted], course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report without them was counted without their checks."""
    about = course / f"source/{NAME}/assignment.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), "datasets": ["cifar10"]}))
    stamps = iter(["", "v1", "v2", ""])
    monkeypatch.setattr(fingerprint, "_data_stamp", lambda name: next(stamps))
    run(6.0, most=8)
    assert run(7.0).changed[0].why == ("data that came: cifar10",)
    assert run(7.5).changed[0].why == ("other cifar10",)
    assert run(6.0, most=8).changed[0].why == ("data that went: cifar10",)


def test_options_and_versions_are_causes(run: Callable[..., Noted]) -> None:
    """Several causes are all named."""
    run(6.0)
    (change,) = run(7.0, settings=Settings(train=True), versions={"python": "3.13.1"}).changed
    assert change.why == ("other options", "python 3.11.7 → 3.13.1")
    assert run(8.0, settings=Settings(train=True), versions={"python": "3.13.1"}).changed[0].why == (UNEXPLAINED,)


def test_no_grade_changes_none(run: Callable[..., Noted]) -> None:
    """The earlier one stays, as in the gradebook."""
    run(6.0)
    assert run(None).changes == []
    assert run(6.0).changes == []


def test_a_better_grade_stays_where_that_is_asked_for(run: Callable[..., Noted], submission: Submission) -> None:
    """The report that stands is the earlier one, flagged with what the new one would have been."""
    run(7.0)
    assert submission.notebook is not None
    submission.notebook.write_text("{ }")
    noted = run(5.0, keep_better=True)
    assert noted.changes == []
    assert (noted.results[0].report.score, noted.results[0].fingerprint) == (7.0, "key 7.0")
    assert noted.results[0].report.flags == [
        {
            "kind": "kept-better",
            "message": "An earlier grading earned 7 of 10, this one 5 of 10 (another hand-in): the better one stays "
            "(--keep-better).",
            "score": 5.0,
        }
    ]
    assert run(7.5, keep_better=True).results[0].report == report(7.5)
    assert run(5.0).changed[0].before == 7.5


def test_other_points_cannot_be_compared(run: Callable[..., Noted], course: Path) -> None:
    """6 of 10 points that were shared otherwise: the new grade counts."""
    run(6.0)
    source = course / f"source/{NAME}/{NAME}.ipynb"
    source.write_text(source.read_text().replace('"points": 4', '"points": 14'))
    assert run(5.0, keep_better=True, most=20).changed[0].after == 5.0


def test_a_history_that_cannot_be_written_costs_no_grade(run: Callable[..., Noted], tmp_path: Path) -> None:
    """It is told; but who asks for the better grade must know the earlier one."""
    (tmp_path / "history.db").mkdir()
    noted = run(6.0)
    assert (noted.results[0].report.score, noted.changes) == (6.0, [])
    assert noted.problem.startswith("expected the history of grades in ")
    with pytest.raises(HistoryUnavailable):
        run(6.0, keep_better=True)


def test_two_classes_have_histories_of_their_own(tmp_path: Path) -> None:
    """Ana of this year is not Ana of last year; and the repository may move."""
    one, two = (Submission("ana", tmp_path / f"{year}/ana/{NAME}/a.ipynb", None, NAME) for year in (2025, 2026))
    assert (place_of(one, NAME), place_of(two, NAME)) == (f"{tmp_path}/2025", f"{tmp_path}/2026")
    loose = Submission("ana", tmp_path / "all/ana.ipynb", None, "")
    assert place_of(loose, NAME) == f"{tmp_path}/all"
    ours = Submission("ana", ROOT / f"submitted/ana/{NAME}/{NAME}.ipynb", ROOT / f"submitted/ana/{NAME}", NAME)
    assert place_of(ours, NAME) == "submitted"


def test_the_history_holds_what_the_run_said(run: Callable[..., Noted]) -> None:
    """In the file."""
    run(6.0)
    changed = run(7.0).changes
    with Store() as store:
        assert [change.after for change in store.changes("ana", NAME)] == [6.0, 7.0]
        assert store.changes()[1].why == changed[0].why
