"""Data sets of the course: a registry with hashes, loaders without pickle, and what the sandbox may see of them."""

from data.errors import DataCorrupt, DataError, DataMissing, DownloadFailed, UnknownDataset
from data.loaders import Pair, load
from data.registry import DATASETS, Dataset, Download, cache_folder, find

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
