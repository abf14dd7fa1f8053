"""``release``: build assignments/ from source/."""

from __future__ import annotations

import argparse

from autograder.commands.telling import tell, warn

SUMMARY = "build assignments/ from source/"
EXAMPLE = "release --check"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="default: all")
    parser.add_argument("--check", action="store_true", help="change nothing; fail if they differ")


def run(options: argparse.Namespace) -> int:
    """Build, or compare, and name every file that changes."""
    from autograder.course.release import release

    changes = release(options.assignments, check=options.check)
    for change in changes:
        tell(f"{change.kind:8} {change.path}")
    if not changes:
        tell("assignments/ is up to date with source/.")
    elif options.check:
        warn("assignments/ differs from source/. Run: python -m autograder release")
        return 1
    return 0
