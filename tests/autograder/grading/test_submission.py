"""One submission of a small course, graded in the real sandbox."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.course.assignments import find_assignments
from autograder.course.release import release
from autograder.grading.class_run import run_class
from autograder.intake.submissions import Submission
from autograder.report import Report
from autograder.settings import Settings

NAME = "02_convolucion"
BROKEN = '''"""One check is right, the other one breaks."""

import pytest


@pytest.mark.grade("pad2d")
def test_it_is_there(student):
    """pad2d existe."""


@pytest.mark.grade("conv2d-stride")
def test_that_breaks(student):
    """conv2d avanza de a pasos."""
    secret_of_the_check = 1
    return secret_of_the_check / 0
'''


@pytest.fixture
def report(course: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """The report of an untouched notebook whose checks are `BROKEN`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(course / "cache"))
    (course / f"tests/checks/{NAME}/test_convolution.py").write_text(BROKEN)
    release(root=course)
    folder = course / f"submitted/ana/{NAME}"
    shutil.copytree(course / f"assignments/{NAME}", folder)
    submission = Submission("ana", folder / f"{NAME}.ipynb", folder, NAME)
    [result] = run_class([submission], find_assignments(course), Settings(jobs=1))
    return result.report


def test_the_traceback_of_a_broken_check_reaches_the_instructor(report: Report) -> None:
    """As the reason of a flag; the student reads that it is not the student's fault, and nothing of the check."""
    [flag] = report.flags
    assert flag["kind"] == "grader-error"
    assert "conv2d-stride::test_that_breaks" in flag["message"]
    assert "ZeroDivisionError" in flag["reason"]
    assert "secret_of_the_check / 0" in flag["reason"]
    assert report.score is None
    broken = next(check for check in report.checks if check.status == "error")
    assert "no es culpa tuya" in broken.message
    assert "secret_of_the_check" not in "".join(check.message for check in report.checks)
