"""What students get: ``assignments/``, made from the instructor's notebooks in ``source/``.

The work is done by nbgrader's own preprocessors in nbgrader's own order, so `release` and ``nbgrader
generate_assignment`` agree byte for byte when nbgrader is told to use the `ClearSolutions` below.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbgrader.preprocessors as nbgrader
from nbformat import NotebookNode
from traitlets import Dict, Unicode

from autograder.course.assignments import ABOUT, ROOT, Assignment, find_assignments
from autograder.course.notebooks import cell_id, notebook_text, read_notebook
from autograder.course.suggest import unknown

__all__ = ["PREPROCESSORS", "Change", "ClearSolutions", "clear_code", "is_released", "release", "student_version"]

CODE_STUB = "# ESCRIBE TU CÓDIGO AQUÍ"
TEXT_STUB = "ESCRIBE TU RESPUESTA AQUÍ"
_BEGIN, _END = "BEGIN SOLUTION", "END SOLUTION"
_NEVER_RELEASED = {".py", ".pyc", ".ipynb"}
_WORKING_FOLDERS = {"__pycache__", "models"}

INSTRUCTOR = "instructor"
"""The tag of a cell that stays in ``source/``."""


class ClearSolutions(nbgrader.ClearSolutions):  # type: ignore[misc]
    """nbgrader's preprocessor with stubs that keep "Run all" alive; it also drops what only instructors get.

    In a function the stub raises `NotImplementedError`, which says what is missing when it is called. At the level of
    the module it is a comment only: an exception there would stop a notebook whose first exercise is not done yet.
    """

    code_stub = Dict({"python": CODE_STUB}).tag(config=True)
    text_stub = Unicode(TEXT_STUB).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        nb.cells = [cell for cell in nb.cells if INSTRUCTOR not in cell.metadata.get("tags", [])]
        result: tuple[NotebookNode, Any] = super().preprocess(nb, resources)
        return result

    def _replace_solution_region(self, cell: NotebookNode, language: str) -> bool:
        if cell.cell_type != "code":
            return bool(super()._replace_solution_region(cell, language))
        try:
            cleared = clear_code(cell.source, self.code_stub[language])
        except ValueError as error:
            raise ValueError(f"cell {cell_id(cell)}: {error}") from error
        replaced = bool(cleared != cell.source)
        cell.source = cleared
        return replaced


PREPROCESSORS: tuple[type[Any], ...] = (
    nbgrader.LockCells,
    ClearSolutions,
    nbgrader.ClearOutput,
    nbgrader.CheckCellMetadata,
    nbgrader.ClearHiddenTests,
    nbgrader.ClearMarkScheme,
    nbgrader.ComputeChecksums,
    nbgrader.CheckCellMetadata,
)
"""What turns an instructor's notebook into a student's, in order."""


@dataclass(frozen=True)
class Change:
    """One file of ``assignments/`` that `release` wrote or removed, or would have.

    Parameters
    ----------
    path : Path
        Relative to the repository.
    kind : str
        ``new``, ``changed`` or ``stale``.
    """

    path: Path
    kind: str


def student_version(notebook: NotebookNode) -> NotebookNode:
    """Return the student's version of an instructor's notebook, which stays as it is.

    Solutions become stubs; hidden tests, cells with the tag ``instructor``, outputs and execution counts go; graded
    cells are locked against deletion and get the checksum by which nbgrader sees whether a cell was touched.
    """
    student = copy.deepcopy(notebook)
    resources: dict[str, Any] = {}
    for preprocessor in PREPROCESSORS:
        student, resources = preprocessor().preprocess(student, resources)
    return student


def release(names: Iterable[str] = (), *, check: bool = False, root: Path = ROOT) -> list[Change]:
    """Bring ``assignments/`` up to date with ``source/``.

    Parameters
    ----------
    names : iterable of str
        The assignments to release; all of them if empty. Then folders of assignments that are no more go, too.
    check : bool
        Change nothing, only say what differs.
    root : Path
        The repository.

    Returns
    -------
    list of Change
        What differed, sorted; empty if everything was up to date.

    Raises
    ------
    UsageError
        There is no assignment of that name.
    """
    assignments = find_assignments(root)
    chosen = list(names) or list(assignments)
    for name in chosen:
        if name not in assignments:
            raise unknown(name, assignments)
    changes = []
    for name in chosen:
        changes += _release_one(assignments[name], root, check)
    if not list(names):
        for folder in sorted((root / "assignments").glob("*/")):
            if folder.is_dir() and folder.name not in assignments:
                changes += _remove_stale(folder, set(), root, check)
    return sorted(changes, key=lambda change: change.path)


def clear_code(source: str, stub: str = CODE_STUB) -> str:
    """Replace each solution region of a code cell by a stub at the region's indentation.

    Parameters
    ----------
    source : str
        The source of the cell.
    stub : str
        What the student sees in its place; in a function ``raise NotImplementedError()`` follows.

    Raises
    ------
    ValueError
        The regions are nested or do not end, or the cell is no Python.

    Examples
    --------
    >>> print(clear_code("def f(x):\\n    ### BEGIN SOLUTION\\n    return 2 * x\\n    ### END SOLUTION"))
    def f(x):
        # ESCRIBE TU CÓDIGO AQUÍ
        raise NotImplementedError()
    """
    if _BEGIN not in source and _END not in source:
        return source
    functions = _function_lines(source)
    kept: list[str] = []
    inside = False
    for number, line in enumerate(source.split("\n"), start=1):
        if _BEGIN in line:
            if inside:
                raise ValueError(f"a solution region begins inside another one, line {number}")
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            kept.append(indent + stub)
            if number in functions:
                kept.append(indent + "raise NotImplementedError()")
            elif indent:
                kept.append(indent + "pass")
        elif _END in line:
            if not inside:
                raise ValueError(f"a solution region ends that has not begun, line {number}")
            inside = False
        elif not inside:
            kept.append(line)
    if inside:
        raise ValueError("a solution region does not end")
    return "\n".join(kept)


def is_released(relative: Path) -> bool:
    """Tell whether students get a file beside the instructor's notebook: neither code nor
    what work left behind, nor `ABOUT`."""
    return not _is_working_file(relative) and relative.suffix not in _NEVER_RELEASED and relative.name != ABOUT


def _function_lines(source: str) -> set[int]:
    """Return the numbers of the lines that belong to a function's body."""
    plain = re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE)
    try:
        tree = ast.parse(plain)
    except SyntaxError as error:
        raise ValueError(f"not valid Python: {error.msg}, line {error.lineno}") from error
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines.update(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
    return lines


def _release_one(assignment: Assignment, root: Path, check: bool) -> list[Change]:
    folder = assignment.released.parent
    files = {assignment.released: notebook_text(student_version(read_notebook(assignment.source))).encode()}
    for path in sorted(assignment.source.parent.rglob("*")):
        relative = path.relative_to(assignment.source.parent)
        if path.is_file() and is_released(relative):
            files[folder / relative] = path.read_bytes()
    changes = []
    for path, content in files.items():
        if path.is_file() and path.read_bytes() == content:
            continue
        changes.append(Change(path.relative_to(root), "changed" if path.exists() else "new"))
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return changes + _remove_stale(folder, set(files), root, check)


def _remove_stale(folder: Path, wanted: set[Path], root: Path, check: bool) -> list[Change]:
    """Remove the files below ``folder`` that are not wanted, but not what trying a notebook out leaves behind."""
    changes = []
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not check and not any(path.iterdir()):
            path.rmdir()
        elif path.is_file() and path not in wanted and not _is_working_file(path.relative_to(folder)):
            changes.append(Change(path.relative_to(root), "stale"))
            if not check:
                path.unlink()
    if folder.is_dir() and not check and not any(folder.iterdir()):
        folder.rmdir()
    return changes


def _is_working_file(relative: Path) -> bool:
    return any(part.startswith(".") or part in _WORKING_FOLDERS for part in relative.parts)
