"""Reads what ``collect`` noted of an assignment: Moodle's participants, later deadlines, and who was late."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.course.times import parse_time

__all__ = ["RECORD", "extensions", "lateness", "participants"]

RECORD = "collected.json"
"""The record of an assignment, in ``downloaded/<assignment>/``."""


def participants(folder: Path) -> dict[str, str]:
    """Return the numbers of Moodle's participants by student; empty where there is no record.

    Parameters
    ----------
    folder : Path
        ``downloaded/<assignment>``.
    """
    return {student: entry["participant"] for student, entry in _students(folder).items() if entry.get("participant")}


def extensions(folder: Path) -> dict[str, datetime]:
    """Return the deadlines of those who have one of their own, by student; empty where there is no record.

    Parameters
    ----------
    folder : Path
        ``downloaded/<assignment>``.
    """
    found = {student: parse_time(str(entry.get("extension"))) for student, entry in _students(folder).items()}
    return {student: moment for student, moment in found.items() if moment is not None}


def lateness(folder: Path) -> dict[str, timedelta]:
    """Return how late those were who were late, by student; empty where there is no record.

    Parameters
    ----------
    folder : Path
        ``downloaded/<assignment>``.
    """
    found = {}
    for student, entry in _students(folder).items():
        time = parse_time(str(entry.get("time")))
        due = [moment for key in ("deadline", "extension") if (moment := parse_time(str(entry.get(key)))) is not None]
        if entry.get("late") and time is not None and due:
            found[student] = max(time - max(due), timedelta(seconds=1))
    return found


def _students(folder: Path) -> dict[str, dict[str, Any]]:
    try:
        students = json.loads((folder / RECORD).read_text(encoding="utf-8"))["students"]
        return {name: entry for name, entry in students.items() if isinstance(entry, dict)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
