"""Puts what a student handed in where nbgrader and `grade` look for it: ``submitted/<student>/<assignment>/``."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

from autograder.collect.staging import Stage
from autograder.collect.timing import TIMESTAMP_FILE, timestamp_text
from autograder.course.collected import RECORD
from autograder.errors import CollectError
from autograder.render.text import plain_line

__all__ = ["Places", "arrange", "digest_of", "place"]

# What browsers, Jupyter and platforms add to the name of a copy.
_COPY = re.compile(r"(?:-copy\d+|[-_ ]\d+|\s*\(\d+\))+$", re.IGNORECASE)
_SAVED_AS_TEXT = re.compile(r"\.ipynb\.(?:txt|json)$", re.IGNORECASE)


@dataclass(frozen=True)
class Places:
    """Where a run reads and writes.

    Parameters
    ----------
    assignment : str
    submitted : Path
        Gets ``<student>/<assignment>/``.
    downloaded : Path
        Gets ``<assignment>/``: the originals, what was replaced, and the record of the runs.
    released : Path or None
        The notebook as students get it, to tell an untouched one.
    names : tuple of str
        What the assignment asks for (see `autograder.course.assignments.Assignment`).
    """

    assignment: str
    submitted: Path
    downloaded: Path
    released: Path | None = None
    names: tuple[str, ...] = ()

    def folder(self, student: str) -> Path:
        """Return the folder of a student's submission."""
        return self.submitted / student / self.assignment

    @property
    def originals(self) -> Path:
        """The folder of the assignment's originals."""
        return self.downloaded / self.assignment

    @property
    def record(self) -> Path:
        """The record of the runs."""
        return self.originals / RECORD


def arrange(stage: Stage, assignment: str, names: Collection[str]) -> tuple[dict[str, Path], list[str]]:
    """Choose the notebook among what was handed in, and name everything as the assignment names it.

    Parameters
    ----------
    stage : Stage
        Its files stay where they are.
    assignment : str
    names : collection of str
        What the assignment asks for: a model of such a name belongs into ``models/``.

    Returns
    -------
    files : dict
        Where each file is, by its name in the student's folder: ``<assignment>.ipynb``, what lay beside it and below,
        and models in ``models/``, wherever they were.
    notes : list of str
        What was left out.

    Raises
    ------
    CollectError
        Of kind ``no-notebook``.
    """
    notebook = _choose_notebook(list(stage.files), assignment)
    root = PurePosixPath(notebook).parent
    files = {f"{assignment}.ipynb": stage.files[notebook]}
    notes = []
    if not notebook.casefold().endswith(".ipynb"):
        notes.append(f"{plain_line(notebook, 80)} was taken for the notebook; its name should end in .ipynb")
    outside = 0
    models = []
    for name, path in sorted(stage.files.items()):
        inside = PurePosixPath(name).is_relative_to(root)
        target = PurePosixPath(name).relative_to(root) if inside else PurePosixPath(name)
        if name == notebook:
            continue
        if target.suffix.casefold() == ".ipynb":
            notes.append(f"left out {plain_line(name, 80)}: {plain_line(notebook, 80)} is the notebook")
        elif inside and target.parts[0].casefold() in (TIMESTAMP_FILE, f"{assignment}.ipynb".casefold()):
            notes.append(
                f"left out {plain_line(name, 80)}: its place is taken by the notebook or by nbgrader's own file"
            )
        elif _is_model(target, names) and target.parent.name != "models":
            models.append((target, path))
        elif inside:
            files[str(target)] = path
        else:
            outside += 1
    for target, path in models:
        # A file called models leaves no place for a folder of that name.
        folder = "" if "models" in files else "models/"
        files.setdefault(f"{folder}{_plain_stem(target.stem)}{target.suffix.casefold()}", path)
    if outside:
        notes.append(f"left out {outside} {'file' if outside == 1 else 'files'} outside the notebook's folder")
    return files, notes


