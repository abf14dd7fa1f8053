"""What becomes of a check: its status, its points and its random inputs."""

from __future__ import annotations

import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.checking.results import CheckResult
from autograder.checking.run import collect_checks, run_checks
from autograder.errors import WorkerFault
from autograder.grading.points import score
from tests.helpers.written_checks import Answers, course


def checked(
    folder: Path, text: str, seed: str = "seed", grade_id: str | None = None, **functions: Any
) -> dict[str, CheckResult]:
    """Run checks written in ``text`` and return their results by name, after pytest's way and ours gave the same."""
    assignment = course(folder, text)
    ways = []
    for collect in (lambda _: None, collect_checks):
        collect(assignment)
        ways.append(run_checks(assignment, Answers(**functions), seed, grade_id))
    first, second = ([replace(result, seconds=0.0) for result in results] for results, _ in ways)
    for one, other in zip(first, second, strict=True):
        assert replace(one, details="") == replace(other, details="")
        assert bool(one.details) == bool(other.details)
    return {result.name: result for result in ways[0][0]}


CHAIN = '''
@pytest.mark.grade("a")
def test_first(student):
    """Lo primero.

    Esto no es parte del título."""
    expect_that(student.f() == 1, "No es uno.")


@pytest.mark.grade("a", weight=3)
@pytest.mark.needs("test_first")
def test_second(student):
    """Lo segundo."""


@pytest.mark.grade("b")
@pytest.mark.needs("test_second")
def test_third(student):
    """Lo tercero."""
'''


def test_a_check_that_passes_says_nothing(tmp_path: Path) -> None:
    """Its title is the first paragraph of its docstring."""
    results = checked(tmp_path, CHAIN, f=lambda: 1)
    assert {result.status for result in results.values()} == {"passed"}
    first = results["test_first"]
    assert (first.id, first.title, first.message, first.credit) == ("a::test_first", "Lo primero.", "", 1.0)


def test_what_needs_a_failed_check_is_skipped_with_the_reason(tmp_path: Path) -> None:
    """Down the whole chain."""
    results = checked(tmp_path, CHAIN, f=lambda: 2)
    assert [result.status for result in results.values()] == ["failed", "skipped", "skipped"]
    assert results["test_first"].message.splitlines()[0] == "No es uno."
    assert results["test_second"].message == "Primero hace falta: «Lo primero.»."
    checks, total = score(list(results.values()), {"a": 4, "b": 6})
    assert total == 0
    assert [check.max_score for check in checks] == [1, 3, 6]


MISSING = '''
import data


@pytest.mark.grade("a")
def test_here(student):
    """Lo que se puede."""


@pytest.mark.grade("a", weight=3)
def test_data(student):
    """Lo que necesita datos."""
    raise data.DataMissing("letters", data.cache_folder() / "letters", "Get it.")


@pytest.mark.grade("b")
@pytest.mark.needs("test_data")
def test_more(student):
    """Lo que sigue."""
'''


def test_a_check_without_its_data_is_skipped_and_costs_nothing(tmp_path: Path) -> None:
    """Nor does what needs it; the instructor is told once how to get the data."""
    results, flags = run_checks(course(tmp_path, MISSING), Answers(), "seed")
    assert [result.status for result in results] == ["passed", "skipped", "skipped"]
    said = (
        "No se pudo evaluar: faltan los datos «letters» en la máquina que corrige. No es culpa tuya, y este punto no "
    )
    assert {result.message for result in results[1:]} == {said + "cuenta."}
    checks, total = score(results, {"a": 4, "b": 6})
    assert total == 4
    assert [check.max_score for check in checks] == [4, 0, 0]
    (flag,) = flags
    assert (flag["kind"], flag["dataset"]) == ("data-missing", "letters")
    assert flag["message"].endswith("which is not there. Get it.")


@pytest.mark.parametrize("fault", ["1 / 0", "assert 1 == 2, 'x'", "raise SystemError", "student.nothing()"])
def test_a_fault_of_the_grader_is_an_error_and_no_failure(tmp_path: Path, fault: str) -> None:
    """The submission gets no score, and the student reads no traceback."""
    text = f'@pytest.mark.grade("a")\ndef test_it(student):\n    """Algo."""\n    {fault}\n'
    text += '\n\n@pytest.mark.grade("a")\ndef test_fine(student):\n    """Bien."""\n'
    results = checked(tmp_path, text)
    assert results["test_it"].status == "error"
    assert "no es culpa tuya" in results["test_it"].message
    assert "test_checks_" in results["test_it"].details
    assert "Error" not in results["test_it"].message
    checks, total = score(list(results.values()), {"a": 10})
    assert total is None
    assert [check.score for check in checks] == [0, 5]


@pytest.mark.parametrize(
    ("credit", "status", "earned"), [(0.25, "failed", 1), (-1, "failed", 0), (1, "passed", 4), (7, "passed", 4)]
)
def test_partial_credit_earns_a_part(tmp_path: Path, credit: float, status: str, earned: float) -> None:
    """From nothing to all: a check that earned all of its points has passed, and tells what was measured."""
    text = f'@pytest.mark.grade("a")\ndef test_it(partial):\n    """Algo."""\n    partial({credit}, "Casi.")\n'
    results = checked(tmp_path, text)
    assert (results["test_it"].status, results["test_it"].message) == (status, "Casi.")
    assert score(list(results.values()), {"a": 4})[1] == earned


