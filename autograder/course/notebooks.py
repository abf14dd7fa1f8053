"""Reads and writes the course's own notebooks, and knows what their cells are."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode

__all__ = ["cell_id", "grade_cells", "notebook_text", "read_notebook", "write_notebook"]


def grade_cells(notebook: NotebookNode) -> dict[str, float]:
    """Return the points of each grade cell by its ``grade_id``, in the order of the notebook.

    A cell that a person grades holds an answer itself: it is no grade cell.
    """
    cells = (cell.metadata.get("nbgrader", {}) for cell in notebook.cells)
    graded = (cell for cell in cells if cell.get("grade") and not cell.get("solution"))
    return {cell["grade_id"]: float(cell.get("points") or 0) for cell in graded}


def cell_id(cell: NotebookNode) -> str:
    """Return a cell's ``grade_id``, or its id where nbgrader does not know it."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", ""))


def read_notebook(path: Path) -> NotebookNode:
    """Read one of the course's own notebooks (trusted, nbformat 4)."""
    notebook: NotebookNode = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    return notebook


def notebook_text(notebook: NotebookNode) -> str:
    """Return a notebook's text in the one form in which this repository keeps notebooks.

    The keys are sorted and the indentation is 1, as Jupyter and nbgrader write it, so that a diff shows what changed.
    """
    text: str = nbformat.writes(notebook, version=4)
    return text.rstrip("\n") + "\n"


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook, making its folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(notebook_text(notebook), encoding="utf-8", newline="\n")
