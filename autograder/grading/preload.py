"""What the processes that grade have in common, made once: the forkserver imports this module before it forks them.

Importing it reads the notebooks of the assignments named in ``$AUTOGRADER_PRELOAD`` (separated by commas), and makes
the benchmarks of their data sets.
"""

from __future__ import annotations

import contextlib
import importlib
import os

import autograder.quick_start  # noqa: F401  (before anything that imports jsonschema)
from autograder.course.assignments import find_assignments
from autograder.course.versions import course_notebooks
from autograder.grading.silence import without_stderr
from data.benchmark import benchmark
from data.cats_and_dogs import are_features_kept, cats_and_dogs

__all__ = ["PRELOAD"]

PRELOAD = "AUTOGRADER_PRELOAD"


def _preload(names: set[str]) -> None:
    for assignment in find_assignments().values():
        if assignment.name not in names:
            continue
        course_notebooks(assignment)
        if assignment.needs_tensorflow:
            # TensorFlow tells everybody that it finds no graphics card, whatever its log level.
            with without_stderr():
                importlib.import_module("keras")
        # This only saves time: what is wrong with a data set is reported by the checks that need it.
        if "vgg16" in assignment.datasets:
            with contextlib.suppress(Exception):
                # Only if nothing is to be computed: after its first operation TensorFlow cannot be forked any more.
                if are_features_kept():
                    cats_and_dogs()
            continue
        for dataset in assignment.datasets:
            with contextlib.suppress(Exception):
                benchmark(dataset)


_preload(set(filter(None, os.environ.get(PRELOAD, "").split(","))))
