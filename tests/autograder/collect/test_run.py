"""A whole run: what it reports, what it keeps, and how it goes on after an end that nobody wanted."""

from __future__ import annotations

import fcntl
import json
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autograder.collect import Outcome, Places, Source, collect, git, record, summary_table
from autograder.collect import taking as run_module
from autograder.collect.handin import Clues, Delivery
from autograder.collect.staging import Stage
from autograder.course.assignments import find_assignments
from autograder.course.collected import extensions
from autograder.course.roster import Roster, Student
from autograder.errors import CollectError, UsageError
from autograder.intake.submissions import find_submissions
from tests.helpers.collecting import NOTEBOOK

NAME = "02_convolucion"
DEADLINE = datetime(2026, 11, 24, 23, 0, tzinfo=timezone.utc)
ROSTER = Roster([Student(name, name) for name in ("zoe", "ana", "beto")])


class FakeHandin:
    """A hand-in of one notebook."""

    def __init__(self, student: str, content: str = NOTEBOOK, delivery: Delivery | None = None) -> None:
        self.clues = Clues(student, student)
        self.content = content
        self.delivery = delivery or Delivery()
        self.error: BaseException | None = None
        self.deadline: datetime | None = None

    def fetch(self, folder: Path, deadline: datetime | None) -> None:
        """Fail, if it must."""
        self.deadline = deadline
        if self.error is not None:
            raise self.error

    def stage(self, stage: Stage) -> Delivery:
        """Write the notebook."""
        stage.add("tp.ipynb", [self.content.encode()])
        return self.delivery


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(NAME, tmp_path / "submitted", tmp_path / "downloaded", tmp_path / "released.ipynb")


def run(places: Places, *handins: FakeHandin, roster: Roster | None = ROSTER) -> list[Outcome]:
    return collect(Source("test", handins), places, roster, DEADLINE)


def test_outcomes_come_in_the_order_of_the_roster(places: Places) -> None:
    """Then what is nobody's."""
    outcomes = run(places, FakeHandin("carla"), FakeHandin("ana"), FakeHandin("zoe", "z"))
    assert [(outcome.student, outcome.status) for outcome in outcomes] == [
        ("zoe", "new"),
        ("ana", "new"),
        ("beto", "missing"),
        ("carla", "unmatched"),
    ]


def test_the_grader_finds_what_was_collected(places: Places) -> None:
    """By student and assignment, with a folder of their own."""
    run(places, FakeHandin("ana"), FakeHandin("beto"))
    found = find_submissions([places.submitted], find_assignments())
    assert [(item.name, item.assignment, item.notebook) for item in found] == [
        (name, NAME, places.submitted / name / NAME / f"{NAME}.ipynb") for name in ("ana", "beto")
    ]
    assert [path.name for path in (places.submitted / "ana" / NAME).iterdir()] == [f"{NAME}.ipynb"]


def test_who_is_late_is_said(places: Places) -> None:
    """From the time, or from what the source says; nbgrader then gets a time that is late."""
    second = timedelta(seconds=1)
    outcomes = run(
        places,
        FakeHandin("ana", "a", Delivery(DEADLINE)),
        FakeHandin("beto", "b", Delivery(DEADLINE + second)),
        FakeHandin("zoe", "z", Delivery(late=True)),
    )
    assert {outcome.student: (outcome.late, outcome.time) for outcome in outcomes} == {
        "ana": (False, DEADLINE),
        "beto": (True, DEADLINE + second),
        "zoe": (True, DEADLINE + second),
    }
    assert (places.submitted / "zoe" / NAME / "timestamp.txt").read_text() == "2026-11-24 23:00:01.000000 UTC\n"
    assert outcomes[0].notes == ("late, how late is not known: counted as one second",)


def test_equal_notebooks_are_noted_unless_untouched(places: Places) -> None:
    """The released one is nobody's copy."""
    assert places.released is not None
    places.released.write_text("released")
    outcomes = run(places, FakeHandin("ana", "same"), FakeHandin("beto", "same"), FakeHandin("zoe", "released"))
    assert [outcome.notes for outcome in outcomes] == [
        ("the notebook is the released one, untouched",),
        ("the very same notebook as beto",),
        ("the very same notebook as ana",),
    ]


