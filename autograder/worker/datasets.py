"""``keras.datasets.*.load_data()`` without a network: answered from a folder of the sandbox.

Keras asks ``get_file`` for the file behind a data set. Only that question is answered here, inside the modules of
``keras.datasets``, so ``load_data`` keeps its signature and every way to import it works. The module stands alone
because it runs inside the sandbox.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

PREFIX = "keras.src.datasets."
FILES = {
    "mnist": {"mnist.npz": "mnist.npz"},
    # Keras asks for an archive and gets the folder into which it would have been unpacked.
    "cifar10": {"cifar-10-python.tar.gz": "cifar-10-batches-py/.."},
}
"""By module of ``keras.datasets``: the name in which Keras asks for a file, and the file's name in the folder."""


def install(folder: str | os.PathLike[str]) -> None:
    """Let ``keras.datasets`` answer from ``folder``, now if Keras is imported, else as soon as it is.

    Parameters
    ----------
    folder : path
        Holds the files of `FILES`. For a file that is not there Keras does what it always does.
    """
    imported = [sys.modules[PREFIX + name] for name in FILES if PREFIX + name in sys.modules]
    for module in imported:
        _patch(module, os.fspath(folder))
    if len(imported) < len(FILES):
        sys.meta_path.insert(0, _Finder(os.fspath(folder)))


def _patch(module: ModuleType, folder: str) -> None:
    original: Callable[..., Any] | None = getattr(module, "get_file", None)
    if original is None:
        return
    names = FILES[module.__name__.removeprefix(PREFIX)]

    def get_file(fname: Any = None, *arguments: Any, **keywords: Any) -> Any:
        # Students may choose another name for their copy; what Keras fetches stays the same.
        origin = str(keywords.get("origin") or (arguments[0] if arguments else ""))
        known = names.get(os.path.basename(origin)) or names.get(os.path.basename(str(fname)))
        if known is not None:
            path = os.path.join(folder, known)
            if os.path.exists(path):
                return path
        return original(fname, *arguments, **keywords)

    module.get_file = get_file  # type: ignore[attr-defined]


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules to patch with the finders behind it, and has them patched once they are loaded."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not fullname.startswith(PREFIX) or fullname.removeprefix(PREFIX) not in FILES:
            return None
        for finder in sys.meta_path:
            if isinstance(finder, _Finder):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None and spec.loader is not None:
                _patch_after_loading(spec.loader, self._folder)
                return spec
        return None


def _patch_after_loading(loader: Any, folder: str) -> None:
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        execute(module)
        _patch(module, folder)

    loader.exec_module = exec_module
