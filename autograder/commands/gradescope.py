"""``gradescope``: build the archive that grades an assignment there."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.gradescope import VISIBILITIES

SUMMARY = "build the archive that grades an assignment on Gradescope"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    parser.add_argument("archive", type=Path, metavar="OUT.zip")
    parser.add_argument(
        "--visibility", choices=VISIBILITIES, default="visible", help="when students see results; default: visible"
    )
    parser.add_argument(
        "--sandbox",
        choices=("bwrap", "user", "none"),
        default="bwrap",
        help="user: where the container allows no namespaces; none: submissions can read the hidden checks",
    )


def run(options: argparse.Namespace) -> int:
    """Write it and say what to do with it."""
    from autograder.gradescope.bundle import write_bundle

    count = write_bundle(options.assignment, options.archive, sandbox=options.sandbox, visibility=options.visibility)
    size = options.archive.stat().st_size / 2**20
    print(f"wrote {options.archive}: {count} files, {size:.1f} MB. It holds the hidden checks: for Gradescope only.")
    print("Upload it under Configure Autograder, with a base image of Ubuntu 22.04 or newer: see docs/github.md.")
    return 0
