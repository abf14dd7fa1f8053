"""``regrade``: grade with today's checks from recorded answers, and show first who changes."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.commands.running import add_keep_better, add_running_options, chosen_settings, known_assignments
from autograder.commands.targets import require_writable, write_whole
from autograder.commands.telling import tell, warn
from autograder.course.assignments import find_assignments
from autograder.errors import AutograderError, UsageError
from autograder.exit_status import DONE, NO_GRADE
from autograder.grading.fingerprint import fingerprint
from autograder.language import counted, number

if TYPE_CHECKING:
    from autograder.grading.kept import Graded
    from autograder.history.store import Change
    from autograder.settings import Settings

SUMMARY = "grade again with today's checks from recorded answers, and show first who changes"
EXAMPLE = "regrade submitted/ --apply"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="as `grade` takes it")
    parser.add_argument("--assignment", metavar="A", help="only this assignment")
    parser.add_argument(
        "--apply",
        action="store_true",
        help="write what changes: history, reports, and nbgrader's gradebook if it is there",
    )
    parser.add_argument("--json", type=Path, metavar="F", help="write who changes as JSON")
    add_keep_better(parser)
    add_running_options(parser)


def run(options: argparse.Namespace) -> int:
    """Grade from the records, show the difference, and write it where that was asked for."""
    from rich.console import Console

    from autograder.commands.session import grade_paths, show_left_out
    from autograder.history.notes import compare
    from autograder.history.shown import change_table, summary

    assignments = known_assignments(options)
    require_writable((options.json,))
    settings = replace(chosen_settings(options), replay=True)
    course = _course(options.paths, options.assignment) if options.apply else None
    run = grade_paths(options.paths, options.assignment, settings)
    changes = compare(run.results, assignments, settings, options.keep_better)
    replayed = sum(result.replayed for result in run.results)
    if options.json is not None:
        content = _as_json(changes, replayed, len(run.results) - replayed)
        write_whole(options.json, json.dumps(content, indent=1) + "\n")
        warn(f"wrote {options.json}")
    problems = _apply(run.results, changes, settings, course, options.keep_better) if options.apply else []
    if changes:
        Console().print(change_table(changes, times=False))
    show_left_out(run.left_out)
    for result in run.results:
        for flag in result.report.flags:
            if flag["kind"] == "record-changed":
                warn(f"{result.submission.name}: {flag['message']}")
    ungraded = [result for result in run.results if not result.report.graded]
    if ungraded:
        names = ", ".join(result.submission.name for result in ungraded[:8]) + (" …" if len(ungraded) > 8 else "")
        warn(f"{number(len(ungraded))} got no grade, their earlier one stays: {names}")
    for problem in problems:
        warn(problem)
    tell(
        f"{counted(len(run.results), 'submission')}: {number(replayed)} from records, "
        f"{number(len(run.results) - replayed)} with a worker; "
        f"{number(len(changes))} change."
    )
    if options.apply:
        tell(summary([change for change in changes if not change.is_first]) or "No grade changed.")
    elif changes:
        tell("Nothing was written: the same command with --apply does that.")
    return NO_GRADE if problems or ungraded else DONE


def _as_json(changes: Sequence[Change], from_records: int, from_workers: int) -> dict[str, Any]:
    return {
        "schema": 1,
        "changes": [
            {
                "submission": change.key.submission,
                "assignment": change.key.assignment,
                "from": change.before,
                "to": change.after,
                "checks": [{"id": name, "from": before, "to": after} for name, before, after in change.checks],
            }
            for change in changes
        ],
        "from_records": from_records,
        "from_workers": from_workers,
    }


def _course(paths: Sequence[Path], assignment: str | None) -> Any:
    """Return nbgrader's course if it has a gradebook and all paths lie in its folder of submissions, else None."""
    from autograder.course.assignments import ROOT

    if not (ROOT / "gradebook.db").is_file():
        return None
    from autograder.nbgrader.gradebook import Course

    course = Course()
    try:
        course.require_place(paths)
    except UsageError:
        return None
    course.require_gradebook()
    course.require_points(paths, assignment)
    return course


def _apply(
    results: Sequence[Graded], changes: Sequence[Change], settings: Settings, course: Any, keep_better: bool
) -> list[str]:
    """Write what changes, and return what could not be written."""
    from autograder.grading.class_run import run_class
    from autograder.grading.datasets import prepare_datasets
    from autograder.history.notes import earlier_fingerprints, note

    assignments = find_assignments()
    changed = {(change.key.submission, change.key.assignment) for change in changes}
    chosen = [item for item in results if (item.submission.name, item.report.assignment) in changed]
    before = earlier_fingerprints(chosen)
    noted = note(results, assignments, settings, "regrade", keep_better)
    problems = [noted.problem] if noted.problem else []
    if course is None or not chosen:
        return problems
    from autograder.grading import kept

    shown = replace(settings, render=True, replay=False)
    ready, lacking = [], []
    for item, earlier in zip(chosen, before):
        key = fingerprint(item.submission, assignments[item.report.assignment], shown)
        if kept.copy_outputs(earlier, key):
            kept.store(key, item.report)
            ready.append(replace(item, fingerprint=key))
        else:
            lacking.append(item.submission)
    if lacking:
        names = {submission.assignment for submission in lacking}
        ready += run_class(lacking, assignments, shown, data=prepare_datasets(names, assignments))
    try:
        failed = course.write(ready, shown)
    except AutograderError as error:
        return [*problems, str(error)]
    return problems + ([f"not in the gradebook, see above: {', '.join(failed)}"] if failed else [])
