"""One machine of a cluster: grades what it is asked to, as it would at home, in processes of its own.

The engine's part of this process only waits; submissions are graded in forks of the machine's forkserver and locked up
by its zygotes, which were started before the engine and know nothing of it. What somebody asks for again while it is
being graded, because a scheduler was restarted or a client came back, is waited for and not graded twice.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autograder.cluster.answer import Answer, write
from autograder.cluster.parcel import BadParcel, unpack
from autograder.cluster.versions import Versions
from autograder.course.assignments import Assignment
from autograder.errors import AutograderError
from autograder.grading import kept
from autograder.grading.pool import Grading, Message, Pool
from autograder.intake.submissions import Submission
from autograder.settings import Settings

__all__ = ["TOPIC", "Machine", "Question", "answer", "here"]

TOPIC = "autograder"
"""Under which a machine tells what happens, for who follows it."""


@dataclass(frozen=True)
class Question:
    """What a machine is asked beside the parcel.

    Parameters
    ----------
    key : str
        The same for the same submission, checks and settings.
    assignment : str
        Which one it is of; ``""`` if its place did not tell.
    seal : str
        `Versions.seal` of who asks.
    settings : Settings
    """

    key: str
    assignment: str
    seal: str
    settings: Settings

    def to_json(self) -> str:
        """Return it as a text."""
        return json.dumps({**self.__dict__, "settings": self.settings.__dict__})

    @classmethod
    def from_json(cls, text: str) -> Question:
        """Read it; student code is locked up here whatever who asks has set."""
        said = json.loads(text)
        return cls(said["key"], said["assignment"], said["seal"], Settings(**{**said["settings"], "sandbox": "bwrap"}))


class Machine:
    """What grades on this machine.

    Parameters
    ----------
    name : str
    versions : Versions
    assignments : mapping
        Those that it can grade.
    pool : Pool
        Open as long as the machine is asked.
    folder : path
        Where submissions lie while they are graded.
    """

    def __init__(
        self, name: str, versions: Versions, assignments: Mapping[str, Assignment], pool: Pool, folder: Path
    ) -> None:
        self.name = name
        self.versions = versions
        self._assignments = assignments
        self._pool = pool
        self._folder = folder
        self._lock = threading.Lock()
        self._asked: dict[str, Future[Answer]] = {}
        self._running: set[Grading] = set()
        self._stopped = False

    def grade(self, question: Question, parcel: bytes, tell: Callable[[str], None]) -> Answer:
        """Grade one submission.

        Parameters
        ----------
        question : Question
        parcel : bytes
        tell : callable
            Told what training cells print.
        """
        if self.versions.seal(question.assignment) != question.seal:
            return Answer("refused", text=self.versions.to_json(), machine=self.name)
        with self._lock:
            ours = question.key not in self._asked
            promise = self._asked.setdefault(question.key, Future())
        if not ours:
            return promise.result()
        try:
            promise.set_result(self._graded(question, parcel, tell))
        except BaseException as error:
            promise.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._asked[question.key]
        return promise.result()

    def stop(self) -> None:
        """End every grading process."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for grading in running:
            grading.kill()

    def _graded(self, question: Question, parcel: bytes, tell: Callable[[str], None]) -> Answer:
        place = Path(tempfile.mkdtemp(prefix="s-", dir=self._folder))
        try:
            return self._answered(question, unpack(parcel, place), tell)
        except (BadParcel, AutograderError, OSError) as error:
            return Answer("fault", text=f"{self.name}: {error}", machine=self.name)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _answered(self, question: Question, submission: Submission, tell: Callable[[str], None]) -> Answer:
        settings = question.settings
        known = self._assignments.get(question.assignment)
        earlier = kept.find(submission, known, settings) if known is not None else None
        message = Message("kept", report=earlier.report, key=earlier.fingerprint) if earlier is not None else None
        for _ in range(2):
            if message is None or (message.kind == "fault" and message.again and not self._stopped):
                message = self._tried(submission, settings, tell)
        if message is None or message.report is None:
            return Answer("fault", text=f"{self.name}: {message.text if message else ''}", machine=self.name)
        outputs = kept.load_outputs(message.key) if settings.render and message.key else None
        kind: Literal["kept", "report"] = "kept" if message.kind == "kept" else "report"
        return Answer(kind, message.report, outputs, machine=self.name)

    def _tried(self, submission: Submission, settings: Settings, tell: Callable[[str], None]) -> Message:
        grading = self._pool.start(submission, settings)
        with self._lock:
            self._running.add(grading)
        try:
            while True:
                if self._stopped:
                    grading.kill()
                message = grading.hear() if grading.pipe.poll(0.5) else grading.overdue()
                if message is not None and message.kind == "progress":
                    tell(message.text)
                elif message is not None:
                    break
        finally:
            with self._lock:
                self._running.discard(grading)
        if message.kind == "fault" and not self._stopped:
            self._pool.revive()
        grading.close()
        return message._replace(again=message.again and not self._stopped)


_here: Machine | None = None


@contextlib.contextmanager
def here(machine: Machine) -> Iterator[None]:
    """Let a machine answer what this process is asked."""
    global _here
    _here = machine
    try:
        yield
    finally:
        _here = None


def answer(question: str, parcel: bytes) -> bytes:
    """Answer a question that came with a task of dask's: what runs in a slot of a machine."""
    from distributed import get_worker

    machine = _here
    if machine is None:
        raise RuntimeError("expected a worker of `python -m autograder worker`. Received: another one.")
    asked = Question.from_json(question)
    worker: Any = get_worker()
    about = {"key": asked.key, "machine": machine.name, "address": worker.address}

    def tell(text: str) -> None:
        with contextlib.suppress(Exception):
            worker.log_event(TOPIC, {**about, "text": text[-500:]})

    tell("")
    return write(machine.grade(asked, parcel, tell))
