"""nbgrader's ``generate_feedback``, told by its configuration to write the pages of `autograder.feedback`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbgrader.api import MissingEntry
from nbgrader.preprocessors import GetGrades

from autograder.course.assignments import find_assignments
from autograder.course.exercises import exercises_of
from autograder.course.notebooks import cell_about
from autograder.feedback.page import CellFeedback, Feedback, feedback_page
from autograder.nbgrader.people import without_flags
from autograder.render.known import Known

__all__ = ["FeedbackExporter", "ReadGrades"]


class ReadGrades(GetGrades):  # type: ignore[misc]
    """nbgrader's preprocessor, which puts grades and comments into the notebook, for notebooks of any state.

    A cell that the gradebook does not know, or knows already, is an ordinary cell; a cell that nobody has graded yet
    has no score, which is not 0.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook with ``score``, ``points`` and ``comment`` in its cells' nbgrader metadata."""
        nb = without_flags(nb)
        seen: set[str] = set()
        for cell in nb.cells:
            about = cell.metadata.get("nbgrader")
            grade_id = about.get("grade_id") if isinstance(about, dict) else None
            if not isinstance(grade_id, str) or grade_id in seen:
                _make_ordinary(cell)
            else:
                seen.add(grade_id)
                for name in ("score", "points", "comment"):
                    about.pop(name, None)
        notebook, resources = super().preprocess(nb, resources)
        return notebook, resources

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the cell with what the gradebook says about it."""
        try:
            cell, resources = super().preprocess_cell(cell, resources, cell_index)
        except MissingEntry:
            self.log.warning("The gradebook does not know cell %s", cell.metadata.nbgrader.get("grade_id"))
            _make_ordinary(cell)
        return cell, resources

    def _get_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        super()._get_score(cell, resources)
        grade = self.gradebook.find_grade(
            cell.metadata.nbgrader.grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        if grade.auto_score is None and grade.manual_score is None:
            cell.metadata.nbgrader["score"] = None


class FeedbackExporter(Exporter):
    """Writes a feedback page, as ``c.GenerateFeedback.exporter_class``.

    `ReadGrades` must be among the preprocessors.
    """

    file_extension = ".html"
    output_mimetype = "text/html"

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page of a graded notebook."""
        notebook, resources = super().from_notebook_node(nb, resources, **kwargs)
        return feedback_page(notebook, _feedback(notebook, resources["nbgrader"])), resources


def _make_ordinary(cell: NotebookNode) -> None:
    """Take nbgrader's metadata from a cell, and from a grade cell its code, which may hold hidden tests."""
    about = cell.metadata.pop("nbgrader", None)
    if isinstance(about, dict) and about.get("grade") and not about.get("solution"):
        cell.source = ""
        if "outputs" in cell:
            cell.outputs = []


def _feedback(notebook: NotebookNode, about: Mapping[str, Any]) -> Feedback:
    cells = {}
    for cell in notebook.cells:
        told = cell_about(cell)
        if "points" in told or told.get("comment"):
            cells[told["grade_id"]] = CellFeedback(told.get("score"), told.get("points"), told.get("comment") or "")
    graded = [cell for cell in cells.values() if cell.max_score is not None]
    return Feedback(
        student=about["student"],
        assignment=about["notebook"],
        score=max(0.0, about["score"]) if any(cell.score is not None for cell in graded) or not graded else None,
        max_score=about["max_score"],
        penalty=about["late_penalty"],
        cells=cells,
        titles=_titles(about["assignment"], cells),
    )


def _titles(name: str, grade_ids: Iterable[str]) -> dict[str, str]:
    """Return what the course's notebook calls the cells of an assignment; nothing if there is no such notebook."""
    assignment = find_assignments().get(name)
    known = Known({name: exercises_of(assignment)}) if assignment is not None else Known()
    return {grade_id: known.title(name, grade_id) for grade_id in grade_ids}
