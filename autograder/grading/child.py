"""The life of one grading process: reads one submission, grades it, says how it ended, and is gone."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import traceback
from collections.abc import Mapping
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from autograder.course.assignments import Assignment
from autograder.errors import IntakeError, WorkerFault
from autograder.grading import kept
from autograder.grading.fingerprint import fingerprint
from autograder.grading.recording import begin
from autograder.grading.submission import grade, refuse
from autograder.intake.job import prepare
from autograder.intake.submissions import Submission
from autograder.settings import Settings

__all__ = ["begin_process", "grade_in_child", "is_alone", "limit_memory"]


def grade_in_child(
    pipe: Connection,
    submission: Submission,
    assignments: Mapping[str, Assignment],
    settings: Settings,
    addresses: Mapping[bool, str],
    environment: Mapping[str, str],
) -> None:
    """Grade one submission and send the report.

    Parameters
    ----------
    pipe : Connection
        Gets ``(kind, content, key)``: ``progress`` with a text, ``fault`` with a reason, ``report``, ``replayed`` (no
        worker was asked) or ``kept`` with the report as a dictionary and the fingerprint under which it is kept.
    submission : Submission
    assignments : mapping
        The assignments of the course.
    settings : Settings
    addresses : mapping of bool to str
        The sockets of the zygotes without and with TensorFlow.
    environment : mapping of str to str
        The environment variables of the run.
    """
    begin_process(environment, settings)
    with contextlib.suppress(BrokenPipeError):
        try:
            job = prepare(submission, assignments)
            limit_memory(settings.grader_memory(job.assignment.needs_tensorflow))
            # Where its place did not say which assignment it is, nobody has looked yet.
            earlier = None if submission.assignment else kept.find(submission, job.assignment, settings)
            if earlier is not None:
                pipe.send(("kept", earlier.report.as_dict(), earlier.fingerprint))
                return
            key = fingerprint(submission, job.assignment, settings)
            recording = begin(job, settings)
            record = recording.record if recording is not None else None
            report = grade(
                job,
                settings,
                addresses[job.assignment.needs_tensorflow],
                on_progress=lambda text: pipe.send(("progress", text, "")),
                on_outputs=(lambda outputs: kept.store_outputs(key, outputs)) if settings.render else None,
                record=record,
                settled=recording.settled if recording is not None else None,
            )
            if is_alone(pipe):
                # The run was killed, and the sandbox with it: that the worker died says nothing of the student's code.
                return
            kept.store(key, report)
            if recording is not None:
                recording.end()
                report = replace(report, flags=[*report.flags, *recording.flags])
            # A record whose cells have run and that was asked for nothing new has needed no worker.
            replayed = record is not None and record.replays and not record.asked
            pipe.send(("replayed" if replayed else "report", report.as_dict(), key))
        except IntakeError as error:
            assignment = assignments.get(submission.assignment)
            pipe.send(("replayed", refuse(submission, assignment, error.kind, str(error)).as_dict(), ""))
        except WorkerFault as error:
            pipe.send(("fault", str(error), ""))
        except Exception:
            pipe.send(("fault", traceback.format_exc()[-4000:], ""))


def is_alone(pipe: Connection) -> bool:
    """Tell whether nobody is left who could read what is sent."""
    poller = select.poll()
    poller.register(pipe.fileno(), 0)
    return bool(poller.poll(0))


def begin_process(environment: Mapping[str, str], settings: Settings) -> None:
    """Give a forked process its environment, and the memory that it needs to read a submission."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What was forked has the environment in which the forkserver started, maybe for an earlier run.
    os.environ.clear()
    os.environ.update(environment)
    limit_memory(settings.grader_memory(tensorflow=False))


def limit_memory(most: int) -> None:
    """Limit the data of this process: the last wall, behind the limits of every message.

    What was inherited from the forkserver (Keras, the test sets) comes on top; address space is no measure, since
    TensorFlow reserves it generously.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    inherited = int(status.partition("VmData:")[2].split()[0])
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = most + (inherited << 10)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
