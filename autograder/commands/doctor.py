"""``doctor``: say what this machine has."""

from __future__ import annotations

import argparse

from autograder.exit_status import DONE, FOUND

SUMMARY = "say what this machine has"
EXAMPLE = "doctor"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb: none."""


def run(options: argparse.Namespace) -> int:
    """Print what is there, what is missing, and how to get it; fail where something is missing that grading needs."""
    from autograder.doctor import diagnose, show

    findings = diagnose()
    show(findings)
    return FOUND if any(finding.status == "missing" for finding in findings) else DONE
