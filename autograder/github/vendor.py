"""Takes a part of this package along: the modules that one module imports, and the libraries that they need."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from pathlib import Path

from autograder.course.assignments import ROOT

__all__ = ["copy_modules", "imported_libraries", "imported_modules"]


def imported_modules(name: str, root: Path = ROOT) -> dict[str, Path]:
    """Return a module of this repository and all that importing it imports of the repository.

    Imports inside functions, or for type checkers only, do not count: they are what the trusted side needs besides.

    Parameters
    ----------
    name : str
        ``"autograder.github.push"``.
    root : path
        The repository.

    Returns
    -------
    dict of str to Path
        File by module name, packages included, sorted.
    """
    found: dict[str, Path] = {}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        path = _file(current, root)
        if current in found or path is None:
            continue
        found[current] = path
        waiting += _package_names(current)
        if not _is_package(path):
            waiting += _imports(path)
    return dict(sorted(found.items()))


def imported_libraries(sources: Iterable[str]) -> set[str]:
    """Return the top-level names, neither Python's own nor of this repository, that code imports at its top level."""
    names = {name.partition(".")[0] for source in sources for name in _imported_names(source)}
    return names - set(sys.stdlib_module_names) - {"autograder", "data"}


def copy_modules(modules: dict[str, Path], destination: Path, root: Path = ROOT) -> None:
    """Copy modules below ``destination``, as they are.

    Only of a package's ``__init__`` the imports are left away: they would ask for modules that do not come along.
    """
    for path in modules.values():
        target = destination / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8")
        if _is_package(path) and _imported_names(text):
            text = f'"""{ast.get_docstring(ast.parse(text))}"""\n'
        target.write_text(text, encoding="utf-8", newline="\n")


def _imports(path: Path) -> list[str]:
    return _imported_names(path.read_text(encoding="utf-8"))


def _imported_names(source: str) -> list[str]:
    """Return what the top level of a module imports; of ``from a import b`` ``a`` and ``a.b``, perhaps a module."""
    names = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.module != "__future__" and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def _package_names(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def _file(name: str, root: Path) -> Path | None:
    path = root.joinpath(*name.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def _is_package(path: Path) -> bool:
    return path.name == "__init__.py"
