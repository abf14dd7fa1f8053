"""Whether nbgrader will take an assignment's cells as they are now: not others than those that were graded already."""

from __future__ import annotations

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry

__all__ = ["refuse_other_cells", "what_to_do"]

_TABLES = ("grade_cells", "solution_cells", "task_cells", "source_cells")

_REFUSED = "expected the cells of {name} that the gradebook has grades for. Received from source/: {changes}. {advice}"
_ADVICE = (
    "nbgrader keeps the cells of an assignment as they were when its first submission was graded. What works: leave "
    "the cells as they were and put the new check under a grade cell that is there, in tests/checks/{name}/; its "
    "points are shared by the weights, and no student has to hand in again. If it must be a cell of its own: copy "
    "gradebook.db, run `nbgrader db assignment remove {name} --force` (points and comments that people gave for {name} "
    "are lost), then `nbgrader generate_assignment {name}`, and grade again."
)


def refuse_other_cells(gradebook: Gradebook, name: str, notebook: NotebookNode) -> str:
    """Return why nbgrader would refuse this notebook, and the way that works; empty if it will not.

    Parameters
    ----------
    gradebook : Gradebook
    name : str
        Of the assignment and its notebook.
    notebook : NotebookNode
        The instructor's.
    """
    try:
        known = gradebook.find_notebook(name, name)
    except MissingEntry:
        return ""
    if not known.submissions:
        return ""
    before = {row.name for table in _TABLES for row in getattr(known, table)}
    today = {about["grade_id"] for cell in notebook.cells if (about := cell.metadata.get("nbgrader")) and _kept(about)}
    changes = [f"{cell} is new" for cell in sorted(today - before)]
    changes += [f"{cell} is gone" for cell in sorted(before - today)]
    return _REFUSED.format(name=name, changes=", ".join(changes), advice=what_to_do(name)) if changes else ""


def what_to_do(name: str) -> str:
    """Return the ways to a new check after an assignment was graded."""
    return _ADVICE.format(name=name)


def _kept(about: dict[str, object]) -> bool:
    """Tell whether nbgrader keeps a cell with these metadata in the gradebook."""
    return any(about.get(kind) for kind in ("grade", "solution", "task", "locked"))
