"""What Gradescope's container runs for each submission: reads ``submission/``, writes ``results/results.json``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.course.assignments import find_assignments
from autograder.course.notebooks import grade_ids
from autograder.errors import AutograderError, SandboxUnavailable
from autograder.exit_status import DONE, NO_GRADE
from autograder.gradescope.results import to_results
from autograder.grading.class_run import run_class
from autograder.grading.datasets import prepare_datasets
from autograder.intake.own import own_notebook
from autograder.intake.submissions import Submission
from autograder.render.text import plain_line
from autograder.report import Report
from autograder.settings import Settings

__all__ = ["find_submission", "main"]

CONFIGURATION = "gradescope.json"
"""Beside the package: what `autograder.gradescope.bundle` was asked for."""
# Kinds of `IntakeError`: what the student mends by submitting again.
_UNREADABLE = {"missing", "other-assignment", "too-large", "unreadable", "wrong-kernel"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade the submission and write its results.

    Returns
    -------
    int
        0 if there are results. If the grader failed there are none: Gradescope then says that the autograder failed and
        gives no score, while a 0 would look like a grade.
    """
    parser = argparse.ArgumentParser(prog="run_autograder", description="Grade one submission of Gradescope.")
    parser.add_argument("root", type=Path, help="the folder with source/, submission/ and results/: /autograder")
    root: Path = parser.parse_args(arguments).root
    configuration = json.loads((root / "source" / CONFIGURATION).read_text(encoding="utf-8"))
    try:
        report = _grade(root, configuration)
    except AutograderError as error:
        print(error, file=sys.stderr)
        if isinstance(error, SandboxUnavailable) and configuration["sandbox"] == "bwrap":
            print("If this container allows no namespaces, build the archive with --sandbox user.", file=sys.stderr)
        return NO_GRADE
    for check in report.checks:
        print(f"{check.status:8} {check.score:g}/{check.max_score:g} {check.id} {plain_line(check.message)}")
    for flag in report.flags:
        print(f"flag     {plain_line(json.dumps(flag, ensure_ascii=False), 1000)}")
    if report.score is None and not any(flag.get("kind") in _UNREADABLE for flag in report.flags):
        print("The grader failed, so there is no result. It is not the student's fault.", file=sys.stderr)
        return NO_GRADE
    results = to_results(report, configuration["visibility"])
    (root / "results").mkdir(exist_ok=True)
    (root / "results/results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    return DONE


def _grade(root: Path, configuration: dict[str, Any]) -> Report:
    assignments = find_assignments(root / "source")
    name = configuration["assignment"]
    data = prepare_datasets([name], assignments)
    settings = Settings(sandbox=configuration["sandbox"], jobs=1, fresh=True)
    [result] = run_class([find_submission(root, name, configuration["others"])], assignments, settings, data=data)
    return result.report


def find_submission(root: Path, name: str, others: Sequence[str] = ()) -> Submission:
    """Return what the student uploaded, with the notebook that `own_notebook` chooses; a zip may hold a folder.

    Parameters
    ----------
    root : path
        The folder with ``submission/`` and ``submission_metadata.json``.
    name : str
        Of the assignment.
    others : sequence of str
        The names of the course's assignments: their notebooks are not taken.
    """
    folder = root / "submission"
    known = find_assignments(root / "source").get(name)
    keys = (lambda: grade_ids(known.source)) if known is not None else None
    own = own_notebook(folder, name, others=others, keys=keys)
    return Submission(_student(root), own.notebook, own.notebook.parent if own.notebook else folder, name, own.reason)


def _student(root: Path) -> str:
    """Return the names of who submitted, as Gradescope's metadata tell them."""
    try:
        metadata = json.loads((root / "submission_metadata.json").read_text(encoding="utf-8"))
        names = [str(user["name"]) for user in metadata["users"]]
    except (OSError, ValueError, KeyError, TypeError):
        names = []
    return plain_line(", ".join(names) or "submission")
