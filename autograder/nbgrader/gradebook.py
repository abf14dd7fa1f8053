"""Writes the results of a class into nbgrader's gradebook, by the same steps as ``nbgrader autograde``.

Only what changed is written: a submission whose autograded notebook and rows already say what its report says is left
alone, with every comment and point that a person gave it. A submission without a grade keeps the one that it had.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.converters.base import NbGraderException
from sqlalchemy.exc import DatabaseError, SAWarning

from autograder.course.assignments import ROOT, find_assignments
from autograder.course.roster import Roster
from autograder.errors import UsageError
from autograder.grading.kept import Graded
from autograder.history.people import note_people
from autograder.history.store import Change
from autograder.nbgrader.cells import refuse_other_points
from autograder.nbgrader.database import database_file, explain, require_gradebook
from autograder.nbgrader.extensions import is_granted, own_deadlines, with_roster
from autograder.nbgrader.hand_ins import give_a_turn, notebook_of
from autograder.nbgrader.people import name_students
from autograder.nbgrader.preprocessors import digest, scores
from autograder.nbgrader.results import Results
from autograder.report import Report
from autograder.settings import Settings

__all__ = ["Course"]


class Course:
    """The nbgrader course in this repository, configured as the command ``nbgrader`` would be.

    Parameters
    ----------
    root : Path
        The repository.
    """

    def __init__(self, root: Path = ROOT) -> None:
        self._app = AutogradeApp()
        self._app.log_level = logging.ERROR
        self._app.initialize([], root=str(root))
        self._app.log_level = logging.ERROR
        self.directory = self._app.coursedir
        self._own_deadlines: dict[str, datetime] = {}

    def require_place(self, paths: Sequence[Path]) -> None:
        """Refuse submissions that nbgrader does not know.

        Raises
        ------
        UsageError
            A path does not lie in the folder of submissions.
        """
        place = Path(self.directory.root, self.directory.submitted_directory).resolve()
        for path in paths:
            if place not in (path.resolve(), *path.resolve().parents):
                raise UsageError(f"expected, for the gradebook, paths in {place}. Received: {path}")

    def require_gradebook(self) -> None:
        """Wait until the gradebook can be written.

        Raises
        ------
        GradebookUnavailable
            Another program holds it, or it is damaged.
        """
        require_gradebook(self.directory.db_url)

    def require_points(self, paths: Sequence[Path], assignment: str | None = None) -> None:
        """Refuse to grade what the gradebook counts other points for than ``source/`` does.

        Raises
        ------
        UsageError
            It names the cells and the command that works.
        """
        names = [assignment] if assignment else sorted(find_assignments(Path(self.directory.root)))
        places = {str(path.resolve()) for path in paths}
        root = Path(self.directory.root, self.directory.submitted_directory)
        folders = {
            folder.name for folder in root.glob("*/*") if any(_below(str(folder.resolve()), to) for to in places)
        }
        refuse_other_points(self.directory, [name for name in names if name in folders])

    def write(self, results: Sequence[Graded], settings: Settings, roster: Roster | None = None) -> list[str]:
        """Write the rows and autograded notebooks of what changed.

        Parameters
        ----------
        results : sequence of Graded
            Of submissions in the course's folder of submissions.
        settings : Settings
            With which they were graded.
        roster : Roster, optional
            Who of it has more time gets it in the gradebook, too.

        Returns
        -------
        list of str
            Who was graded and could not be written.

        Raises
        ------
        GradebookUnavailable
            As `require_gradebook`; what is written already stays.
        """
        self.require_gradebook()
        failed = []
        with warnings.catch_warnings():
            # nbgrader fills its tables in an order that SQLAlchemy remarks on.
            warnings.simplefilter("ignore", SAWarning)
            graded = [result for result in results if result.report.graded]
            for assignment in sorted({result.report.assignment for result in graded}):
                chosen = [result for result in graded if result.report.assignment == assignment]
                try:
                    failed += self._write_assignment(assignment, chosen, settings, roster)
                except DatabaseError as error:
                    raise explain(self.directory.db_url, error) from error
            if roster is not None and graded:
                with Gradebook(self.directory.db_url, self.directory.course_id) as gradebook:
                    name_students(gradebook, roster, sorted({result.report.submission for result in graded}))
        return failed

    def note_people(self) -> list[Change]:
        """Write into the history what people changed in the gradebook, late penalties too, and return it.

        Raises
        ------
        HistoryUnavailable
            The history cannot be written.
        """
        return note_people(database_file(self.directory.db_url), self.directory.submitted_directory)

    def _write_assignment(
        self, assignment: str, chosen: Sequence[Graded], settings: Settings, roster: Roster | None
    ) -> list[str]:
        self.directory.assignment_id = assignment
        everybody = {self._folder(result.report): result for result in chosen}
        folders = {folder: result for folder, result in everybody.items() if folder.is_dir()}
        # The grader finds a notebook wherever it lies, nbgrader knows one place for it.
        failed = [f"{folder.parent.name} (not in {folder})" for folder in everybody if folder not in folders]
        results = Results(settings, dict(folders))
        self._own_deadlines = own_deadlines(Path(self.directory.root), assignment)
        with Gradebook(self.directory.db_url, self.directory.course_id) as gradebook:
            known = self._knows(gradebook, assignment)
            if known and roster is not None:
                names = [result.report.submission for result in chosen]
                due = gradebook.find_assignment(assignment).duedate
                self._own_deadlines = with_roster(self._own_deadlines, roster, names, assignment, due)
            changed = [
                folder
                for folder in folders
                if settings.fresh or not known or not self._is_written(gradebook, results.result(folder))
            ]
        if not known:
            GenerateAssignment(coursedir=self.directory, parent=self._app).start()
        if not changed:
            return failed
        converter = _ClassAutograde(results, changed, self._own_deadlines, coursedir=self.directory, parent=self._app)
        try:
            converter.start()
        except NbGraderException:
            with Gradebook(self.directory.db_url, self.directory.course_id) as gradebook:
                for folder in changed:
                    if not self._is_written(gradebook, results.result(folder)):
                        failed.append(f"{folder.parent.name}/{assignment}")
        return failed

    def _folder(self, report: Report) -> Path:
        course = self.directory
        return Path(course.format_path(course.submitted_directory, report.submission, report.assignment))

    def _knows(self, gradebook: Gradebook, assignment: str) -> bool:
        try:
            gradebook.find_notebook(assignment, assignment)
        except MissingEntry:
            return False
        return True

    def _is_written(self, gradebook: Gradebook, result: Graded) -> bool:
        """Tell whether the autograded notebook and the gradebook already hold a result."""
        report, course = result.report, self.directory
        folder = Path(course.format_path(course.autograded_directory, report.submission, report.assignment))
        try:
            notebook = json.loads((folder / f"{report.assignment}.ipynb").read_text(encoding="utf-8"))
            row = gradebook.find_submission_notebook(report.assignment, report.assignment, report.submission)
        except (OSError, ValueError, MissingEntry):
            return False
        saved = {grade.name: grade.auto_score for grade in row.grades}
        return bool(
            notebook.get("metadata", {}).get("autograder", {}).get("result") == digest(result)
            and all(saved.get(grade_id) == points for grade_id, points in scores(report).items())
            and is_granted(row.assignment, self._own_deadlines.get(report.submission))
        )


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/") or folder.startswith(f"{path}/")


class _ClassAutograde(Autograde):  # type: ignore[misc]
    """nbgrader's autograde for the given submissions only, with their results at hand.

    nbgrader's own settings for ``Autograde`` hold for it.
    """

    def __init__(
        self, results: Results, folders: Sequence[Path], own_deadlines: Mapping[str, datetime], **settings: Any
    ) -> None:
        super().__init__(**settings)
        self.own_deadlines = own_deadlines
        self.results = results
        self.force = True
        self._folders = {str(folder) for folder in folders}

    def init_notebooks(self) -> None:
        self.assignments = {folder: [str(notebook_of(Path(folder)))] for folder in self._folders}
        self.notebooks: list[str] = []
        give_a_turn(self)
