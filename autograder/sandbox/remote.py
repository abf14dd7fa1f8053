"""A submission that runs in a worker: its cells, then the checks' questions, across crashes and endless loops."""

from __future__ import annotations

import contextlib
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from autograder.checking.replies import open_reply
from autograder.checking.student import Student, rebuilt, saved_model
from autograder.errors import (
    CallTimeout,
    MissingName,
    ModelRejected,
    StudentException,
    StudentFault,
    TimeSpent,
    WorkerDied,
    WorkerFault,
)
from autograder.intake.restore import Step
from autograder.records.record import Record, question_of
from autograder.sandbox.causes import undefined_name, why_missing
from autograder.sandbox.cells import Cells
from autograder.sandbox.client import CellRun, KernelClient
from autograder.sandbox.launch import launch
from autograder.sandbox.time_budget import TimeBudget
from autograder.settings import Settings
from autograder.worker.isolation import Limits
from autograder.worker.wire import MAX_BYTES, ModelParts

if TYPE_CHECKING:
    import keras

__all__ = ["RemoteStudent"]

# A function that did not end once gets this much less time from then on.
IMPATIENCE = 8.0
# A function that did not end so many times in a row is not called again: whatever it is asked, it will not end.
ENDLESS = 8
# A function that has ended so many workers is not called again: the restarts that are left are for the others.
DEADLY = 2
_OF_A_RUN = ("status", "error_name", "error_text", "seconds")


@dataclass(frozen=True)
class _Source:
    """Where workers of this submission come from."""

    address: str
    archive: IO[bytes]
    limits: Limits


