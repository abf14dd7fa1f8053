"""Right ways to write a cell: some by hand, and by program many more of these.

The hand-written ones lie in ``tests/checks/<assignment>/styles.txt``, in percent format. A cell may come often::

    # %% conv2d sliding windows
    def conv2d(image, kernel, stride=1, padding=0): ...

By program each is also written with other names, with talk and a plot on the way, as another function's work, and with
lists for arrays where the promise leaves that open.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.proving.cells import names_used
from autograder.proving.promises import Promise

__all__ = ["Variant", "read_styles", "variants_of"]

_MARKER = re.compile(r"^# %% (\S+) *(.*?) *$", re.MULTILINE)

_TALKS = """
import warnings as _warnings
_quiet_{name} = {name}


def {name}(*arguments, **options):
    print("{name} recibe", len(arguments), "argumentos")
    _warnings.warn("un aviso que no debería costar puntos")
    return _quiet_{name}(*arguments, **options)
"""
_LISTS = """
import numpy as _numpy
_array_{name} = {name}


def {name}(*arguments, **options):
    return _numpy.asarray(_array_{name}(*arguments, **options)).tolist()
"""
_CLASS = """
class _Work_{name}:
    def __init__(self, function):
        self.function = function

    def __call__(self, *arguments, **options):
        return self.function(*arguments, **options)


{name} = _Work_{name}({name})
"""


@dataclass(frozen=True)
class Variant:
    """A right way to write a cell.

    Parameters
    ----------
    cell : str
    style : str
        ``"solution"`` or a name from the file of styles, and what the program made of it.
    source : str
    """

    cell: str
    style: str
    source: str


def read_styles(checks: Path) -> list[Variant]:
    """Return the hand-written styles of an assignment; none if there is no file of them."""
    file = checks / "styles.txt"
    if not file.is_file():
        return []
    _, *parts = _MARKER.split(file.read_text(encoding="utf-8"))
    return [
        Variant(cell, style or f"style {number}", source.strip("\n"))
        for number, (cell, style, source) in enumerate(zip(parts[::3], parts[1::3], parts[2::3]), start=1)
    ]


def variants_of(style: Variant, promises: Mapping[str, Promise]) -> list[Variant]:
    """Return a style and what the program makes of it, all of them as right as it is."""
    defined, _ = names_used(style.source)
    functions = [name for name, promise in promises.items() if name in defined and promise.inputs is not None]
    found = [style]
    renamed = _renamed(style.source)
    if renamed != ast.unparse(ast.parse(style.source)):
        found.append(Variant(style.cell, f"{style.style}, other names", renamed))
    for kind, text in (("talking", _TALKS), ("object", _CLASS), ("lists", _LISTS)):
        chosen = [name for name in functions if kind != "lists" or promises[name].lists]
        if chosen:
            added = "".join("\n" + text.format(name=name) for name in chosen)
            found.append(Variant(style.cell, f"{style.style}, {kind}", style.source + "\n" + added))
    return found


def _renamed(source: str) -> str:
    """Return the source with other names for what functions assign."""
    tree = ast.parse(source)
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        arguments = {argument.arg for argument in ast.walk(function) if isinstance(argument, ast.arg)}
        local = dict.fromkeys(name for name in _stored(function) if name not in arguments)
        names = {name: f"valor_{number}" for number, name in enumerate(local)}
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and node.id in names:
                node.id = names[node.id]
    return ast.unparse(tree)


def _stored(function: ast.FunctionDef) -> Iterator[str]:
    outer = {name for node in ast.walk(function) if isinstance(node, (ast.Global, ast.Nonlocal)) for name in node.names}
    inner = {node.name for node in ast.walk(function) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in outer | inner:
            yield node.id
