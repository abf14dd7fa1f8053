"""The public checks as an autograder of Classroom 50: ``result.json`` by its contract ``classroom50/result/v1``.

Classroom 50 runs an assignment's ``autograder.py`` in the student's own repository and takes it from a published page,
so this is, like `autograder.github.push`, for public checks only.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import autograder.quick_start  # noqa: F401  (before anything that imports jsonschema)
from autograder.course.notebooks import grade_cells, read_notebook
from autograder.errors import AutograderError
from autograder.exit_status import DONE, FOUND
from autograder.github.actions import say
from autograder.github.push import check, find_notebook, language_of
from autograder.github.summary import to_summary
from autograder.language import speaking
from autograder.render.said import said
from autograder.render.text import plain, plain_line
from autograder.report import Report
from autograder.settings import Settings

__all__ = ["main", "to_result"]

SCHEMA = "classroom50/result/v1"
_FACTORS = (1, 2, 4, 5, 10, 20, 100)


def main(program: Path) -> int:
    """Check the notebook in the current folder; write ``result.json`` and ``release-body.md`` there.

    Returns
    -------
    int
        0 if that was possible, whatever the checks said; else 1, which Classroom 50 reports as an error of the
        autograder.
    """
    with speaking(language_of(program)):
        return _main(program)


def _main(program: Path) -> int:
    submission, assignment = find_notebook(program)
    try:
        report = said(check(submission, assignment, Settings()))
    except AutograderError as error:
        say(str(error))
        return FOUND
    points = grade_cells(read_notebook(assignment.released))
    Path("result.json").write_text(json.dumps(to_result(report, points, os.environ), indent=2), encoding="utf-8")
    Path("release-body.md").write_text(to_summary(report), encoding="utf-8", errors="replace")
    return DONE


def to_result(report: Report, points: Mapping[str, float], environment: Mapping[str, str]) -> dict[str, Any]:
    """Return a report by the contract.

    Parameters
    ----------
    report : Report
        Without a grade, every test is a failed one: what is wrong stands in ``release-body.md``.
    points : mapping of str to float
        Of each grade cell.
    environment : mapping of str to str
        With what Classroom 50's runner gives: ``CLASSROOM``, ``ASSIGNMENT``, ``SUBMISSION_TAG``, ``COMMIT_URL``,
        ``RELEASE_URL``, and, where it gives them, ``REVIEW_URL``, ``OWNER`` or ``USERNAME``, ``ASSIGNMENT_TYPE``.

    Notes
    -----
    The contract wants whole numbers: points count in halves, fourths, fifths, tenths, … as the assignment needs it.
    """
    factor = next(
        factor for factor in _FACTORS if factor == 100 or all(_is_whole(value * factor) for value in points.values())
    )
    checks = {check.grade_id: check for check in report.checks}
    tests = []
    for grade_id, value in points.items():
        check = checks.get(grade_id)
        passed = check is not None and check.status == "passed"
        highest = round(value * factor)
        title = plain_line(check.title) if check is not None else ""
        tests.append(
            {
                "test-name": f"{grade_id}: {title}" if title else grade_id,
                "passed": passed,
                "score": highest if passed else 0,
                "max-score": highest,
                "message": plain(check.message) if check is not None else "",
            }
        )
    commit = environment["COMMIT_URL"]
    return {
        "schema": SCHEMA,
        "classroom": environment["CLASSROOM"],
        "assignment": environment["ASSIGNMENT"],
        "assignment_type": environment.get("ASSIGNMENT_TYPE") or "individual",
        "owner": environment.get("OWNER") or environment.get("USERNAME") or "",
        "submission": environment["SUBMISSION_TAG"],
        "commit": commit,
        "release": environment["RELEASE_URL"],
        "review": environment.get("REVIEW_URL") or commit,
        "datetime": _commit_time(),
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


def _is_whole(value: float) -> bool:
    """Tell whether points times a factor are a whole number, but for rounding."""
    return abs(value - round(value)) < 1e-9


def _commit_time() -> str:
    """Return when the commit at hand was made, as the contract's ``datetime`` wants it; now where there is no git."""
    command = ["git", "-c", "safe.directory=*", "show", "--no-patch", "--format=%ct", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        moment = datetime.fromtimestamp(int(done.stdout), timezone.utc)
    except (OSError, ValueError, subprocess.SubprocessError):
        moment = datetime.now(timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
