"""The life of one grading process."""

from __future__ import annotations

import os
import shutil
import signal
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from autograder.course.assignments import find_assignments
from autograder.grading import child
from autograder.intake.submissions import Submission
from autograder.report import Report
from autograder.settings import Settings

NAME = "02_convolucion"


@pytest.mark.parametrize("killed", [False, True])
def test_what_a_killed_run_found_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool) -> None:
    """The sandbox dies with the run: that a worker ended then is no mistake of the student's."""
    assignments = find_assignments()
    path = Path(shutil.copy(assignments[NAME].source, tmp_path))
    ours, theirs = Pipe(duplex=False)
    stored: list[Any] = []

    def graded(*arguments: Any, **named: Any) -> Report:
        if killed:
            ours.close()
        return Report(NAME, "ana", 3.0, 10.0)

    monkeypatch.setattr(child, "limit_memory", lambda most: None)
    monkeypatch.setattr(child, "begin", lambda job, settings: None)
    monkeypatch.setattr(child, "grade", graded)
    monkeypatch.setattr(child.kept, "store", lambda key, report: stored.append(report.score))
    submission = Submission("ana", path, None, NAME)
    before = signal.getsignal(signal.SIGINT)
    try:
        child.grade_in_child(theirs, submission, assignments, Settings(), {False: "", True: ""}, dict(os.environ))
    finally:
        signal.signal(signal.SIGINT, before)
    assert stored == ([] if killed else [3.0])
