"""One grading run as an instructor sees it: a progress bar with an estimate, a table, the reports as files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from autograder.course.assignments import ROOT, Assignment, find_assignments
from autograder.grading.class_run import Event, run_class
from autograder.intake.submissions import Submission, find_submissions
from autograder.render import class_table, report_view, to_junit, to_markdown, write_html
from autograder.render.text import plain_line
from autograder.report import Report, to_json
from autograder.settings import Settings

__all__ = ["grade_paths", "write_reports"]


def grade_paths(paths: Sequence[Path], assignment: str | None, settings: Settings) -> list[Report]:
    """Grade what lies at ``paths`` and print the result.

    Raises
    ------
    UsageError
        There is nothing to grade.
    SandboxUnavailable
        This machine cannot lock student code up.
    """
    from data import find
    from data.cats_and_dogs import are_features_kept
    from data.sandbox import sandbox_view

    assignments = find_assignments()
    submissions = find_submissions(paths, assignments, assignment)
    console = Console()
    if settings.sandbox == "none":
        Console(stderr=True).print("No sandbox: student code runs with your rights.", style="bold red")
    columns = (
        TextColumn("{task.description}"),
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

        names = {
            dataset for name in _assignment_names(submissions, assignments) for dataset in assignments[name].datasets
        }
        # What is not on this machine is missing inside, too, and the checks that need it say so.
        here = sorted(name for name in names if find(name).is_here)
        data = sandbox_view(here) if here else None
        if {"cifar10", "vgg16"} <= set(here) and not are_features_kept():
            _keep_features(lambda text: progress.update(bar, description=text))
        reports = run_class(submissions, assignments, settings, show, data)
    console.print(report_view(reports[0]) if len(reports) == 1 else class_table(reports))
    return reports


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


def _keep_features(show: Callable[[str], None]) -> None:
    """Let another process compute the features of `data.cats_and_dogs`: it takes minutes, and TensorFlow."""
    command = [sys.executable, "-m", "data.cats_and_dogs"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        for line in process.stdout or ():
            show(line.strip())


def _assignment_names(submissions: Sequence[Submission], assignments: Mapping[str, Assignment]) -> set[str]:
    names = {submission.assignment for submission in submissions}
    return set(assignments) if "" in names else names & set(assignments)
