"""``keras.datasets.*.load_data()`` and ``keras.applications.VGG16()`` without a network: answered from a folder.

Keras asks ``get_file`` for the file behind a data set or a network's weights. Only that question is answered here,
inside the modules of Keras that ask it, so ``load_data`` and ``VGG16`` keep their signatures and every way to import
them works. The module stands alone because it runs inside the sandbox.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Callable, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

FILES = {
    "mnist": {"mnist.npz": "mnist.npz"},
    # Keras asks for an archive and gets the folder into which it would have been unpacked.
    "cifar10": {"cifar-10-python.tar.gz": "cifar-10-batches-py/.."},
}
"""By module of ``keras.datasets``: the name in which Keras asks for a file, and the file's name in the folder."""

_VGG16 = "vgg16_weights_tf_dim_ordering_tf_kernels"
WEIGHTS = {
    "vgg16": {
        f"{_VGG16}.h5": (f"vgg16/{_VGG16}.h5",),
        f"{_VGG16}_notop.h5": (f"vgg16/{_VGG16}_notop.h5", "vgg16/vgg16_notop.weights.h5"),
    },
}
"""The same by module of ``keras.applications``; there may be a file in another format instead."""

_MODULES: dict[str, dict[str, tuple[str, ...]]] = {
    **{f"keras.src.datasets.{name}": {key: (path,) for key, path in files.items()} for name, files in FILES.items()},
    **{f"keras.src.applications.{name}": files for name, files in WEIGHTS.items()},
}


def install(folder: str | os.PathLike[str]) -> None:
    """Let Keras's data sets and networks answer from ``folder``, now if they are imported, else as soon as they are.

    Parameters
    ----------
    folder : path
        Holds the files of `FILES` and `WEIGHTS`. For a file that is not there Keras does what it always does.
    """
    imported = [sys.modules[name] for name in _MODULES if name in sys.modules]
    for module in imported:
        _patch(module, os.fspath(folder))
    if len(imported) < len(_MODULES):
        sys.meta_path.insert(0, _Finder(os.fspath(folder)))


def _patch(module: ModuleType, folder: str) -> None:
    """Put our ``get_file`` in the place of the one that ``module`` calls, under its own name or in ``file_utils``."""
    utilities = getattr(module, "file_utils", None)
    original: Callable[..., Any] | None = getattr(module, "get_file", getattr(utilities, "get_file", None))
    if original is None:
        return
    names = _MODULES[module.__name__]

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

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in _MODULES:
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
