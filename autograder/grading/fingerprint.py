"""What a report follows from, as digests: whatever changes, is graded again.

That is the submission's files, the instructor's notebook, the checks, the grader, the data and the settings that
matter.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import data
from autograder.course.assignments import ABOUT, ROOT, Assignment
from autograder.grading.digests import Digests, digest_of
from autograder.intake.files import files_in, own_files, released_files
from autograder.intake.submissions import Submission

if TYPE_CHECKING:
    from autograder.settings import Settings

__all__ = [
    "CourseParts",
    "checks_digest",
    "code_digest",
    "course_parts",
    "fingerprint",
    "fingerprint_of",
    "notebook_digest",
    "parts",
    "released_digest",
]

_SETTINGS = (
    *("train", "train_budget", "sandbox", "render", "audit"),
    *("cell_seconds", "total_seconds", "call_seconds", "restarts"),
)
"""The settings that a report follows from."""


class CourseParts(NamedTuple):
    """What all submissions to an assignment have in common.

    Parameters
    ----------
    parts : mapping of str to str
        Those of `parts` that are the same for all.
    released : mapping of str to str
        The digests of the files that students get beside the notebook, by name.
    digests : Digests
        What is known of the students' files.
    """

    parts: Mapping[str, str]
    released: Mapping[str, str]
    digests: Digests


def fingerprint(submission: Submission, assignment: Assignment, settings: Settings) -> str:
    """Return a SHA-256 of everything that a submission's report follows from; files are read, not opened."""
    return fingerprint_of(parts(submission, assignment, settings))


def fingerprint_of(found: Mapping[str, str]) -> str:
    """Return the fingerprint that `parts` make together."""
    return hashlib.sha256(json.dumps(sorted(found.items())).encode()).hexdigest()


def parts(
    submission: Submission, assignment: Assignment, settings: Settings, course: CourseParts | None = None
) -> dict[str, str]:
    """Return what a submission's report follows from, part by part, so that two gradings can be told apart by one.

    Parameters
    ----------
    submission : Submission
    assignment : Assignment
    settings : Settings
    course : CourseParts, optional
        Of the assignment and the settings, where somebody has them already.

    Returns
    -------
    dict of str to str
        A digest of the ``hand-in``, the instructor's ``notebook``, the ``checks`` and the ``grader``; the ``settings``
        that matter; and the stamp of each ``data NAME``, empty where it is not on this machine.
    """
    course = course if course is not None else course_parts(assignment, settings)
    own = {name: course.digests.of(path) for name, path in own_files(submission)[0].items()}
    handed_in = [] if submission.notebook is None else [course.digests.of(submission.notebook)]
    handed_in += [f"{name}:{digest}" for name, digest in sorted({**course.released, **own}.items())]
    return {
        **course.parts,
        "hand-in": hashlib.sha256("\n".join(handed_in).encode(errors="surrogateescape")).hexdigest(),
    }


def course_parts(assignment: Assignment, settings: Settings, digests: Digests | None = None) -> CourseParts:
    """Return what all submissions to an assignment have in common.

    Parameters
    ----------
    assignment : Assignment
    settings : Settings
    digests : Digests, optional
        What an earlier run knew of the students' files.
    """
    ours = {
        "assignment": assignment.name,
        "notebook": notebook_digest(assignment),
        "checks": checks_digest(assignment),
        "grader": code_digest(),
        "settings": repr([getattr(settings, name) for name in _SETTINGS]),
        **{f"data {name}": _data_stamp(name) for name in assignment.datasets},
    }
    released = {name: digest_of(path) for name, path in released_files(assignment).items()}
    return CourseParts(ours, released, digests if digests is not None else Digests())


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
