"""Reports that are kept, and what makes a report stale."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course.assignments import find_assignments
from autograder.grading import fingerprint as fingerprints
from autograder.grading import kept
from autograder.grading.fingerprint import fingerprint
from autograder.intake.job import Job
from autograder.intake.submissions import Submission
from autograder.report import Check, Report
from autograder.settings import Settings


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def job(course: Path, tmp_path: Path) -> Job:
    folder = tmp_path / "ana"
    folder.mkdir()
    (folder / "tp.ipynb").write_text("{}")
    submission = Submission("ana", folder / "tp.ipynb", folder, "02_convolucion")
    return Job(submission, find_assignments(course)["02_convolucion"], [], "")


REPORT = Report("02_convolucion", "ana", 7.5, 10)
NO_COUNT = json.dumps({name: part for name, part in REPORT.as_dict().items() if name != "checks"})


def test_a_report_is_found_again_under_the_name_that_asks() -> None:
    """The same work handed in by another student is not graded under the first one's name."""
    kept.store("key", REPORT)
    assert kept.load("key", "ana") == REPORT
    assert kept.load("key", "beto") == replace(REPORT, submission="beto")
    assert kept.load("other", "ana") is None
    assert [path.name for path in kept.folder().iterdir()] == ["key.json"]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"schema": 0}', '{"schema": 1, "checks": [{"x": 1}]}', NO_COUNT]
)
def test_a_damaged_report_counts_as_none(content: str) -> None:
    """It is graded again."""
    kept.folder().mkdir(parents=True)
    (kept.folder() / "key.json").write_text(content)
    assert kept.load("key", "ana") is None


def test_a_report_with_checks_comes_back_whole_or_not_at_all() -> None:
    """What is equal in two of them is held once; a report that lost a line is graded again."""
    checks = [Check(f"a::{name}", "a", f"Título\n{name}.", "passed", 1.0, 1.0) for name in ("x", "y")]
    report = replace(REPORT, checks=checks)
    kept.store("key", report)
    kept.store("other", replace(report, submission="beto", score=8))
    one, two = kept.load("key", "ana"), kept.load("other", "beto")
    assert one == report
    assert one is not None
    assert two is not None
    assert all(mine is theirs for mine, theirs in zip(one.checks, two.checks))
    file = kept.folder() / "key.json"
    file.write_text("\n".join(file.read_text().splitlines()[:-1]))
    assert kept.load("key", "ana") is None


def test_numbers_of_another_type_are_not_taken_for_the_same() -> None:
    """A score of 1 and of 1.0 are written differently."""
    for score in (1, 1.0):
        report = replace(REPORT, checks=[Check("a::x", "a", "Título.", "passed", score, 1.0)])
        assert str(Report.from_dict(report.as_dict()).checks[0].score) == str(score)


@pytest.mark.parametrize(
    "report",
    [
        replace(REPORT, score=None),
        *(replace(REPORT, flags=[{"kind": kind}]) for kind in ("timeout", "data-missing", "data-sample")),
    ],
)
def test_what_may_end_otherwise_next_time_is_not_kept(report: Report) -> None:
    """No grade, or one that hangs on how busy the machine was."""
    kept.store("key", report)
    assert kept.load("key", "ana") is None


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    """Grading goes on without an archive."""
    (tmp_path / "cache").write_text("a file")
    kept.store("key", REPORT)
    assert kept.load("key", "ana") is None


def _new_code(job: Job) -> None:
    assert job.submission.notebook is not None
    job.submission.notebook.write_text('{"cells": []}')


def _new_model(job: Job) -> None:
    assert job.submission.folder is not None
    (job.submission.folder / "cnn.keras").write_bytes(b"zip")


def _new_check(job: Job) -> None:
    (job.assignment.checks / "test_more.py").write_text("")


def _new_points(job: Job) -> None:
    job.assignment.source.write_text("{}")


@pytest.mark.parametrize("change", [_new_code, _new_model, _new_check, _new_points])
def test_whatever_a_report_follows_from_changes_its_fingerprint(job: Job, change: Callable[[Job], None]) -> None:
    """And nothing else does."""
    before = fingerprint(job.submission, job.assignment, Settings())
    assert fingerprint(job.submission, job.assignment, Settings()) == before
    change(job)
    assert fingerprint(job.submission, job.assignment, Settings()) != before


def test_other_data_change_the_fingerprint(job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data set that was missing, or that was replaced."""
    monkeypatch.setattr(fingerprints, "_data_stamp", fingerprints._data_stamp.__wrapped__)
    job = replace(job, assignment=replace(job.assignment, datasets=("fingers",)))
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    seen = [fingerprint(job.submission, job.assignment, Settings())]
    for name in ("train/a_1L.png", "test/a_1L.png", "test/b_2R.png"):
        (tmp_path / "fingers" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "fingers" / name).touch()
        seen.append(fingerprint(job.submission, job.assignment, Settings()))
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3


@pytest.mark.timeout(20)
def test_a_named_pipe_stops_nobody(job: Job) -> None:
    """Whoever opens it waits forever."""
    assert job.submission.notebook is not None
    job.submission.notebook.unlink()
    os.mkfifo(job.submission.notebook)
    assert kept.find(job.submission, job.assignment, Settings()) is None


def test_settings_count_only_if_they_change_grades(job: Job) -> None:
    """The number of processes does not; training does."""
    before = fingerprint(job.submission, job.assignment, Settings(jobs=1))
    assert fingerprint(job.submission, job.assignment, Settings(jobs=7, fresh=True)) == before
    assert fingerprint(job.submission, job.assignment, Settings(train=True)) != before
    assert fingerprint(job.submission, job.assignment, Settings(sandbox="none")) != before


def test_a_linked_notebook_gets_no_neighbours_report(job: Job) -> None:
    """Nor does a linked model: what a link leads to is not what was handed in."""
    submission = job.submission
    assert submission.notebook is not None
    kept.store(fingerprint(submission, job.assignment, Settings()), REPORT)
    assert kept.find(submission, job.assignment, Settings()) is not None
    neighbour = submission.notebook.with_name("ana")
    submission.notebook.rename(neighbour)
    submission.notebook.symlink_to(neighbour)
    assert kept.find(submission, job.assignment, Settings()) is None
