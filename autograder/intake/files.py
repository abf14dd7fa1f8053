"""Chooses the files that lie beside a notebook when it runs: the released ones and the student's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from autograder.course.assignments import Assignment
from autograder.intake.submissions import Submission

__all__ = ["Dropped", "files_in", "own_files", "released_files", "support_files"]

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
    own, dropped = own_files(submission)
    return sorted((released_files(assignment) | own).items()), dropped


def released_files(assignment: Assignment) -> dict[str, Path]:
    """Return the files that students get beside the notebook, by their names there."""
    folder = assignment.released.parent
    listed = files_in(folder)[0] if folder.is_dir() else []
    return {name: path for name, path in listed if not _is_notebook(path)}


def own_files(submission: Submission) -> tuple[dict[str, Path], Dropped]:
    """Return those of a student's own files that lie beside the notebook when it runs, and how many do not."""
    if submission.folder is None:
        return {}, Dropped()
    listed, links = files_in(submission.folder)
    sizes = {name: path.lstat().st_size for name, path in listed}
    ranked = sorted(listed, key=lambda item: (not item[0].startswith("models/"), sizes[item[0]]))
    files: dict[str, Path] = {}
    total = dropped = 0
    for count, (name, path) in enumerate(ranked):
        if _is_notebook(path):
            continue
        if count >= MAX_FILES or total + sizes[name] > MAX_BYTES:
            dropped += 1
            continue
        total += sizes[name]
        files[name] = path
    return files, Dropped(dropped, links)


def _is_notebook(path: Path) -> bool:
    return path.suffix.casefold() == ".ipynb"


def files_in(folder: Path) -> tuple[list[tuple[str, Path]], int]:
    """Return the regular files below ``folder`` with their names in it, and how many links were left out.

    Hidden files are left out, too.
    """
    found: list[tuple[str, Path]] = []
    links = 0
    waiting = [""]
    while waiting and len(found) <= 20 * MAX_FILES:
        inner = waiting.pop()
        below = []
        for entry in _entries(os.path.join(folder, inner)):
            folder_there = _is_folder(entry)
            hidden = entry.name.startswith((".", "__") if folder_there else ".")
            if entry.is_symlink():
                links += not (hidden and folder_there)
            elif hidden:
                continue
            elif folder_there:
                below.append(f"{inner}{entry.name}/")
            elif entry.is_file():
                found.append((f"{inner}{entry.name}", Path(entry.path)))
        waiting += reversed(below)
    return found, links


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Tell whether something is a folder, or a link that leads to one."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """Return what lies in a folder, sorted; nothing where it may not be looked into."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []
