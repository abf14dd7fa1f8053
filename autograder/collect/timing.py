"""Deadlines, and the file in which nbgrader looks for the time of a submission."""

from __future__ import annotations

from datetime import datetime, timezone

from autograder.course.times import parse_time
from autograder.errors import UsageError

__all__ = ["TIMESTAMP_FILE", "is_late", "parse_deadline", "timestamp_text"]

TIMESTAMP_FILE = "timestamp.txt"
"""nbgrader's autograde takes the time of a submission, and with it the late penalty, from this file."""


def parse_deadline(text: str) -> datetime:
    """Return a deadline as a time with a zone.

    Parameters
    ----------
    text : str
        ISO 8601 with a zone, such as ``2026-11-24T23:59:00-03:00``.

    Raises
    ------
    UsageError
        It is something else. A deadline without a zone would mean another time on another machine.
    """
    moment = parse_time(text)
    if moment is None:
        raise UsageError(
            "expected a deadline in ISO 8601 with its time zone, such as 2026-11-24T23:59:00-03:00 or "
            f"2026-11-25T02:59Z. Received: {text}"
        )
    return moment


def is_late(time: datetime | None, deadline: datetime | None) -> bool | None:
    """Tell whether a submission is late; None if that is not known."""
    return None if time is None or deadline is None else time > deadline


def timestamp_text(time: datetime) -> str:
    """Return what nbgrader writes in ``timestamp.txt``.

    Examples
    --------
    >>> timestamp_text(datetime(2026, 11, 25, 2, 59, tzinfo=timezone.utc))
    '2026-11-25 02:59:00.000000 UTC'
    """
    return time.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
