"""What a class hands in, where and until when: ``deadlines.csv`` in the folder of the class, beside ``roster.csv``.

Its columns are ``assignment``, ``repositories`` (``ORG/PREFIX``, or a roster with a column ``repository``) and
``deadline`` (ISO 8601 with a zone)::

    assignment,repositories,deadline
    02_convolucion,my-organisation/convolucion,2026-12-01T23:59:00-03:00
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from autograder.course.roster import Roster
from autograder.errors import UsageError

__all__ = ["COLUMNS", "Task", "choose", "read_schedule", "waiting"]

COLUMNS = ("assignment", "repositories", "deadline")


@dataclass(frozen=True)
class Task:
    """One line of the file.

    Parameters
    ----------
    assignment : str
    repositories : str
        ``ORG/PREFIX`` or the path of a roster.
    deadline : datetime
        With a zone.
    written : str
        The deadline as it stands in the file.
    """

    assignment: str
    repositories: str
    deadline: datetime
    written: str


def read_schedule(path: Path, assignments: Collection[str]) -> list[Task]:
    """Read the file.

    Raises
    ------
    UsageError
        It is not there, lacks a column, or a line names an unknown assignment or no time.
    """
    from autograder.collect import parse_deadline

    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"expected the deadlines of the class in {path}. Received: no such file.") from error
    rows = csv.DictReader(text.splitlines())
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise UsageError(f"expected the columns {', '.join(COLUMNS)}. Received: {path} without {', '.join(missing)}.")
    tasks = []
    for number, row in enumerate(rows, start=2):
        values = [(row[column] or "").strip() for column in COLUMNS]
        if not any(values):
            continue
        if values[0] not in assignments:
            raise UsageError(
                f"expected one of {', '.join(assignments)} in {path}, line {number}. Received: {values[0] or 'nothing'}"
            )
        if not values[1]:
            raise UsageError(f"expected ORG/PREFIX or a roster in {path}, line {number}. Received: nothing")
        tasks.append(Task(values[0], values[1], parse_deadline(values[2]), values[2]))
    return tasks


def choose(
    tasks: Sequence[Task], now: datetime, days: float, assignment: str = "", roster: Roster | None = None
) -> list[Task]:
    """Return what is to be graded: the named assignment, or whatever has been due for no longer than some days.

    Parameters
    ----------
    tasks : sequence of Task
    now : datetime
    days : float
        From the last deadline that anybody has.
    assignment : str
    roster : Roster, optional
        Who has a deadline of their own.

    Raises
    ------
    UsageError
        There is no line for the named assignment.
    """
    if assignment:
        named = [task for task in tasks if task.assignment == assignment]
        if not named:
            raise UsageError(f"expected an assignment with a deadline. Received: {assignment}")
        return named
    return [task for task in tasks if task.deadline <= now < _last(task, roster) + timedelta(days=days)]


def waiting(task: Task, roster: Roster, now: datetime) -> Roster:
    """Return those whose own deadline is still to come: what the checks say of their work would tell them too much."""
    own = {student: student.deadline(task.assignment, task.deadline) for student in roster}
    return Roster([student for student, deadline in own.items() if deadline > now >= task.deadline])


def _last(task: Task, roster: Roster | None) -> datetime:
    """Return the latest deadline that anybody has."""
    own = [student.deadline(task.assignment, task.deadline) for student in roster or ()]
    return max([task.deadline, *own])
