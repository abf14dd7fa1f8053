"""The archive that an instructor uploads to Gradescope: the grader, and one assignment with its hidden checks."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from autograder.course.assignments import ROOT, Assignment, find_assignments
from autograder.course.requirements import pinned
from autograder.course.suggest import unknown
from autograder.errors import UsageError
from autograder.gradescope.run import CONFIGURATION

__all__ = ["write_bundle"]

_CONTAINER = Path(__file__).parent / "container"
_LEFTOVERS = {"__pycache__", ".ipynb_checkpoints"}
# What a notebook trains lies beside it; the grader has a room of that name.
_TRAINED = "models"
# A constant date: the same course gives the same archive.
_DATE = (1980, 1, 1, 0, 0, 0)


def write_bundle(
    name: str, archive: Path, *, sandbox: str = "bwrap", visibility: str = "visible", root: Path = ROOT
) -> int:
    """Write the archive for an assignment.

    Parameters
    ----------
    name : str
        Of the assignment.
    archive : path
        The zip file; an older one is replaced.
    sandbox : {"bwrap", "user", "none"}
        How submissions are locked up there.
    visibility : str
        When students see their results; see `autograder.gradescope.VISIBILITIES`.
    root : path
        The course's repository.

    Returns
    -------
    int
        How many files it holds.

    Raises
    ------
    UsageError
        There is no such assignment.
    """
    assignments = find_assignments(root)
    if name not in assignments:
        raise unknown(name, assignments)
    if archive.is_dir():
        raise UsageError(f"expected a file to write to. Received: {archive}, which is a folder.")
    configuration = {"assignment": name, "sandbox": sandbox, "visibility": visibility, "others": sorted(assignments)}
    texts = {
        "setup.sh": (_CONTAINER / "setup.sh").read_text(encoding="utf-8"),
        "run_autograder": (_CONTAINER / "run_autograder").read_text(encoding="utf-8"),
        "requirements.txt": "\n".join([*_requirements(root), *assignments[name].packages]) + "\n",
        CONFIGURATION: json.dumps(configuration, indent=1) + "\n",
    }
    contents = {member: text.encode() for member, text in texts.items()}
    for path in _course_files(assignments[name], root):
        contents[path.relative_to(root).as_posix()] = path.read_bytes()
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for member, content in sorted(contents.items()):
            entry = zipfile.ZipInfo(member, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if member in ("setup.sh", "run_autograder") else 0o644) << 16
            file.writestr(entry, content)
    return len(contents)


def _course_files(assignment: Assignment, root: Path) -> Iterator[Path]:
    """Yield the files of the grader and of one assignment; data sets only where models are judged."""
    course = [assignment.source.parent, assignment.released.parent, assignment.require_checks()]
    for folder in [root / "autograder", root / "data", *course]:
        left = {*_LEFTOVERS, _TRAINED} if folder in course else _LEFTOVERS
        for path in sorted(folder.rglob("*")):
            heavy = folder == root / "data" and path.suffix == ".gz" and not assignment.datasets
            if path.is_file() and not heavy and not left & set(path.relative_to(folder).parts):
                yield path


def _requirements(root: Path) -> list[str]:
    """Return the pins of what the grader and the notebooks need, without the tools of development."""
    wanted, _, _ = (root / "requirements.in").read_text(encoding="utf-8").partition("# Development")
    names = [found[0] for line in wanted.splitlines() if (found := re.match(r"[A-Za-z0-9][\w.-]*", line))]
    return pinned(names, (root / "requirements.txt").read_text(encoding="utf-8"))
