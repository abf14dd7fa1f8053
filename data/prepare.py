"""Data sets that are computed from others: made once per machine, and read before processes fork.

A derived data set (`data.registry.Dataset.made_from`) has a module ``data.<name>`` with three functions: ``is_made()``,
``make(on_progress)``, which may take minutes, and ``load()``, which reads what was made into this process.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Collection
from typing import Any

from data.benchmark import benchmark
from data.registry import Dataset, find

__all__ = ["is_prepared", "preload", "prepare"]


def is_prepared(name: str) -> bool:
    """Return whether nothing has to be computed for a data set.

    Raises
    ------
    UnknownDataset, DataMissing
        There is none of that name, or what it is made from is not on this machine.
    """
    dataset = find(name)
    return not dataset.made_from or bool(_module(dataset).is_made())


def prepare(name: str, on_progress: Callable[[str], None] = lambda text: None) -> None:
    """Compute a data set unless it is there; what is not derived is left as it is.

    Parameters
    ----------
    name : str
        A name of the registry.
    on_progress : callable
        Told how far it is, as a short text.

    Raises
    ------
    UnknownDataset, DataMissing
        As `is_prepared`.
    """
    if not is_prepared(name):
        _module(find(name)).make(on_progress)


def preload(names: Collection[str]) -> None:
    """Read into this process what the checks of one assignment measure on, so that forks of it share the memory.

    This only saves time: nothing is computed that takes long, and what is wrong with a data set is reported by the
    checks that need it.
    """
    derived = [name for name in names if find(name).made_from]
    used = {source for name in derived for source in find(name).made_from}
    for name in names:
        with contextlib.suppress(Exception):
            if name not in derived and name not in used:
                benchmark(name)
            elif name in derived and is_prepared(name):
                # Only if nothing is to be computed: after its first operation TensorFlow cannot be forked any more.
                _module(find(name)).load()


def _module(dataset: Dataset) -> Any:
    return importlib.import_module(f"data.{dataset.name}")
