"""``feedback``: write the pages that give students' work back."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from autograder.commands.running import add_keep_better, add_running_options, chosen_settings, known_assignments
from autograder.commands.targets import require_writable
from autograder.commands.telling import warn
from autograder.errors import UsageError
from autograder.exit_status import DONE, NO_GRADE

SUMMARY = "grade submissions and write a page for each student"
EXAMPLE = "feedback submitted/ --moodle"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="a notebook, a folder with one, or an nbgrader submitted/ tree",
    )
    parser.add_argument("--assignment", metavar="A", help="only this assignment")
    parser.add_argument("--output", type=Path, default=Path("feedback"), metavar="DIR", help="default: feedback")
    parser.add_argument(
        "--moodle",
        action="store_true",
        help="also pack the pages as Moodle takes them back, ASSIGNMENT-moodle.zip; without PATH, those that are there",
    )
    parser.add_argument(
        "--originals",
        type=Path,
        default=Path("downloaded"),
        metavar="DIR",
        help="where `collect moodle` left its records; default: downloaded",
    )
    add_keep_better(parser)
    add_running_options(parser)


def run(options: argparse.Namespace) -> int:
    """Grade what has changed, write all pages, and pack them."""
    from autograder.commands.known import known_of
    from autograder.commands.session import grade_paths, note_changes, show_changes, show_left_out, show_reports
    from autograder.feedback.folder import write_feedback

    assignments = known_assignments(options)
    if not options.paths and not options.moodle:
        raise UsageError("expected a PATH to grade, or --moodle to pack the pages that are there. Received: neither")
    graded = True
    if options.paths:
        settings = replace(chosen_settings(options), render=True)
        require_writable(folders=(options.output,))
        run, noted = note_changes(
            grade_paths(options.paths, options.assignment, settings), settings, "feedback", options.keep_better
        )
        write_feedback(run.results, assignments, options.output)
        warn(f"wrote {options.output}")
        show_reports(run.reports, known_of(run.results, assignments))
        show_left_out(run.left_out)
        show_changes(noted)
        graded = all(report.graded for report in run.reports)
    packed = _pack(options) if options.moodle else True
    return DONE if graded and packed else NO_GRADE


def _pack(options: argparse.Namespace) -> bool:
    """Write Moodle's archives, and tell whether every page of an assignment that came from Moodle is in one."""
    from autograder.course.collected import participants
    from autograder.feedback.moodle import find_pages, write_moodle_zip

    complete, written = True, False
    for assignment, pages in find_pages(options.output).items():
        known = participants(options.originals / assignment)
        if not known or options.assignment not in (None, assignment):
            continue
        path = options.output / f"{assignment}-moodle.zip"
        missing = write_moodle_zip(pages, {student: [number] for student, number in known.items()}, path)
        if len(missing) < len(pages):
            written = True
            warn(f"wrote {path}")
        if missing:
            complete = False
            warn(f"not in {path.name}, for Moodle's number is not known: {', '.join(missing)}")
    if not written:
        raise UsageError(
            f"expected pages in {options.output} of students whom `collect moodle` brought, as its records in "
            f"{options.originals}/ASSIGNMENT/collected.json say. Received: none. --originals names another folder."
        )
    return complete
