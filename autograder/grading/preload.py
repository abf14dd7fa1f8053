"""What the processes that grade have in common, made once: the forkserver imports this module before it forks them.

Importing it reads the notebooks and checks of the assignments named in ``$AUTOGRADER_PRELOAD`` (separated by commas),
and makes the benchmarks of their data sets.
"""

from __future__ import annotations

import gc
import importlib
import os

import autograder.quick_start  # (before anything that imports jsonschema)
from autograder.checking.run import collect_checks
from autograder.checking.silence import without_stderr
from autograder.course.assignments import find_assignments
from autograder.course.notebooks import grade_ids
from autograder.course.versions import course_notebooks
from autograder.grading.pool import PRELOAD
from autograder.grading.recording import warm_up
from data.prepare import preload


def _preload(names: set[str]) -> None:
    for assignment in find_assignments().values():
        if assignment.name not in names:
            continue
        course_notebooks(assignment)
        grade_ids(assignment.source)
        if assignment.needs_tensorflow:
            # TensorFlow tells everybody that it finds no graphics card, whatever its log level.
            with without_stderr():
                importlib.import_module("keras")
        preload(assignment.datasets)
        collect_checks(assignment)
        warm_up(assignment)


_NAMES = set(filter(None, os.environ.get(PRELOAD, "").split(",")))
_preload(_NAMES)
if _NAMES:
    # What every process that is forked would import for itself.
    for name in ("numpy.random", "autograder.grading.child"):
        importlib.import_module(name)
    # The garbage collector of a fork leaves what is there now alone, so that forks share the memory.
    gc.freeze()
autograder.quick_start.collect_as_usual()
