"""Reads what students handed in for nbgrader's autograde step, and grades the class when its first notebook comes.

nbgrader makes one exporter per run and hands it one notebook after the other, twice: the one that was handed in, to be
sanitised, and the sanitised one, to be graded. The preprocessors find the results here: the exporter is their parent.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, cast

from nbconvert.exporters import NotebookExporter
from nbgrader.converters.base import NbGraderException
from traitlets import Bool, Integer, Unicode

from autograder.errors import UsageError
from autograder.grading.kept import Graded
from autograder.history.people import note_people
from autograder.history.shown import one_change
from autograder.history.store import HistoryUnavailable
from autograder.intake.notebook import read_submission
from autograder.nbgrader.cells import refuse_other_points
from autograder.nbgrader.database import GradebookUnavailable, database_file, require_gradebook
from autograder.nbgrader.extensions import own_deadlines
from autograder.nbgrader.hand_ins import NoGrade, has_a_turn, require_notebook, take_all
from autograder.nbgrader.results import Results
from autograder.settings import SandboxKind, Settings

__all__ = ["SubmissionExporter"]

_MOST_NAMED = 8


class SubmissionExporter(NotebookExporter):
    """The exporter of ``nbgrader autograde``: `c.Autograde.exporter_class`."""

    jobs = Integer(Settings().jobs, help="Submissions graded at the same time; default: the cores.").tag(config=True)
    train = Bool(False, help="Run training cells and grade what they train.").tag(config=True)
    keep_better = Bool(False, help="Let an earlier grade stand where it was better.").tag(config=True)
    sandbox = Unicode("bwrap", help="'none' runs student code with your rights.").tag(config=True)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)  # type: ignore[no-untyped-call]
        # `grade --gradebook` comes with results; it has graded already.
        self._results: Results | None = getattr(self.parent, "results", None)
        self._failure = ""
        self._last: Path | None = None
        course = getattr(self.parent, "coursedir", None)
        if course is not None:
            self._require_gradebook(course)
        if course is not None and self._results is None:
            take_all(self.parent)

    def _require_gradebook(self, course: Any) -> None:
        """Refuse the whole run before anything is graded."""
        try:
            require_gradebook(course.db_url)
            if self._results is None:
                refuse_other_points(course, sorted({Path(folder).name for folder in self._assignments()}))
        except (GradebookUnavailable, UsageError) as error:
            self.log.error(str(error))
            raise NbGraderException(str(error)) from error

    def from_filename(self, filename: str, resources: Any = None, **others: Any) -> Any:
        """Convert a notebook, reading it as hostile if it comes from a student."""
        folder, handed_in = Path(filename).parent, self._handed_in(resources)
        is_over = True
        try:
            if folder != handed_in:
                return super().from_filename(filename, resources, **others)
            self._grade_with(folder)
            resources["metadata"] = {"name": Path(filename).stem, "path": str(folder)}
            notebook = read_submission(require_notebook(folder), outputs=True)[1]
            shown = self.from_notebook_node(notebook, resources, **others)  # type: ignore[no-untyped-call]
            is_over = False
            return shown
        finally:
            if is_over and handed_in == self._last:
                self._tell_changes()

    def result(self, resources: Any) -> Graded:
        """Return the result of the submission that a preprocessor is working on."""
        assert self._results is not None
        return self._results.result(self._handed_in(resources))

    def own_deadline(self, resources: Any) -> datetime | None:
        """Return the deadline of the student that a preprocessor is working on, where it is not that of the class."""
        converter: Any = self.parent
        about = resources["nbgrader"]
        known = getattr(converter, "own_deadlines", None)
        if known is None:
            known = own_deadlines(Path(converter.coursedir.root), about["assignment"])
        return known.get(about["student"])

    def _grade_with(self, folder: Path) -> None:
        """Grade a submission together with all others of this run that nbgrader will ask for."""
        if self._results is None:
            # What is none of the kinds is refused by the command line that the run goes through.
            kind = cast(SandboxKind, self.sandbox)
            settings = Settings(jobs=self.jobs, train=self.train, sandbox=kind, render=True)
            self._results = Results(settings, keep_better=self.keep_better)
        if self._failure:
            raise NoGrade(self._failure)
        if folder not in self._results.known:
            coming = self._coming()
            self._last = next((other for other in reversed(coming) if has_a_turn(other)), folder)
            try:
                self._results.grade([folder, *(other for other in coming if other != folder)])
            except NoGrade as error:
                self._failure = str(error)
                raise

    def _tell_changes(self) -> None:
        """Say at the end which grades changed, people's and penalties among them."""
        converter: Any = self.parent
        course, changes = converter.coursedir, list(self._results.changes) if self._results is not None else []
        try:
            people = note_people(database_file(course.db_url), course.submitted_directory)
        except HistoryUnavailable as error:
            self.log.warning(str(error))
        else:
            changes += [f"{change.key.submission} {one_change(change)}" for change in people if not change.is_first]
        if changes:
            named = ", ".join(changes[:_MOST_NAMED]) + (" …" if len(changes) > _MOST_NAMED else "")
            grades = "1 grade" if len(changes) == 1 else f"{len(changes)} grades"
            self.log.warning(f"{grades} changed: {named}. Why: python -m autograder history")

    def _assignments(self) -> list[str]:
        return list(getattr(self.parent, "assignments", None) or ())

    def _coming(self) -> list[Path]:
        """Return the submissions that nbgrader will go on with: what is new, or everything if it is forced."""
        converter: Any = self.parent
        course = converter.coursedir
        excluded = course.student_id_exclude.split(",")
        folders = []
        for name in sorted(converter.assignments):
            folder = Path(name)
            student, assignment = folder.parent.name, folder.name
            graded = Path(course.format_path(course.autograded_directory, student, assignment))
            if student not in excluded and (converter.force or not graded.exists() or self._is_newer(folder, graded)):
                folders.append(folder)
        return folders

    def _is_newer(self, folder: Path, graded: Path) -> bool:
        converter: Any = self.parent
        try:
            new, old = (converter.coursedir.get_existing_timestamp(str(place)) for place in (folder, graded))
        except Exception:
            # A student may have written anything there; nbgrader reports it when it comes to that submission.
            return False
        return new is not None and old is not None and new > old

    def _handed_in(self, resources: Any) -> Path:
        converter: Any = self.parent
        course, about = converter.coursedir, resources["nbgrader"]
        return Path(course.format_path(course.submitted_directory, about["student"], about["assignment"]))
