"""What became of each submission of a run on a cluster: waiting, tried again, or finished with its one report."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass
from typing import Any

from autograder.cluster.answer import Answer
from autograder.errors import IntakeError
from autograder.grading import kept
from autograder.grading.executor import Event, Plan, not_graded
from autograder.grading.fingerprint import fingerprint
from autograder.grading.kept import Graded
from autograder.grading.submission import refuse
from autograder.intake.job import prepare
from autograder.intake.notebook import MAX_NOTEBOOK
from autograder.intake.opening import NotHandedIn, open_handed_in

__all__ = ["Ledger", "Told"]

_DEATHS = 20
"""So many machines may die under one submission: its own code is locked up elsewhere and cannot be the cause."""
_NONSENSE = 3
"""So many machines may answer nonsense about one submission until it is taken for the cause."""


@dataclass
class Told:
    """What became of one submission so far.

    Parameters
    ----------
    key : str
        The digest under which machines know it.
    tries, faults, deaths, nonsense : int
        How often it was sent, failed, had a machine die under it, and got an answer that is none.
    """

    key: str = ""
    tries: int = 0
    faults: int = 0
    deaths: int = 0
    nonsense: int = 0


class Ledger:
    """The submissions of a plan: every one of them is finished once.

    Parameters
    ----------
    plan : Plan

    Attributes
    ----------
    waiting : deque of int
        Those that nobody has.
    told : dict of int to Told
    finished : dict of int to Graded
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.waiting = deque(plan.waiting)
        self.told = {index: Told() for index in plan.waiting}
        self.finished: dict[int, Graded] = {}

    def refuse_what_nobody_can_read(self) -> None:
        """Say at once of what there is no notebook, or none that may be opened: no machine would say anything else."""
        for index in list(self.waiting):
            submission = self._plan.waiting[index]
            try:
                if submission.notebook is not None:
                    with open_handed_in(submission.notebook) as file:
                        if os.fstat(file.fileno()).st_size <= MAX_NOTEBOOK:
                            continue
            except (NotHandedIn, OSError):
                pass
            try:
                prepare(submission, self._plan.assignments)
            except IntakeError as error:
                known = self._plan.assignments.get(submission.assignment)
                self.waiting.remove(index)
                self._finish(index, refuse(submission, known, error.kind, str(error)))

    def keep(self, index: int, answer: Answer) -> None:
        """Keep a report as a run on this machine would, and tell it.

        Parameters
        ----------
        index : int
        answer : Answer
            With a report.
        """
        submission, report = self._plan.waiting[index], answer.report
        assert report is not None
        known = self._plan.assignments.get(report.assignment)
        key = fingerprint(submission, known, self._plan.settings) if known is not None else ""
        if key and report.graded:
            if answer.outputs is not None:
                kept.store_outputs(key, answer.outputs)
            kept.store(key, report)
        self._finish(index, report, key, answer.kind == "kept", answer.machine)

    def give_up(self, index: int, reason: str) -> None:
        """Give a submission no grade; ``reason`` is for the instructor."""
        self._finish(index, not_graded(self._plan, index, reason))

    def fault(self, index: int, reason: str) -> None:
        """Try a submission once more, or give it no grade: at home, too, there are two tries."""
        self.told[index].faults += 1
        self._again(index, reason, self.told[index].faults < 2)

    def death(self, index: int) -> None:
        """Try a submission once more under which the machines died that had it."""
        told = self.told[index]
        told.deaths += 1
        self._again(index, f"{told.deaths} machines ended while they graded it", told.deaths < _DEATHS)

    def nonsense(self, index: int, reason: str) -> None:
        """Ask another machine, for this one's answer was none."""
        told = self.told[index]
        told.nonsense += 1
        self._again(index, f"no answer: {reason}", told.nonsense < _NONSENSE)

    def _again(self, index: int, reason: str, again: bool) -> None:
        if again:
            self.waiting.append(index)
        else:
            self.give_up(index, reason)

    def _finish(self, index: int, report: Any, key: str = "", was_kept: bool = False, machine: str = "") -> None:
        self.finished[index] = Graded(self._plan.waiting[index], report, key)
        self._plan.on_event(Event("finished", index, report=report, kept=was_kept, machine=machine))
