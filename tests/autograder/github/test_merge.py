"""Reports that come from machines on which students' code ran."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course.assignments import find_assignments
from autograder.github.merge import merge_reports
from autograder.report import Check, Report

PLAN = {"001": [("ana", "02_convolucion")], "002": [("beto", "02_convolucion")]}


@pytest.fixture
def folder(course: Path, tmp_path: Path) -> Path:
    """What both machines hand over: artifacts in folders of their own."""
    for part, student, score in (("001", "ana", 7.5), ("002", "beto", None)):
        path = tmp_path / f"reports/report-{part}/{part}.json"
        path.parent.mkdir(parents=True)
        checks = [
            Check("pad2d::t", "pad2d", "T", "passed", 4, 4),
            Check("c::t", "conv2d-stride", "T", "failed", 3.5, 6),
        ]
        report = Report("02_convolucion", student, score, 10, checks)
        path.write_text(json.dumps([report.as_dict()]), encoding="utf-8")
    return tmp_path / "reports"


def change(folder: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """Let the machine of part 001 say something else."""
    path = folder / "report-001/001.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    edit(data[0])
    path.write_text(json.dumps(data), encoding="utf-8")


def test_the_reports_of_all_parts_become_one_class(course: Path, folder: Path) -> None:
    """With and without a grade, sorted."""
    reports, problems = merge_reports(PLAN, folder, find_assignments(course))
    assert [(report.submission, report.score) for report in reports] == [("ana", 7.5), ("beto", None)]
    assert problems == []


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda data: data.update(submission="beto"), "it is about 'beto'"),
        (lambda data: data.update(assignment="01_otra"), "'01_otra'"),
        (lambda data: data.update(score=11), "its score is 11 of 10"),
        (lambda data: data.update(score=float("nan")), "its score is nan"),
        (lambda data: data.update(score="10"), "its score is '10'"),
        (lambda data: data.update(max_score=1), "its score is 7.5 of 1"),
        (lambda data: data.update(max_score=11), "its points are 11, of 10"),
        (lambda data: data.update(max_score=None), "its points are None"),
        (lambda data: data.update(score=-1), "its score is -1"),
        (lambda data: data.update(schema=2), "expected a report of schema 1"),
        (lambda data: data.pop("checks"), "checks"),
        (lambda data: data["checks"][0].update(status="perfect"), "status is 'perfect'"),
        (lambda data: data["checks"][0].update(message=["x"]), "message is"),
        (lambda data: data["checks"][0].update(score=None), "score is None"),
        (lambda data: data["checks"][0].update(extra=1), "extra"),
        (lambda data: data.update(flags=["x"]), "another form"),
    ],
)
def test_a_machine_speaks_of_its_own_submissions_within_the_points(
    course: Path, folder: Path, edit: Callable[[dict[str, Any]], None], told: str
) -> None:
    """What a broken sandbox could make it say is refused, and the others count."""
    change(folder, edit)
    reports, problems = merge_reports(PLAN, folder, find_assignments(course))
    assert [report.submission for report in reports] == ["beto"]
    assert told in problems[0]
    assert problems[1:] == ["part 001: no report of ana, 02_convolucion"]


@pytest.mark.parametrize("content", [None, "", "{}", "[", "[" * 100_000])
def test_a_machine_that_failed_costs_nobody_else(course: Path, folder: Path, content: str | None) -> None:
    """It is told which students are concerned."""
    path = folder / "report-001/001.json"
    path.unlink() if content is None else path.write_text(content)
    reports, problems = merge_reports(PLAN, folder, find_assignments(course))
    assert [report.submission for report in reports] == ["beto"]
    assert problems[0].startswith("part 001 (ana): ")
