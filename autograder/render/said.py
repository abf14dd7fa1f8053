"""A report as its reader reads it: titles, messages and flags in the language of the process.

The report itself, its JSON and its points never change with the language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograder.language import language
from autograder.render.phrases import say, say_of_checks
from autograder.report import Check, Report

__all__ = ["said", "said_all"]


def said(report: Report) -> Report:
    """Return a report whose texts are in the language of the process.

    Checks speak Spanish, flags English; both are found again in the catalogues. What no catalogue knows stays.
    """
    flags = [_flag(flag, report.assignment) for flag in report.flags]
    if language() == "es":
        return replace(report, flags=flags)
    return replace(report, checks=[_check(check, report.assignment) for check in report.checks], flags=flags)


def said_all(reports: Sequence[Report]) -> list[Report]:
    """Return reports whose texts are in the language of the process."""
    return [said(report) for report in reports]


def _check(check: Check, assignment: str) -> Check:
    return replace(
        check, title=say_of_checks(check.title, assignment), message=say_of_checks(check.message, assignment)
    )


def _flag(flag: dict[str, Any], assignment: str) -> dict[str, Any]:
    if not isinstance(message := flag.get("message"), str):
        return flag
    # A submission that could not be read says so in Spanish, everything else is English.
    told = say_of_checks(say(message), assignment)
    return flag if told == message else {**flag, "message": told}
