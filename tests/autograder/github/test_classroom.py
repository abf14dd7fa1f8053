"""The result in the form of GitHub Classroom's graders."""

from __future__ import annotations

from autograder.github.classroom import encode_result, notices, to_result
from autograder.report import Check, Report
from tests.helpers.classroom_reporter import read_as_the_reporter_does


def report(*statuses: str, score: float | None = 1.5) -> Report:
    checks = [Check(f"c{i}::public", f"c{i}", "Ejercicio", status, 0.5, 1.0, "") for i, status in enumerate(statuses)]
    return Report("02_convolucion", "ana", score, 3.0, checks)


def test_the_reporter_reads_status_and_points() -> None:
    """``fail`` as soon as one check failed or did not run; the reporter adds the points up itself."""
    assert read_as_the_reporter_does(encode_result(to_result(report("passed", "passed", "passed")))) == ("pass", 1.5, 3)
    assert read_as_the_reporter_does(encode_result(to_result(report("passed", "skipped", "failed")))) == (
        "fail",
        1.5,
        3,
    )


def test_without_a_grade_the_result_is_an_error() -> None:
    """Which the reporter tells apart from a failed test."""
    assert read_as_the_reporter_does(encode_result(to_result(report(score=None)))) == ("error", 0, 3)


def test_a_test_says_what_failed_and_where(reports: list[Report]) -> None:
    """Names, messages and lines; the statuses are the graders' words."""
    result = to_result(reports[0], {"pad2d": 12}, "02_convolucion.ipynb")
    assert [test["status"] for test in result["tests"]] == ["pass", "fail", "pass", "fail"]
    assert result["tests"][1] == {
        "name": "pad2d: pad2d no cambia su entrada.",
        "status": "fail",
        "score": 0,
        "message": "La cambió.",
        "test_code": "",
        "filename": "02_convolucion.ipynb",
        "line_no": 12,
        "duration": 0.02,
    }


def test_the_encoded_result_is_one_line(reports: list[Report]) -> None:
    """Whatever a student's text holds: it is the value of a workflow's output."""
    assert "\n" not in encode_result(to_result(reports[2]))


def test_the_notices_are_those_of_the_reporter() -> None:
    """Tools that read a run's annotations look for these titles."""
    assert notices(report("passed", score=2.5)) == [
        ("Autograding complete", "Points 2.5/3"),
        ("Autograding report", '{"totalPoints": 2.5, "maxPoints": 3.0}'),
    ]
    assert notices(report(score=None)) == []
