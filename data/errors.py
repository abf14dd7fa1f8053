"""Exceptions of the data sets.

DataError
├── UnknownDataset   no data set of that name
├── DataMissing      a file of the data set is not on this machine
└── DataCorrupt      a file is there, but it is not what the registry says
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class DataError(Exception):
    """Base of every error about a data set."""


class UnknownDataset(DataError):
    """There is no data set ``name``."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        super().__init__(f"expected one of the data sets {', '.join(known)}. Received: {name}")


class DataMissing(DataError):
    """The file ``path`` of the data set ``name`` is not on this machine; ``advice`` says how to get it."""

    def __init__(self, name: str, path: Path, advice: str) -> None:
        self.name, self.path = name, path
        super().__init__(f"the data set {name} needs the file {path}, which is not there. {advice}")


class DataCorrupt(DataError):
    """The file ``path`` is not what the registry says; ``reason`` tells expected and received."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path} is damaged or is another file: {reason}. Get a fresh copy of it.")
