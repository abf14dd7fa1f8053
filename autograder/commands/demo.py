"""``demo``: grade the embedded sample class."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

from autograder.commands.running import add_running_options, chosen_settings
from autograder.errors import UsageError
from autograder.exit_status import DONE

SUMMARY = "grade the embedded sample class"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument(
        "assignments", nargs="*", metavar="ASSIGNMENT", help="only these assignments, which is faster; default: all"
    )
    parser.add_argument(
        "--reports", type=Path, default=Path("reports/demo"), metavar="DIR", help="default: reports/demo"
    )
    add_running_options(parser)


def run(options: argparse.Namespace) -> int:
    """Build the sample class, grade it and say where the reports are.

    ``--reports`` gets ``submitted/`` in nbgrader's layout, the reports as JSON, JUnit and Markdown, and ``html/``.
    That some of these submissions get no grade is what the sample shows, and no failure.
    """
    from autograder.commands.known import known_of
    from autograder.commands.session import grade_paths, show_reports, write_reports
    from autograder.course.assignments import ROOT, find_assignments
    from autograder.course.sample import build_class

    known = find_assignments()
    unknown = [name for name in options.assignments if name not in known]
    if unknown:
        raise UsageError(f"expected assignments among {', '.join(known)}. Received: {', '.join(unknown)}")
    destination: Path = options.reports
    submitted = destination / "submitted"
    shutil.rmtree(submitted, ignore_errors=True)
    notebooks = build_class(ROOT / "tests" / "submissions", submitted, only=options.assignments)
    started = time.perf_counter()
    run = grade_paths([submitted], None, chosen_settings(options))
    reports = run.reports
    seconds = time.perf_counter() - started
    pages = known_of(run.results, known, html=destination / "html")
    problems = write_reports(
        reports,
        json=destination / "reports.json",
        junit=destination / "junit.xml",
        markdown=destination / "reports.md",
        html=destination / "html",
        known=pages,
    )
    show_reports(reports, pages)
    print(f"{len(notebooks)} submissions in {seconds:.1f} s, {seconds / len(notebooks):.2f} s each.", flush=True)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"Open {destination / 'html' / 'index.html'} in a browser.", file=sys.stderr)
    return DONE
