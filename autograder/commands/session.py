"""One grading run as an instructor sees it: a progress bar with an estimate, a table, the reports as files."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from json import dumps
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from autograder.course.assignments import Assignment, find_assignments
from autograder.course.missing import missing_reports
from autograder.course.requirements import missing_packages
from autograder.course.roster import Roster
from autograder.errors import UsageError
from autograder.grading.class_run import Event, run_class
from autograder.grading.datasets import assignment_names, prepare_datasets
from autograder.grading.equal_models import forgive_teams
from autograder.grading.kept import Graded
from autograder.intake.submissions import Submission, find_submissions
from autograder.render import class_table, report_view, to_junit, to_markdown, write_html
from autograder.render.text import plain_line
from autograder.report import Report, to_json
from autograder.settings import Settings

__all__ = ["grade_paths", "write_outputs", "write_reports"]


def grade_paths(
    paths: Sequence[Path], assignment: str | None, settings: Settings, roster: Roster | None = None
) -> list[Graded]:
    """Grade what lies at ``paths`` and print the result.

    Parameters
    ----------
    paths : sequence of Path
    assignment : str or None
        Only this one.
    settings : Settings
    roster : Roster, optional
        Who of it handed in nothing gets a report, too.

    Raises
    ------
    UsageError
        There is nothing to grade.
    SandboxUnavailable
        This machine cannot lock student code up.
    """
    assignments = find_assignments()
    submissions = find_submissions(paths, assignments, assignment)
    names = assignment_names([submission.assignment for submission in submissions], assignments)
    _require_packages([assignments[name] for name in sorted(names)])
    console = Console()
    if settings.sandbox == "none":
        Console(stderr=True).print("No sandbox: student code runs with your rights.", style="bold red")
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("·"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("Preparing", total=len(submissions))

        def show(event: Event) -> None:
            name = plain_line(submissions[event.index].name, 40)
            if event.kind == "progress":
                last = plain_line(event.text.strip().rpartition("\n")[2], 60)
                progress.update(bar, description=f"{name}: {last}" if last else name)
            elif event.kind == "started":
                progress.update(bar, description=f"Grading {name}")
            else:
                progress.advance(bar)

        data = prepare_datasets(names, assignments, lambda text: progress.update(bar, description=text))
        results = run_class(submissions, assignments, settings, show, data)
    if roster is not None:
        reports = forgive_teams([result.report for result in results], roster)
        results = [replace(result, report=report) for result, report in zip(results, reports)]
        results += [
            Graded(Submission(report.submission, None, None, report.assignment), report)
            for report in missing_reports(reports, roster, assignments, assignment)
        ]
    reports = [result.report for result in results]
    console.print(report_view(reports[0]) if len(reports) == 1 else class_table(reports))
    return results


def _require_packages(assignments: Sequence[Assignment]) -> None:
    """Refuse to grade an assignment whose notebooks could not import what it allows: that would cost points."""
    for assignment in assignments:
        missing = missing_packages(assignment.packages)
        if missing:
            command = f"{sys.executable} -m pip install {shlex.join(missing)}"
            raise UsageError(f"expected the packages of {assignment.name}. Received: none of {missing}. Run: {command}")


def write_reports(
    reports: Sequence[Report],
    *,
    json: Path | None = None,
    junit: Path | None = None,
    markdown: Path | None = None,
    html: Path | None = None,
) -> None:
    """Write reports in the forms that were asked for, and say where they are."""
    written = []
    for path, text in ((json, to_json), (junit, to_junit), (markdown, to_markdown)):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text(list(reports)) + "\n", encoding="utf-8", errors="replace")
            written.append(path)
    if html is not None:
        written.append(write_html(reports, html))
    for path in written:
        print(f"wrote {path}", file=sys.stderr)


def write_outputs(results: Sequence[Graded], path: Path) -> None:
    """Write where the outputs of each submission's cells are kept: a JSON list in the order of the submissions."""
    kept = [
        {"assignment": result.report.assignment, "submission": result.report.submission, **result.kept_outputs()}
        for result in results
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {path}", file=sys.stderr)
