"""``gradescope``: build the archive that grades an assignment there."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.commands.telling import tell
from autograder.gradescope import VISIBILITIES
from autograder.language import counted, number

SUMMARY = "build the archive that grades an assignment on Gradescope"
EXAMPLE = "gradescope 02_convolucion 02_convolucion.zip"


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
    files = f"{counted(count, 'file')}, {number(size, 1)} MB"
    tell(f"wrote {options.archive}: {files}. It holds the hidden checks: for Gradescope only.")
    tell("Upload it under Configure Autograder, with a base image of Ubuntu 22.04 or newer: see docs/github.md.")
    return 0