def place(
    files: Mapping[str, Path], destination: Path, time: datetime | None, replaced: Path
) -> tuple[str, Path | None]:
    """Move files to a student's folder, unless it holds just these.

    Parameters
    ----------
    files : mapping
        Where each is, by its name in the folder; on the same file system. They are moved.
    destination : Path
        ``submitted/<student>/<assignment>``.
    time : datetime or None
        When it was handed in, for nbgrader.
    replaced : Path
        A folder that gets what lay there before: nothing is deleted.

    Returns
    -------
    status : str
        ``new``, ``updated`` or ``unchanged``.
    earlier : Path or None
        Where the replaced folder is now.

    Raises
    ------
    CollectError
        Of kind ``not-allowed``: something else than a folder is in the way.
    """
    for folder in (destination.parent, destination):
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise CollectError("not-allowed", f"expected a folder at {folder}. Received: a link or file; it stays.")
    existed = destination.is_dir()
    if existed and _digests(_present(destination)) == _digests(files):
        _write_time(destination, time)
        return "unchanged", None
    incoming = Path(next(iter(files.values())).parent, ".placing")
    while incoming.exists():
        incoming = incoming.with_name(incoming.name + "_")
    for name, path in files.items():
        target = incoming / name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(path, target)
    _write_time(incoming, time)
    earlier = None
    if existed:
        earlier = replaced / f"{datetime.now(timezone.utc):%Y%m%dT%H%M%S%f}"
        earlier.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(destination, earlier)
    destination.parent.mkdir(parents=True, exist_ok=True)
    os.rename(incoming, destination)
    return ("updated" if existed else "new"), earlier


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            total.update(chunk)
    return total.hexdigest()


def _choose_notebook(names: list[str], assignment: str) -> str:
    notebooks = [name for name in names if name.casefold().endswith(".ipynb")]
    # Browsers save notebooks as text, and hide the ending.
    notebooks = notebooks or [name for name in names if _SAVED_AS_TEXT.search(name)]
    wanted = assignment.casefold()
    tests = (
        lambda stem: stem == assignment,
        lambda stem: _plain_stem(stem).casefold() == wanted,
        lambda stem: wanted in stem.casefold(),
        lambda stem: True,
    )
    for test in tests:
        fitting = [name for name in notebooks if test(PurePosixPath(_SAVED_AS_TEXT.sub(".ipynb", name)).stem)]
        depth = min((name.count("/") for name in fitting), default=0)
        nearest = [name for name in fitting if name.count("/") == depth]
        if len(nearest) == 1:
            return nearest[0]
        if nearest:
            shown = ", ".join(plain_line(name, 60) for name in nearest[:4])
            raise CollectError("no-notebook", f"expected one notebook called {assignment}.ipynb. Received: {shown}.")
    received = f"other files only ({len(names)})" if names else "nothing that can be taken"
    raise CollectError("no-notebook", f"expected a notebook, {assignment}.ipynb. Received: {received}.")


def _is_model(path: PurePosixPath, names: Collection[str]) -> bool:
    return path.suffix.casefold() == ".keras" and _plain_stem(path.stem) in names


def _plain_stem(stem: str) -> str:
    """Return a stem without what is added to the name of a copy."""
    return _COPY.sub("", stem) or stem


def _present(folder: Path) -> dict[str, Path]:
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root, name)
            found[path.relative_to(folder).as_posix()] = path
    found.pop(TIMESTAMP_FILE, None)
    return found


def _digests(files: Mapping[str, Path]) -> dict[str, str]:
    digests = {}
    for name, path in files.items():
        if path.is_symlink() or not path.is_file():
            digests[name] = "no regular file"
            continue
        digests[name] = digest_of(path)
    return digests


def _write_time(folder: Path, time: datetime | None) -> None:
    path = folder / TIMESTAMP_FILE
    text = f"{timestamp_text(time)}\n" if time is not None else ""
    if path.is_symlink() or (path.is_file() and not text):
        path.unlink()
    if text and not (path.is_file() and path.read_text(encoding="utf-8", errors="replace") == text):
        path.write_text(text, encoding="utf-8")
