"""Keeps what a submission was asked and answered, and finds it again when it is graded anew.

The key of a record follows from what the answers follow from: what was handed in, the cells that run, the code and the
libraries inside the sandbox, the data that it sees and the limits. Not from the checks.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache
from typing import Any, NamedTuple

from autograder.checking.results import CheckResult, Settled
from autograder.checking.source import check_digests
from autograder.course.assignments import ROOT, Assignment
from autograder.course.versions import course_notebooks
from autograder.grading.fingerprint import code_digest, course_parts, fingerprint_of, parts
from autograder.grading.submission import versions
from autograder.intake.job import Job
from autograder.intake.restore import restore
from autograder.records import files
from autograder.records.record import Record
from autograder.report import new_flag
from autograder.settings import Settings

__all__ = ["Recording", "begin", "record_key", "warm_up"]

_CHANGED = (
    "The record of this submission's answers was changed since this grader wrote it, or the grader's secret was. It "
    "was not believed: a worker was asked again, and a new record was written."
)


class Recording(NamedTuple):
    """The record of one grading.

    Parameters
    ----------
    key : str
        Under which it is kept.
    record : Record
    flags : list of dict
        What the instructor should know of it.
    digests : dict of str to str
        What each check is made of today, the grader itself included.
    settled : dict of str to Settled
        How the checks ended before; after a grading, how they ended now.
    """

    key: str
    record: Record
    flags: list[dict[str, Any]]
    digests: dict[str, str]
    settled: dict[str, Settled]

    def end(self) -> None:
        """Keep what is new, unless the cells did not end in time: that hangs on how busy the machine was."""
        checks = {
            name: [self.digests[name], asdict(one.result), one.flags, one.searches]
            for name, one in self.settled.items()
            if name in self.digests
        }
        if checks and checks != self.record.checks:
            self.record.checks, self.record.changed = checks, True
        if self.record.changed and all(run["status"] != "timeout" for run in self.record.runs or ()):
            files.save(self.key, self.record)


def begin(job: Job, settings: Settings) -> Recording | None:
    """Return the record that a grading writes, with the answers of an earlier one if they are to be used.

    Without the sandbox there is none: code that runs with the grader's rights could sign whatever it likes.
    """
    if not settings.records or settings.sandbox != "bwrap":
        return None
    key = record_key(job, settings)
    digests = {
        name: f"{code_digest()}{digest}" for name, digest in check_digests(job.assignment.require_checks()).items()
    }
    if not settings.replay:
        return Recording(key, Record(), [], digests, {})
    try:
        record, flags = files.load(key) or Record(), []
    except files.RecordChanged as error:
        record, flags = Record(), [new_flag("record-changed", _CHANGED, reason=str(error))]
    settled = {
        name: Settled(CheckResult(**result), flags_of, searches, digests.get(name) == digest)
        for name, (digest, result, flags_of, searches) in record.checks.items()
    }
    return Recording(key, record, flags, digests, settled)


def warm_up(assignment: Assignment) -> None:
    """Read once, before processes fork, what the keys of all submissions to an assignment have in common."""
    course_parts(assignment, Settings())
    _worker_digest()
    versions(assignment.needs_tensorflow)


def record_key(job: Job, settings: Settings) -> str:
    """Return a SHA-256 of everything that the answers of a submission follow from."""
    causes = parts(job.submission, job.assignment, replace(settings, render=False))
    steps = restore(job.cells, course_notebooks(job.assignment)[1])
    ours: Mapping[str, str] = {
        part: digest for part, digest in causes.items() if part not in ("notebook", "checks", "grader")
    }
    cells = "\0".join(f"{step.kind}:{step.source}" for step in steps)
    return fingerprint_of(
        {
            **ours,
            "cells": hashlib.sha256(cells.encode(errors="replace")).hexdigest(),
            "worker": _worker_digest(),
            "versions": f"{platform.python_version()} {sorted(versions(job.assignment.needs_tensorflow).items())}",
        }
    )


@cache
def _worker_digest() -> str:
    """Return a digest of what runs inside the sandbox, and of the libraries that it finds there."""
    total = hashlib.sha256()
    for path in [*sorted((ROOT / "autograder/worker").rglob("*.py")), ROOT / "requirements.txt"]:
        total.update(path.read_bytes() if path.is_file() else b"")
        total.update(b"\0")
    return total.hexdigest()
