"""What each check is made of, so that only those that changed are run again on recorded answers."""

from __future__ import annotations

import ast
import hashlib
from functools import lru_cache
from pathlib import Path

__all__ = ["check_digests"]


def check_digests(folder: Path) -> dict[str, str]:
    """Return a SHA-256 for each check of an assignment, of all of the folder's text that its result may follow from.

    That is its own function, the rest of its file, and every file that holds no checks; of the other checks of its
    file only those that something mentions by name.

    Parameters
    ----------
    folder : Path
        ``tests/checks/<assignment>``.
    """
    files = sorted(folder.rglob("*.py"))
    return dict(_digests(folder, tuple((file, file.read_bytes()) for file in files)))


@lru_cache(maxsize=8)
def _digests(folder: Path, files: tuple[tuple[Path, bytes], ...]) -> tuple[tuple[str, str], ...]:
    common = hashlib.sha256()
    for file, text in files:
        if not file.name.startswith("test_"):
            common.update(f"{file.relative_to(folder)}\0".encode() + text + b"\0")
    found = []
    for file, text in files:
        if file.name.startswith("test_"):
            found += [(name, _digest(common.digest(), *parts)) for name, parts in _taken_apart(text).items()]
    return tuple(found)


def _taken_apart(text: bytes) -> dict[str, tuple[str, str]]:
    """Return for each check of a file the file without the other checks, and its own text."""
    lines = text.decode().splitlines(keepends=True)
    tree = ast.parse(text)
    checks = {
        node.name: range(min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1, node.end_lineno or 0)
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    mentioned = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    left_out = {line for name, span in checks.items() if name not in mentioned for line in span}
    rest = "".join(line for number, line in enumerate(lines) if number not in left_out)
    return {name: (rest, "".join(lines[span.start : span.stop])) for name, span in checks.items()}


def _digest(common: bytes, rest: str, own: str) -> str:
    return hashlib.sha256(common + f"{rest}\0{own}".encode()).hexdigest()
