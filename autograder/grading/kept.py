"""Keeps finished reports, so that a run that was interrupted goes on where it stopped.

A report is kept under the fingerprint of everything that it follows from (`autograder.grading.fingerprint`). What the
cells showed is kept beside it where it is wanted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from autograder.course.assignments import Assignment
from autograder.grading.fingerprint import CourseParts, fingerprint_of, parts
from autograder.intake.submissions import Submission
from autograder.report import PROVISIONAL, Check, Report
from autograder.settings import keep_file, kept_folder

if TYPE_CHECKING:
    from autograder.grading.outputs import Outputs
    from autograder.settings import Settings

__all__ = [
    "Alike",
    "EqualModel",
    "Graded",
    "copy_outputs",
    "find",
    "folder",
    "load",
    "load_alike",
    "load_equal_models",
    "load_outputs",
    "store",
    "store_alike",
    "store_equal_models",
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
    earlier : bool
        Whether the report is an earlier run's.
    """

    submission: Submission
    report: Report
    fingerprint: str = ""
    replayed: bool = False
    earlier: bool = False

    @property
    def outputs(self) -> Outputs:
        """What the student's cells showed, if the run was to keep that; read when it is asked for."""
        return (load_outputs(self.fingerprint) if self.fingerprint else None) or {}

    def kept_outputs(self) -> dict[str, str]:
        """Return the fingerprint and the ``path`` of the file with the outputs; both empty if nothing is kept."""
        path = str(_outputs_file(self.fingerprint)) if self.fingerprint else ""
        return {"fingerprint": self.fingerprint, "path": path}


class Alike(NamedTuple):
    """A submission whose code is too much like another's; see `autograder.similarity`.

    Parameters
    ----------
    assignment, submission, other : str
    score : float
        0 to 1.
    where : list of str
        The answers.
    """

    assignment: str
    submission: str
    other: str
    score: float
    where: list[str]


def folder() -> Path:
    """Return where reports are kept: ``$XDG_CACHE_HOME/cnn-course/reports``."""
    return kept_folder("reports")


def find(
    submission: Submission, assignment: Assignment, settings: Settings, course: CourseParts | None = None
) -> Graded | None:
    """Return the result of an earlier run if it still holds, and what the cells showed is there if it is wanted."""
    if settings.fresh:
        return None
    key = fingerprint_of(parts(submission, assignment, settings, course))
    report = None if settings.render and load_outputs(key) is None else load(key, submission.name)
    return Graded(submission, report, key, replayed=True, earlier=True) if report is not None else None


def load(key: str, submission: str) -> Report | None:
    """Return the report kept under ``key``, in the name of ``submission``, or None."""
    try:
        first, *lines = (folder() / f"{key}.json").read_bytes().split(b"\n")
        head = json.loads(first)
        report = Report.from_dict({**head, "submission": submission, "checks": []})
        report.checks.extend(map(_check_of, lines))
        return report if head["checks"] == len(report.checks) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


@lru_cache(maxsize=1 << 14)
def _check_of(line: bytes) -> Check:
    """Return the check that a line holds: in a class, most lines are others', too."""
    return Check(**json.loads(line))


def store(key: str, report: Report) -> None:
    """Keep a report, unless it has no score or is not the last word (`autograder.report.PROVISIONAL`)."""
    if report.score is None or any(flag.get("kind") in PROVISIONAL for flag in report.flags):
        return
    whole = report.as_dict()
    # A line for each check, so that what is equal in a class is read once.
    parts = [{**whole, "checks": len(report.checks)}, *whole["checks"]]
    keep_file(folder() / f"{key}.json", "\n".join(map(json.dumps, parts)).encode())


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


class EqualModel(NamedTuple):
    """A model that is another submission's, too; see `autograder.grading.equal_models`.

    Parameters
    ----------
    assignment, submission, model, other : str
    how : str
        English: what shows it.
    """

    assignment: str
    submission: str
    model: str
    other: str
    how: str


def load_alike(key: str) -> list[Alike] | None:
    """Return whose code was found to be alike in a class with this key, or None if nobody has looked."""
    rows = _rows(f"{key}.alike.json", 5)
    return rows if rows is None else [Alike(*row) for row in rows]


def store_alike(key: str, found: Sequence[Alike]) -> None:
    """Keep whose code is alike in a class."""
    _write(f"{key}.alike.json", found)


def load_equal_models(key: str) -> list[EqualModel] | None:
    """Return which models of a class with this key were found to be equal, or None if nobody has looked."""
    rows = _rows(f"{key}.models.json", 5)
    return rows if rows is None else [EqualModel(*row) for row in rows]


def store_equal_models(key: str, found: Sequence[EqualModel]) -> None:
    """Keep which models of a class are equal."""
    _write(f"{key}.models.json", found)


def _rows(name: str, width: int) -> list[Any] | None:
    """Return the rows of a table that was kept, or None if there is none, or it is damaged."""
    try:
        rows = json.loads((folder() / name).read_text(encoding="utf-8"))
        return list(rows) if all(len(row) == width for row in rows) else None
    except (OSError, ValueError, TypeError):
        return None


def copy_outputs(key: str, to: str) -> bool:
    """Keep what the cells showed under another fingerprint, too, and tell whether it is known."""
    outputs = load_outputs(key) if key else None
    if outputs is not None:
        store_outputs(to, outputs)
    return outputs is not None


def _outputs_file(key: str) -> Path:
    return folder() / f"{key}.outputs.json"


def _write(name: str, content: object) -> None:
    keep_file(folder() / name, json.dumps(content).encode())
