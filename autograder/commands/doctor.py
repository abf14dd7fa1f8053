"""``doctor``: say what this machine has."""

from __future__ import annotations

import argparse

SUMMARY = "say what this machine has"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb: none."""


def run(options: argparse.Namespace) -> int:
    """Print what is there, what is missing, and how to get it."""
    from autograder.doctor import diagnose, show

    show(diagnose())
    return 0
