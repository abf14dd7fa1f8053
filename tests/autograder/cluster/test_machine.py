"""One machine: what it is asked twice it grades once, and what it cannot do it says."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.cluster.machine import Machine, Question, answer
from autograder.cluster.parcel import pack
from autograder.cluster.versions import our_versions
from autograder.course.assignments import find_assignments
from autograder.grading.pool import Message
from autograder.intake.submissions import Submission
from autograder.settings import Settings
from tests.helpers.fake_cluster import ASSIGNMENT, a_report

ASSIGNMENTS = {ASSIGNMENT: find_assignments()[ASSIGNMENT]}
VERSIONS = our_versions(ASSIGNMENTS)


class Pool:
    """Grading processes that are none: each try says what comes next."""

    def __init__(self, *says: Callable[[], Message]) -> None:
        self.says = list(says)
        self.started: list[Submission] = []
        self.settings: list[Settings] = []
        self.revived = self.killed = 0

    def start(self, submission: Submission, settings: Settings) -> Any:
        self.started.append(submission)
        self.settings.append(settings)
        pool = self

        class Grading:
            def __init__(self) -> None:
                self.pipe, theirs = multiprocessing.Pipe(duplex=False)
                theirs.send("something")

            def hear(self) -> Message:
                return pool.says.pop(0)()

            def close(self) -> None:
                self.pipe.close()

            def kill(self) -> None:
                pool.killed += 1

        return Grading()

    def revive(self) -> None:
        self.revived += 1


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def parcel(tmp_path: Path) -> bytes:
    (tmp_path / "a.ipynb").write_text("{}")
    return pack(Submission("ana", tmp_path / "a.ipynb", None, ASSIGNMENT), ASSIGNMENTS[ASSIGNMENT])


def machine(pool: Pool, tmp_path: Path) -> Machine:
    (tmp_path / "work").mkdir()
    return Machine("ada", VERSIONS, ASSIGNMENTS, pool, tmp_path / "work")  # type: ignore[arg-type]


def question(**changes: Any) -> Question:
    known = {"key": "k", "assignment": ASSIGNMENT, "seal": VERSIONS.seal(ASSIGNMENT), "settings": Settings()}
    return Question(**{**known, **changes})


def test_what_is_asked_twice_at_once_is_graded_once(tmp_path: Path, parcel: bytes) -> None:
    """After a scheduler was restarted, or a client came back."""
    begun, released = threading.Event(), threading.Event()

    def slowly() -> Message:
        begun.set()
        released.wait(10)
        return Message("report", report=a_report())

    pool = Pool(slowly)
    ada = machine(pool, tmp_path)
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(ada.grade(question(), parcel, lambda text: None)))
        for _ in range(2)
    ]
    threads[0].start()
    begun.wait(10)
    threads[1].start()
    time.sleep(0.1)
    released.set()
    for thread in threads:
        thread.join(10)
    assert [one.report.score for one in answers] == [7.5, 7.5]
    assert len(pool.started) == 1
    assert list((tmp_path / "work").iterdir()) == []


def test_progress_is_told_and_a_fault_tried_twice(tmp_path: Path, parcel: bytes) -> None:
    """The zygotes are looked after in between; what was slow is not tried again."""
    told: list[str] = []
    pool = Pool(lambda: Message("progress", "epoch 1"), lambda: Message("fault", "x"), lambda: Message("fault", "y"))
    ada = machine(pool, tmp_path)
    found = ada.grade(question(), parcel, told.append)
    assert (found.kind, found.text, told, pool.revived) == ("fault", "ada: y", ["epoch 1"], 2)
    pool.says = [lambda: Message("fault", "slow", again=False)]
    assert ada.grade(question(), parcel, told.append).text == "ada: slow"


def test_student_code_is_locked_up_whatever_who_asks_has_set(tmp_path: Path, parcel: bytes) -> None:
    """The question says ``none``, the machine hears ``bwrap``."""
    asked = Question.from_json(question(settings=Settings(sandbox="none", train=True)).to_json())
    pool = Pool(lambda: Message("report", report=a_report()))
    machine(pool, tmp_path).grade(asked, parcel, lambda text: None)
    assert [(one.sandbox, one.train) for one in pool.settings] == [("bwrap", True)]


def test_another_seal_is_refused_with_its_own_versions(tmp_path: Path, parcel: bytes) -> None:
    """Nothing is graded."""
    pool = Pool()
    found = machine(pool, tmp_path).grade(question(seal="other"), parcel, lambda text: None)
    assert (found.kind, found.text, pool.started) == ("refused", VERSIONS.to_json(), [])


def test_a_parcel_that_is_none_is_a_fault(tmp_path: Path) -> None:
    """It costs nobody a point."""
    found = machine(Pool(), tmp_path).grade(question(), b"x", lambda text: None)
    assert (found.kind, found.text) == ("fault", "ada: expected a parcel. Received: other bytes")


def test_a_machine_that_is_stopped_ends_what_it_does(tmp_path: Path, parcel: bytes) -> None:
    """And tries nothing again."""
    ada = machine(Pool(), tmp_path)

    def while_it_stops() -> Message:
        ada.stop()
        return Message("fault", "its process ended (code -9)")

    pool = Pool(while_it_stops)
    ada._pool = pool  # type: ignore[assignment]
    assert ada.grade(question(), parcel, lambda text: None).kind == "fault"
    assert (pool.killed, len(pool.started), pool.revived) == (1, 1, 0)


def test_a_process_that_is_no_machine_says_so() -> None:
    """A task that came to somebody else's worker."""
    with pytest.raises(RuntimeError, match=r"expected a worker of `python -m autograder work"):
        answer("{}", b"")
