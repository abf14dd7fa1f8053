"""Checks against code that runs in this very process.

This is the student fixture for an nbgrader server without our worker and for a check's author at the keyboard: same
names, same values, **no protection**. Values still cross as in the sandbox, so a check behaves alike in both.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.checking.replies import open_reply
from autograder.checking.student import Student, rebuilt, saved_model
from autograder.worker.service import Service
from autograder.worker.wire import MAX_BYTES

if TYPE_CHECKING:
    import keras


class LocalStudent(Student):
    """Ask a namespace of this process.

    Parameters
    ----------
    namespace : mutable mapping
        The variables of the notebook, such as ``get_ipython().user_ns``.
    home : path
        The submission's folder, where `put` writes and saved models lie.
    """

    def __init__(self, namespace: MutableMapping[str, Any], home: str | os.PathLike[str]) -> None:
        self._service = Service(namespace, home)
        self._home = Path(home)
        self._written: set[Path] = set()

    def value(self, name: str) -> Any:
        return rebuilt(self._request(name, {"verb": "value", "name": name}, []))

    def put(self, name: str, content: bytes) -> str:
        if not (path := self._home / name).exists():
            self._written.add(path)
        return str(self._request(name, {"verb": "put", "name": name}, [content]))

    def clean(self) -> None:
        """Remove what `put` wrote: here the home is a person's folder."""
        for path in self._written:
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self._home or not folder.is_dir() or any(folder.iterdir()):
                    break
                folder.rmdir()
        self._written.clear()

    def saved_model(self, path: str) -> keras.Model:
        return saved_model(lambda verb, most: self._request(path, {"verb": verb, "path": path}, []), path)

    def _request(self, name: str, request: dict[str, Any], buffers: list[bytes], most: int = MAX_BYTES) -> Any:
        return open_reply(name, *self._service.handle(request, buffers))
