"""Chooses the files that lie beside a notebook when it runs: the released ones and the student's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from autograder.course.assignments import Assignment
from autograder.intake.submissions import Submission

__all__ = ["Dropped", "files_in", "support_files"]

MAX_FILES = 1_000
MAX_BYTES = 256 << 20


class Dropped(NamedTuple):
    """How many of a student's files do not lie beside the notebook.

    Parameters
    ----------
    excess : int
        They were too many or too large.
    links : int
        They lead elsewhere, maybe to a neighbour's work.
    """

    excess: int = 0
    links: int = 0


def support_files(submission: Submission, assignment: Assignment) -> tuple[list[tuple[str, Path]], Dropped]:
    """Return the files that lie beside the notebook when it runs, and how many of the student's do not.

    Those are the released ones and the student's own: images, models. Links are left out, and so is everything beyond
    1,000 files or 256 MB; models come first.
    """
    files, links = {}, 0
    if assignment.released.parent.is_dir():
        files = {name: path for name, path in files_in(assignment.released.parent)[0] if not _is_notebook(path)}
    own: dict[str, Path] = {}
    if submission.folder is not None:
        listed, links = files_in(submission.folder)
        own = dict(listed)
    ranked = sorted(own.items(), key=lambda item: (not item[0].startswith("models/"), item[1].lstat().st_size))
    total = dropped = 0
    for count, (name, path) in enumerate(ranked):
        size = path.lstat().st_size
        if _is_notebook(path):
            continue
        if count >= MAX_FILES or total + size > MAX_BYTES:
            dropped += 1
            continue
        total += size
        files[name] = path
    return sorted(files.items()), Dropped(dropped, links)


def _is_notebook(path: Path) -> bool:
    return path.suffix.casefold() == ".ipynb"


def files_in(folder: Path) -> tuple[list[tuple[str, Path]], int]:
    """Return the regular files below ``folder`` with their names in it, and how many links were left out.

    Hidden files are left out, too.
    """
    found = []
    links = 0
    for root, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        links += sum(Path(root, name).is_symlink() for name in folders)
        for name in sorted(names):
            path = Path(root, name)
            if path.is_symlink():
                links += 1
            elif not name.startswith(".") and path.is_file():
                found.append((path.relative_to(folder).as_posix(), path))
        if len(found) > 20 * MAX_FILES:
            break
    return found, links
