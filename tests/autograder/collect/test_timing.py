"""Deadlines with their zones, and nbgrader's file."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from nbgrader.utils import parse_utc

from autograder.collect.timing import is_late, parse_deadline, timestamp_text
from autograder.course.times import parse_time
from autograder.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24T23:59:30-03:00", "2026-11-25T02:59:30+00:00"),
        ("2026-11-24 23:59:30 -0300", "2026-11-25T02:59:30+00:00"),
        ("2026-11-25T02:59:30Z", "2026-11-25T02:59:30+00:00"),
        ("2026-11-25T02:59:30.5Z", "2026-11-25T02:59:30.500000+00:00"),
        ("2026-11-25T02:59Z", "2026-11-25T02:59:00+00:00"),
    ],
)
def test_a_deadline_is_one_moment_everywhere(text: str, expected: str) -> None:
    """To the second, as nbgrader's due date is."""
    assert parse_deadline(text).astimezone(timezone.utc).isoformat() == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T23:59:00",
        "2026-11-24",
        "tomorrow",
        "",
        "24/11/2026 23:59Z",
        "2026-13-24T23:59Z",
        "0001-01-01T00:00+14:00",
    ],
)
def test_a_deadline_without_a_zone_is_refused(text: str) -> None:
    """It would be another moment on another machine; an example says how."""
    with pytest.raises(UsageError, match="2026-11-24T23:59:00-03:00"):
        parse_deadline(text)


def test_the_zone_of_a_deadline_is_kept() -> None:
    """The summary shows times in it."""
    assert str(parse_deadline("2026-11-24T23:59:00-03:00").tzinfo) == "UTC-03:00"


def test_late_is_after_the_deadline() -> None:
    """To the microsecond; what is not known is not late."""
    deadline = parse_deadline("2026-11-24T23:59:00Z")
    assert is_late(deadline, deadline) is False
    assert is_late(parse_time("2026-11-24T23:59:00.000001Z"), deadline) is True
    assert (is_late(None, deadline), is_late(deadline, None)) == (None, None)


def test_nbgrader_reads_what_we_write() -> None:
    """With its own function, to the microsecond."""
    time = datetime(2026, 11, 24, 23, 59, 1, 500, tzinfo=timezone.utc)
    assert parse_utc(timestamp_text(time)) == time.replace(tzinfo=None)
