"""A run on machines that lie, hang, die and differ: every submission graded once, and one clear word otherwise."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.cluster.answer import Answer
from autograder.cluster.client import Cluster
from autograder.cluster.machine import TOPIC
from autograder.cluster.versions import Versions, our_versions
from autograder.course.assignments import find_assignments
from autograder.errors import ClusterUnavailable, UsageError
from autograder.grading.class_run import run_class
from autograder.grading.executor import Event
from autograder.grading.kept import Graded
from autograder.intake.submissions import Submission, find_submissions
from autograder.settings import Settings
from tests.helpers.fake_cluster import ASSIGNMENT, FakeCluster, FakeMachine, a_report

ASSIGNMENTS = {ASSIGNMENT: find_assignments()[ASSIGNMENT]}
VERSIONS = our_versions(ASSIGNMENTS)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def submissions(tmp_path: Path) -> list[Submission]:
    """Six students, each with another notebook."""
    for number in range(6):
        folder = tmp_path / "submitted" / f"s{number}" / ASSIGNMENT
        folder.mkdir(parents=True)
        cell = {"cell_type": "code", "source": f"x = {number}", "metadata": {}, "outputs": [], "execution_count": None}
        (folder / f"{ASSIGNMENT}.ipynb").write_text(json.dumps({"nbformat": 4, "metadata": {}, "cells": [cell]}))
    return find_submissions([tmp_path / "submitted"], ASSIGNMENTS)


class Ran:
    """A run and what was heard of it."""

    def __init__(self, submissions: list[Submission], cluster: FakeCluster | str, **options: Any) -> None:
        self.events: list[Event] = []
        self.options = {"first": 20.0, **options}
        self.address = cluster if isinstance(cluster, str) else cluster.address
        self.submissions = submissions

    def grade(self, settings: Settings | None = None) -> list[Graded]:
        executor = Cluster(self.address, **self.options)
        settings = settings or Settings()
        return run_class(self.submissions, ASSIGNMENTS, settings, self.events.append, executor=executor)

    @property
    def notices(self) -> str:
        return "\n".join(event.text for event in self.events if event.kind == "notice")

    @property
    def finished(self) -> list[int]:
        return sorted(event.index for event in self.events if event.kind == "finished")


@pytest.fixture
def two() -> Iterator[FakeCluster]:
    with FakeCluster([FakeMachine(name, VERSIONS) for name in ("ada", "bob")]) as cluster:
        yield cluster


def test_every_submission_is_graded_once_and_kept(submissions: list[Submission], two: FakeCluster) -> None:
    """Under the name of who handed it in; the same command again asks nobody."""
    run = Ran(submissions, two)
    results = run.grade()
    assert [(result.report.submission, result.report.score) for result in results] == [(f"s{n}", 7.5) for n in range(6)]
    assert run.finished == list(range(6))
    asked = [key for machine in two.machines for key in machine.asked]
    assert (len(asked), len(set(asked))) == (6, 6)
    assert {event.machine for event in run.events if event.kind == "finished"} == {"ada", "bob"}
    again = Ran(submissions, "tcp://127.0.0.1:1")
    assert [result.report for result in again.grade()] == [result.report for result in results]


def test_what_cannot_be_read_needs_no_machine(tmp_path: Path, submissions: list[Submission]) -> None:
    """A folder without a notebook, and a link to a neighbour's."""
    empty = Submission("empty", None, tmp_path, ASSIGNMENT)
    (tmp_path / "link.ipynb").symlink_to(submissions[0].notebook or "")
    linked = Submission("linked", tmp_path / "link.ipynb", None, ASSIGNMENT)
    results = Ran([empty, linked], "tcp://127.0.0.1:1").grade()
    assert [result.report.flags[0]["kind"] for result in results] == ["missing", "unreadable"]


@pytest.mark.parametrize("seconds", [-1.0, 1e9])
def test_a_machine_that_lies_about_time_is_named_and_its_time_replaced(
    submissions: list[Submission], seconds: float
) -> None:
    """Less than nothing, or more than it took; the points stay."""
    liar = FakeMachine("ada", VERSIONS, lambda question: Answer("report", a_report(9, seconds), machine="ada"))
    with FakeCluster([liar]) as cluster:
        run = Ran(submissions[:2], cluster)
        results = run.grade()
    assert [result.report.score for result in results] == [9, 9]
    assert all(0 <= result.report.seconds < 30 for result in results)
    assert run.notices.count("machine ada tells an impossible time") == 1


