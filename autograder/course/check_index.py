"""What the hidden checks say about themselves, read from their text without running anything."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

__all__ = ["IndexedCheck", "index_checks"]


@dataclass(frozen=True)
class IndexedCheck:
    """One check as its source presents it.

    Parameters
    ----------
    file : Path
    line : int
        Where its function begins.
    name : str
        The name of the function.
    grade_id : str or None
        The grade cell that it helps to decide; None if it is not marked, or not by a plain text.
    title : str
        The first paragraph of its docstring; empty if there is none.
    needs : tuple of str
        The checks without which it is skipped.
    """

    file: Path
    line: int
    name: str
    grade_id: str | None
    title: str
    needs: tuple[str, ...]


def index_checks(folder: Path) -> list[IndexedCheck]:
    """Return the checks of an assignment in the order in which pytest runs them.

    Raises
    ------
    SyntaxError
        A file of checks is no Python.
    """
    found = []
    for file in sorted(folder.glob("**/test_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
        found += [
            _entry(file, node)
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        ]
    return found


def _entry(file: Path, function: ast.FunctionDef) -> IndexedCheck:
    grades = _marker_arguments(function, "grade")
    document = (ast.get_docstring(function) or "").split("\n\n")[0]
    needs = tuple(_marker_arguments(function, "needs"))
    title = " ".join(document.split())
    return IndexedCheck(file, function.lineno, function.name, grades[0] if grades else None, title, needs)


def _marker_arguments(function: ast.FunctionDef, marker: str) -> list[str]:
    """Return the texts handed to ``@pytest.mark.<marker>(...)``."""
    arguments: list[ast.expr] = []
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == f"pytest.mark.{marker}":
            arguments += decorator.args
    return [node.value for node in arguments if isinstance(node, ast.Constant) and isinstance(node.value, str)]
