"""What the benchmark compares with: nbgrader's own ``autograde``, and otter-grader 7 in an environment of its own.

Each gets the same class: copies of one correct notebook, judged by the asserts that the notebook shows. nbgrader runs
them as test cells; otter runs them as doctests from its own archive, made here from the same cells.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from autograder.course.assignments import Assignment
from autograder.course.kernel_line import without_kernel_line
from autograder.course.notebooks import cell_id, is_grade_cell, read_notebook, write_notebook
from benchmarks.measuring import Spent, measured, run, show_public_asserts_only

__all__ = ["OTTER", "class_of_copies", "install_otter", "nbgrader", "otter", "ours"]

_RELEASE = """
import sys
from autograder.course.assignments import find_assignments
from autograder.course.versions import course_notebooks
course_notebooks(find_assignments()[sys.argv[1]])
"""
OTTER = ("otter-grader>=7,<8", "ipykernel", "numpy", "scikit-image", "matplotlib")


def class_of_copies(course: Path, assignment: Assignment, copies: int) -> dict[str, str]:
    """Lay out a course with a class of copies of its own solution and return the environment to grade it in."""
    source = assignment.source.parent
    shutil.copytree(source, course / "source" / assignment.name)
    show_public_asserts_only(course / "source" / assignment.name / assignment.source.name)
    for number in range(copies):
        shutil.copytree(source, course / "submitted" / f"student{number:04}" / assignment.name)
    return {
        **os.environ,
        "XDG_CACHE_HOME": str(course / "cache"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONWARNINGS": "ignore",
    }


def ours(course: Path, root: Path, environment: dict[str, str], *more: str) -> Spent:
    """Grade the class with this grader; the students' version of the notebook, as for nbgrader, is not counted."""
    run([sys.executable, "-c", _RELEASE, next((course / "source").iterdir()).name], root, environment)
    command = [sys.executable, "-m", "autograder", "grade", str(course / "submitted"), "--fresh", *more]
    return measured(command, root, environment)


def nbgrader(course: Path, assignment: str, environment: dict[str, str]) -> Spent:
    """Grade the class with ``nbgrader autograde``; its release is not counted."""
    command = [sys.executable, "-m", "nbgrader"]
    run([*command, "generate_assignment", assignment, "--create", "--force"], course, environment)
    return measured([*command, "autograde", assignment, "--create", "--force"], course, environment)


def install_otter(folder: Path) -> Path:
    """Install otter-grader into an environment of its own, once, and return its Python."""
    python = folder / "bin" / "python"
    if not (folder / "installed").is_file():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *OTTER], check=True)
        (folder / "installed").touch()
    return python


def otter(course: Path, assignment: Assignment, python: Path, environment: dict[str, str]) -> Spent:
    """Grade the class with ``otter run``, one notebook after another, as its own containers do."""
    archive = course / "autograder.zip"
    tests = course / "otter" / "tests"
    tests.mkdir(parents=True, exist_ok=True)
    notebook = read_notebook(assignment.source)
    for cell in notebook.cells:
        if is_grade_cell(cell):
            name = cell_id(cell)
            cases = [{"code": as_doctest(without_kernel_line(cell.source)), "hidden": False, "locked": False}]
            test = {"name": name, "points": 1, "suites": [{"cases": cases, "scored": True, "type": "doctest"}]}
            (tests / f"{name.replace('-', '_')}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n", "utf-8")
            cell.source = ""
    binaries = {**environment, "PATH": f"{python.parent}{os.pathsep}{environment['PATH']}"}
    run(
        [str(python), "-m", "otter", "generate", "-t", str(tests), "-o", str(archive), "--no-environment"],
        course,
        binaries,
    )
    total = Spent(0.0, 0.0)
    for folder in sorted((course / "submitted").iterdir()):
        place = course / "otter" / folder.name
        shutil.copytree(folder / assignment.name, place)
        write_notebook(notebook, place / assignment.source.name)
        command = [str(python), "-m", "otter", "run", "-a", str(archive), "-o", str(place), assignment.source.name]
        spent = measured(command, place, binaries)
        total = Spent(total.wall + spent.wall, total.cpu + spent.cpu)
    scores = json.loads((place / "results.json").read_text(encoding="utf-8"))["tests"]
    if not scores:
        raise SystemExit("otter-grader has graded nothing")
    return total


def as_doctest(source: str) -> str:
    """Return the statements of a cell as otter's doctests write them.

    >>> print(as_doctest("x = 1\\nif x:\\n    x = 2"))
    >>> x = 1
    >>> if x:
    ...     x = 2
    """
    lines = source.split("\n")
    written = []
    for statement in ast.parse(source).body:
        first, *rest = lines[statement.lineno - 1 : statement.end_lineno]
        written += [f">>> {first}", *(f"... {line}" for line in rest)]
    return "\n".join(written)
