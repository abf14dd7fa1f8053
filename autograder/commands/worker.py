"""``worker``: let this machine grade for a cluster."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.commands.running import positive
from autograder.commands.telling import tell
from autograder.course.assignments import find_assignments
from autograder.course.suggest import unknown
from autograder.errors import UsageError
from autograder.exit_status import DONE
from autograder.settings import Settings

SUMMARY = "let this machine grade for a class that is graded elsewhere"
EXAMPLE = "worker tcp://host:8786 --jobs 8"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument("address", metavar="ADDRESS", help="the scheduler: tcp://host:8786 or, with --tls, tls://…")
    parser.add_argument("--tls", type=Path, metavar="FILE", help="the cluster's certificate and key, in one file")
    parser.add_argument(
        "--jobs",
        type=positive,
        default=Settings().jobs,
        metavar="N",
        help="submissions graded here at the same time; default: the cores",
    )
    parser.add_argument(
        "--assignment", action="append", metavar="A", help="grade only this one (may be given again); default: all"
    )


def run(options: argparse.Namespace) -> int:
    """Stay in the cluster until somebody ends it."""
    from autograder.cluster.service import serve
    from autograder.course.requirements import missing_packages

    known = find_assignments()
    wanted = options.assignment or list(known)
    strange = [name for name in wanted if name not in known]
    if strange:
        raise unknown(strange[0], known)
    able = [name for name in known if name in wanted and not missing_packages(known[name].packages)]
    if not able:
        raise UsageError(f"expected the packages of {', '.join(wanted)}. Received: not all of them.")
    serve(options.address, {name: known[name] for name in able}, options.jobs, options.tls, _tell)
    return DONE


def _tell(line: str) -> None:
    tell(line)
