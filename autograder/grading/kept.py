"""Keeps finished reports, so that a run that was interrupted goes on where it stopped.

A report is kept under the fingerprint of everything that it follows from: the submission's files, the instructor's
notebook, the checks, the grader, the data and the settings that matter. Whatever changes, is graded again. What the
cells showed is kept beside it where it is wanted.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import data
from autograder.course.assignments import ABOUT, ROOT, Assignment
from autograder.intake.files import MAX_BYTES, files_in, support_files
from autograder.intake.opening import NotHandedIn, open_handed_in
from autograder.intake.submissions import Submission
from autograder.report import PROVISIONAL, Report

_SETTINGS = (
    *("train", "train_budget", "sandbox", "render", "audit"),
    *("cell_seconds", "total_seconds", "call_seconds", "restarts"),
)
"""The settings that a report follows from."""

if TYPE_CHECKING:
    from autograder.grading.outputs import Outputs
    from autograder.settings import Settings

__all__ = [
    "Graded",
    "checks_digest",
    "code_digest",
    "copy_outputs",
    "find",
    "fingerprint",
    "fingerprint_of",
    "folder",
    "load",
    "load_outputs",
    "notebook_digest",
    "parts",
    "released_digest",
    "store",
    "store_outputs",
]


@dataclass(frozen=True)
class Graded:
    """What a run made of one submission.

    Parameters
    ----------
    submission : Submission
    report : Report
    fingerprint : str
        SHA-256 of everything that the report follows from, under which things are kept; empty if it could not be read.
    replayed : bool
        Whether no worker was asked: the report is an earlier run's, or made from recorded answers.
    """

    submission: Submission
    report: Report
    fingerprint: str = ""
    replayed: bool = False

    @property
    def outputs(self) -> Outputs:
        """What the student's cells showed, if the run was to keep that; read when it is asked for."""
        return (load_outputs(self.fingerprint) if self.fingerprint else None) or {}

    def kept_outputs(self) -> dict[str, str]:
        """Return the fingerprint and the ``path`` of the file with the outputs; both empty if nothing is kept."""
        path = str(_outputs_file(self.fingerprint)) if self.fingerprint else ""
        return {"fingerprint": self.fingerprint, "path": path}


def folder() -> Path:
    """Return where reports are kept: ``$XDG_CACHE_HOME/cnn-course/reports``."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "cnn-course" / "reports"


def fingerprint(submission: Submission, assignment: Assignment, settings: Settings) -> str:
    """Return a SHA-256 of everything that a submission's report follows from; files are read, not opened."""
    return fingerprint_of(parts(submission, assignment, settings))


def fingerprint_of(found: Mapping[str, str]) -> str:
    """Return the fingerprint that `parts` make together."""
    return hashlib.sha256(json.dumps(sorted(found.items())).encode()).hexdigest()


def parts(submission: Submission, assignment: Assignment, settings: Settings) -> dict[str, str]:
    """Return what a submission's report follows from, part by part, so that two gradings can be told apart by one.

    Returns
    -------
    dict of str to str
        A digest of the ``hand-in``, the instructor's ``notebook``, the ``checks`` and the ``grader``; the ``settings``
        that matter; and the stamp of each ``data NAME``, empty where it is not on this machine.
    """
    files, _ = support_files(submission, assignment)
    handed_in = [] if submission.notebook is None else [_digest_of_hand_in(submission.notebook)]
    handed_in += [f"{name}:{_digest_of_hand_in(path)}" for name, path in files]
    return {
        "assignment": assignment.name,
        "notebook": notebook_digest(assignment),
        "checks": checks_digest(assignment),
        "grader": code_digest(),
        "settings": repr([getattr(settings, name) for name in _SETTINGS]),
        "hand-in": hashlib.sha256("\n".join(handed_in).encode(errors="surrogateescape")).hexdigest(),
        **{f"data {name}": _data_stamp(name) for name in assignment.datasets},
    }


def find(submission: Submission, assignment: Assignment, settings: Settings) -> Graded | None:
    """Return the result of an earlier run if it still holds, and what the cells showed is there if it is wanted."""
    if settings.fresh:
        return None
    key = fingerprint(submission, assignment, settings)
    report = None if settings.render and load_outputs(key) is None else load(key, submission.name)
    return Graded(submission, report, key, replayed=True) if report is not None else None


