"""``feedback``: write the pages that give students' work back."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from autograder.commands.running import add_running_options, chosen_settings
from autograder.exit_status import DONE, NO_GRADE

SUMMARY = "grade submissions and write a page for each student"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="a notebook, a folder with one, or an nbgrader submitted/ tree",
    )
    parser.add_argument("--assignment", metavar="A", help="only this assignment")
    parser.add_argument("--output", type=Path, default=Path("feedback"), metavar="DIR", help="default: feedback")
    add_running_options(parser)


def run(options: argparse.Namespace) -> int:
    """Grade what has changed, and write all pages."""
    from autograder.commands.session import grade_paths
    from autograder.course.assignments import find_assignments
    from autograder.errors import UsageError
    from autograder.feedback.folder import write_feedback

    assignments = find_assignments()
    if options.assignment is not None and options.assignment not in assignments:
        raise UsageError(f"expected one of {', '.join(assignments)}. Received: {options.assignment}")
    settings = replace(chosen_settings(options), render=True)
    results = grade_paths(options.paths, options.assignment, settings)
    write_feedback(results, assignments, options.output)
    print(f"wrote {options.output}", file=sys.stderr)
    return DONE if all(result.report.graded for result in results) else NO_GRADE
