"""Feedback pages without nbgrader: from submissions and their reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.course.assignments import Assignment
from autograder.course.exercises import exercises_of
from autograder.errors import IntakeError
from autograder.feedback.page import CellFeedback, Feedback, feedback_page
from autograder.feedback.shown import graded_notebook
from autograder.grading.kept import Graded
from autograder.intake.job import prepare
from autograder.intake.notebook import read_submission
from autograder.render.known import Known
from autograder.render.phrases import say_of_checks
from autograder.render.said import said
from autograder.render.text import cell_points

__all__ = ["write_feedback"]


def write_feedback(results: Sequence[Graded], assignments: Mapping[str, Assignment], folder: Path) -> list[Path]:
    """Write a page for each submission, where nbgrader would: ``<folder>/<student>/<assignment>/<assignment>.html``.

    Parameters
    ----------
    results : sequence of Graded
        Of a run with ``render``: what the cells showed was kept.
    assignments : mapping
        The assignments of the course.
    folder : Path
        Made if need be. Earlier pages are overwritten.

    Returns
    -------
    list of Path
        The pages, in the order of the results.
    """
    written = []
    for result in results:
        notebook, told = _told(result, assignments)
        assignment = result.report.assignment or "entrega"
        path = folder / result.submission.name / assignment / f"{assignment}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(feedback_page(notebook, told), encoding="utf-8", errors="replace", newline="\n")
        written.append(path)
    return written


def _told(result: Graded, assignments: Mapping[str, Assignment]) -> tuple[Mapping[str, Any], Feedback]:
    """Return the notebook that a page shows, and what it says about it."""
    submission, report = result.submission, result.report
    checks = said(report).by_grade_cell()
    cells = {grade_id: CellFeedback(*cell_points(listed), checks=tuple(listed)) for grade_id, listed in checks.items()}
    told = Feedback(report.submission, report.assignment, report.score, report.max_score, cells=cells)
    try:
        job = prepare(submission, assignments)
    except IntakeError as error:
        return {}, Feedback(
            told.student, told.assignment, None, told.max_score, note=say_of_checks(str(error), report.assignment)
        )
    assert submission.notebook is not None, "prepare refuses it"
    handed_in = read_submission(submission.notebook, outputs=True)[1]
    known = Known({report.assignment: exercises_of(job.assignment)})
    by_hand = known.exercises[report.assignment].by_hand if report.graded else {}
    cells |= {grade_id: CellFeedback(None, highest) for grade_id, highest in by_hand.items()}
    titles = {grade_id: known.title(report.assignment, grade_id) for grade_id in cells}
    told = replace(told, max_score=told.max_score + sum(by_hand.values()), titles=titles)
    return graded_notebook(result, handed_in, job.assignment), told
