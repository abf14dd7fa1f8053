"""``demo``: grade the embedded sample class."""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

from autograder.commands.running import add_running_options, chosen_settings
from autograder.commands.telling import tell, warn
from autograder.course.suggest import unknown
from autograder.exit_status import DONE
from autograder.language import counted, number

SUMMARY = "grade the embedded sample class"
EXAMPLE = "demo 02_convolucion"


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
    strange = [name for name in options.assignments if name not in known]
    if strange:
        raise unknown(strange[0], known)
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
    each = number(seconds / len(notebooks), 2)
    tell(f"{counted(len(notebooks), 'submission')} in {number(seconds, 1)} s, {each} s each.")
    for problem in problems:
        warn(problem)
    warn(f"Open {destination / 'html' / 'index.html'} in a browser.")
    return DONE
