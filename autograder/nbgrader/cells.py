"""Whether nbgrader will take an assignment's cells as they are now: the cells and points that it has grades for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry, Notebook
from nbgrader.coursedir import CourseDirectory

from autograder.course.notebooks import grade_cells, read_notebook
from autograder.errors import UsageError
from autograder.nbgrader.database import database_file

__all__ = ["other_points", "refuse_other_cells", "refuse_other_points", "what_to_do"]

_TABLES = ("grade_cells", "solution_cells", "task_cells", "source_cells")

_REFUSED = "expected the cells of {name} that the gradebook has grades for. Received from source/: {changes}. {advice}"
_OTHER_POINTS = (
    "expected the points of {name} that the gradebook knows. Received from source/: {changes}. Nothing was graded, "
    "nothing was changed. {way}"
)
_GENERATE = (
    "Run: nbgrader generate_assignment {name}. Then the same command again: every grade of {name} is counted anew."
)
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
    known = _known(gradebook, name)
    if known is None or not known.submissions:
        return ""
    before = {row.name for table in _TABLES for row in getattr(known, table)}
    today = {about["grade_id"] for cell in notebook.cells if (about := cell.metadata.get("nbgrader")) and _kept(about)}
    changes = [f"{cell} is new" for cell in sorted(today - before)]
    changes += [f"{cell} is gone" for cell in sorted(before - today)]
    return _REFUSED.format(name=name, changes=", ".join(changes), advice=what_to_do(name)) if changes else ""


def other_points(gradebook: Gradebook, name: str, notebook: NotebookNode) -> str:
    """Return why points cannot be written for this notebook, and the command that works; empty if they can.

    Parameters
    ----------
    gradebook : Gradebook
    name : str
        Of the assignment and its notebook.
    notebook : NotebookNode
        The instructor's, as it is now.
    """
    notebook_of = _known(gradebook, name)
    if notebook_of is None:
        return ""
    known = {row.name: row.max_score for row in notebook_of.grade_cells}
    points = grade_cells(notebook)
    changes = [f"{cell} {known[cell]:g} → {most:g}" for cell, most in points.items() if known.get(cell, most) != most]
    new = sorted(set(points) - set(known))
    if not changes and not new:
        return ""
    changes += [f"{cell} is new" for cell in new]
    way = what_to_do(name) if new else _GENERATE.format(name=name)
    return _OTHER_POINTS.format(name=name, changes=", ".join(changes), way=way)


def refuse_other_points(course: CourseDirectory, names: Iterable[str]) -> None:
    """Refuse to grade assignments whose points in ``source/`` are not those of the gradebook: nothing has run yet.

    Parameters
    ----------
    course : CourseDirectory
        nbgrader's.
    names : iterable of str
        Of assignments; what the gradebook does not know yet is fine.

    Raises
    ------
    UsageError
        It names the cells and the command that works.
    """
    if not database_file(course.db_url).is_file():
        return
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for name in names:
            path = Path(course.format_path(course.source_directory, ".", name), f"{name}.ipynb")
            if path.is_file() and (refused := other_points(gradebook, name, read_notebook(path))):
                raise UsageError(refused)


def what_to_do(name: str) -> str:
    """Return the ways to a new check after an assignment was graded."""
    return _ADVICE.format(name=name)


def _known(gradebook: Gradebook, name: str) -> Notebook | None:
    """Return the gradebook's notebook of an assignment, None if it knows none."""
    try:
        return gradebook.find_notebook(name, name)
    except MissingEntry:
        return None


def _kept(about: dict[str, object]) -> bool:
    """Tell whether nbgrader keeps a cell with these metadata in the gradebook."""
    return any(about.get(kind) for kind in ("grade", "solution", "task", "locked"))
