"""The instructor's notebook and the student's version of it, which is made once per machine and kept."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course.assignments import Assignment
from autograder.course.notebooks import notebook_text, read_notebook
from autograder.settings import keep_file, kept_folder

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["course_notebooks"]


def course_notebooks(assignment: Assignment) -> tuple[NotebookNode, NotebookNode]:
    """Return the instructor's notebook and the student's version of it, made once per process; do not change them."""
    return _course_notebooks(assignment.source, assignment.source.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _course_notebooks(source: Path, changed: int) -> tuple[NotebookNode, NotebookNode]:
    notebook = read_notebook(source)
    kept = _kept(source)
    with contextlib.suppress(OSError, ValueError):
        return notebook, read_notebook(kept)
    # nbgrader takes a second to import.
    from autograder.course.release import student_version

    student = student_version(notebook)
    keep_file(kept, notebook_text(student).encode())
    return notebook, student


def _kept(source: Path) -> Path:
    """Return where the student's version is kept for later processes: made from these files by this nbgrader."""
    parts = [source.read_bytes(), *(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))]
    version = "".join(importlib.metadata.version(name) for name in ("nbgrader", "nbconvert", "nbformat"))
    digest = hashlib.sha256(b"\0".join([*parts, version.encode()])).hexdigest()
    return kept_folder("released") / f"{digest}.ipynb"
