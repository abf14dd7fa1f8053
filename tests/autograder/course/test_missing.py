"""Who handed in nothing, as a roster knows it."""

from __future__ import annotations

from autograder.course.assignments import find_assignments
from autograder.course.missing import missing_reports, strangers
from autograder.course.roster import Roster, Student
from autograder.report import Report

ONE, TWO = "01_imagen_digital", "02_convolucion"
ROSTER = Roster(
    [
        Student("ana", "Ana", "Muñoz", github="ana-gh"),
        Student("beto", "Beto", "Paz"),
        Student("eva", "Eva", "Sol", team="Grupo 1"),
        Student("luz", "Luz", "Mar", team="Grupo 1"),
    ]
)


def missing(*reports: Report, wanted: str | None = None) -> list[tuple[str, str]]:
    found = missing_reports(reports, ROSTER, find_assignments(), wanted)
    return [(report.assignment, report.submission) for report in found]


def test_a_report_of_nothing_has_no_score_and_no_checks() -> None:
    """Which is not 0, and no submission that got no grade either."""
    [report] = missing_reports(
        [Report(TWO, name, 5, 10) for name in ("beto", "eva", "luz")], ROSTER, find_assignments()
    )
    assert (report.submission, report.score, report.max_score, report.checks) == ("ana", None, 10, [])
    assert report.flags == [{"kind": "missing", "message": "The student handed in nothing."}]
    assert (report.graded, report.handed_in) == (False, False)
    assert Report(TWO, "ana", None, 10, flags=[{"kind": "unreadable", "message": ""}]).handed_in


def test_only_assignments_of_the_run_are_asked_for() -> None:
    """Or the one that was wanted."""
    of_one = Report(ONE, "ana", 1, 10), Report(ONE, "beto", None, 10), Report("", "x", None, 0)
    assert missing(*of_one) == [(ONE, "eva"), (ONE, "luz")]
    assert missing() == []
    assert missing(wanted=ONE) == [(ONE, name) for name in ("ana", "beto", "eva", "luz")]


def test_a_submission_is_whose_by_any_name_of_theirs() -> None:
    """Login, full name, and the team's; who is nobody's is told."""
    reports = [Report(TWO, name, 5, 10) for name in ("ANA-GH", "Paz, Beto", "grupo 1", "zoe")]
    assert missing(*reports) == []
    assert strangers(reports, ROSTER) == ["zoe"]


def test_points_that_a_missing_data_set_took_from_all_are_not_asked_of_the_missing() -> None:
    """Their maximum is that of the class."""
    [report, *_] = missing_reports([Report(TWO, "beto", 5, 7)], ROSTER, find_assignments())
    assert report.max_score == 7
