"""Small notebooks of an instructor, made cell by cell."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.course.kernel_line import with_kernel_line

NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def nbgrader_cell(source: str, grade_id: str, *, points: float | None = None, solution: bool = False) -> NotebookNode:
    """Return a solution cell, a grade cell (with points) or a locked cell."""
    metadata: dict[str, Any] = {
        "grade": points is not None,
        "solution": solution,
        "locked": not solution,
        "task": False,
        "schema_version": 3,
        "grade_id": grade_id,
    }
    if points is not None:
        metadata["points"] = points
    return new_code_cell(source, id=grade_id, metadata={"nbgrader": metadata})


def asked(source: str, grade_id: str) -> str:
    """Return the source of a grade cell with its hidden line."""
    return with_kernel_line(source, "02_convolucion", grade_id)
