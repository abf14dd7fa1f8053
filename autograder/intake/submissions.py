"""Finds submissions in what an instructor points at: a notebook, a folder with one, a whole ``submitted/`` tree."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.assignments import Assignment
from autograder.errors import IntakeError, UsageError
from autograder.intake.notebook import Cell

__all__ = ["Submission", "choose_assignment", "find_submissions", "support_files"]

MAX_FILES = 1_000
MAX_BYTES = 256 << 20


@dataclass(frozen=True)
class Submission:
    """One student's work, not yet read.

    Parameters
    ----------
    name : str
        Whose it is, as reports show it; unique within a run.
    notebook : Path or None
        The notebook; None if the student's folder has none.
    folder : Path or None
        The folder that is this student's alone, or None where the notebook lies among others.
    assignment : str
        Name of the assignment if the place tells it, else empty.
    """

    name: str
    notebook: Path | None
    folder: Path | None
    assignment: str = ""


def find_submissions(
    paths: Iterable[Path], assignments: Mapping[str, Assignment], wanted: str | None = None
) -> list[Submission]:
    """Return the submissions at ``paths``.

    Parameters
    ----------
    paths : iterable of Path
        Each is a notebook, a folder with one, a folder with many, or nbgrader's ``<student>/<assignment>/`` tree.
    assignments : mapping
        The assignments of the course.
    wanted : str, optional
        Only this assignment; notebooks whose place does not name one are taken to be of it.

    Raises
    ------
    UsageError
        A path does not exist, or there is no submission at all.
    """
    found: list[Submission] = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"expected a notebook or a folder with notebooks. Received: {path}, which does not exist.")
        found += _at(path.resolve(), assignments)
    if wanted is not None:
        found = [item for item in found if item.assignment in ("", wanted)]
        found = [Submission(item.name, item.notebook, item.folder, wanted) for item in found]
    if not found:
        raise UsageError(
            "expected at least one notebook (.ipynb) in the given places. Received: none"
            + (f" of {wanted}." if wanted else ".")
        )
    return _with_unique_names(found)


def choose_assignment(submission: Submission, cells: Sequence[Cell], assignments: Mapping[str, Assignment]) -> str:
    """Return the assignment that a notebook belongs to: by its place, its name, or what it defines.

    Raises
    ------
    IntakeError
        Of kind ``unknown-assignment``.
    """
    if submission.assignment:
        return submission.assignment
    text = "\n".join(cell.source for cell in cells)
    scores = {}
    for name, assignment in assignments.items():
        names = assignment.names
        defined = [item for item in names if re.search(rf"^(?:def {item}\b|{item} *=)", text, re.MULTILINE)]
        scores[name] = len(defined) / len(names) if names else 0.0
    best = max(scores, key=lambda name: scores[name], default="")
    if not best or scores[best] == 0:
        raise IntakeError(
            "unknown-assignment",
            "No sé a qué práctica corresponde este cuaderno: no define ninguna de las funciones pedidas. "
            f"Nómbralo como el trabajo (por ejemplo {next(iter(assignments), '02_convolucion')}.ipynb).",
        )
    return best


def support_files(submission: Submission, assignment: Assignment) -> tuple[list[tuple[str, Path]], int]:
    """Return the files that lie beside the notebook when it runs, and how many were too many.

    Those are the released ones and the student's own: images, models. Links are left out, and so is everything beyond
    1,000 files or 256 MB; models come first.
    """
    files = {}
    if assignment.released.parent.is_dir():
        files = {name: path for name, path in _files_in(assignment.released.parent) if path.suffix != ".ipynb"}
    own = dict(_files_in(submission.folder)) if submission.folder is not None else {}
    ranked = sorted(own.items(), key=lambda item: (not item[0].startswith("models/"), item[1].lstat().st_size))
    total = dropped = 0
    for count, (name, path) in enumerate(ranked):
        size = path.lstat().st_size
        if path.suffix == ".ipynb":
            continue
        if count >= MAX_FILES or total + size > MAX_BYTES:
            dropped += 1
            continue
        total += size
        files[name] = path
    return sorted(files.items()), dropped


def _at(path: Path, assignments: Mapping[str, Assignment]) -> list[Submission]:
    if path.is_file() or not path.is_dir():
        return [_of_notebook(path, assignments)]
    if path.name in assignments and (path / f"{path.name}.ipynb").exists():
        # One student's folder in nbgrader's layout, whatever else lies in it.
        return [_of_folder(path, path.parent.name, path.name)]
    notebooks = _notebooks(path)
    named = [notebook for notebook in notebooks if notebook.stem == path.name or notebook.stem in assignments]
    if len(notebooks) > 1 and len(named) == 1:
        notebooks = named
    if notebooks:
        return [_of_notebook(notebook, assignments, alone=len(notebooks) == 1) for notebook in notebooks]
    found: list[Submission] = []
    for folder in _subfolders(path):
        if folder.name in assignments:
            # The given folder is one student's: <assignment>/<assignment>.ipynb.
            found += [_of_folder(folder, path.name, folder.name)]
            continue
        inner = [inside for inside in _subfolders(folder) if inside.name in assignments]
        if inner:
            found += [_of_folder(inside, folder.name, inside.name) for inside in inner]
        else:
            found += _at(folder, assignments) if _notebooks(folder) else []
    return sorted(found, key=lambda item: (item.assignment, item.name))


def _of_folder(folder: Path, student: str, assignment: str) -> Submission:
    notebooks = _notebooks(folder)
    named = [notebook for notebook in notebooks if notebook.stem == assignment]
    chosen = next(iter(named or notebooks), None)
    return Submission(student, chosen, folder, assignment)


def _of_notebook(notebook: Path, assignments: Mapping[str, Assignment], alone: bool | None = None) -> Submission:
    folder = notebook.parent
    if alone is None:
        alone = len(_notebooks(folder)) == 1
    if folder.name in assignments:
        # nbgrader's layout; the name two levels up is the student's unless the path is the course's own.
        name = folder.parent.name if notebook.stem in assignments or alone else notebook.stem
        return Submission(name or notebook.stem, notebook, folder if alone else None, folder.name)
    by_stem = next((name for name in assignments if notebook.stem == name), "")
    if not by_stem:
        by_stem = next((name for name in assignments if name in notebook.stem), "")
    name = folder.name if notebook.stem in assignments and folder.name else notebook.stem
    return Submission(name, notebook, folder if alone else None, by_stem)


def _notebooks(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix == ".ipynb" and not path.name.startswith("."))


def _subfolders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "__")))


def _files_in(folder: Path) -> list[tuple[str, Path]]:
    """Return the regular files below ``folder`` with their names in it; links and hidden files are left out."""
    found = []
    for root, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(names):
            path = Path(root, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                found.append((path.relative_to(folder).as_posix(), path))
        if len(found) > 20 * MAX_FILES:
            break
    return found


def _with_unique_names(found: list[Submission]) -> list[Submission]:
    taken = {(item.name, item.assignment) for item in found}
    seen: set[tuple[str, str]] = set()
    unique = []
    for item in found:
        name, number = item.name, 1
        if (name, item.assignment) in seen:
            # A student may really be called like the next number.
            while (name, item.assignment) in taken:
                number += 1
                name = f"{item.name}-{number}"
        seen.add((name, item.assignment))
        taken.add((name, item.assignment))
        unique.append(Submission(name, item.notebook, item.folder, item.assignment))
    return unique