def load(key: str, submission: str) -> Report | None:
    """Return the report kept under ``key``, in the name of ``submission``, or None."""
    try:
        report = Report.from_dict(json.loads((folder() / f"{key}.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return replace(report, submission=submission)


def store(key: str, report: Report) -> None:
    """Keep a report, unless it has no score or is not the last word (`autograder.report.PROVISIONAL`)."""
    if report.score is None or any(flag.get("kind") in PROVISIONAL for flag in report.flags):
        return
    _write(f"{key}.json", report.as_dict())


def load_outputs(key: str) -> Outputs | None:
    """Return what the student's cells showed when the report under ``key`` was made, or None."""
    try:
        kept = json.loads(_outputs_file(key).read_text(encoding="utf-8"))
        return {int(index): list(outputs) for index, outputs in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def store_outputs(key: str, outputs: Outputs) -> None:
    """Keep what the student's cells showed, whatever comes of the report."""
    _write(_outputs_file(key).name, outputs)


def copy_outputs(key: str, to: str) -> bool:
    """Keep what the cells showed under another fingerprint, too, and tell whether it is known."""
    outputs = load_outputs(key) if key else None
    if outputs is not None:
        store_outputs(to, outputs)
    return outputs is not None


def _outputs_file(key: str) -> Path:
    return folder() / f"{key}.outputs.json"


def _write(name: str, content: object) -> None:
    with contextlib.suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(dir=folder(), suffix=".part")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
        os.replace(part, folder() / name)


@cache
def _data_stamp(name: str) -> str:
    """Return what changes with a data set; empty if it is not on this machine."""
    dataset = data.find(name)
    return dataset.stamp() if dataset.is_here else ""


def notebook_digest(assignment: Assignment) -> str:
    """Return a digest of the instructor's notebook and what stands beside it about the assignment."""
    return _digest_of_course([assignment.source, assignment.source.parent / ABOUT])


def checks_digest(assignment: Assignment) -> str:
    """Return a digest of the hidden checks of an assignment."""
    return _digest_of_course(_python_files(assignment.require_checks()))


def released_digest(assignment: Assignment) -> str:
    """Return a digest of the files that students get beside the notebook."""
    folder = assignment.released.parent
    listed = files_in(folder)[0] if folder.is_dir() else []
    return _digest([path for _, path in listed if path != assignment.released])


@cache
def code_digest() -> str:
    """Return a digest of the grader and the data package; a change in them grades everything again."""
    code = [path for package in ("autograder", "data") for path in sorted((ROOT / package).rglob("*.py"))]
    return _digest([*code, ROOT / "requirements.txt"])


def _python_files(folder: Path) -> list[Path]:
    """Return what `Path.rglob` finds, faster: it is asked for every submission."""
    found = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names if name.endswith(".py")]
    return [Path(path) for path in sorted(found)]


def _digest_of_course(paths: Sequence[Path]) -> str:
    """Return the digest of the course's own files, which are read again when they have changed."""
    stamps = []
    for path in paths:
        with contextlib.suppress(OSError):
            status = path.stat()
            stamps.append((status.st_mtime_ns, status.st_size, status.st_ino))
    return _digest_of_stamped(tuple(paths), tuple(stamps))


@lru_cache(maxsize=64)
def _digest_of_stamped(paths: tuple[Path, ...], stamps: tuple[tuple[int, ...], ...]) -> str:
    return _digest(paths)


def _digest(paths: Iterable[Path]) -> str:
    """Return the digest of the course's own files."""
    total = hashlib.sha256()
    for path in paths:
        with contextlib.suppress(OSError), path.open("rb") as file:
            while chunk := file.read(1 << 20):
                total.update(chunk)
        total.update(b"\0")
    return total.hexdigest()


def _digest_of_hand_in(path: Path) -> str:
    """Return the digest of a file that a student handed in; what is none has no content, above all not another's.

    What is too large to be read anywhere is not read here either: a file of nothing but a size takes no space.
    """
    total = hashlib.sha256()
    try:
        with open_handed_in(path) as file:
            if (size := os.fstat(file.fileno()).st_size) > MAX_BYTES:
                return f"too large: {size}"
            while chunk := file.read(1 << 20):
                total.update(chunk)
    except (NotHandedIn, OSError) as error:
        return f"not handed in: {error}"
    return total.hexdigest()
