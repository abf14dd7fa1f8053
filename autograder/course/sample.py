"""Submissions written as small text files: the class that ``demo`` grades, and the tests' examples.

A submission ``<assignment>/<variant>.py`` says in percent format how it differs from the notebook that students get::

    \"\"\"One line: what this submission shows.\"\"\"
    # %% conv2d
    def conv2d(image, kernel, stride=1, padding=0): ...
    # %% delete conv2d-stride
    # %% append
    print("a code cell at the end")
    # %% first
    print("a code cell at the beginning")

A cell is named by its ``grade_id``, or by its id where it has none. What is not mentioned stays as released.
"""

from __future__ import annotations

import ast
import copy
import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.course.assignments import ROOT, find_assignments
from autograder.course.notebooks import cell_id, read_notebook, write_notebook
from autograder.course.release import student_version

__all__ = ["build_class", "build_notebook", "describe"]

_MARKER = re.compile(r"^# %% *(.*?) *$", re.MULTILINE)


def build_notebook(assignment: str, answers: str, root: Path = ROOT) -> NotebookNode:
    """Return the notebook of a submission.

    Parameters
    ----------
    assignment : str
        Name of the assignment.
    answers : str
        The text of a submission file (see the module).
    root : Path
        The repository.

    Raises
    ------
    ValueError
        There is no such assignment or cell, or a cell is named twice.
    """
    return _answer(_released(assignment, root), answers)


def build_class(folder: Path, destination: Path, root: Path = ROOT, only: Collection[str] = ()) -> list[Path]:
    """Build every submission of a folder as nbgrader lays them out.

    Parameters
    ----------
    folder : Path
        Holds ``<assignment>/<variant>.py``. A folder ``<assignment>/<variant>/`` is what the student handed in beside
        the notebook: images, models.
    destination : Path
        Gets ``<variant>/<assignment>/<assignment>.ipynb``, as nbgrader's ``submitted/`` has it.
    root : Path
        The repository.
    only : collection of str
        Names of assignments; none of them: all.

    Returns
    -------
    list of Path
        The notebooks, by assignment, then by variant.

    Raises
    ------
    ValueError
        As `build_notebook`, and it names the file.
    """
    built = []
    for assignment in sorted(path for path in folder.iterdir() if any(path.glob("*.py"))):
        if only and assignment.name not in only:
            continue
        base = _released(assignment.name, root)
        for answers in sorted(assignment.glob("*.py")):
            try:
                notebook = _answer(base, answers.read_text(encoding="utf-8"))
            except ValueError as error:
                raise ValueError(f"{answers}: {error}") from error
            target = destination / answers.stem / assignment.name / f"{assignment.name}.ipynb"
            if answers.with_suffix("").is_dir():
                shutil.copytree(answers.with_suffix(""), target.parent, dirs_exist_ok=True)
            write_notebook(notebook, target)
            built.append(target)
    return built


def describe(answers: str) -> str:
    """Return the line that says what a submission shows, without its last full stop."""
    document = ast.get_docstring(ast.parse(_MARKER.split(answers, maxsplit=1)[0])) or ""
    return document.split("\n")[0].rstrip(".")


def _released(assignment: str, root: Path) -> NotebookNode:
    assignments = find_assignments(root)
    if assignment not in assignments:
        raise ValueError(f"expected one of the assignments {', '.join(assignments)}. Received: {assignment}")
    return student_version(read_notebook(assignments[assignment].source))


def _answer(base: NotebookNode, answers: str) -> NotebookNode:
    notebook = copy.deepcopy(base)
    known = {cell_id(cell) for cell in notebook.cells}
    first: list[NotebookNode] = []
    last: list[NotebookNode] = []
    mentioned: set[str] = set()
    for title, source in _blocks(answers):
        verb, _, name = title.rpartition(" ")
        if title == "first":
            first.append(new_code_cell(source, id=f"first-{len(first) + 1}"))
        elif title == "append":
            last.append(new_code_cell(source, id=f"append-{len(last) + 1}"))
        elif name not in known or verb not in ("", "delete"):
            raise ValueError(f"there is no cell {name!r} in the notebook. Received: '# %% {title}'")
        elif name in mentioned:
            raise ValueError(f"the cell {name!r} is mentioned twice")
        else:
            mentioned.add(name)
            if verb == "delete":
                notebook.cells = [cell for cell in notebook.cells if cell_id(cell) != name]
            else:
                next(cell for cell in notebook.cells if cell_id(cell) == name).source = source
    notebook.cells = [*first, *notebook.cells, *last]
    return notebook


def _blocks(answers: str) -> Iterator[tuple[str, str]]:
    """Yield the title and the source of each block."""
    _, *parts = _MARKER.split(answers)
    for title, source in zip(parts[::2], parts[1::2]):
        yield title, source.strip("\n").rstrip()
