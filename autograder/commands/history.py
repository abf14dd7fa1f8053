"""``history``: what changed a grade, and why."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.commands.targets import require_writable, write_whole
from autograder.commands.telling import tell, warn
from autograder.exit_status import DONE

SUMMARY = "show what changed a student's grades: when, from what to what, and why"
EXAMPLE = "history ana 02_convolucion"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument("student", nargs="?", default="", metavar="STUDENT", help="default: everybody")
    parser.add_argument("assignment", nargs="?", default="", metavar="ASSIGNMENT", help="default: all of them")
    parser.add_argument("--csv", type=Path, metavar="F", help="write the changes as a table for programs")


def run(options: argparse.Namespace) -> int:
    """Look at what people changed since, and show the changes."""
    from rich.console import Console

    from autograder.course.assignments import ROOT
    from autograder.export.spreadsheet import to_csv
    from autograder.history.people import note_people
    from autograder.history.shown import change_table, csv_rows
    from autograder.history.store import Store

    require_writable((options.csv,))
    note_people(ROOT / "gradebook.db", "submitted")
    with Store() as store:
        changes = store.changes(options.student, options.assignment)
    if options.csv is not None:
        write_whole(options.csv, to_csv(csv_rows(changes)))
        warn(f"wrote {options.csv}")
        return DONE
    if changes:
        Console().print(change_table(changes))
    else:
        tell(f"Nothing is known of {options.student or 'any grade'}: `grade` writes down what it changes.")
    return DONE
