"""One grading run as an instructor sees it: a progress bar with an estimate, the reports as files, a table.

Files come first: what cannot be printed must not cost what was graded.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from autograder.commands.progress import ProgressScreen
from autograder.commands.targets import write_whole
from autograder.commands.telling import tell, warn
from autograder.course.assignments import Assignment, find_assignments
from autograder.course.missing import missing_reports
from autograder.course.roster import Roster
from autograder.errors import UsageError
from autograder.grading.class_run import run_class
from autograder.grading.datasets import assignment_names, prepare_datasets
from autograder.grading.equal_models import forgive_teams
from autograder.grading.executor import Executor
from autograder.grading.kept import Graded
from autograder.history.notes import Noted, note
from autograder.history.shown import one_change, summary
from autograder.history.store import Change, HistoryUnavailable
from autograder.intake.own import LeftOut
from autograder.intake.submissions import Submission, look_for_submissions
from autograder.language import number
from autograder.records.place import prune
from autograder.render.known import NOTHING_KNOWN, Known
from autograder.render.phrases import say
from autograder.render.terminal import class_table, report_view
from autograder.render.text import plain_line
from autograder.report import Report, to_json
from autograder.settings import Settings

if TYPE_CHECKING:
    from autograder.audit.class_audit import Wanted

__all__ = [
    "Run",
    "add_people",
    "grade_paths",
    "note_changes",
    "show_changes",
    "show_left_out",
    "show_reports",
    "write_outputs",
    "write_reports",
]

_MOST_TOLD = 40


class Run(NamedTuple):
    """What a grading run brought.

    Parameters
    ----------
    results : list of Graded
    left_out : list of LeftOut
        What lay there and was not taken.
    """

    results: list[Graded]
    left_out: list[LeftOut]

    @property
    def reports(self) -> list[Report]:
        """The reports, in the order of the submissions."""
        return [result.report for result in self.results]


def grade_paths(
    paths: Sequence[Path],
    assignment: str | None,
    settings: Settings,
    roster: Roster | None = None,
    executor: Executor | None = None,
    *,
    student_folders: bool = False,
    audit: Wanted | None = None,
) -> Run:
    """Grade what lies at ``paths``.

    Parameters
    ----------
    paths : sequence of Path
    assignment : str or None
        Only this one.
    settings : Settings
    roster : Roster, optional
        Who of it handed in nothing gets a report, too.
    executor : Executor, optional
        Where to grade; by default on this machine.
    student_folders : bool
        As for `look_for_submissions`.
    audit : Wanted, optional
        Also train a share of the class again.

    Raises
    ------
    UsageError
        There is nothing to grade.
    SandboxUnavailable
        This machine cannot lock student code up.
    ClusterUnavailable
        There are no machines to grade on.
    """
    assignments = find_assignments()
    found = look_for_submissions(paths, assignments, assignment, student_folders=student_folders)
    submissions = found.submissions
    names = assignment_names([submission.assignment for submission in submissions], assignments)
    if executor is None:
        _require_packages([assignments[name] for name in sorted(names)])
    if settings.sandbox == "none":
        Console(stderr=True).print(say("No sandbox: student code runs with your rights."), style="bold red")
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("·"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        screen = ProgressScreen(progress, [plain_line(item.name, 40) for item in submissions])
        data = prepare_datasets(names, assignments, screen.say) if executor is None else None
        results = run_class(submissions, assignments, settings, screen.show, data, executor)
        prune()
        if len(results) > 1:
            from autograder.similarity.flags import flag_similar_code

            screen.say(say("Comparing code"))
            results = flag_similar_code(results, assignments, roster)
        if audit is not None:
            screen.end()
            results = _audited(results, audit, settings, progress, data)
    for line in screen.machines():
        warn(line)
    if roster is not None:
        reports = forgive_teams([result.report for result in results], roster)
        results = [replace(result, report=report) for result, report in zip(results, reports)]
        results += [
            Graded(Submission(report.submission, None, None, report.assignment), report)
            for report in missing_reports(reports, roster, assignments, assignment)
        ]
    return Run(results, found.left_out)


def _audited(
    results: list[Graded], audit: Wanted, settings: Settings, progress: Progress, data: Path | None
) -> list[Graded]:
    """Return the results of a class with what an audit of it found."""
    from autograder.audit.class_audit import audit_class, audited, with_file_flags

    assignments = find_assignments()
    reports = [result.report for result in results]
    places = audited(reports, [result.submission for result in results], assignments, audit)
    screen = ProgressScreen(progress, [plain_line(reports[place].submission, 40) for place in places], "Auditing")
    screen.say("Reading model files")
    results = with_file_flags(results, assignments, settings)
    return audit_class(results, places, assignments, audit.settings(settings), screen.show, data)


def note_changes(run: Run, settings: Settings, by: str, keep_better: bool = False) -> tuple[Run, Noted]:
    """Write down which grades a run changed, and return it with the reports that stand, and the changes.

    Raises
    ------
    HistoryUnavailable
        See `autograder.history.notes.note`.
    """
    noted = note(run.results, find_assignments(), settings, by, keep_better)
    return run._replace(results=noted.results), noted


def add_people(noted: Noted, note_people: Callable[[], list[Change]]) -> Noted:
    """Return what a run changed together with what people changed in the gradebook since the last one."""
    try:
        return replace(noted, changes=[*noted.changes, *note_people()])
    except HistoryUnavailable as error:
        return replace(noted, problem=noted.problem or str(error))


def show_changes(noted: Noted) -> None:
    """Say which grades changed, or why nobody will know."""
    if noted.problem:
        warn(noted.problem)
    if noted.changed:
        tell(summary(noted.changed))


def show_reports(reports: Sequence[Report], known: Known = NOTHING_KNOWN) -> None:
    """Print the table of a class, or the closer view of one submission."""
    Console().print(report_view(reports[0], known) if len(reports) == 1 else class_table(reports, known))


def show_left_out(left_out: Sequence[LeftOut]) -> None:
    """Name what lay there and was not taken, and why, on stderr: a hand-in must not vanish."""
    for item in left_out[:_MOST_TOLD]:
        path = item.path.relative_to(Path.cwd()) if item.path.is_relative_to(Path.cwd()) else item.path
        warn(f"not taken: {plain_line(path, 300)}: {item.reason}")
    if len(left_out) > _MOST_TOLD:
        warn(f"not taken: {number(len(left_out) - _MOST_TOLD)} more, in the same folders")


def _require_packages(assignments: Sequence[Assignment]) -> None:
    """Refuse to grade an assignment whose notebooks could not import what it allows: that would cost points."""
    for assignment in assignments:
        if not assignment.packages:
            continue
        from autograder.course.requirements import missing_packages

        if missing := missing_packages(assignment.packages):
            command = f"{sys.executable} -m pip install {shlex.join(missing)}"
            raise UsageError(f"expected the packages of {assignment.name}. Received: none of {missing}. Run: {command}")


def write_reports(
    reports: Sequence[Report],
    *,
    json: Path | None = None,
    junit: Path | None = None,
    markdown: Path | None = None,
    html: Path | None = None,
    known: Known = NOTHING_KNOWN,
) -> list[str]:
    """Write reports in the forms that were asked for, and say where they are.

    Returns
    -------
    list of str
        What could not be written, and why; the others were.
    """
    forms: list[tuple[Path, Callable[[list[Report]], str]]] = []
    if json is not None:
        forms.append((json, to_json))
    if junit is not None:
        from autograder.render.junit import to_junit

        forms.append((junit, to_junit))
    if markdown is not None:
        from autograder.render.markdown import to_markdown

        forms.append((markdown, to_markdown))
    wanted: list[tuple[Path, Callable[[Path], object]]] = [
        (path, lambda target, form=form: write_whole(target, form(list(reports)) + "\n"))  # type: ignore[misc]
        for path, form in forms
    ]
    if html is not None:
        from autograder.render.html import write_html

        wanted.append((html, lambda folder: write_html(reports, folder, known)))
    return _write_all(wanted)


def write_outputs(results: Sequence[Graded], path: Path, changed: Sequence[Change] = ()) -> list[str]:
    """Write where the outputs of each submission's cells are kept: a JSON list in the order of the submissions.

    Where its grade changed, ``change`` says from what to what and why.

    Returns
    -------
    list of str
        As `write_reports`.
    """
    changes = {(change.key.assignment, change.key.submission): change for change in changed}
    kept = []
    for result in results:
        of = {"assignment": result.report.assignment, "submission": result.report.submission}
        change = changes.get((result.report.assignment, result.submission.name))
        kept.append({**of, **result.kept_outputs(), **({"change": one_change(change)} if change is not None else {})})
    return _write_all([(path, lambda target: write_whole(target, dumps(kept, indent=1) + "\n"))])


def _write_all(wanted: Sequence[tuple[Path, Callable[[Path], object]]]) -> list[str]:
    """Write each file, whatever becomes of the others, and return what could not be written."""
    problems = []
    for path, write in wanted:
        try:
            written = write(path)
        except OSError as error:
            problems.append(
                f"could not write {path} ({error.strerror}). The reports are kept: the same command writes them again "
                "without grading."
            )
        else:
            warn(f"wrote {written or path}")
    return problems
