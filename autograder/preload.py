"""What the processes that grade have in common, loaded once: the forkserver imports this module before it forks them.

Importing it makes the benchmarks of the data sets named in ``$AUTOGRADER_BENCHMARKS`` (separated by commas).
"""

from __future__ import annotations

import contextlib
import os

from autograder.accuracy import benchmark
from data import DATASETS, DataError

__all__ = ["BENCHMARKS"]

BENCHMARKS = "AUTOGRADER_BENCHMARKS"

for _name in os.environ.get(BENCHMARKS, "").split(","):
    # A data set that is not on this machine is reported by the checks that need it.
    if _name in DATASETS:
        with contextlib.suppress(DataError):
            benchmark(_name)
