"""``template``: write the repository that students of an assignment start from."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.commands.telling import tell
from autograder.language import counted

SUMMARY = "write the GitHub repository that students of an assignment start from"
EXAMPLE = "template 02_convolucion ../02-template"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="it must have been released")
    parser.add_argument("destination", type=Path, metavar="DEST", help="a new folder, or one that this verb wrote")
    parser.add_argument(
        "--classroom50", action="store_true", help="write the assignment's autograder for Classroom 50 instead"
    )


def run(options: argparse.Namespace) -> int:
    """Write it and say what to do with it."""
    from autograder.github.template import write_classroom50, write_template

    write = write_classroom50 if options.classroom50 else write_template
    files = write(options.assignment, options.destination)
    tell(f"wrote {counted(len(files), 'file')} to {options.destination}")
    if options.classroom50:
        tell("Commit them as CLASSROOM/autograders/SLUG/ in the repository classroom50: see docs/github.md.")
    else:
        tell("Push it to a private repository of your organisation and mark that as a template: see docs/github.md.")
    return 0
