"""What is imported where: a fork finds everything there, and who grades nothing waits for nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from autograder.course.assignments import ROOT

HEAVY = {"hypothesis", "jsonschema", "keras", "nbformat", "nbgrader", "pytest", "tensorflow"}


def imported(code: str, **variables: str) -> set[str]:
    """Return the modules that a process has imported after ``code``."""
    command = [sys.executable, "-c", f"import sys, autograder.quick_start; {code}; print(*sys.modules)"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_class_that_has_not_changed_waits_for_no_heavy_import() -> None:
    """The command line reads kept reports and prints them."""
    assert not imported("import autograder.commands.session") & HEAVY


def test_grading_processes_find_what_they_need(tmp_path: Path) -> None:
    """The grader, pytest and the checks themselves; nbgrader only where the student's version is not kept yet."""
    for is_kept in (False, True):
        found = imported(
            "import autograder.grading.preload", AUTOGRADER_PRELOAD="02_convolucion", XDG_CACHE_HOME=str(tmp_path)
        )
        assert {"autograder.grading.child", "autograder.sandbox.remote", "hypothesis", "pytest"} <= found
        assert any(name.endswith("test_conv2d") for name in found)
        assert ("nbgrader" in found) is not is_kept
