"""Brings deadlines of one's own, which ``collect`` noted, into nbgrader's gradebook: its late penalties follow them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.course.collected import extensions
from autograder.course.roster import Roster

__all__ = ["grant", "is_granted", "own_deadlines", "with_roster"]


def own_deadlines(root: Path, assignment: str) -> dict[str, datetime]:
    """Return the deadlines of those who have one of their own, by student.

    Parameters
    ----------
    root : Path
        The course, with ``downloaded/``.
    assignment : str
    """
    return extensions(root / "downloaded" / assignment)


def with_roster(
    known: Mapping[str, datetime], roster: Roster, submissions: Iterable[str], assignment: str, due: datetime | None
) -> dict[str, datetime]:
    """Return the deadlines with those that a roster grants: the later one where both do.

    Parameters
    ----------
    known : mapping of str to datetime
        By submission.
    roster : Roster
    submissions : iterable of str
        Of the assignment.
    assignment : str
    due : datetime or None
        The assignment's due date as the gradebook has it: UTC, without a zone.
    """
    found = dict(known)
    for name in submissions if due is not None else ():
        owners = roster.owners(name)
        if due is not None and len(owners) == 1:
            others = due.replace(tzinfo=timezone.utc)
            own = owners[0].deadline(assignment, others)
            if own > others:
                found[name] = max(own, found.get(name, own))
    return found


def is_granted(submission: Any, own: datetime | None) -> bool:
    """Tell whether the gradebook's row of a submission has the extension that leads to a student's own deadline."""
    more = _more_time(submission, own)
    return more is None or submission.extension == more


def grant(gradebook: Gradebook, assignment: str, student: str, own: datetime | None) -> None:
    """Give a submission the extension that leads to the student's own deadline; without one, what is there stays."""
    submission = gradebook.find_submission(assignment, student)
    if not is_granted(submission, own):
        submission.extension = _more_time(submission, own)
        gradebook.db.commit()


def _more_time(submission: Any, own: datetime | None) -> timedelta | None:
    """Return how much later than the assignment's due date a deadline is; None where it is not, or there is no date."""
    due = submission.assignment.duedate
    if own is None or due is None:
        return None
    more = own.astimezone(timezone.utc).replace(tzinfo=None) - due
    return more if more > timedelta(0) else None