def test_points_are_shared_by_the_weights() -> None:
    """Also where a third has no exact decimal form; grade cells come in the notebook's order."""
    results = [
        CheckResult("b", "test_b", "B.", 1, "passed", credit=1),
        CheckResult("a", "test_1", "1.", 1, "passed", credit=1),
        CheckResult("a", "test_2", "2.", 3, "failed", "No."),
    ]
    checks, total = score(results, {"a": 2, "b": 8})
    assert [(check.id, check.score, check.max_score) for check in checks] == [
        ("a::test_1", 0.5, 0.5),
        ("a::test_2", 0, 1.5),
        ("b::test_b", 8, 8),
    ]
    assert total == 8.5
    thirds = [CheckResult("a", f"test_{n}", "T.", 1, "passed", credit=1) for n in range(3)]
    assert score(thirds, {"a": 10})[1] == 10


RANDOM = '''
@pytest.mark.grade("a")
def test_one(student, rng):
    """Uno."""
    student.f(rng.integers(1 << 60))


@pytest.mark.grade("a")
def test_two(student, rng):
    """Dos."""
    student.f(rng.integers(1 << 60))
'''


def test_random_inputs_follow_from_the_submission(tmp_path: Path) -> None:
    """The same when graded again, others for another submission and for another check."""

    def inputs(seed: str) -> list[int]:
        drawn: list[int] = []
        checked(tmp_path, RANDOM, seed, f=drawn.append)
        return drawn

    first = inputs("ana")
    assert first == inputs("ana")
    assert len({*first, *inputs("beto")}) == 4


def test_one_grade_cell_runs_with_what_it_needs(tmp_path: Path) -> None:
    """For a student's question about one exercise."""
    text = CHAIN + '\n\n@pytest.mark.grade("c")\ndef test_other(student):\n    """Otro."""\n    1 / 0\n'
    assert list(checked(tmp_path, text, grade_id="b", f=lambda: 1)) == ["test_first", "test_second", "test_third"]


def test_a_flag_changes_no_grade(tmp_path: Path) -> None:
    """It is for the instructor."""
    text = '@pytest.mark.grade("a")\ndef test_it(flag):\n    """Algo."""\n    flag("seen", "Look.", ratio=0.5)\n'
    results, flags = run_checks(course(tmp_path, text), Answers(), "seed")
    assert [result.status for result in results] == ["passed"]
    assert flags == [{"kind": "seen", "message": "Look.", "ratio": 0.5}]


def test_what_checks_print_stays_inside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A progress bar is on that terminal."""
    checked(tmp_path, '@pytest.mark.grade("a")\ndef test_it():\n    """Algo."""\n    print("secret")\n')
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""


@pytest.mark.parametrize("text", ["def broken(:\n", "x = 1\n"])
def test_checks_that_cannot_be_collected_are_the_graders_fault(tmp_path: Path, text: str) -> None:
    """No submission fails because of them."""
    with pytest.raises(WorkerFault, match="could not be run"):
        checked(tmp_path, text)


@pytest.mark.parametrize("collected", [False, True])
def test_when_the_time_is_up_the_rest_fails_and_what_is_earned_is_kept(tmp_path: Path, collected: bool) -> None:
    """Also in the middle of a check that catches everything, and in what a check prepares."""
    text = '''
@pytest.mark.grade("a")
def test_quick(student):
    """Rápido."""


@pytest.mark.grade("b")
def test_endless(student):
    """Sin fin."""
    while True:
        try:
            student.f()
        except Exception:
            pass


@pytest.fixture
def slow():
    while True:
        pass


@pytest.mark.grade("c")
def test_prepared(slow):
    """Preparado."""
'''
    started = time.monotonic()
    assignment = course(tmp_path, text)
    if collected:
        collect_checks(assignment)
    results, flags = run_checks(assignment, Answers(f=lambda: 1), "seed", seconds=2)
    assert time.monotonic() - started < 10
    assert [(result.name, result.status, result.credit) for result in results] == [
        ("test_quick", "passed", 1.0),
        ("test_endless", "failed", 0.0),
        ("test_prepared", "failed", 0.0),
    ]
    assert "se acabó el tiempo" in results[1].message
    assert [flag["kind"] for flag in flags] == ["timeout"]
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_what_fills_the_memory_is_no_fault_of_the_grader(tmp_path: Path) -> None:
    """A check that meets the limit fails, and the next one goes on."""
    text = '''
@pytest.mark.grade("a")
def test_large(student):
    """Grande."""
    raise MemoryError


@pytest.mark.grade("b")
def test_other(student):
    """Otro."""
'''
    results = checked(tmp_path, text)
    assert [result.status for result in results.values()] == ["failed", "passed"]
    assert "demasiada memoria" in results["test_large"].message
