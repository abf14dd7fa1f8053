"""What the data sets of a run need before it: what is derived is made, and what workers may see is laid out."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from autograder.course.assignments import ROOT, Assignment
from data.registry import find

__all__ = ["assignment_names", "prepare_datasets"]


def assignment_names(told: Collection[str], assignments: Mapping[str, Assignment]) -> set[str]:
    """Return which assignments a run may meet: all of them where the place of a submission does not tell (``""``)."""
    names = set(told)
    return set(assignments) if "" in names else names & set(assignments)


def prepare_datasets(
    names: Collection[str],
    assignments: Mapping[str, Assignment],
    on_progress: Callable[[str], None] = lambda text: None,
) -> Path | None:
    """Make ready what the checks and the notebooks of some assignments use.

    Parameters
    ----------
    names : collection of str
        Of the assignments.
    assignments : mapping
        The assignments of the course.
    on_progress : callable
        Told what takes minutes, as a short text.

    Returns
    -------
    Path or None
        The folder that workers may read as ``$CNN_DATA``; None if there is nothing to see. What is not on this machine
        is missing inside, too, and the checks that need it say so.
    """
    wanted = {dataset for name in names for dataset in assignments[name].datasets}
    here = sorted(name for name in wanted if find(name).is_here)
    if not here:
        return None
    from data.prepare import is_prepared
    from data.sandbox import sandbox_view

    for name in here:
        if not is_prepared(name):
            _make(name, on_progress)
    return sandbox_view(here)


def _make(name: str, on_progress: Callable[[str], None]) -> None:
    """Let another process make a derived data set: TensorFlow must not run in one that is to be forked."""
    command = [sys.executable, "-m", "data", "prepare", name]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        for line in process.stdout or ():
            on_progress(line.strip())
