"""What tables and pages say beyond reports: who was late, what changed a grade, whose work is alike."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from autograder.commands.known import ALIKE, known_of
from autograder.course.roster import Roster, Student
from autograder.grading.kept import Graded
from autograder.history.store import Store
from autograder.intake.submissions import Submission
from autograder.report import Report
from tests.autograder.history.test_store import CHANGE, KEY

NAME = "02_convolucion"
DEADLINE = datetime(2026, 11, 24, 23, tzinfo=timezone.utc)


def graded(folder: Path, student: str, timestamp: str = "", flags: list[dict[str, str]] | None = None) -> Graded:
    place = folder / "submitted" / student / NAME
    place.mkdir(parents=True)
    (place / f"{NAME}.ipynb").write_text("{}")
    if timestamp:
        (place / "timestamp.txt").write_text(timestamp)
    report = Report(NAME, student, 5.0, 10.0, flags=flags or [])
    return Graded(Submission(student, place / f"{NAME}.ipynb", place, NAME), report)


def test_who_is_late_is_told_by_the_deadline_and_one_of_ones_own(tmp_path: Path) -> None:
    """In the two largest units; nothing where no time is known, or a file says something else."""
    results = [
        graded(tmp_path, "ana", "2026-11-27 02:00:30.000000 UTC"),
        graded(tmp_path, "beto", "2026-11-24 23:00:00.000000 UTC"),
        graded(tmp_path, "eva", "2026-11-25T00:00:01-03:00"),
        graded(tmp_path, "luz", "2026-11-27 02:00:30.000000 UTC"),
        graded(tmp_path, "nil"),
        graded(tmp_path, "zoe", "yesterday"),
    ]
    roster = Roster([Student("luz", extensions=(("", datetime(2026, 11, 28, tzinfo=timezone.utc)),))])
    assert known_of(results, {}, roster, deadline=DEADLINE).late == {
        (NAME, "ana"): "2 d 3 h",
        (NAME, "eva"): "4 h",
    }


def test_without_a_deadline_lateness_is_what_collect_noted(tmp_path: Path) -> None:
    """A deadline of one's own counts; nothing is known without a record."""
    due = {"deadline": "2026-11-24T20:00:00-03:00", "late": True}
    students = {
        "ana": {**due, "time": "2026-11-24T23:05:00+00:00"},
        "beto": {**due, "time": "2026-11-26T23:05:00+00:00", "extension": "2026-11-26T20:00:00-03:00"},
        "eva": {**due, "time": "2026-11-24T22:00:00+00:00", "late": False},
        "luz": {**due, "time": None},
    }
    record = tmp_path / "downloaded" / NAME / "collected.json"
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"schema": 1, "students": students}))
    results = [graded(tmp_path, name) for name in students]
    assert known_of(results, {}, originals=tmp_path / "downloaded").late == {
        (NAME, "ana"): "5 min",
        (NAME, "beto"): "5 min",
    }
    assert known_of(results, {}, originals=tmp_path / "nowhere").late == {}


def test_links_lead_to_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Similar work for those who are flagged for it, once its page lies in the folder of the pages."""
    pages = tmp_path / "pages"
    results = [
        graded(tmp_path, "ana", flags=[{"kind": "similar-code", "message": ""}]),
        graded(tmp_path, "beto", flags=[{"kind": "trained", "message": ""}]),
    ]
    monkeypatch.setenv("CNN_HISTORY", str(tmp_path / "history.db"))
    known = known_of(results, {}, html=pages)
    assert known.links[(NAME, "ana")] == {"cuaderno": f"../submitted/ana/{NAME}/{NAME}.ipynb"}
    assert known.changes == {}
    (pages / ALIKE).parent.mkdir(parents=True)
    (pages / ALIKE).write_text("")
    links = known_of(results, {}, html=pages).links
    assert links[(NAME, "ana")]["parecidos"] == "similar/index.html"
    assert set(links[(NAME, "beto")]) == {"cuaderno"}


def test_the_history_of_a_grade_is_that_of_this_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest first, of the report; another class has its own."""
    monkeypatch.setenv("CNN_HISTORY", str(tmp_path / "history.db"))
    place = (tmp_path / "submitted").as_posix()
    mine = replace(KEY, place=place)
    with Store() as store, store.writing():
        for change in (
            replace(CHANGE, key=mine, before=None, after=6.46, why=("first grade",)),
            replace(CHANGE, key=mine),
            replace(CHANGE, key=replace(KEY, place="last_year")),
            replace(CHANGE, key=replace(mine, ledger="gradebook")),
        ):
            store.add(change)
    assert known_of([graded(tmp_path, "ana")], {}, html=tmp_path / "pages").changes == {
        (NAME, "ana"): [
            ("2026-11-28 03:18 UTC", "6,46 → 6,71", "cambiaron las pruebas"),
            ("2026-11-28 03:18 UTC", "– → 6,46", "primera nota"),
        ]
    }
