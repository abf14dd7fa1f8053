"""``lint``: check source notebooks against their checks."""

from __future__ import annotations

import argparse

from autograder.commands.telling import tell
from autograder.course.assignments import ROOT
from autograder.language import counted
from autograder.render.phrases import say

SUMMARY = "check the notebooks and the checks"
EXAMPLE = "lint --fix"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument("--fix", action="store_true", help="clear outputs, execution counts and stray metadata")


def run(options: argparse.Namespace) -> int:
    """Print what is wrong, a line each."""
    from autograder.course.lint import lint

    problems = lint(ROOT, fix=options.fix)
    for problem in problems:
        print(say(str(problem)))
    tell(f"{counted(len(problems), 'problem')}." if problems else "source/ and tests/checks/ agree.")
    return 1 if problems else 0
