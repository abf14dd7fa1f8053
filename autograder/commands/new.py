"""``new``: lay out a new assignment."""

from __future__ import annotations

import argparse

from autograder.commands.telling import tell
from autograder.exit_status import DONE

SUMMARY = "lay out a new assignment that can be released and graded at once"
EXAMPLE = 'new 08_bordes --title "Bordes"'


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="its name, such as 08_bordes")
    parser.add_argument("--title", default="", metavar="TEXT", help="the notebook's heading; default: from the name")


def run(options: argparse.Namespace) -> int:
    """Write the files, name them and say what to do next."""
    from autograder.course.scaffold import lay_out

    for path in lay_out(options.assignment, options.title):
        tell(f"wrote {path}")
    name = options.assignment
    tell(f"Next: python -m autograder lint && python -m autograder release {name}, then edit what was written.")
    tell(f"      pytest tests/checks/{name} tries the checks out against the solution.")
    return DONE
