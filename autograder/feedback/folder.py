"""Feedback pages without nbgrader: from submissions and their reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.course.assignments import Assignment
from autograder.course.notebooks import read_notebook
from autograder.course.release import student_version
from autograder.errors import IntakeError
from autograder.feedback.page import CellFeedback, Feedback, feedback_page
from autograder.feedback.shown import shown_notebook
from autograder.grading import kept
from autograder.intake.job import prepare
from autograder.intake.notebook import read_submission
from autograder.intake.submissions import Submission
from autograder.render.text import cell_points
from autograder.report import Report
from autograder.settings import Settings

__all__ = ["write_feedback"]


def write_feedback(
    submissions: Sequence[Submission],
    reports: Sequence[Report],
    assignments: Mapping[str, Assignment],
    settings: Settings,
    folder: Path,
) -> list[Path]:
    """Write a page for each submission, where nbgrader would: ``<folder>/<student>/<assignment>/<assignment>.html``.

    Parameters
    ----------
    submissions, reports : sequence
        Each report is that of the submission in its place.
    assignments : mapping
        The assignments of the course.
    settings : Settings
        Those of the run that made the reports, with ``render``: what the cells showed was kept under them.
    folder : Path
        Made if need be. Earlier pages are overwritten.

    Returns
    -------
    list of Path
        The pages, in the order of the submissions.
    """
    written = []
    for submission, report in zip(submissions, reports):
        notebook, told = _told(submission, report, assignments, settings)
        assignment = report.assignment or "entrega"
        path = folder / submission.name / assignment / f"{assignment}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(feedback_page(notebook, told), encoding="utf-8", errors="replace", newline="\n")
        written.append(path)
    return written


def _told(
    submission: Submission, report: Report, assignments: Mapping[str, Assignment], settings: Settings
) -> tuple[Mapping[str, Any], Feedback]:
    """Return the notebook that a page shows, and what it says about it."""
    checks = report.by_grade_cell()
    cells = {grade_id: CellFeedback(*cell_points(listed), checks=tuple(listed)) for grade_id, listed in checks.items()}
    told = Feedback(report.submission, report.assignment, report.score, report.max_score, cells=cells)
    try:
        job = prepare(submission, assignments)
    except IntakeError as error:
        return {}, Feedback(told.student, told.assignment, None, told.max_score, note=str(error))
    assert submission.notebook is not None, "prepare refuses it"
    handed_in = read_submission(submission.notebook)[1]
    released = student_version(read_notebook(job.assignment.source))
    outputs = kept.load_outputs(kept.fingerprint(submission, job.assignment, settings)) or {}
    return shown_notebook(handed_in, released, outputs, checks), told
