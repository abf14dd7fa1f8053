"""The cells of a notebook that matter to its checks, and what depends on what among them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from nbformat import NotebookNode

from autograder.course.notebooks import cell_id

__all__ = ["affected_names", "belongs", "names_used", "solution_cells", "working_cells"]

_DEFINING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


def working_cells(notebook: NotebookNode) -> dict[str, str]:
    """Return the cells that make what the checks ask for, text by id, in order.

    Solutions come whole. Of the other cells only imports, definitions and plain values are left: no data set is read
    and nothing is drawn. Training cells and grade cells are left out.
    """
    solutions = solution_cells(notebook)
    cells = {}
    for cell in notebook.cells:
        name = cell_id(cell)
        if name in solutions:
            cells[name] = solutions[name]
        elif cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("grade"):
            kept = ast.Module([part for part in ast.parse(cell.source).body if _is_plain(part)], [])
            if kept.body:
                cells[name] = ast.unparse(kept)
    return cells


def solution_cells(notebook: NotebookNode) -> dict[str, str]:
    """Return the cells in which students write functions and values, with the instructor's solution: text by id."""
    found = {}
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        tagged = {"train", "plot"} & set(cell.metadata.get("tags", []))
        if cell.cell_type == "code" and about.get("solution") and not about.get("grade") and not tagged:
            found[cell_id(cell)] = cell.source
    return found


def belongs(grade_id: str, name: str) -> bool:
    """Tell whether a grade cell judges the name, as the first part of its ``grade_id`` says."""
    return f"{grade_id}-".startswith(name.lower().replace("_", "-") + "-")


def affected_names(cells: Mapping[str, str], changed: str) -> set[str]:
    """Return the names that may differ when one cell is changed: its own, and those of cells that mention these."""
    affected, _ = names_used(cells[changed])
    before = 0
    while before != len(affected):
        before = len(affected)
        for source in cells.values():
            defined, mentioned = names_used(source)
            if affected & mentioned:
                affected |= defined
    return affected


def names_used(source: str) -> tuple[set[str], set[str]]:
    """Return the names that a cell defines at its top level, or fills, and all that it mentions."""
    tree = ast.parse(source)
    defined = set(_defined(tree.body))
    return defined, {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _defined(body: Sequence[ast.stmt]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            yield statement.name
            continue
        for node in ast.walk(statement):
            if isinstance(node, (ast.Name, ast.Subscript)) and isinstance(node.ctx, ast.Store):
                inner = node
                while isinstance(inner, ast.Subscript):
                    inner = inner.value  # type: ignore[assignment]
                if isinstance(inner, ast.Name):
                    yield inner.id


def _is_plain(statement: ast.stmt) -> bool:
    if isinstance(statement, _DEFINING):
        return True
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return False
    return not any(isinstance(node, ast.Call) for node in ast.walk(statement))
