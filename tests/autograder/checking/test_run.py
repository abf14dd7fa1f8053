"""Checks that are read before a process forks: the same results, used once, and never older than their files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.checking import run
from autograder.checking.run import collect_checks, run_checks
from autograder.errors import WorkerFault
from tests.helpers.written_checks import Answers, course

TEXT = '''
@pytest.mark.grade("a")
def test_first(student, rng, partial):
    """Uno."""
    print("not on the screen")
    partial(student.f() / 4, f"{rng.integers(1000)}")


@pytest.mark.grade("b")
@pytest.mark.needs("test_first")
def test_second(student):
    """Dos."""
'''


def test_what_was_collected_before_gives_the_same_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Statuses, messages, random inputs and points; what it is used for a second time is read again."""
    assignment = course(tmp_path, TEXT)
    read = []
    monkeypatch.setattr(run, "run_plugin", lambda *given, real=run.run_plugin: read.append(given) or real(*given))
    for answers, statuses in (
        (Answers(f=lambda: 2), ["failed", "skipped"]),
        (Answers(f=lambda: 4), ["passed", "passed"]),
    ):
        read.clear()
        collect_checks(assignment)
        (early, flags), alone = (run_checks(assignment, answers, "seed") for _ in range(2))
        assert [result.status for result in early] == statuses
        kept = [(one.id, one.status, one.message, one.credit, one.weight) for one in early]
        assert kept == [(one.id, one.status, one.message, one.credit, one.weight) for one in alone[0]]
        assert flags == alone[1] == []
        assert len(read) == 2
    assert capfd.readouterr() == ("", "")


MIXED = '''
class Memory:
    values = []
    times = 0


@pytest.fixture(scope="module")
def counted():
    Memory.times += 1
    yield Memory.times
    Memory.times = 0


@pytest.mark.grade("a")
def test_plain(student, flag):
    """Uno."""
    flag("seen", "Look.")
    Memory.values.append(student.f())


@pytest.mark.grade("a")
def test_with_a_fixture(student, counted):
    """Dos."""
    Memory.values.append(counted)


@pytest.mark.grade("b")
def test_plain_between(student):
    """Tres."""
    assert Memory.values[-2:] == [4, 1]


@pytest.mark.grade("b")
def test_with_the_same_fixture(counted):
    """Cuatro."""
    assert counted == 1


@pytest.mark.grade("b")
@pytest.mark.skipif(True, reason="no")
def test_with_a_marker(student):
    """Cinco."""


class TestOfAClass:
    @pytest.mark.grade("b")
    def test_method(self, student):
        """Seis."""


@pytest.mark.grade("b")
@pytest.mark.parametrize("number", [1, 2])
def test_with_numbers(number):
    """Siete."""
    assert number == 1
'''
OWN = '''
@pytest.fixture
def rng():
    return "own"


@pytest.mark.grade("a")
def test_own(rng):
    """Uno."""
    assert rng == "own"
'''


PYTEST = """
@pytest.mark.grade("a")
def test_folder(tmp_path):
    \"\"\"Uno.\"\"\"
    assert tmp_path.is_dir()
"""


@pytest.mark.parametrize("text", [MIXED, OWN, PYTEST])
def test_checks_of_every_kind_end_as_pytest_says(tmp_path: Path, text: str) -> None:
    """Fixtures of a module, its own ones with our names, markers, classes and parameters, among plain functions."""
    assignment = course(tmp_path, text)
    ways = []
    for collect in (lambda _: None, collect_checks):
        collect(assignment)
        results, flags = run_checks(assignment, Answers(f=lambda: 4), "seed")
        ways.append(([(one.id, one.status, one.message, one.credit) for one in results], flags))
    for here, there in zip(*(results for results, _ in ways), strict=True):
        assert here == there
    assert ways[0][1] == ways[1][1]
    assert [status for _, status, *_ in ways[0][0]].count("passed") == (6 if text is MIXED else 1)


def test_only_what_is_asked_for_runs(tmp_path: Path) -> None:
    """With what it needs."""
    assignment = course(tmp_path, TEXT + '\n\n@pytest.mark.grade("c")\ndef test_third(student):\n    """Tres."""\n')
    collect_checks(assignment)
    results, _ = run_checks(assignment, Answers(f=lambda: 4), "seed", "b")
    assert [result.name for result in results] == ["test_first", "test_second"]


def test_checks_that_have_changed_are_read_again(tmp_path: Path) -> None:
    """The process that others are forked from may be older than they."""
    assignment = course(tmp_path, TEXT)
    collect_checks(assignment)
    (file,) = assignment.require_checks().glob("test_*.py")
    file.write_text(file.read_text(encoding="utf-8").replace("/ 4", "/ 8"), encoding="utf-8")
    os.utime(file, ns=(1, 1))
    results, _ = run_checks(assignment, Answers(f=lambda: 4), "seed")
    assert [(result.status, result.credit) for result in results] == [("failed", 0.5), ("skipped", 0.0)]


def test_checks_that_cannot_be_read_are_reported_where_they_run(tmp_path: Path) -> None:
    """Reading them early raises nothing."""
    assignment = course(tmp_path, "def test_broken(:\n")
    collect_checks(assignment)
    with pytest.raises(WorkerFault):
        run_checks(assignment, Answers(), "seed")
