"""A submission that was read: its cells, its assignment, and the seed of its random inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.course.assignments import Assignment
from autograder.course.versions import course_notebooks
from autograder.errors import IntakeError
from autograder.intake.belonging import choose_assignment
from autograder.intake.notebook import Cell, read_submission
from autograder.intake.own import MISSING
from autograder.intake.restore import answering
from autograder.intake.submissions import Submission

__all__ = ["Job", "prepare"]


@dataclass(frozen=True)
class Job:
    """A submission that was read and can be graded.

    Parameters
    ----------
    submission : Submission
    assignment : Assignment
    cells : list of Cell
        Those that are code, or were when the student got them.
    fingerprint : str
        SHA-256 of its code: what its random inputs follow from.
    """

    submission: Submission
    assignment: Assignment
    cells: list[Cell]
    fingerprint: str


def prepare(submission: Submission, assignments: Mapping[str, Assignment]) -> Job:
    """Read a submission and find out what it answers.

    Raises
    ------
    IntakeError
        It cannot be read; `refuse` makes a report of it.
    """
    if submission.notebook is None:
        raise IntakeError("missing", submission.reason or MISSING)
    everything, _ = read_submission(submission.notebook)
    name = choose_assignment(submission.assignment, everything, assignments)
    cells = answering(everything, course_notebooks(assignments[name])[1])
    code = "\0".join(cell.source for cell in cells)
    return Job(submission, assignments[name], cells, hashlib.sha256(code.encode(errors="replace")).hexdigest())
