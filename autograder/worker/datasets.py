"""``keras.datasets.*.load_data()`` and ``keras.applications`` without a network: answered from a folder.

Keras asks ``get_file`` for the file behind a data set or a network's weights. Only that question is answered here,
inside the modules of Keras that ask it, so ``load_data`` and networks keep their signatures and every way to import
them works. The module stands alone because it runs inside the sandbox.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import json
import os
import sys
from collections.abc import Callable, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

INDEX = "keras.json"
"""In the folder: by module of Keras, the name in which it asks for a file, and where in the folder that may lie."""


def install(folder: str | os.PathLike[str]) -> None:
    """Let Keras's data sets and networks answer from ``folder``, now if they are imported, else as soon as they are.

    Parameters
    ----------
    folder : path
        Holds `INDEX`, and what it names. For a file that is not there Keras does what it always does.
    """
    try:
        with open(os.path.join(folder, INDEX), encoding="utf-8") as file:
            index: dict[str, dict[str, list[str]]] = json.load(file)
    except FileNotFoundError:
        return
    imported = [sys.modules[name] for name in index if name in sys.modules]
    for module in imported:
        _patch(module, index[module.__name__], os.fspath(folder))
    if len(imported) < len(index):
        sys.meta_path.insert(0, _Finder(index, os.fspath(folder)))


def _patch(module: ModuleType, names: dict[str, list[str]], folder: str) -> None:
    """Put our ``get_file`` in the place of the one that ``module`` calls, under its own name or in ``file_utils``."""
    utilities = getattr(module, "file_utils", None)
    original: Callable[..., Any] | None = getattr(module, "get_file", getattr(utilities, "get_file", None))
    if original is None:
        return

    def get_file(fname: Any = None, *arguments: Any, **keywords: Any) -> Any:
        # Students may choose another name for their copy; what Keras fetches stays the same.
        origin = str(keywords.get("origin") or (arguments[0] if arguments else ""))
        known = names.get(os.path.basename(origin)) or names.get(os.path.basename(str(fname))) or ()
        for place in known:
            path = os.path.join(folder, place)
            if os.path.exists(path):
                return path
        return original(fname, *arguments, **keywords)

    if utilities is None:
        module.get_file = get_file  # type: ignore[attr-defined]
    else:
        module.file_utils = SimpleNamespace(get_file=get_file)  # type: ignore[attr-defined]


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules to patch with the finders behind it, and has them patched once they are loaded."""

    def __init__(self, index: dict[str, dict[str, list[str]]], folder: str) -> None:
        self._index, self._folder = index, folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self._index:
            return None
        for finder in sys.meta_path:
            if isinstance(finder, _Finder):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None and spec.loader is not None:
                _patch_after_loading(spec.loader, self._index[fullname], self._folder)
                return spec
        return None


def _patch_after_loading(loader: Any, names: dict[str, list[str]], folder: str) -> None:
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        execute(module)
        _patch(module, names, folder)

    loader.exec_module = exec_module
