"""Where submissions are graded: what a place that grades is told, and what it says while it does.

There are two: the processes of this machine (`autograder.grading.local`) and those of many machines
(`autograder.cluster`). Both grade every submission of a plan once, in whatever order, whatever happens to any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from autograder.course.assignments import Assignment
from autograder.grading.kept import Graded
from autograder.intake.submissions import Submission
from autograder.report import Report, new_flag
from autograder.settings import Settings

__all__ = ["Event", "Executor", "Plan", "not_graded"]

_GRADER_FAULT = "No se pudo corregir por una falla del corrector; no es culpa tuya y tu nota anterior sigue valiendo."
_GRADER_FLAG = "The grader failed, which is not the student's fault: an earlier grade stays. See the reason."


@dataclass(frozen=True)
class Event:
    """Something that happened during a run.

    Parameters
    ----------
    kind : {"started", "progress", "finished", "notice"}
    index : int
        Which submission; -1 for a ``notice``.
    report : Report or None
        For ``finished``.
    text : str
        For ``progress``: what a training cell printed. For ``notice``: what happened to the place that grades.
    kept : bool
        For ``finished``: the report is that of an earlier run, nothing has changed since.
    machine : str
        Where it happened; empty on this machine.
    """

    kind: Literal["started", "progress", "finished", "notice"]
    index: int
    report: Report | None = None
    text: str = ""
    kept: bool = False
    machine: str = ""


@dataclass(frozen=True)
class Plan:
    """What is to be graded.

    Parameters
    ----------
    waiting : mapping of int to Submission
        By their place among all submissions of the run.
    assignments : mapping
        The assignments of the course.
    settings : Settings
    on_event : callable
        Told what happens, in the process and thread of the caller.
    data : path or None
        The folder that workers of this machine may read as ``$CNN_DATA``.
    """

    waiting: Mapping[int, Submission]
    assignments: Mapping[str, Assignment]
    settings: Settings
    on_event: Callable[[Event], None]
    data: Path | None = None

    def seconds(self, index: int) -> float:
        """Return the wall time that a submission may take."""
        known = self.assignments.get(self.waiting[index].assignment)
        return self.settings.for_cells_of(known.cell_seconds if known is not None else None).submission_seconds


class Executor(Protocol):
    """A place where submissions are graded."""

    def grade(self, plan: Plan) -> dict[int, Graded]:
        """Grade everything that is waiting, and return the results by the same numbers.

        Raises
        ------
        SandboxUnavailable
            Student code cannot be locked up there; nothing was graded.
        """


def not_graded(plan: Plan, index: int, reason: str) -> Report:
    """Return the report of a submission that the grader could not grade; ``reason`` is for the instructor."""
    submission = plan.waiting[index]
    # What grades takes a second to import; a class that has not changed does without.
    from autograder.grading.submission import refuse

    report = refuse(submission, plan.assignments.get(submission.assignment), "grader-error", _GRADER_FAULT)
    return replace(report, flags=[new_flag("grader-error", _GRADER_FLAG, reason=reason)])
