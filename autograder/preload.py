"""What the processes that grade have in common, made once: the forkserver imports this module before it forks them.

Importing it reads the notebooks of the assignments named in ``$AUTOGRADER_PRELOAD`` (separated by commas), and makes
the benchmarks of their data sets.
"""

from __future__ import annotations

import contextlib
import importlib
import os

import autograder.quick_start  # noqa: F401  (before anything that imports jsonschema)
from autograder.accuracy import benchmark
from autograder.assignments import find_assignments
from autograder.grade import course_notebooks

__all__ = ["PRELOAD"]

PRELOAD = "AUTOGRADER_PRELOAD"


def _preload(names: set[str]) -> None:
    for assignment in find_assignments().values():
        if assignment.name not in names:
            continue
        course_notebooks(assignment)
        if assignment.needs_tensorflow:
            importlib.import_module("keras")
        for dataset in assignment.datasets:
            # This only saves time: what is wrong with a data set is reported by the checks that need it.
            with contextlib.suppress(Exception):
                benchmark(dataset)


_preload(set(filter(None, os.environ.get(PRELOAD, "").split(","))))
