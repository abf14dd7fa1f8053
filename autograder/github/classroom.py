"""The result of a run as GitHub Classroom's autograding graders hand it to its reporter.

``classroom-resources/autograding-grading-reporter`` reads ``<RUNNER>_RESULTS`` from its environment: base64 of JSON. It
adds up the tests' scores, fails on ``fail`` and ``error``, and prints two notices, which `notices` repeats for tools
that read them from the run and not from the output.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from autograder.render.text import dotted, plain, plain_line
from autograder.report import Check, Report

__all__ = ["encode_result", "notices", "to_result"]

_STATUSES = {"passed": "pass", "failed": "fail", "skipped": "fail", "error": "error"}


def to_result(report: Report, lines: dict[str, int] | None = None, file: str = "") -> dict[str, Any]:
    """Return the result as the reporter reads it.

    Parameters
    ----------
    report : Report
    lines : dict of str to int, optional
        The line of ``file`` that a grade cell's result is about.
    file : str
        The notebook's path in the repository.
    """
    tests = [_test(check, (lines or {}).get(check.grade_id, 0), file) for check in report.checks]
    statuses = {test["status"] for test in tests}
    status = "error" if not report.graded or "error" in statuses else "fail" if "fail" in statuses else "pass"
    return {"version": 1, "status": status, "max_score": report.max_score, "tests": tests}


def encode_result(result: dict[str, Any]) -> str:
    """Return a result as the value of a workflow's output: one line of base64."""
    return base64.b64encode(json.dumps(result).encode()).decode()


def notices(report: Report) -> list[tuple[str, str]]:
    """Return title and text of the notices by which Classroom's tools know a run's points; none without a grade."""
    if report.score is None or not report.max_score:
        return []
    told = f"Points {dotted(report.score)}/{dotted(report.max_score)}"
    numbers = json.dumps({"totalPoints": report.score, "maxPoints": report.max_score})
    return [("Autograding complete", told), ("Autograding report", numbers)]


def _test(check: Check, line: int, file: str) -> dict[str, Any]:
    return {
        "name": f"{plain_line(check.grade_id)}: {plain_line(check.title)}",
        "status": _STATUSES[check.status],
        "score": check.score,
        "message": plain(check.message),
        "test_code": "",
        "filename": file,
        "line_no": line,
        "duration": check.seconds,
    }
