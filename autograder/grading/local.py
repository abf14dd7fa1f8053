"""Grades the submissions of a run in parallel on this machine, each in a process of its own."""

from __future__ import annotations

import multiprocessing.connection
from collections import deque
from collections.abc import Callable

from autograder.grading.executor import Event, Plan, not_graded
from autograder.grading.kept import Graded
from autograder.grading.pool import Grading, Message, Pool
from autograder.intake.submissions import Submission

__all__ = ["Local"]


class Local:
    """The processes of this machine, `Settings.jobs` at a time.

    Parameters
    ----------
    child : callable, optional
        As for `Pool`.
    """

    def __init__(self, child: Callable[..., None] | None = None) -> None:
        self._child = child

    def grade(self, plan: Plan) -> dict[int, Graded]:
        """Grade everything that is waiting.

        Raises
        ------
        SandboxUnavailable
            This machine cannot lock student code up; nothing was graded.
        """
        # Where a place does not say which assignment a notebook is, it may be any.
        wanted = {submission.assignment for submission in plan.waiting.values()}
        names = wanted if wanted <= set(plan.assignments) else set(plan.assignments)
        heavy = {kind for submission in plan.waiting.values() for kind in _zygotes(submission, plan)}
        with Pool(plan.assignments, names, heavy, plan.settings.sandbox, plan.data, self._child) as pool:
            return _Run(plan, pool).run()


def _zygotes(submission: Submission, plan: Plan) -> tuple[bool, ...]:
    """Return which zygotes a submission may need: with TensorFlow, without, or either where nobody knows yet."""
    if submission.notebook is None:
        return (False,)
    if submission.assignment not in plan.assignments:
        return (False, True)
    return (plan.assignments[submission.assignment].needs_tensorflow,)


class _Run:
    def __init__(self, plan: Plan, pool: Pool) -> None:
        self._plan = plan
        self._pool = pool
        self._waiting = deque(plan.waiting)
        self._running: dict[int, Grading] = {}
        self._finished: dict[int, Graded] = {}
        self._retried: set[int] = set()

    def run(self) -> dict[int, Graded]:
        try:
            while self._waiting or self._running:
                while self._waiting and len(self._running) < max(1, self._plan.settings.jobs):
                    index = self._waiting.popleft()
                    self._running[index] = self._pool.start(self._plan.waiting[index], self._plan.settings)
                    self._plan.on_event(Event("started", index))
                self._wait()
        finally:
            for grading in self._running.values():
                grading.kill()
        return self._finished

    def _wait(self) -> None:
        ready = multiprocessing.connection.wait([grading.pipe for grading in self._running.values()], timeout=0.5)
        for index, grading in list(self._running.items()):
            message = grading.hear() if grading.pipe in ready else grading.overdue()
            if message is None:
                continue
            if message.kind == "progress":
                self._plan.on_event(Event("progress", index, text=message.text))
            else:
                self._finish(index, message)

    def _finish(self, index: int, message: Message) -> None:
        if message.kind == "fault":
            self._pool.revive()
        self._running.pop(index).close()
        if message.kind == "fault" and message.again and index not in self._retried:
            self._retried.add(index)
            self._waiting.append(index)
            return
        report = message.report or not_graded(self._plan, index, message.text)
        self._finished[index] = Graded(
            self._plan.waiting[index], report, message.key, message.kind in ("kept", "replayed"), message.kind == "kept"
        )
        self._plan.on_event(Event("finished", index, report=report, kept=message.kind == "kept"))
