"""Grade a class of copies of one correct notebook, with this grader and with ``nbgrader autograde``, in the same run.

Both grade the notebook of the source folder as every student's submission. nbgrader runs the asserts that the notebook
shows; this grader asks its hidden checks. Wall time is that of the command. CPU time is that of the whole
machine meanwhile, since workers are no descendants of the command: run it where nothing else runs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from autograder.course.assignments import ROOT, find_assignments
from benchmarks.measuring import measure, run, show_public_asserts_only


def main() -> int:
    """Print one line per grader."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--assignment", default="02_convolucion")
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--without-nbgrader", action="store_true")
    options = parser.parse_args()
    source = find_assignments()[options.assignment].source.parent
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        shutil.copytree(source, course / "source" / options.assignment)
        show_public_asserts_only(course / "source" / options.assignment / f"{options.assignment}.ipynb")
        for number in range(options.copies):
            shutil.copytree(source, course / "submitted" / f"student{number:02}" / options.assignment)
        environment = {
            **os.environ,
            "XDG_CACHE_HOME": str(course / "cache"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        ours = [sys.executable, "-m", "autograder", "grade", str(course / "submitted"), "--fresh"]
        theirs = [sys.executable, "-m", "nbgrader"]
        measure("autograder grade", ours, ROOT, environment, options.copies)
        if not options.without_nbgrader:
            run([*theirs, "generate_assignment", options.assignment, "--create"], course, environment)
            measure(
                "nbgrader autograde",
                [*theirs, "autograde", options.assignment, "--create"],
                course,
                environment,
                options.copies,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
