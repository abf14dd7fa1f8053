"""The instructor's notebook and the student's version of it, made once per process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from nbformat import NotebookNode

from autograder.course.assignments import Assignment
from autograder.course.notebooks import read_notebook

__all__ = ["course_notebooks"]


def course_notebooks(assignment: Assignment) -> tuple[NotebookNode, NotebookNode]:
    """Return the instructor's notebook and the student's version of it, made once per process; do not change them."""
    return _course_notebooks(assignment.source, assignment.source.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _course_notebooks(source: Path, changed: int) -> tuple[NotebookNode, NotebookNode]:
    # nbgrader takes a second to import; the processes that grade have it already, the command line needs it not.
    from autograder.course.release import student_version

    notebook = read_notebook(source)
    return notebook, student_version(notebook)
