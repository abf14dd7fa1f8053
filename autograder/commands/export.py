"""``export``: write grades as other systems import them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.commands.telling import warn
from autograder.course.roster_file import read_roster
from autograder.course.suggest import unknown
from autograder.exit_status import DONE, NO_GRADE
from autograder.export import FORMATS, export, read_grades, with_roster

SUMMARY = "write grades as a learning system or a spreadsheet imports them"
EXAMPLE = "export --format moodle --output grades.csv"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument(
        "sources",
        nargs="*",
        type=Path,
        default=[Path("gradebook.db")],
        metavar="SOURCE",
        help="nbgrader's gradebook, or reports of `grade --json`; default: gradebook.db",
    )
    parser.add_argument(
        "--format",
        required=True,
        choices=FORMATS,
        help="excel: for spreadsheets of countries that write 7,5; excel-point: of those that write 7.5",
    )
    parser.add_argument("--roster", type=Path, metavar="CSV", help="the students, with their names and numbers")
    parser.add_argument(
        "--assignment", action="append", default=[], metavar="A", help="only this one; may be given several times"
    )
    parser.add_argument(
        "--title",
        action="append",
        default=[],
        type=_title,
        metavar="A=TITLE",
        help="what the other system calls an assignment; may be given several times",
    )
    parser.add_argument("--output", type=Path, metavar="F", help="default: the standard output")


def run(options: argparse.Namespace) -> int:
    """Write the grades, and say what is not among them."""
    table = read_grades(options.sources)
    titles = dict(options.title)
    names = [assignment.name for assignment in table.assignments]
    for name in [*options.assignment, *titles]:
        if name not in names:
            raise unknown(name, names)
    if options.assignment:
        table = table.only(options.assignment)
    if options.roster is not None:
        roster = read_roster(options.roster)
        table = with_roster(table, roster)
        for note in roster.notes:
            warn(note)
    text, problems = export(table.titled(titles), options.format)
    if options.output is not None:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(text, encoding="utf-8", errors="replace", newline="\n")
        warn(f"wrote {options.output}")
    else:
        sys.stdout.write(text.encode("utf-8", "replace").decode())
    for problem in problems:
        warn(problem)
    return NO_GRADE if problems else DONE


def _title(text: str) -> tuple[str, str]:
    name, found, title = text.partition("=")
    if not found or not title.strip():
        raise argparse.ArgumentTypeError(f"expected ASSIGNMENT=TITLE. Received: {text}")
    return name, title.strip()
