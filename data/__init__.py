"""Data sets of the course: a registry with hashes, loaders without pickle, and what the sandbox may see of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.errors import DataCorrupt, DataError, DataMissing, DownloadFailed, UnknownDataset
from data.registry import DATASETS, Dataset, Download, cache_folder, find

if TYPE_CHECKING:
    from data.loaders import Pair, load

__all__ = [
    "DATASETS",
    "DataCorrupt",
    "DataError",
    "DataMissing",
    "Dataset",
    "Download",
    "DownloadFailed",
    "Pair",
    "UnknownDataset",
    "cache_folder",
    "find",
    "load",
]


def __getattr__(name: str) -> Any:
    """Import what reads data, and numpy with it, only where somebody reads any."""
    if name in ("Pair", "load"):
        from data import loaders

        return getattr(loaders, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
