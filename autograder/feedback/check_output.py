"""How the results of checks lie in a graded notebook: as output of their grade cell, for people and for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, get_args

from nbformat.v4 import new_output

from autograder.render.text import MARKS, plain
from autograder.render.text import score as points_of
from autograder.report import Check, CheckStatus

__all__ = ["MIME_TYPE", "check_output", "read_checks"]

MIME_TYPE = "application/vnd.autograder.checks+json"
_TEXTS = ("id", "grade_id", "title", "status", "message")
_WIDTH, _INDENT = 100, "    "
_NUMBERS = ("score", "max_score", "seconds")


def check_output(checks: Iterable[Check]) -> Any:
    """Return the output of a grade cell: text, which Jupyter and the formgrader show, and data for `read_checks`."""
    checks = list(checks)
    lines = []
    for check in checks:
        worth = f"  ({points_of(check.score, check.max_score)})" if check.max_score else ""
        lines.append(f"{MARKS.get(check.status, '!')} {plain(check.title, 400)}{worth}")
        lines += [part for line in plain(check.message).splitlines() for part in _wrapped(line)]
    data = {"text/plain": "\n".join(lines), MIME_TYPE: [asdict(check) for check in checks]}
    return new_output("display_data", data=data)


def read_checks(outputs: object) -> list[Check]:
    """Return the checks that the outputs of a grade cell hold; what is malformed is left out."""
    found = []
    for output in outputs if isinstance(outputs, list) else []:
        data = output.get("data") if isinstance(output, Mapping) else None
        listed = data.get(MIME_TYPE) if isinstance(data, Mapping) else None
        found += [_check(item) for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []
    return found


def _wrapped(line: str) -> list[str]:
    """Return a line of a message as lines that fit into the formgrader, which cuts off what is wider."""
    return textwrap.wrap(line, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)


def _check(item: Mapping[str, Any]) -> Check:
    identity, grade_id, title, status, message = (_text(item.get(name)) for name in _TEXTS)
    score, max_score, seconds = (_number(item.get(name)) for name in _NUMBERS)
    known: CheckStatus = next((one for one in get_args(CheckStatus) if one == status), "error")
    return Check(identity, grade_id, title, known, score, max_score, message, seconds)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and abs(value) < 1e9 else 0.0