def test_a_machine_that_never_ends_loses_its_work_to_another(submissions: list[Submission], two: FakeCluster) -> None:
    """However alive it says that it is."""
    released = threading.Event()
    hanging = two.machines[0]

    def hang(question: Any) -> Answer:
        released.wait(60)
        return Answer("report", a_report(1), machine="ada")

    hanging.say = hang
    run = Ran(submissions, two, grace=1.0)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Settings, "submission_seconds", property(lambda self: 0.5))
            results = run.grade()
    finally:
        released.set()
    assert [result.report.score for result in results] == [7.5] * 6
    assert run.finished == list(range(6))
    assert "machine ada gets nothing more: it does not end what it began" in run.notices


@pytest.mark.parametrize(
    "said",
    [b"\x80\x04N.", b"", "text", None, {"kind": "report"}, object()],
    ids=["pickle", "empty", "text", "none", "dict", "object"],
)
def test_an_answer_that_is_none_is_asked_for_elsewhere(
    submissions: list[Submission], two: FakeCluster, said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the machine gets nothing more, at once, and no other; nothing that it sent was unpickled."""
    from autograder.cluster import machine

    written = machine.write
    monkeypatch.setattr(machine, "write", lambda answer: written(answer) if isinstance(answer, Answer) else said)
    two.machines[0].say = lambda question: said
    run = Ran(submissions, two)
    started = time.monotonic()
    assert [result.report.score for result in run.grade()] == [7.5] * 6
    assert "machine ada gets nothing more: its answer is none" in run.notices
    assert "machine bob gets nothing more" not in run.notices
    assert time.monotonic() - started < 30


def test_a_machine_that_speaks_for_another_has_itself_blamed(submissions: list[Submission], two: FakeCluster) -> None:
    """The scheduler knows who answered, whatever address a machine tells."""

    def slander(question: Any) -> Any:
        from distributed import get_worker

        bob = next(one["address"] for one in two.workers() if one["name"].startswith("bob"))
        get_worker().log_event(TOPIC, {"key": question.key, "machine": "bob", "address": bob, "text": ""})
        return Answer("refused", text="{}", machine="bob")

    two.machines[0].say = slander
    run = Ran(submissions, two)
    assert [result.report.score for result in run.grade()] == [7.5] * 6
    assert "machine ada gets nothing more" in run.notices
    assert "machine bob gets nothing more" not in run.notices


def test_a_fault_is_tried_once_more_and_then_costs_nobody_a_point(submissions: list[Submission]) -> None:
    """As at home: no grade, the reason for the instructor, and not the student's fault."""
    broken = FakeMachine("ada", VERSIONS, lambda question: Answer("fault", text="ada: no space left", machine="ada"))
    with FakeCluster([broken]) as cluster:
        [result] = Ran(submissions[:1], cluster).grade()
    assert len(broken.asked) == 2
    assert result.report.score is None
    assert "no es culpa tuya" in result.report.checks[0].message
    assert [(flag["kind"], flag["reason"]) for flag in result.report.flags] == [("grader-error", "ada: no space left")]


def _other(versions: Versions) -> Versions:
    parts = {name: {**found, "checks": "0ther"} for name, found in versions.assignments.items()}
    return replace(versions, python="3.99.0", assignments=parts)


def test_a_machine_that_differs_is_refused_with_both_versions(submissions: list[Submission]) -> None:
    """It gets nothing; the other one grades everything."""
    other = _other(VERSIONS)
    with FakeCluster([FakeMachine("ada", other), FakeMachine("bob", VERSIONS)]) as cluster:
        run = Ran(submissions, cluster)
        assert len(run.grade()) == 6
    assert cluster.machines[0].asked == []
    mine = VERSIONS.assignments[ASSIGNMENT]["checks"]
    _wait_for(lambda: "refused" in run.notices)
    assert f"Python here {VERSIONS.python}, there 3.99.0" in run.notices
    assert f"checks of {ASSIGNMENT} here {mine}, there 0ther" in run.notices


def test_a_machine_that_says_it_fits_and_does_not_is_refused_by_itself(submissions: list[Submission]) -> None:
    """Its versions are asked again with each submission."""
    refuses = FakeMachine("ada", VERSIONS, lambda question: Answer("refused", text="{}", machine="ada"))
    with FakeCluster([refuses, FakeMachine("bob", VERSIONS)]) as cluster:
        run = Ran(submissions, cluster)
        assert [result.report.score for result in run.grade()] == [7.5] * 6
    assert "machine ada gets nothing more: it has other versions than it says" in run.notices


def test_without_a_machine_that_fits_the_error_says_who_was_refused(submissions: list[Submission]) -> None:
    """And how to start one."""
    with FakeCluster([FakeMachine("ada", _other(VERSIONS))]) as cluster, pytest.raises(ClusterUnavailable) as error:
        Ran(submissions, cluster, first=4.0).grade()
    assert "refused: ada (Python here" in str(error.value)
    assert f"python -m autograder worker {cluster.address}" in str(error.value)
    assert "6 submissions wait" in str(error.value)


def test_a_worker_without_a_sandbox_gets_nothing(submissions: list[Submission]) -> None:
    """Somebody else's worker of the same scheduler."""
    from distributed import Worker

    async def plain(address: str) -> Any:
        return await Worker(address, nthreads=1, dashboard=False, memory_limit=0)

    with FakeCluster([]) as cluster:
        worker = cluster.do(plain(cluster.address))
        with pytest.raises(ClusterUnavailable, match="Received: 1 without the resource `sandbox`"):
            Ran(submissions, cluster, first=3.0).grade()
        cluster.do(worker.close())


def test_without_a_scheduler_the_error_names_its_command() -> None:
    """At once, before anything is graded."""
    submission = Submission("ana", ASSIGNMENTS[ASSIGNMENT].source, None, ASSIGNMENT)
    with pytest.raises(ClusterUnavailable, match=r"a scheduler at tcp://127.0.0.1:1\. .*python -m dask sched"):
        Ran([submission], "tcp://127.0.0.1:1", reach=1.0).grade()


def test_student_code_cannot_be_let_loose_on_a_cluster(submissions: list[Submission]) -> None:
    """Every machine locks up, whatever is asked."""
    with pytest.raises(UsageError, match="Received: --sandbox none"):
        Ran(submissions, "tcp://127.0.0.1:1").grade(Settings(sandbox="none"))


def test_a_scheduler_that_comes_back_finds_its_machines_and_the_run_goes_on(
    submissions: list[Submission], two: FakeCluster
) -> None:
    """What was on its way is asked again, nothing is told twice."""
    first = threading.Event()

    def say(question: Any) -> Answer:
        first.set()
        time.sleep(0.3)
        return Answer("report", a_report(), machine="ada")

    two.machines[0].say = two.machines[1].say = say
    run = Ran(submissions, two)

    def restart() -> None:
        first.wait(30)
        two.stop_scheduler()
        two.start_scheduler()

    thread = threading.Thread(target=restart)
    thread.start()
    results = run.grade()
    thread.join()
    assert [result.report.score for result in results] == [7.5] * 6
    assert run.finished == list(range(6))
    assert "the scheduler is gone. Waiting for it to come back." in run.notices


def test_a_machine_that_goes_gives_its_work_to_the_others(submissions: list[Submission], two: FakeCluster) -> None:
    """What it had begun, too."""
    begun = threading.Event()
    released = threading.Event()

    def hang(question: Any) -> Answer:
        begun.set()
        released.wait(30)
        return Answer("fault", text="ended", machine="ada")

    def slowly(question: Any) -> Answer:
        time.sleep(0.7)
        return Answer("report", a_report(), machine="bob")

    two.machines[0].say, two.machines[1].say = hang, slowly
    run = Ran(submissions, two)

    def leave() -> None:
        begun.wait(30)
        threading.Timer(3, released.set).start()
        two.stop(two.machines[0])

    thread = threading.Thread(target=leave)
    thread.start()
    results = run.grade()
    thread.join()
    assert [result.report.score for result in results] == [7.5] * 6
    assert run.finished == list(range(6))
    assert "machine ada is gone; what it was grading goes to the others" in run.notices


def _wait_for(ready: Any) -> None:
    deadline = time.monotonic() + 10
    while not ready() and time.monotonic() < deadline:
        time.sleep(0.1)