def test_one_failure_is_one_students(places: Places) -> None:
    """With the kind of it as the result."""
    beto, zoe = FakeHandin("beto"), FakeHandin("zoe")
    beto.error = CollectError("unreachable", "nobody answers.")
    zoe.error = CollectError("nothing-on-time", "nothing.")
    outcomes = run(places, beto, zoe, FakeHandin("ana"))
    assert [(outcome.student, outcome.status) for outcome in outcomes] == [
        ("zoe", "not on time"),
        ("ana", "new"),
        ("beto", "unreachable"),
    ]


def test_what_is_in_the_way_is_one_students(places: Places, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A link in the tree, a disk that refuses: the others are collected."""
    (tmp_path / "elsewhere").mkdir()
    places.submitted.mkdir()
    (places.submitted / "zoe").symlink_to(tmp_path / "elsewhere")
    real = run_module.place

    def failing(*arguments: Any) -> Any:
        if "beto" in str(arguments[1]):
            raise OSError(28, "No space left on device")
        return real(*arguments)

    monkeypatch.setattr(run_module, "place", failing)
    outcomes = run(places, FakeHandin("zoe"), FakeHandin("ana"), FakeHandin("beto"))
    assert [outcome.status for outcome in outcomes] == ["refused", "new", "refused"]
    assert "No space left on device" in outcomes[2].notes[0]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_two_hand_ins_of_one_student_are_one_conflict(places: Places) -> None:
    """In the student's place, with both names; what was collected earlier stays, as where nothing came."""
    run(places, FakeHandin("ana"), FakeHandin("zoe"))
    outcomes = run(places, FakeHandin("ana"), FakeHandin("ANA"))
    assert [(outcome.student, outcome.status) for outcome in outcomes] == [
        ("zoe", "missing"),
        ("ana", "conflict"),
        ("beto", "missing"),
    ]
    assert outcomes[1].notes == (
        "ana: one of 2 hand-ins of this student",
        "ANA: one of 2 hand-ins of this student",
        "what was collected earlier stays",
    )
    assert [outcome.notes for outcome in outcomes[::2]] == [("what was collected earlier stays",), ()]


LATER = DEADLINE + timedelta(hours=20)
TEAMS = Roster(
    [
        Student("ana", "Ana", team="Grupo 1"),
        Student("luz", "Luz", team="grupo 1", extensions=(("", timedelta(days=1)),)),
        Student("eva", "Eva", team="Grupo 2", extensions=((NAME, DEADLINE + timedelta(days=2)), ("", timedelta(1)))),
        Student("zoe", "Zoe"),
    ]
)


def notebook_of(places: Places, student: str) -> str:
    return (places.folder(student) / f"{NAME}.ipynb").read_text(encoding="utf-8")


def test_a_team_hands_in_once_and_each_is_late_by_their_own_deadline(places: Places) -> None:
    """Every member gets the notebook in a folder of their own; who is alone in a team, or in none, gets nothing."""
    handin = FakeHandin("ana", "tp", Delivery(LATER, "push"))
    outcomes = {outcome.student: outcome for outcome in run(places, handin, roster=TEAMS)}
    assert {name: outcome.status for name, outcome in outcomes.items()} == {
        "ana": "new",
        "luz": "new",
        "eva": "missing",
        "zoe": "missing",
    }
    assert (notebook_of(places, "ana"), notebook_of(places, "luz")) == ("tp", "tp")
    assert (outcomes["ana"].late, outcomes["luz"].late) == (True, False)
    assert outcomes["luz"].notes == ("handed in by ana, team grupo 1", "extension until 2026-11-25 23:00")
    assert outcomes["ana"].notes == ("with luz, team Grupo 1",)
    assert handin.deadline == DEADLINE
    assert [item.status for item in run(places, FakeHandin("ana", "tp"), roster=TEAMS)][:2] == ["unchanged"] * 2


def test_a_hand_in_that_is_called_after_a_team_is_its_members(places: Places) -> None:
    """As Canvas calls that of a group, and GitHub Classroom a team's repository; who has their own keeps it."""
    outcomes = run(places, FakeHandin("grupo-1", "tp"), FakeHandin("ana", "own"), roster=TEAMS)
    assert [(outcome.student, outcome.status) for outcome in outcomes[:2]] == [("ana", "new"), ("luz", "new")]
    assert (notebook_of(places, "ana"), notebook_of(places, "luz")) == ("own", "tp")
    all_three = FakeHandin("Grupo 1", "tp"), FakeHandin("ana", "own"), FakeHandin("luz", "mine")
    outcomes = run(places, *all_three, roster=TEAMS)
    assert [outcome.status for outcome in outcomes[:2]] == ["unchanged", "updated"]
    assert outcomes[-1].notes == ("each of the team Grupo 1 handed in something else",)


def test_a_team_that_is_not_at_one_is_a_conflict_of_who_handed_in_nothing(places: Places) -> None:
    """Nobody guesses which one is the team's; the very same work is no doubt."""
    three = Roster([Student(name, name, team="T") for name in ("ana", "luz", "eva")])
    outcomes = run(places, FakeHandin("ana", "1"), FakeHandin("luz", "2"), roster=three)
    assert [outcome.status for outcome in outcomes] == ["new", "new", "conflict"]
    assert outcomes[2].notes == ("ana, luz of the team T handed in different work: none of it was taken",)
    outcomes = run(places, FakeHandin("ana", "1"), FakeHandin("luz", "1"), roster=three)
    assert [outcome.status for outcome in outcomes] == ["unchanged", "updated", "new"]
    assert notebook_of(places, "eva") == "1"


def test_members_of_a_team_fail_each_for_themselves(places: Places) -> None:
    """With the reason of the hand-in that they share."""
    handin = FakeHandin("ana")
    handin.error = CollectError("unreachable", "nobody answers.")
    outcomes = run(places, handin, roster=TEAMS)
    assert [outcome.status for outcome in outcomes[:2]] == ["unreachable", "unreachable"]
    assert outcomes[1].notes == ("nobody answers.",)


def test_a_deadline_of_ones_own_reaches_the_source_and_the_record(places: Places) -> None:
    """The later of roster's and platform's; an extension for this assignment is better than one for all."""
    eva = FakeHandin("eva", "e", Delivery(LATER + timedelta(days=1), "worksheet"))
    zoe = FakeHandin("zoe", "z", Delivery(LATER, "worksheet", extension=LATER))
    ana = FakeHandin("ana", "a", Delivery(LATER, "worksheet", extension=DEADLINE - timedelta(days=9)))
    outcomes = run(places, eva, zoe, ana, roster=TEAMS)
    record(outcomes, places.record, "test", DEADLINE)
    assert (eva.deadline, zoe.deadline) == (DEADLINE + timedelta(days=2), DEADLINE)
    found = {outcome.student: outcome for outcome in outcomes}
    assert {name: found[name].late for name in ("eva", "zoe", "ana")} == {"eva": False, "zoe": False, "ana": True}
    written = json.loads(places.record.read_text(encoding="utf-8"))["students"]
    assert {name: written[name]["extension"] for name in ("eva", "zoe", "ana")} == {
        "eva": "2026-11-26T23:00:00+00:00",
        "zoe": "2026-11-25T19:00:00+00:00",
        "ana": None,
    }
    assert extensions(places.originals) == {"luz": LATER + timedelta(hours=4)} | {
        "eva": DEADLINE + timedelta(days=2),
        "zoe": LATER,
    }


def test_late_for_the_class_may_be_in_time_for_one(places: Places) -> None:
    """Where the platform says late and not how late, nobody with an extension is late for it."""
    outcomes = run(
        places, FakeHandin("eva", "e", Delivery(late=True)), FakeHandin("zoe", "z", Delivery(late=True)), roster=TEAMS
    )
    found = {outcome.student: outcome for outcome in outcomes}
    assert (found["eva"].late, found["eva"].time) == (None, None)
    assert "whether also for who has an extension is not known" in " ".join(found["eva"].notes)
    assert (found["zoe"].late, found["zoe"].time) == (True, DEADLINE + timedelta(seconds=1))


def test_an_interrupted_run_goes_on(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was placed stays; nothing half-done is left; no git goes on."""
    stopped = threading.Event()
    monkeypatch.setattr(git, "_stopped", stopped)
    beto = FakeHandin("beto")
    beto.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run(places, FakeHandin("ana"), beto)
    assert stopped.is_set()
    assert sorted(path.name for path in places.submitted.iterdir()) == [".collecting.lock", "ana"]
    assert [outcome.status for outcome in run(places, FakeHandin("ana"), FakeHandin("beto"))] == [
        "missing",
        "unchanged",
        "new",
    ]


def test_what_a_killed_run_left_is_cleared_away(places: Places) -> None:
    """It is nobody's submission."""
    (places.submitted / ".collecting/0/files").mkdir(parents=True)
    run(places, FakeHandin("ana"))
    assert sorted(path.name for path in places.submitted.iterdir()) == [".collecting.lock", "ana"]


def test_two_runs_at_once_do_not_mix(places: Places) -> None:
    """The second says so and changes nothing."""
    places.submitted.mkdir()
    with (places.submitted / ".collecting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="another collect is at work"):
            run(places, FakeHandin("ana"))
    assert not (places.submitted / "ana").exists()


def test_every_original_is_kept_once(places: Places, tmp_path: Path) -> None:
    """Another one of the same name is another original."""
    download = tmp_path / "submissions.zip"
    for content in ("one", "one", "two", "one", "two"):
        download.write_text(content)
        collect(Source("test", (), download), places, None, None)
    kept = sorted((places.originals / "archive").iterdir())
    assert sorted(path.read_text() for path in kept) == ["one", "two"]
    assert kept[-1].name == "submissions.zip"


def test_the_record_keeps_students_of_earlier_runs(places: Places) -> None:
    """What this run did not see stays as it was; times are UTC, and unknown ones null."""
    first = [Outcome("ana", "new", DEADLINE, "push", False, "1" * 40), Outcome("beto", "new")]
    record(first, places.record, "curso/tp", DEADLINE)
    record([Outcome("beto", "updated", notes=("x",)), Outcome("ana", "missing")], places.record, "late.zip", None)
    written = json.loads(places.record.read_text(encoding="utf-8"))
    assert written["schema"] == 1
    assert written["students"]["ana"] == {
        "status": "new",
        "time": "2026-11-24T23:00:00+00:00",
        "clock": "push",
        "late": False,
        "origin": "1" * 40,
        "notes": [],
        "participant": "",
        "team": "",
        "source": "curso/tp",
        "deadline": "2026-11-24T23:00:00+00:00",
        "extension": None,
    }
    assert (written["students"]["beto"]["status"], written["students"]["beto"]["time"]) == ("updated", None)
    places.record.write_text("{")
    record(first, places.record, "curso/tp", DEADLINE)
    assert set(json.loads(places.record.read_text())["students"]) == {"ana", "beto"}


def test_the_record_forgets_names_that_found_their_student(places: Places) -> None:
    """Those of the same source; a failure elsewhere stays."""
    record([Outcome("Ana M_1001", "unmatched")], places.record, "moodle.zip", None)
    record([Outcome("curso-x", "unmatched")], places.record, "curso/tp", None)
    record([Outcome("ana", "new")], places.record, "moodle.zip", None)
    assert set(json.loads(places.record.read_text())["students"]) == {"ana", "curso-x"}


def test_the_table_shows_hostile_text_as_text() -> None:
    """No colours, no markup, no control characters of a student's; at most three notes."""
    console = Console(width=120, record=True, force_terminal=False)
    hostile = "\x1b[31m[bold]x[/bold]\n\u202e@evil"
    notes = (hostile, "b", "c", "d", "e")
    with console.capture() as captured:
        console.print(summary_table([Outcome(hostile, "refused", DEADLINE, "commit", True, notes=notes)], None))
    shown = captured.get()
    assert "[bold]x[/bold]" in shown
    assert not {"\x1b", "\u202e"} & set(shown)
    assert "y 2 más" in shown
    assert "2026-11-24 23:00:00 (commit)" in shown
    assert "1 rechazado (refused)" in shown
