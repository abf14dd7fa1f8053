"""Makes mutants: a solution with one small change, as a slip of the hand or a misconception would make it.

The changes know what the course is about: besides arithmetic, comparisons, constants and conditions there are axes that
change places, a copy that is lost, types of arrays, defaults, slices, layers, activations, strides and padding.
"""

from __future__ import annotations

import ast
import copy
import difflib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograder.proving.operators import changes

__all__ = ["Mutant", "mutants_of", "normal_form"]

_BEGIN, _END = "### BEGIN SOLUTION", "### END SOLUTION"

_Path = tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Mutant:
    """A cell of the notebook with one change.

    Parameters
    ----------
    cell : str
        The cell that it replaces.
    style : str
        Which way of writing the cell was changed: ``"solution"`` or the name of another right style.
    operator : str
        The kind of change, in a few words.
    line : int
        Where, in the original in its normal form.
    original, source : str
        The cell before and after, both as `normal_form` writes them.
    """

    cell: str
    style: str
    operator: str
    line: int
    original: str
    source: str

    @property
    def id(self) -> str:
        """A name that stays the same as long as the mutant does."""
        return hashlib.sha256(f"{self.cell}\0{self.source}".encode()).hexdigest()[:12]

    @property
    def diff(self) -> str:
        """What changed, line by line."""
        lines = difflib.unified_diff(self.original.splitlines(), self.source.splitlines(), n=0, lineterm="")
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def normal_form(source: str) -> str:
    """Return Python source as `ast.unparse` writes it, without comments."""
    return ast.unparse(ast.parse(source))


def mutants_of(cell: str, source: str, style: str = "solution") -> list[Mutant]:
    """Return every mutant of a cell, each different from the others and from the original.

    Only what stands between the solution markers is changed, and the defaults of the function that holds it; where
    there are no markers, everything is. Docstrings and imports stay.

    Raises
    ------
    SyntaxError
        The cell is no Python.
    """
    tree = ast.parse(source)
    original = ast.unparse(tree)
    first, last = _region(source)
    found: dict[str, Mutant] = {}
    for path, node, parents in _nodes(tree):
        inside = first <= getattr(node, "lineno", 0) <= last
        of_solver = isinstance(node, ast.arguments) and _holds(parents[-1], first, last)
        if not (inside or of_solver) or _is_document(node, parents):
            continue
        for operator, replacement in changes(node, parents):
            mutated = _replaced(tree, path, replacement)
            try:
                text = ast.unparse(mutated)
                compile(text, "<mutant>", "exec")
            except (ValueError, SyntaxError, TypeError):
                continue
            if text != original and text not in found:
                line = _first_difference(original, text)
                found[text] = Mutant(cell, style, operator, line, original, text)
    return list(found.values())


def _region(source: str) -> tuple[int, int]:
    lines = source.splitlines()
    first = next((number for number, line in enumerate(lines, 1) if line.strip() == _BEGIN), 0)
    last = next((number for number, line in enumerate(lines, 1) if line.strip() == _END), len(lines) + 1)
    return first, last


def _nodes(tree: ast.AST, path: _Path = (), parents: tuple[ast.AST, ...] = ()) -> Iterator[Any]:
    """Yield ``(path, node, parents)`` of every node below ``tree``."""
    for field, value in ast.iter_fields(tree):
        children = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            if isinstance(child, ast.AST):
                here = (*path, (field, index))
                yield here, child, (*parents, tree)
                yield from _nodes(child, here, (*parents, tree))


def _holds(parent: ast.AST, first: int, last: int) -> bool:
    """Tell whether a function holds part of the solution."""
    if not isinstance(parent, ast.FunctionDef):
        return False
    return parent.lineno <= last and (parent.end_lineno or 0) >= first


def _is_document(node: ast.AST, parents: tuple[ast.AST, ...]) -> bool:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    holder = parents[-1] if is_text else node
    return isinstance(holder, ast.Expr) and isinstance(holder.value, ast.Constant)


def _replaced(tree: ast.AST, path: _Path, replacement: ast.AST) -> ast.AST:
    """Return a copy of the tree in which ``replacement`` stands at ``path``."""
    result = copy.deepcopy(tree)
    node: Any = result
    for field, index in path[:-1]:
        node = getattr(node, field) if index is None else getattr(node, field)[index]
    field, index = path[-1]
    if index is None:
        setattr(node, field, copy.deepcopy(replacement))
    else:
        getattr(node, field)[index] = copy.deepcopy(replacement)
    return ast.fix_missing_locations(result)


def _first_difference(before: str, after: str) -> int:
    pairs = zip(before.splitlines(), after.splitlines())
    return next((number for number, (one, other) in enumerate(pairs, 1) if one != other), 1)
