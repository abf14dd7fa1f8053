"""Deadlines of one's own in nbgrader's gradebook."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.course.roster import Roster, Student
from autograder.nbgrader.extensions import grant, is_granted, own_deadlines, with_roster

NAME = "02_convolucion"
DUE = datetime(2026, 11, 24, 23)
LATER = datetime(2026, 11, 26, 20, tzinfo=timezone(timedelta(hours=-3)))

# nbgrader's add_submission makes SQLAlchemy say so.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")


@pytest.fixture
def gradebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gradebook]:
    """Ana and Luz handed in an hour late."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as book:
        book.add_assignment(NAME, duedate=DUE)
        for student in ("ana", "luz"):
            book.add_student(student)
            book.add_submission(NAME, student, timestamp=DUE + timedelta(hours=1))
        yield book


def late(gradebook: Gradebook) -> dict[str, float]:
    return {name: gradebook.find_submission(NAME, name).total_seconds_late for name in ("ana", "luz")}


def test_who_has_more_time_is_not_late(gradebook: Gradebook) -> None:
    """Nor is anybody else's deadline another one; granting twice changes nothing."""
    assert late(gradebook) == {"ana": 3600, "luz": 3600}
    assert not is_granted(gradebook.find_submission(NAME, "ana"), LATER)
    for _ in range(2):
        grant(gradebook, NAME, "ana", LATER)
        grant(gradebook, NAME, "luz", None)
        assert late(gradebook) == {"ana": 0, "luz": 3600}
    assert gradebook.find_submission(NAME, "ana").extension == timedelta(days=2)
    assert is_granted(gradebook.find_submission(NAME, "ana"), LATER)


@pytest.mark.slow
def test_what_a_person_granted_stays(gradebook: Gradebook) -> None:
    """Where collect knows of nothing, or of nothing later than the due date."""
    gradebook.grant_extension(NAME, "luz", days=5)
    for own in (None, datetime(2026, 11, 20, tzinfo=timezone.utc)):
        grant(gradebook, NAME, "luz", own)
        assert is_granted(gradebook.find_submission(NAME, "luz"), own)
    assert gradebook.find_submission(NAME, "luz").extension == timedelta(days=5)


@pytest.mark.slow
def test_without_a_due_date_there_is_nothing_to_extend(gradebook: Gradebook) -> None:
    """Nobody is late."""
    gradebook.update_or_create_assignment(NAME, duedate=None)
    grant(gradebook, NAME, "ana", LATER)
    assert gradebook.find_submission(NAME, "ana").extension is None


def test_a_roster_grants_more_time_than_the_record_or_less() -> None:
    """The later one counts; without a due date nobody has more time than others."""
    day = timedelta(days=1)
    roster = Roster(
        [Student("ana", extensions=(("", day),)), Student("luz", github="l", extensions=((NAME, 9 * day),))]
    )
    due = DUE.replace(tzinfo=timezone.utc)
    known = {"ana": due + 2 * day, "zoe": due + 3 * day}
    names = ["ana", "l", "zoe"]
    assert with_roster(known, roster, names, NAME, DUE) == {**known, "l": due + 9 * day}
    assert with_roster({}, roster, names, "01_imagen_digital", DUE) == {"ana": due + day}
    assert with_roster(known, roster, names, NAME, None) == known


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"students": 3}', '{"students": {"ana": 3}}', "\x00"])
def test_a_record_that_is_none_grants_nothing(tmp_path: Path, text: str) -> None:
    """It is a file that anybody may have changed."""
    folder = tmp_path / "downloaded" / NAME
    folder.mkdir(parents=True)
    (folder / "collected.json").write_text(text)
    assert own_deadlines(tmp_path, NAME) == {}
    assert own_deadlines(tmp_path, "nothing") == {}


def test_the_record_of_collect_says_who_has_more_time(tmp_path: Path) -> None:
    """By student."""
    folder = tmp_path / "downloaded" / NAME
    folder.mkdir(parents=True)
    students = {"ana": {"extension": LATER.isoformat()}, "luz": {"extension": None}, "eva": {"extension": "soon"}}
    (folder / "collected.json").write_text(json.dumps({"schema": 1, "students": students}))
    assert own_deadlines(tmp_path, NAME) == {"ana": LATER}
