"""What nbgrader calls before or after it converts notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.course.assignments import ROOT
from autograder.course.release import is_released

__all__ = ["remove_unreleased"]


def remove_unreleased(assignment: str, notebooks: Sequence[str], root: Path = ROOT, **others: Any) -> None:
    """Remove what ``nbgrader generate_assignment`` copies and `release` does not: the instructor's code and models.

    Parameters
    ----------
    assignment : str
        The assignment that has just been generated.
    notebooks : sequence of str
        Its source notebooks.
    root : Path
        The repository.
    """
    kept = {Path(notebook).name for notebook in notebooks}
    folder = root / "assignments" / assignment
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in kept and not is_released(path.relative_to(folder)):
            path.unlink()
