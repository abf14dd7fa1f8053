"""Exceptions of the data sets.

DataError
├── UnknownDataset   no data set of that name
├── DataMissing      a file of the data set is not on this machine
├── DataCorrupt      a file is there, but it is not what the registry says
└── DownloadFailed   a file could not be had from the network
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
        self.name, self.path, self.advice = name, path, advice
        super().__init__(f"the data set {name} needs {path}, which is not there. {advice}")


class DataCorrupt(DataError):
    """The file ``path`` is not what the registry says; ``reason`` tells expected and received."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path} is damaged or is another file: {reason}. Get a fresh copy of it.")


class DownloadFailed(DataError):
    """``url`` could not be had; ``reason`` says what happened, and ``advice`` what to do by hand."""

    def __init__(self, url: str, reason: str, advice: str = "") -> None:
        self.url, self.reason = url, reason
        super().__init__(f"{url} could not be downloaded: {reason}. {advice}".strip())
