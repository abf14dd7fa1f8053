"""Merges the reports that the machines of a workflow wrote, believing none: they ran students' code.

A part may speak of the submissions that it was given, and of nothing else; points must be those of the assignment.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from autograder.course.assignments import Assignment
from autograder.course.notebooks import grade_cells, read_notebook
from autograder.github.parts import Plan
from autograder.render.text import STATUSES
from autograder.report import Check, Report

__all__ = ["merge_reports"]

MAX_BYTES = 64 << 20


def merge_reports(plan: Plan, folder: Path, assignments: Mapping[str, Assignment]) -> tuple[list[Report], list[str]]:
    """Return the believable reports of all parts, and a line for each one that is missing or not believable.

    Parameters
    ----------
    plan : dict
        As `autograder.github.parts.plan_parts` returned it.
    folder : path
        Holds ``<part>.json``, a list of reports, anywhere below.
    assignments : mapping
        The assignments of the course.
    """
    accepted: dict[tuple[str, str], Report] = {}
    problems: list[str] = []
    for part, expected in plan.items():
        try:
            reports = _read(folder, part)
        except ValueError as error:
            problems.append(f"part {part} ({', '.join(student for student, _ in expected)}): {error}")
            continue
        for data in reports:
            try:
                report = _believable(data, expected, assignments)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                problems.append(f"part {part}: refused a report: {error}")
                continue
            accepted[report.submission, report.assignment] = report
        problems += [
            f"part {part}: no report of {student}, {name}"
            for student, name in expected
            if (student, name) not in accepted
        ]
    return [accepted[key] for key in sorted(accepted, key=lambda key: (key[1], key[0]))], problems


def _read(folder: Path, part: str) -> list[Any]:
    found = sorted(folder.rglob(f"{part}.json"))
    if len(found) != 1 or found[0].is_symlink():
        raise ValueError(f"expected one file {part}.json. Received: {len(found)}")
    if found[0].stat().st_size > MAX_BYTES:
        raise ValueError(f"{part}.json is too large")
    try:
        data = json.loads(found[0].read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{part}.json is no JSON") from error
    if not isinstance(data, list):
        raise ValueError(f"{part}.json holds no list")
    return data


def _believable(data: Any, expected: list[tuple[str, str]], assignments: Mapping[str, Assignment]) -> Report:
    report = Report.from_dict(data)
    if (report.submission, report.assignment) not in expected:
        raise ValueError(f"it is about {str(report.submission)[:80]!r}, {str(report.assignment)[:80]!r}")
    most = sum(grade_cells(read_notebook(assignments[report.assignment].source)).values())
    # Without its data set a check gives no points, so there may be fewer than the notebook promises.
    if not (_is_number(report.max_score) and 0 <= report.max_score <= most + 1e-6):
        raise ValueError(f"its points are {report.max_score!r}, of {most:g}")
    score = report.score
    if score is not None and not (_is_number(score) and 0 <= score <= report.max_score + 1e-6):
        raise ValueError(f"its score is {score!r} of {report.max_score:g}")
    for check in report.checks:
        _require_types(check)
    if not all(isinstance(flag, dict) for flag in report.flags) or not isinstance(report.versions, dict):
        raise ValueError("it has another form")
    return report


def _require_types(check: Check) -> None:
    for field in fields(Check):
        value = getattr(check, field.name)
        if field.type == "float" and not _is_number(value):
            raise ValueError(f"{field.name} is {value!r}")
        if field.type == "str" and not isinstance(value, str):
            raise ValueError(f"{field.name} is {value!r}")
    if check.status not in STATUSES:
        raise ValueError(f"status is {check.status!r}")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
