"""A report as Gradescope's ``results.json``."""

from __future__ import annotations

from typing import Any

from autograder.render.markdown import escape, inline
from autograder.render.text import STATUSES, plain_line, score
from autograder.report import Check, Report

__all__ = ["to_results"]


def to_results(report: Report, visibility: str = "visible") -> dict[str, Any]:
    """Return the report in Gradescope's form.

    Parameters
    ----------
    report : Report
        Graded, or of a notebook that could not be read: that is worth 0 until the student submits again.
    visibility : str
        One of `autograder.gradescope.VISIBILITIES`, for all tests. What the program prints is never shown to students.

    Returns
    -------
    dict
        ``score``, ``output``, ``tests`` …; texts are Markdown in which nothing of a student's is markup. Flags are left
        out: they are for the instructor and may name other students.
    """
    told = [_why(report)] if report.score is None else [f"{score(report.score, report.max_score)} puntos."]
    return {
        "score": report.score or 0.0,
        "execution_time": round(report.seconds),
        "output": "\n\n".join(told),
        "output_format": "md",
        "test_output_format": "md",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "extra_data": {"versions": report.versions},
        "tests": [_test(check, visibility) for check in report.checks if report.score is not None],
    }


def _test(check: Check, visibility: str) -> dict[str, Any]:
    output = inline(check.message)
    if check.status not in ("passed", "failed"):
        output = f"*({STATUSES[check.status]})* {output}"
    return {
        "name": plain_line(check.title, 200),
        "score": check.score,
        "max_score": check.max_score,
        "status": "passed" if check.status == "passed" else "failed",
        "output": output,
        "tags": [plain_line(check.grade_id)],
        "visibility": visibility,
    }


def _why(report: Report) -> str:
    return "\n\n".join(escape(str(flag.get("message", ""))) for flag in report.flags)
