"""Reads what ``collect`` noted of an assignment: who is which participant in Moodle, and whose deadline is later."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course.times import parse_time

__all__ = ["RECORD", "extensions", "participants"]

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


def _students(folder: Path) -> dict[str, dict[str, Any]]:
    try:
        students = json.loads((folder / RECORD).read_text(encoding="utf-8"))["students"]
        return {name: entry for name, entry in students.items() if isinstance(entry, dict)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
