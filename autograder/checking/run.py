"""Runs the checks of an assignment against a student, with pytest."""

from __future__ import annotations

import contextlib
import io
import os
from typing import Any

import pytest

from autograder.checking.plugin import CheckResult, ChecksPlugin
from autograder.checking.student import Student
from autograder.course.assignments import Assignment
from autograder.errors import WorkerFault
from autograder.report import new_flag

__all__ = ["run_checks", "run_plugin"]


_PYTEST = [
    "-p",
    "no:terminal",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:faulthandler",
    "-p",
    "no:unraisableexception",
    "-p",
    "no:threadexception",
    "-p",
    "autograder.checking.plugin",
    "--noconftest",  # the one beside the checks is for people who start pytest themselves
    "--assert=plain",
    "--import-mode=importlib",
]


def run_checks(
    assignment: Assignment, student: Student, seed: str, grade_id: str | None = None, seconds: float | None = None
) -> tuple[list[CheckResult], list[dict[str, Any]]]:
    """Run the checks of an assignment against a student.

    Parameters
    ----------
    assignment : Assignment
    student : Student
    seed : str
        What the random inputs follow from.
    grade_id : str, optional
        Only the checks of this grade cell, and those that they need.
    seconds : float, optional
        Wall time after which the remaining checks fail because it is up; what was earned before is kept.

    Returns
    -------
    list of CheckResult
        In the order of the files.
    list of dict
        The flags that the checks raised.

    Raises
    ------
    WorkerFault
        The checks could not be collected.
    """
    plugin = ChecksPlugin(student, seed, grade_id, seconds)
    silence = run_plugin(assignment, plugin)
    if not plugin.results:
        raise WorkerFault(f"The checks in {assignment.checks} could not be run. {silence}")
    if plugin.timed_out:
        plugin.flags.append(new_flag("timeout", "The grading took longer than a submission may take."))
    return list(plugin.results.values()), plugin.flags


def run_plugin(assignment: Assignment, plugin: ChecksPlugin) -> str:
    """Let a plugin run the checks of an assignment; return the end of what pytest and the checks printed.

    Raises
    ------
    WorkerFault
        The checks could not be collected.
    """
    checks = assignment.require_checks()
    silence = io.StringIO()
    with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence), _quiet_environment():
        # Modules are named by their path below the root: those of two assignments may have the same file name.
        arguments = [*_PYTEST, "-c", os.devnull, f"--rootdir={checks.parent}", str(checks)]
        code = pytest.main(arguments, plugins=[plugin])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise WorkerFault(f"The checks in {checks} could not be run (pytest: {code}). {silence.getvalue()[-500:]}")
    return silence.getvalue()[-500:]


@contextlib.contextmanager
def _quiet_environment() -> Any:
    """Keep plugins that happen to be installed away from the checks."""
    before = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        else:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = before