class RemoteStudent(Student):
    """A submission in the sandbox.

    Parameters
    ----------
    address : str
        The zygote's socket.
    archive : file
        A tar file with the submission's files.
    steps : sequence of Step
        The cells that run.
    settings : Settings
    limits : Limits
    on_progress : callable, optional
        Called with what training cells print.
    models : bool
        Whether a check may ask for a model; if not, none is rebuilt, whatever a function returns.
    record : Record, optional
        Keeps what is asked and answered, and may answer itself: then a worker starts for the first question that it
        does not know.

    Notes
    -----
    A student's function may end the worker: a crash, ``os._exit``, too much memory, a loop that ignores interrupts. The
    next question then starts a new worker and runs the cells again, without those that ended a worker before, so one
    broken function costs its own points only. The number of restarts is limited, and so is the time: cells, second
    chances, calls and restarts draw from one budget, and when it is spent every further question is a `TimeSpent`.
    """

    def __init__(
        self,
        address: str,
        archive: IO[bytes],
        steps: Sequence[Step],
        settings: Settings,
        limits: Limits,
        on_progress: Callable[[str], None] | None = None,
        *,
        models: bool,
        record: Record | None = None,
    ) -> None:
        self._record = record
        self._paths: dict[str, str] = {}
        self._models = models
        self._source = _Source(address, archive, limits)
        self._settings = settings
        self._client: KernelClient | None = None
        self._starts = 0
        self._slow: set[str] = set()
        self._timed_out = False
        self._last_death = ""
        self._hung: Counter[str] = Counter()
        self._deaths: dict[str, list[str]] = {}
        self._files: dict[str, bytes] = {}
        self._time = TimeBudget(settings.worker_seconds)
        self._cells = Cells(steps, settings, self._time, on_progress)

    @property
    def runs(self) -> dict[int, CellRun]:
        """How each cell went that ran, by its place among the steps."""
        return self._cells.runs

    @property
    def timed_out(self) -> bool:
        """Whether a cell or a call did not end in its time."""
        return self._timed_out or self._cells.timed_out

    def run(self) -> None:
        """Run the notebook's cells.

        Raises
        ------
        WorkerFault
            The sandbox failed, which is nobody's fault but ours.
        """
        if self._record is not None and self._record.replays and self._record.runs is not None:
            self._cells.runs = {
                row["number"]: CellRun(**{name: row[name] for name in _OF_A_RUN}) for row in self._record.runs
            }
            return
        with contextlib.suppress(WorkerDied, TimeSpent), self._time.spending():
            self._ask_for_worker()

    def close(self) -> None:
        """End the worker."""
        if self._record is not None:
            self._record.runs = [
                {"number": number, **{name: getattr(run, name) for name in _OF_A_RUN}}
                for number, run in self.runs.items()
            ]
        if self._client is not None:
            self._client.close()
            self._client = None

    def value(self, name: str) -> Any:
        value = self._request(name, {"verb": "value", "name": name}, [])
        return rebuilt(value) if self._models else value

    def put(self, name: str, content: bytes) -> str:
        self._files[name] = content
        self._paths[name] = str(self._request(name, {"verb": "put", "name": name}, [content]))
        return self._paths[name]

    def figure(self, key: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        return compute() if self._record is None else self._record.figure(key, compute)

    def saved_model(self, path: str) -> keras.Model:
        try:
            return saved_model(lambda verb, most: self._request(path, {"verb": verb, "path": path}, [], most), path)
        except ModelRejected as rejection:
            if rejection.kind == "missing" and self._settings.train:
                raise ModelRejected("missing", self._cells.why_untrained(path)) from None
            raise

    def model_parts(self, path: str, most: int) -> ModelParts:
        """Return a saved model as data, unchecked: nothing is rebuilt.

        Parameters
        ----------
        path : str
        most : int
            Bytes that its weights may have.

        Raises
        ------
        StudentFault, ModelRejected
            It cannot be read, or has more.
        """
        parts = self._request(path, {"verb": "weights", "path": path}, [], most)
        if not isinstance(parts, ModelParts):
            raise StudentFault(f"No pude leer los pesos del modelo `{path}`.")
        return parts

    def model_about(self, path: str) -> dict[str, str]:
        """Return what the file of a saved model says of itself, ``keras_version`` and ``date_saved``: texts, unchecked.

        Raises
        ------
        StudentFault
            The worker answers something else.
        """
        about = self._request(path, {"verb": "about", "path": path}, [])
        if not isinstance(about, dict) or not all(isinstance(part, str) for part in about.values()):
            raise StudentFault(f"No pude leer el archivo del modelo `{path}`.")
        return about

    def _request(self, name: str, request: dict[str, Any], buffers: list[bytes], most: int = MAX_BYTES) -> Any:
        if len(self._deaths.get(name, ())) >= DEADLY:
            raise WorkerDied(name, self._deaths[name][-1])
        reply, parts = self._answer(name, request, buffers, most)
        try:
            return self._opened(name, reply, parts)
        except MissingName as missing:
            raise MissingName(name, missing.reason or why_missing(name, self._cells.steps, self.runs)) from None
        except StudentException as raised:
            undefined = undefined_name(raised.kind, raised.text)
            reason = why_missing(undefined, self._cells.steps, self.runs) if undefined else ""
            text = f"{raised.text}. {reason}" if reason else raised.text
            raise StudentException(name, raised.kind, text, raised.traceback) from None

    def _answer(self, name: str, request: dict[str, Any], buffers: list[bytes], most: int) -> tuple[Any, list[Any]]:
        """Return the raw answer to a question: that of the record, or a worker's."""
        if self._record is None:
            return self._ask(name, request, buffers, most)
        files = {name: (self._paths.get(name, name), content) for name, content in self._files.items()}
        question = question_of(request, buffers, files)
        known = self._record.find(question, most)
        if known is None:
            return self._record.asking(question, lambda: self._ask(name, request, buffers, most))
        if known.died is not None and known.died[0] == name:
            self._deaths.setdefault(name, []).append(known.died[1])
        return known.open()

    def _ask(self, name: str, request: dict[str, Any], buffers: list[bytes], most: int) -> tuple[Any, list[Any]]:
        """Return a worker's raw answer, starting one if there is none."""
        allowed = self._settings.call_seconds / (IMPATIENCE if name in self._slow else 1.0)
        if self._hung[name] >= ENDLESS:
            raise CallTimeout(name, allowed)
        with self._time.spending():
            client = self._ask_for_worker()
            seconds = min(allowed, self._time_left())
            try:
                answer = client.request(name, request, buffers, seconds, most)
                self._hung[name] = 0
                return answer
            except CallTimeout:
                self._slow.add(name)
                self._hung[name] += 1
                self._timed_out = True
                if seconds < allowed:
                    raise TimeSpent(self._time.seconds) from None
                raise CallTimeout(name, seconds) from None
            except WorkerDied as death:
                self._last_death = death.reason
                self._deaths.setdefault(name, []).append(death.reason)
                raise

    @staticmethod
    def _opened(name: str, reply: Any, parts: list[Any]) -> Any:
        """Open a reply and let go of what came: an exception, and a check with it, would hold it until it is told."""
        try:
            return open_reply(name, reply, parts)
        except StudentFault as fault:
            traceback.clear_frames(fault.__traceback__)
            raise
        finally:
            parts.clear()
            if isinstance(reply, dict):
                reply.clear()

    def _time_left(self) -> float:
        """Return how many seconds are left; if none are, end the worker and raise `TimeSpent`."""
        left = self._time.left
        if left <= 0:
            self.close()
            self._timed_out = True
            raise TimeSpent(self._time.seconds)
        return left

    def _ask_for_worker(self) -> KernelClient:
        """Return a client whose worker has run the notebook, starting one if there is none."""
        while self._client is None or not self._client.alive:
            self.close()
            self._time_left()
            if self._starts > self._settings.restarts:
                raise WorkerDied("cuaderno", f"ya terminó {self._starts} veces; la última, {self._last_death}")
            self._starts += 1
            before = self._time.left
            self._client = self._start()
            if self._cells.run(self._client):
                self._starts -= 1
                self._time.give_back(before)
            self._last_death = self._cells.last_death or self._last_death
            if self._client.alive:
                for name, content in self._files.items():
                    seconds = min(self._settings.call_seconds, self._time_left())
                    self._client.request(name, {"verb": "put", "name": name}, [content], seconds)
        return self._client

    def _start(self) -> KernelClient:
        self._source.archive.seek(0)
        worker = launch(
            self._source.address,
            self._source.archive.fileno(),
            self._source.limits,
            kind=self._settings.sandbox,
            render=self._settings.render,
        )
        client = KernelClient(worker)
        try:
            client.wait_until_ready()
        except StudentFault as error:
            # No student code has run yet.
            client.close()
            raise WorkerFault(f"The kernel did not start: {error}") from error
        return client
