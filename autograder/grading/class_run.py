"""Grades many submissions at once, each in a process of its own, and survives whatever happens to any of them.

A forkserver has imported the grader (and Keras where models are judged); every submission is graded in a fork of it. A
process that crashes, hangs or is killed costs its own submission an ``error`` and nobody else anything. Finished
reports are kept (see `autograder.grading.kept`), so a run that was killed goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import resource
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from autograder.course.assignments import Assignment
from autograder.errors import IntakeError, WorkerFault
from autograder.grading import kept
from autograder.grading.equal_models import flag_equal_models
from autograder.grading.kept import Graded
from autograder.grading.preload import PRELOAD
from autograder.grading.submission import grade, refuse
from autograder.intake.job import prepare
from autograder.intake.submissions import Submission
from autograder.report import Report, new_flag
from autograder.sandbox.box import Sandbox
from autograder.sandbox.temporary import keep_forkserver_here, tidy_signals
from autograder.settings import Settings

__all__ = ["Event", "run_class"]

# A grading process minds the time itself; it is ended from outside if it hangs where it cannot.
_GRACE = 300.0

_GRADER_FAULT = "No se pudo corregir por una falla del corrector; no es culpa tuya y tu nota anterior sigue valiendo."
_GRADER_FLAG = "The grader failed, which is not the student's fault: an earlier grade stays. See the reason."


@dataclass(frozen=True)
class Event:
    """Something that happened during a run.

    Parameters
    ----------
    kind : {"started", "progress", "finished"}
    index : int
        Which submission.
    report : Report or None
        For ``finished``.
    text : str
        For ``progress``: what a training cell printed.
    kept : bool
        For ``finished``: the report is that of an earlier run, nothing has changed since.
    """

    kind: Literal["started", "progress", "finished"]
    index: int
    report: Report | None = None
    text: str = ""
    kept: bool = False


@dataclass
class _Running:
    index: int
    process: Any
    pipe: Any
    deadline: float


def run_class(
    submissions: Sequence[Submission],
    assignments: Mapping[str, Assignment],
    settings: Settings,
    on_event: Callable[[Event], None] = lambda event: None,
    data: Path | None = None,
) -> list[Graded]:
    """Grade submissions in parallel.

    Parameters
    ----------
    submissions : sequence of Submission
    assignments : mapping
        The assignments of the course.
    settings : Settings
    on_event : callable
        Told what happens, in the process and thread of the caller.
    data : path, optional
        The folder that workers may read as ``$CNN_DATA``.

    Returns
    -------
    list of Graded
        In the order of the submissions.

    Raises
    ------
    SandboxUnavailable
        This machine cannot lock student code up; nothing was graded.
    """
    finished: dict[int, Graded] = {}
    for index, submission in enumerate(submissions):
        known = assignments.get(submission.assignment) if submission.notebook is not None else None
        earlier = kept.find(submission, known, settings) if known is not None else None
        if earlier is not None:
            finished[index] = earlier
            on_event(Event("finished", index, report=earlier.report, kept=True))
    if len(finished) == len(submissions):
        return _flagged([finished[index] for index in range(len(submissions))])
    heavy = [_may_need_tensorflow(item, assignments) for index, item in enumerate(submissions) if index not in finished]
    context = multiprocessing.get_context("forkserver")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # The cores are busy with one submission each: more threads for a small matrix product only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Where a place does not say which assignment a notebook is, it may be any.
    wanted = {submission.assignment for index, submission in enumerate(submissions) if index not in finished}
    names = wanted if wanted <= set(assignments) else set(assignments)
    os.environ[PRELOAD] = ",".join(sorted(names))
    context.set_forkserver_preload(["autograder.grading.preload"])
    keep_forkserver_here()
    with contextlib.ExitStack() as stack:
        stack.enter_context(tidy_signals())
        boxes: dict[bool, Sandbox] = {}
        needed = {kind for answer in heavy for kind in ((True, False) if answer is None else (answer,))}
        for tensorflow in sorted(needed):
            boxes[tensorflow] = stack.enter_context(Sandbox(tensorflow=tensorflow, kind=settings.sandbox, data=data))
        for box in boxes.values():
            box.wait_until_ready()
        run = _Run(submissions, assignments, settings, on_event, context, boxes, finished)
        return _flagged(run.run())


def _flagged(results: list[Graded]) -> list[Graded]:
    reports = flag_equal_models([result.report for result in results])
    return [replace(result, report=report) for result, report in zip(results, reports)]


class _Run:
    def __init__(
        self,
        submissions: Sequence[Submission],
        assignments: Mapping[str, Assignment],
        settings: Settings,
        on_event: Callable[[Event], None],
        context: Any,
        boxes: Mapping[bool, Sandbox],
        finished: Mapping[int, Graded],
    ) -> None:
        self._submissions = submissions
        self._assignments = assignments
        self._settings = settings
        self._on_event = on_event
        self._context = context
        self._boxes = boxes
        self._finished = dict(finished)
        self._waiting = deque(index for index in range(len(submissions)) if index not in finished)
        self._running: list[_Running] = []
        self._retried: set[int] = set()

    def run(self) -> list[Graded]:
        try:
            while self._waiting or self._running:
                while self._waiting and len(self._running) < max(1, self._settings.jobs):
                    self._start(self._waiting.popleft())
                self._wait()
        finally:
            for item in self._running:
                item.process.kill()
                item.process.join()
        return [self._finished[index] for index in range(len(self._submissions))]

    def _start(self, index: int) -> None:
        ours, theirs = self._context.Pipe(duplex=False)
        addresses = {tensorflow: box.address for tensorflow, box in self._boxes.items()}
        arguments = (
            theirs,
            self._submissions[index],
            dict(self._assignments),
            self._settings,
            addresses,
            dict(os.environ),
        )
        process = self._context.Process(target=_grade_in_child, args=arguments, daemon=True)
        process.start()
        theirs.close()
        known = self._assignments.get(self._submissions[index].assignment)
        settings = self._settings.for_cells_of(known.cell_seconds if known is not None else None)
        deadline = time.monotonic() + settings.submission_seconds + _GRACE
        self._running.append(_Running(index, process, ours, deadline))
        self._on_event(Event("started", index))

    def _wait(self) -> None:
        ready = multiprocessing.connection.wait([item.pipe for item in self._running], timeout=0.5)
        for item in list(self._running):
            if item.pipe in ready:
                self._hear(item)
            elif time.monotonic() > item.deadline:
                item.process.kill()
                self._finish(item, self._fault(item.index, "it took longer than a submission may take", again=False))

    def _hear(self, item: _Running) -> None:
        try:
            kind, content, key = item.pipe.recv()
        except (EOFError, OSError):
            item.process.join(5)
            self._finish(item, self._fault(item.index, f"its process ended (code {item.process.exitcode})"))
            return
        if kind == "progress":
            self._on_event(Event("progress", item.index, text=content))
        elif kind == "fault":
            self._finish(item, self._fault(item.index, content))
        else:
            self._finish(item, Report.from_dict(content), key, kept=kind == "kept")

    def _finish(self, item: _Running, report: Report | None, key: str = "", kept: bool = False) -> None:
        item.pipe.close()
        item.process.join(5)
        self._running.remove(item)
        if report is None:
            self._waiting.append(item.index)
            return
        self._finished[item.index] = Graded(self._submissions[item.index], report, key)
        self._on_event(Event("finished", item.index, report=report, kept=kept))

    def _fault(self, index: int, reason: str, again: bool = True) -> Report | None:
        """Return the report of a submission that the grader could not grade, or None to try once more.

        Nothing is tried ``again`` because it was slow.
        """
        for box in self._boxes.values():
            box.revive()
        if again and index not in self._retried:
            self._retried.add(index)
            return None
        submission = self._submissions[index]
        report = refuse(submission, self._assignments.get(submission.assignment), "grader-error", _GRADER_FAULT)
        return replace(report, flags=[new_flag("grader-error", _GRADER_FLAG, reason=reason)])


def _may_need_tensorflow(submission: Submission, assignments: Mapping[str, Assignment]) -> bool | None:
    """Tell whether a submission needs TensorFlow; None if its place does not say which assignment it is."""
    if submission.notebook is None:
        return False
    if submission.assignment not in assignments:
        return None
    return assignments[submission.assignment].needs_tensorflow


def _grade_in_child(
    pipe: Any,
    submission: Submission,
    assignments: Mapping[str, Assignment],
    settings: Settings,
    addresses: Mapping[bool, str],
    environment: Mapping[str, str],
) -> None:
    """Grade one submission and send the report: the life of one grading process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What was forked has the environment in which the forkserver started, maybe for an earlier run.
    os.environ.clear()
    os.environ.update(environment)
    _limit_memory(settings.grader_memory(tensorflow=False))
    with contextlib.suppress(BrokenPipeError):
        try:
            job = prepare(submission, assignments)
            _limit_memory(settings.grader_memory(job.assignment.needs_tensorflow))
            # Where its place did not say which assignment it is, nobody has looked yet.
            earlier = None if submission.assignment else kept.find(submission, job.assignment, settings)
            if earlier is not None:
                pipe.send(("kept", earlier.report.as_dict(), earlier.fingerprint))
                return
            key = kept.fingerprint(submission, job.assignment, settings)
            report = grade(
                job,
                settings,
                addresses[job.assignment.needs_tensorflow],
                on_progress=lambda text: pipe.send(("progress", text, "")),
                on_outputs=(lambda outputs: kept.store_outputs(key, outputs)) if settings.render else None,
            )
            kept.store(key, report)
            pipe.send(("report", report.as_dict(), key))
        except IntakeError as error:
            assignment = assignments.get(submission.assignment)
            pipe.send(("report", refuse(submission, assignment, error.kind, str(error)).as_dict(), ""))
        except WorkerFault as error:
            pipe.send(("fault", str(error), ""))
        except Exception:
            pipe.send(("fault", traceback.format_exc()[-4000:], ""))


def _limit_memory(most: int) -> None:
    """Limit the data of this process: the last wall, behind the limits of every message.

    What was inherited from the forkserver (Keras, the test sets) comes on top; address space is no measure, since
    TensorFlow reserves it generously.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    inherited = int(status.partition("VmData:")[2].split()[0])
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = most + (inherited << 10)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
