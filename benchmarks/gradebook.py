"""Write one class into nbgrader's gradebook in four ways: wall time, CPU time, and the points that each of them gives.

    python -m benchmarks.gradebook

The class is the sample class of the convolution assignment, without the submissions that end or hang a kernel, which
nbgrader leaves ungraded or waits for, and without the one that attacks this machine, which nbgrader would let. Times
are measured as in ``python -m benchmarks``.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

from autograder.course.assignments import ROOT
from autograder.course.notebooks import write_notebook
from autograder.course.sample import build_notebook
from benchmarks.measuring import measure, run, show_public_asserts_only

NAME = "02_convolucion"
VARIANTS = (
    *("perfect_loops", "perfect_scipy", "perfect_vectorised", "mistakes", "square_only", "hardcoded_slides", "empty"),
    *("cell_deleted", "rewrites_tests"),
)
OURS = "# `nbgrader autograde`"
"""Where our part of ``nbgrader_config.py`` begins; without it nbgrader's own steps run."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per way, then the points of each variant."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gradebook", description=__doc__)
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--ways", default="1234", help="which of the four; default: all of them")
    options = parser.parse_args(arguments)
    nbgrader = [sys.executable, "-m", "nbgrader"]
    ours = [sys.executable, "-m", "autograder", "grade", "submitted", "--gradebook"]
    points = {}
    for number, (way, command, steps, line) in enumerate(
        (
            ("nbgrader, public asserts", [*nbgrader, "autograde", NAME], False, False),
            ("nbgrader, our checks in its kernel", [*nbgrader, "autograde", NAME], False, True),
            ("nbgrader, our steps", [*nbgrader, "autograde", NAME], True, True),
            ("grade --gradebook", ours, True, True),
        ),
        start=1,
    ):
        if str(number) not in options.ways:
            continue
        with tempfile.TemporaryDirectory() as folder:
            course = Path(folder)
            environment = _course(course, options.students, steps=steps, line=line)
            run([*nbgrader, "generate_assignment", NAME], course, environment)
            measure(f"{way:36}", command, course, environment, options.students)
            points[way] = _points(course)
    print()
    for number, way in enumerate(points, start=1):
        print(f"{number}: {way}")
    print(f"{'points of 10':20} " + " ".join(f"{number:>8}" for number in range(1, len(points) + 1)))
    for variant in VARIANTS[: options.students]:
        found = [given.get(f"{variant}-0") for given in points.values()]
        print(f"{variant:20} " + " ".join(f"{'-' if value is None else f'{value:.2f}':>8}" for value in found))
    return 0


def _course(place: Path, students: int, *, steps: bool, line: bool) -> dict[str, str]:
    """Lay out a course with its class and return the environment to run commands in."""
    for name in ("autograder", f"source/{NAME}", f"tests/checks/{NAME}"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    (place / "data").symlink_to(ROOT / "data")
    shutil.copy(ROOT / "requirements.txt", place)
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (place / "nbgrader_config.py").write_text(config if steps else config.partition(OURS)[0], encoding="utf-8")
    if not line:
        show_public_asserts_only(place / f"source/{NAME}/{NAME}.ipynb")
    for number in range(students):
        variant = VARIANTS[number % len(VARIANTS)]
        answers = (ROOT / f"tests/submissions/{NAME}/{variant}.py").read_text(encoding="utf-8")
        folder = place / f"submitted/{variant}-{number // len(VARIANTS)}/{NAME}"
        write_notebook(build_notebook(NAME, answers), folder / f"{NAME}.ipynb")
    return {
        **os.environ,
        "XDG_CACHE_HOME": str(place / "cache"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONWARNINGS": "ignore",
    }


def _points(course: Path) -> dict[str, float]:
    """Return the points of each student in the gradebook."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
            return {item.student_id: item.score for item in gradebook.assignment_submissions(NAME)}


if __name__ == "__main__":
    sys.exit(main())
