"""Grades as always, and notes what each grading process took: its largest memory, and the time to its verdict."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.assignments import find_assignments
from autograder.grading import pool
from autograder.grading.class_run import Event, run_class
from autograder.grading.datasets import prepare_datasets
from autograder.intake.submissions import Submission
from autograder.report import Report
from autograder.settings import Settings

__all__ = ["Verdict", "grade_measured"]

_GRADE_IN_CHILD = pool._grade_in_child
_PEAKS = "REDTEAM_PEAKS"


@dataclass(frozen=True)
class Verdict:
    """What grading one submission took.

    Parameters
    ----------
    report : Report
    peak : float
        The most memory that its grading process ever had, in MB.
    seconds : float
        From its start to its verdict.
    at : float
        From the start of the run to its verdict.
    """

    report: Report
    peak: float
    seconds: float
    at: float


def grade_measured(submissions: Sequence[Submission], folder: Path, settings: Settings) -> list[Verdict]:
    """Grade submissions, with nothing kept from earlier runs, below ``folder``; ``settings.jobs`` at a time."""
    started: dict[int, float] = {}
    ended: dict[int, float] = {}

    def on_event(event: Event) -> None:
        if event.kind != "progress":
            (started if event.kind == "started" else ended)[event.index] = time.monotonic()

    peaks = folder / "peaks"
    peaks.mkdir(parents=True, exist_ok=True)
    assignments = find_assignments()
    began = time.monotonic()
    data = prepare_datasets({item.assignment for item in submissions}, assignments)
    with _environment({_PEAKS: str(peaks), "XDG_CACHE_HOME": str(folder / "cache")}), _noted():
        graded = run_class(submissions, assignments, settings, on_event, data)
    return [
        Verdict(
            result.report,
            int((peaks / result.submission.name).read_text()) / 1024,
            ended[index] - started[index],
            ended[index] - began,
        )
        for index, result in enumerate(graded)
    ]


def _noting(*arguments: Any) -> None:
    """Grade in this process, and note the most memory that it ever had."""
    submission, environment = arguments[1], arguments[-1]
    place = Path(environment[_PEAKS]) / submission.name

    def note() -> None:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        part = place.with_suffix(f".{threading.get_ident()}")
        part.write_text(status.partition("VmHWM:")[2].split()[0], encoding="utf-8")
        os.replace(part, place)

    def watch() -> None:
        while True:
            note()
            time.sleep(0.2)

    threading.Thread(target=watch, daemon=True).start()
    _GRADE_IN_CHILD(*arguments)
    note()


@contextmanager
def _noted() -> Iterator[None]:
    pool._grade_in_child = _noting
    try:
        yield
    finally:
        pool._grade_in_child = _GRADE_IN_CHILD


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
