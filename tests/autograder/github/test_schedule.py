"""Deadlines of a class."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.course.roster import Roster, Student
from autograder.errors import UsageError
from autograder.github.schedule import choose, read_schedule, waiting

NAMES = ["01_imagen_digital", "02_convolucion"]
TEXT = (
    "assignment,repositories,deadline\n"
    "01_imagen_digital,curso/imagen,2026-11-10T23:59:00-03:00\n"
    "02_convolucion,curso/conv,2026-11-24T23:59:00-03:00\n"
)


def read(path: Path, text: str = TEXT):
    path.write_text(text, encoding="utf-8")
    return read_schedule(path, NAMES)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-25T02:58:59", []),
        ("2026-11-25T02:59:01", ["02_convolucion"]),
        ("2026-11-26T06:17:00", ["02_convolucion"]),
        ("2026-11-27T03:00:00", []),
        ("2026-11-11T12:00:00", ["01_imagen_digital"]),
    ],
)
def test_what_became_due_is_graded_for_some_days(tmp_path: Path, now: str, due: list[str]) -> None:
    """Every night, so a night that failed is made up for; in UTC here, while the deadline has a zone of its own."""
    moment = datetime.fromisoformat(now).replace(tzinfo=timezone.utc)
    assert [task.assignment for task in choose(read(tmp_path / "d.csv"), moment, 2)] == due


LATER = Roster([Student("ana"), Student("luz", extensions=(("", timedelta(days=5)),))])


def test_the_last_deadline_that_anybody_has_counts(tmp_path: Path) -> None:
    """Who has more time is graded, too, some nights later."""
    tasks = read(tmp_path / "d.csv")
    for day, due in ((26, 1), (29, 1), (30, 1)):
        assert len(choose(tasks, datetime(2026, 11, day, 12, tzinfo=timezone.utc), 2, roster=LATER)) == due
    assert choose(tasks, datetime(2026, 12, 2, 3, tzinfo=timezone.utc), 2, roster=LATER) == []


def test_nobody_is_graded_before_their_own_deadline(tmp_path: Path) -> None:
    """What the checks say of it would help; an assignment that is graded by hand before it is due is another thing."""
    _, task = read(tmp_path / "d.csv")
    for hours, names in ((-9, []), (0, ["luz"]), (119, ["luz"]), (121, [])):
        found = waiting(task, LATER, task.deadline + timedelta(hours=hours))
        assert [student.id for student in found] == names


def test_a_named_assignment_is_graded_whenever_it_is_due(tmp_path: Path) -> None:
    """By hand."""
    [task] = choose(read(tmp_path / "d.csv"), datetime(2020, 1, 1, tzinfo=timezone.utc), 2, "01_imagen_digital")
    assert (task.repositories, task.written) == ("curso/imagen", "2026-11-10T23:59:00-03:00")
    with pytest.raises(UsageError, match="expected an assignment with a deadline"):
        choose([], datetime.now(timezone.utc), 2, "02_convolucion")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("assignment,deadline\n", "without repositories"),
        ("assignment,repositories,deadline\n9,a/b,2026-11-10T23:59:00Z\n", "line 2. Received: 9"),
        ("assignment,repositories,deadline\n02_convolucion,,2026-11-10T23:59:00Z\n", "expected ORG/PREFIX"),
        ("assignment,repositories,deadline\n02_convolucion,a/b,mañana\n", "expected a deadline in ISO 8601"),
        ("assignment,repositories,deadline\n02_convolucion,a/b,2026-11-10T23:59:00\n", "expected a deadline"),
    ],
)
def test_a_mistake_in_the_file_is_told(tmp_path: Path, text: str, message: str) -> None:
    """With the line."""
    with pytest.raises(UsageError, match=message):
        read(tmp_path / "d.csv", text)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """With what it should be."""
    with pytest.raises(UsageError, match="expected the deadlines of the class"):
        read_schedule(tmp_path / "d.csv", NAMES)
