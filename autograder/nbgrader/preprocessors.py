"""The two steps of ``nbgrader autograde``: show what ran, and write down what it earned.

Nothing is run here and no cell's output is believed: points come from the report alone.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades

from autograder.course.assignments import find_assignments
from autograder.errors import UsageError
from autograder.feedback.shown import graded_notebook
from autograder.grading.kept import Graded
from autograder.history.notes import changes_of
from autograder.history.shown import dated
from autograder.nbgrader.cells import other_points
from autograder.nbgrader.extensions import grant
from autograder.nbgrader.people import flags_cell
from autograder.render.text import cell_points
from autograder.report import DATA_SAMPLE, Report

__all__ = ["SaveGrades", "ShowSubmission", "digest", "scores", "unsettled"]


class ShowSubmission(NbGraderPreprocessor):  # type: ignore[misc]
    """Turn a student's notebook into the one that is shown: cells restored, outputs ours, the checks' messages."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the notebook that was graded."""
        result = self.parent.result(resources)
        assignment = find_assignments()[resources["nbgrader"]["assignment"]]
        shown = graded_notebook(result, nb, assignment)
        changes = changes_of([result]).get((result.report.assignment, result.report.submission), [])
        if (told := flags_cell(result.report.flags, [dated(change) for change in changes])) is not None:
            shown.cells.insert(0, told)
        shown.metadata["autograder"] = {"result": digest(result)}
        return shown, resources


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]
    """Write the points of each grade cell into the gradebook; answers in words wait for a person, as always."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Save the points of all grade cells, or of none, and until when the student may hand in."""
        report = self.parent.result(resources).report
        self._points, self._open = scores(report), unsettled(report)
        self._notebook = nb
        saved: tuple[NotebookNode, Any] = super().preprocess(nb, resources)
        with Gradebook(self.db_url) as gradebook:
            grant(gradebook, self.assignment_id, self.student_id, self.parent.own_deadline(resources))
        return saved

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:
        """Save what one cell earned."""
        if index == 0:
            self._require_current_gradebook()
        saved: tuple[NotebookNode, Any] = super().preprocess_cell(cell, resources, index)
        return saved

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        grade_id = cell.metadata.nbgrader["grade_id"]
        if grade_id not in self._points:
            super()._add_score(cell, resources)
            return
        grade = self.gradebook.find_grade(grade_id, self.notebook_id, self.assignment_id, self.student_id)
        grade.auto_score = self._points[grade_id]
        grade.needs_manual_grade = grade.manual_score is not None or grade_id in self._open
        self.gradebook.db.commit()

    def _add_comment(self, cell: NotebookNode, resources: Any) -> None:
        super()._add_comment(cell, resources)
        comment = self.gradebook.find_comment(
            cell.metadata.nbgrader["grade_id"], self.notebook_id, self.assignment_id, self.student_id
        )
        if comment.auto_comment:
            # nbgrader says so in English, and students read it.
            comment.auto_comment = "Sin respuesta."
            self.gradebook.db.commit()

    def _require_current_gradebook(self) -> None:
        """Refuse to mix points of today's notebook with the gradebook's of another day."""
        refused = other_points(self.gradebook, self.assignment_id, self._notebook)
        if refused:
            raise UsageError(refused)


def scores(report: Report) -> dict[str, float]:
    """Return the points of each grade cell as the gradebook holds them."""
    return {grade_id: round(cell_points(checks)[0], 6) for grade_id, checks in report.by_grade_cell().items()}


def unsettled(report: Report) -> set[str]:
    """Return the grade cells that wait for a person, or for data: they were measured on a sample, or not at all."""
    sampled = {str(flag.get("grade_id")) for flag in report.flags if flag.get("kind") == DATA_SAMPLE}
    return sampled | {check.grade_id for check in report.checks if check.status == "skipped" and check.max_score == 0}


def digest(result: Graded) -> str:
    """Return a SHA-256 of what a submission's rows and its notebook follow from, times aside."""
    checks = [(check.id, check.status, check.score, check.max_score, check.message) for check in result.report.checks]
    return hashlib.sha256(json.dumps([result.fingerprint, checks]).encode()).hexdigest()
