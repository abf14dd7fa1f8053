"""The sample class: submissions of every kind that occurs, graded to show what the grader does."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

from autograder.course.assignments import ROOT
from autograder.course.sample import build_class
from autograder.session import grade_paths, write_reports
from autograder.settings import Settings

__all__ = ["SAMPLE_CLASS", "demo"]

SAMPLE_CLASS = ROOT / "tests" / "submissions"


def demo(destination: Path, settings: Settings) -> int:
    """Build the sample class, grade it and say where the reports are.

    Parameters
    ----------
    destination : Path
        Gets ``submitted/`` in nbgrader's layout, ``reports.json``, ``reports.md``, ``junit.xml`` and ``html/``.
    settings : Settings

    Returns
    -------
    int
        0: that some of these submissions get no grade is what the sample shows.
    """
    submitted = destination / "submitted"
    shutil.rmtree(submitted, ignore_errors=True)
    notebooks = build_class(SAMPLE_CLASS, submitted)
    started = time.perf_counter()
    reports = grade_paths([submitted], None, settings)
    seconds = time.perf_counter() - started
    print(f"{len(notebooks)} submissions in {seconds:.1f} s, {seconds / len(notebooks):.2f} s each.", flush=True)
    write_reports(
        reports,
        json=destination / "reports.json",
        junit=destination / "junit.xml",
        markdown=destination / "reports.md",
        html=destination / "html",
    )
    print(f"Open {destination / 'html' / 'index.html'} in a browser.", file=sys.stderr)
    return 0
