"""The options of every verb that runs student code."""

from __future__ import annotations

import argparse

from autograder.course.assignments import Assignment, find_assignments
from autograder.course.suggest import unknown
from autograder.settings import Settings

__all__ = ["add_keep_better", "add_running_options", "chosen_settings", "known_assignments", "positive"]


def add_running_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `chosen_settings` reads."""
    defaults = Settings()
    parser.add_argument("--jobs", type=positive, metavar="N", help="submissions at the same time; default: the cores")
    parser.add_argument("--train", action="store_true", help="run training cells and grade what they train")
    parser.add_argument(
        "--train-budget",
        type=positive,
        default=int(defaults.train_budget),
        metavar="S",
        help=f"seconds for the training cells of one submission; default: {defaults.train_budget:.0f}",
    )
    parser.add_argument(
        "--sandbox",
        choices=("bwrap", "none"),
        default="bwrap",
        help="none runs student code with your rights: only for code that you trust",
    )
    parser.add_argument(
        "--no-records", action="store_true", help="keep no questions and answers: `regrade` will need workers again"
    )
    parser.add_argument("--fresh", action="store_true", help="grade again even what has not changed")


def add_keep_better(parser: argparse.ArgumentParser) -> None:
    """Add the option of the verbs that write grades into the history."""
    parser.add_argument(
        "--keep-better",
        action="store_true",
        help="let an earlier grade stand where it was better; the report is flagged",
    )


def chosen_settings(options: argparse.Namespace) -> Settings:
    """Return the settings that the options of `add_running_options` ask for."""
    return Settings(
        sandbox=options.sandbox,
        jobs=options.jobs or Settings().jobs,
        train=options.train,
        train_budget=float(options.train_budget),
        fresh=options.fresh,
        records=not options.no_records,
    )


def known_assignments(options: argparse.Namespace) -> dict[str, Assignment]:
    """Return the assignments of the course.

    Raises
    ------
    UsageError
        ``--assignment`` names none of them.
    """
    assignments = find_assignments()
    if options.assignment is not None and options.assignment not in assignments:
        raise unknown(options.assignment, assignments)
    return assignments


def positive(text: str) -> int:
    """Return a whole number from 1 on, as a type of ``argparse``."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on. Received: {text}")
    return number
