"""``demo``: grade the embedded sample class."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.commands.running import add_running_options, chosen_settings

SUMMARY = "grade the embedded sample class"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument(
        "--reports", type=Path, default=Path("reports/demo"), metavar="DIR", help="default: reports/demo"
    )
    add_running_options(parser)


def run(options: argparse.Namespace) -> int:
    """Grade the sample class and say where the reports are."""
    from autograder.demo import demo

    return demo(options.reports, chosen_settings(options))
