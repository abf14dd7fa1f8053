"""Reads and writes the course's own notebooks, and knows what their cells are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = [
    "cell_about",
    "cell_id",
    "grade_cells",
    "grade_ids",
    "grade_points",
    "is_answer",
    "is_grade_cell",
    "is_locked",
    "notebook_text",
    "plain_cells",
    "read_notebook",
    "write_notebook",
]


def cell_about(cell: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what nbgrader's metadata say of a cell; nothing where there is no cell, or where they are malformed."""
    metadata = cell.get("metadata") if cell is not None else None
    about = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    return dict(about) if isinstance(about, Mapping) else {}


def cell_id(cell: Mapping[str, Any]) -> str:
    """Return a cell's ``grade_id``, or its id where nbgrader does not know it."""
    grade_id = cell_about(cell).get("grade_id")
    return grade_id if isinstance(grade_id, str) and grade_id else str(cell.get("id", ""))


def is_grade_cell(cell: Mapping[str, Any]) -> bool:
    """Tell whether checks decide the points of a cell; one that a person grades holds an answer itself."""
    return bool(cell_about(cell).get("grade")) and not is_answer(cell)


def is_answer(cell: Mapping[str, Any] | None) -> bool:
    """Tell whether a student writes in a cell."""
    return bool(cell_about(cell).get("solution"))


def is_locked(cell: Mapping[str, Any]) -> bool:
    """Tell whether a cell has the instructor's text, whatever a student made of it."""
    return bool(cell_about(cell).get("locked")) and not is_answer(cell)


def grade_cells(notebook: NotebookNode) -> dict[str, float]:
    """Return the points of each grade cell by its ``grade_id``, in the order of the notebook.

    A cell that a person grades holds an answer itself: it is no grade cell.
    """
    return _points(notebook.cells)


def _points(cells: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    graded = [cell_about(cell) for cell in cells if is_grade_cell(cell)]
    return {about["grade_id"]: float(about.get("points") or 0) for about in graded}


def grade_ids(path: Path) -> tuple[str, ...]:
    """Return the ``grade_id`` of each grade cell of one of the course's own notebooks, read once per process."""
    return tuple(grade_points(path))


def grade_points(path: Path) -> Mapping[str, float]:
    """Return what `grade_cells` says of one of the course's own notebooks, read once per process."""
    return _grade_points(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _grade_points(path: Path, changed: int) -> Mapping[str, float]:
    return _points(plain_cells(path))


def plain_cells(path: Path) -> list[dict[str, Any]]:
    """Return the cells of one of the course's own notebooks, each source as one text.

    nbformat takes a fifth of a second to import; a class that has not changed needs no more of a notebook.
    """
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in cells]


def read_notebook(path: Path) -> NotebookNode:
    """Read one of the course's own notebooks (trusted, nbformat 4)."""
    import nbformat

    notebook: NotebookNode = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    return notebook


def notebook_text(notebook: NotebookNode) -> str:
    """Return a notebook's text in the one form in which this repository keeps notebooks.

    The keys are sorted and the indentation is 1, as Jupyter and nbgrader write it, so that a diff shows what changed.
    """
    import nbformat

    text: str = nbformat.writes(notebook, version=4)
    return text.rstrip("\n") + "\n"


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook, making its folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(notebook_text(notebook), encoding="utf-8", newline="\n")
