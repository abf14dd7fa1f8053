"""``template``: write the repository that students of an assignment start from."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "write the GitHub repository that students of an assignment start from"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="it must have been released")
    parser.add_argument("destination", type=Path, metavar="DEST", help="a new folder, or one that this verb wrote")


def run(options: argparse.Namespace) -> int:
    """Write it and say what to do with it."""
    from autograder.github.template import write_template

    files = write_template(options.assignment, options.destination)
    print(f"wrote {len(files)} files to {options.destination}")
    print("Push it to a private repository of your organisation and mark that as a template: see docs/github.md.")
    return 0
