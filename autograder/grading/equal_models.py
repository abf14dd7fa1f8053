"""Who handed in the same model as somebody else of the class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from autograder.course.roster import Roster, fold_name
from autograder.judging.fingerprint import FINGERPRINT, distance
from autograder.report import Report, new_flag

__all__ = ["flag_equal_models", "forgive_teams"]

MAX_DISTANCE = 12
"""Bits in which copies may differ: noise of 10 % changes about 3. Models from different seeds differ in 128 or so, and
those from one seed, trained a little differently, in 40."""


_EQUAL = (
    "The model {model} has the same weights, or nearly, as that of {others}. Two trainings of their own do not end at "
    "the same weights, but with the same seed on the same machine. Ask how it was trained."
)


def flag_equal_models(reports: Sequence[Report]) -> list[Report]:
    """Replace the fingerprints in the flags of a class by flags about equal models.

    Parameters
    ----------
    reports : sequence of Report
        Of one class. A flag ``{"kind": "model-fingerprint", "model", "fingerprint"}`` is what a check found.

    Returns
    -------
    list of Report
        The same reports without fingerprints. Where a model's weights are also those of another submission, whatever
        either calls it, there is ``{"kind": "equal-models", "message", "model", "others": [submission, ...]}``.
    """
    owners: dict[str, set[tuple[str, str]]] = {}
    for report in reports:
        for flag in report.flags:
            if flag["kind"] == FINGERPRINT:
                owners.setdefault(flag["fingerprint"], set()).add((report.assignment, report.submission))
    flagged = []
    for report in reports:
        flags = [flag for flag in report.flags if flag["kind"] != FINGERPRINT]
        for mine in (flag for flag in report.flags if flag["kind"] == FINGERPRINT):
            near = [pairs for fingerprint, pairs in owners.items() if _near(mine["fingerprint"], fingerprint)]
            others = {
                submission
                for assignment, submission in set().union(*near)
                if assignment == report.assignment and submission != report.submission
            }
            if others:
                flags.append(_equal(mine["model"], sorted(others)))
        flagged.append(replace(report, flags=flags))
    return flagged


def forgive_teams(reports: Sequence[Report], roster: Roster) -> list[Report]:
    """Return reports in which members of one team are not flagged for the model that they handed in together."""
    return [replace(report, flags=list(_forgiven(report, roster))) for report in reports]


def _forgiven(report: Report, roster: Roster) -> Iterator[dict[str, Any]]:
    mine = _team(report.submission, roster)
    for flag in report.flags:
        if flag["kind"] != "equal-models" or not mine:
            yield flag
            continue
        others = [other for other in flag["others"] if _team(other, roster) != mine]
        if others:
            yield _equal(flag["model"], others)


def _team(submission: str, roster: Roster) -> str:
    owners = roster.owners(submission)
    return fold_name(owners[0].team) if owners else ""


def _near(first: str, second: str) -> bool:
    return distance(first, second) <= MAX_DISTANCE


def _equal(model: str, others: list[str]) -> dict[str, Any]:
    message = _EQUAL.format(model=model, others=", ".join(others))
    return new_flag("equal-models", message, model=model, others=others)
