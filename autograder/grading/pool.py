"""The grading processes of this machine: a forkserver that has imported the grader, and the zygotes that lock up.

Every submission is graded in a fork of the forkserver. A process that crashes, hangs or is killed costs its own
submission a fault and nobody else anything.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from multiprocessing import forkserver
from pathlib import Path
from typing import Any, Literal, NamedTuple

from autograder.course.assignments import Assignment
from autograder.intake.submissions import Submission
from autograder.report import Report
from autograder.sandbox.box import Sandbox
from autograder.sandbox.temporary import keep_forkserver_here, tidy_signals
from autograder.settings import SandboxKind, Settings

__all__ = ["PRELOAD", "Grading", "Message", "Pool"]

PRELOAD = "AUTOGRADER_PRELOAD"
"""The environment variable that tells `autograder.grading.preload` which assignments to read."""

# A grading process minds the time itself; it is ended from outside if it hangs where it cannot.
GRACE = 300.0


class Message(NamedTuple):
    """What a grading process says.

    Parameters
    ----------
    kind : {"progress", "report", "replayed", "kept", "fault"}
        ``replayed`` is a report for which no worker was asked.
    text : str
        For ``progress``, what a training cell printed; for ``fault``, the reason.
    report : Report or None
        For ``report``, ``replayed`` and ``kept``.
    key : str
        The fingerprint under which the report is kept.
    again : bool
        For ``fault``: whether a second try may end otherwise. Nothing is tried again because it was slow.
    """

    kind: Literal["progress", "report", "replayed", "kept", "fault"]
    text: str = ""
    report: Report | None = None
    key: str = ""
    again: bool = True


class Grading:
    """One grading process; made by `Pool.start`."""

    def __init__(self, process: Any, pipe: Any, seconds: float) -> None:
        self._process = process
        self.pipe = pipe
        self._deadline = time.monotonic() + seconds

    def hear(self) -> Message:
        """Return what the process says; call when there is something in `pipe`."""
        try:
            kind, content, key = self.pipe.recv()
        except (EOFError, OSError):
            self._process.join(5)
            return Message("fault", f"its process ended (code {self._process.exitcode})")
        if kind in ("report", "replayed", "kept"):
            return Message(kind, report=Report.from_dict(content), key=key)
        return Message(kind, content)

    def overdue(self) -> Message | None:
        """End the process if it has taken longer than a submission may take, and return that fault."""
        if time.monotonic() <= self._deadline:
            return None
        self._process.kill()
        return Message("fault", "it took longer than a submission may take", again=False)

    def close(self) -> None:
        """Forget a process that has said how it ended."""
        self.pipe.close()
        self._process.join(5)

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.join()


class Pool:
    """What grading processes are forked from. Use it as a context manager.

    Parameters
    ----------
    assignments : mapping
        The assignments of the course.
    names : collection of str
        Those of them that it may meet: they are read before processes fork.
    tensorflow : collection of bool
        Which zygotes it needs: without TensorFlow, with it, or both.
    sandbox : SandboxKind
    data : path or None
        The folder that workers may read as ``$CNN_DATA``.
    child : callable, optional
        What a process does instead of `autograder.grading.child.grade_in_child`, which takes the same.

    Raises
    ------
    SandboxUnavailable
        This machine cannot lock student code up.
    """

    def __init__(
        self,
        assignments: Mapping[str, Assignment],
        names: Collection[str],
        tensorflow: Collection[bool],
        sandbox: SandboxKind,
        data: Path | None = None,
        child: Callable[..., None] | None = None,
    ) -> None:
        self._child = child
        self._assignments = dict(assignments)
        self._names = set(names)
        self._boxes = {kind: Sandbox(tensorflow=kind, kind=sandbox, data=data) for kind in sorted(set(tensorflow))}
        self._context: Any = None
        self._open = contextlib.ExitStack()
        self._reviving = threading.Lock()

    def __enter__(self) -> Pool:
        self._context = multiprocessing.get_context("forkserver")
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        # The cores are busy with one submission each: more threads for a small matrix product only wait for each other.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        os.environ[PRELOAD] = ",".join(sorted(self._names))
        self._context.set_forkserver_preload(["autograder.grading.preload"])
        keep_forkserver_here()
        with contextlib.ExitStack() as stack:
            stack.enter_context(tidy_signals())
            for box in self._boxes.values():
                stack.enter_context(box)
            # What grades and what locks up import the same large libraries: side by side.
            forkserver.ensure_running()
            for box in self._boxes.values():
                box.wait_until_ready()
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def start(self, submission: Submission, settings: Settings) -> Grading:
        """Start to grade a submission in a process of its own."""
        ours, theirs = self._context.Pipe(duplex=False)
        addresses = {tensorflow: box.address for tensorflow, box in self._boxes.items()}
        arguments = (theirs, submission, self._assignments, settings, addresses, dict(os.environ))
        process = self._context.Process(target=self._child or _grade_in_child, args=arguments, daemon=True)
        process.start()
        theirs.close()
        known = self._assignments.get(submission.assignment)
        settings = settings.for_cells_of(known.cell_seconds if known is not None else None)
        return Grading(process, ours, settings.submission_seconds + GRACE)

    def revive(self) -> None:
        """Start again what has died of the zygotes."""
        with self._reviving:
            for box in self._boxes.values():
                box.revive()


def _grade_in_child(*arguments: Any) -> None:
    # What grades is in the process that forks, where it has been imported before; the command does without.
    from autograder.grading.child import grade_in_child

    grade_in_child(*arguments)
