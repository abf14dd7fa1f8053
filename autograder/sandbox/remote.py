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
from autograder.sandbox.client import MAX_OUTPUT, CellRun, KernelClient
from autograder.sandbox.launch import launch
from autograder.sandbox.time_budget import TimeBudget
from autograder.settings import CELLS_SHARE, Settings
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
# Bytes of output of all cells together that are kept, where they are wanted.
MAX_OUTPUTS = 32 << 20


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
    Cells that only draw run where outputs are wanted, once, in a time of their own: a grade never depends on them.
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
        self._steps = list(steps)
        self._settings = settings
        self._on_progress = on_progress
        self._client: KernelClient | None = None
        self._starts = 0
        self._poison: set[int] = set()
        self._slow: set[str] = set()
        self._hung: Counter[str] = Counter()
        self._deaths: dict[str, list[str]] = {}
        self._files: dict[str, bytes] = {}
        self._time = TimeBudget(settings.worker_seconds)
        self._cells_left = CELLS_SHARE * settings.total_seconds
        self._training_left = settings.train_budget
        self._outputs_left = MAX_OUTPUTS
        self._draws = settings.render
        self._drawing_left = CELLS_SHARE * settings.total_seconds
        self._last_death = ""
        self.runs: dict[int, CellRun] = {}
        self.timed_out = False

    def run(self) -> None:
        """Run the notebook's cells.

        Raises
        ------
        WorkerFault
            The sandbox failed, which is nobody's fault but ours.
        """
        if self._record is not None and self._record.replays and self._record.runs is not None:
            self.runs = {row["number"]: CellRun(**{name: row[name] for name in _OF_A_RUN}) for row in self._record.runs}
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
                raise ModelRejected("missing", self._untrained(path)) from None
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

    def _untrained(self, path: str) -> str:
        """Say why the training cells left no model at ``path``."""
        of_training = [run.status for number, run in self.runs.items() if self._steps[number].kind == "train"]
        if "timeout" in of_training:
            reason = f"No terminaron en los {self._settings.train_budget:.0f} segundos que tienen entre todas."
        elif "error" in of_training:
            reason = "Alguna terminó con un error: ejecuta el cuaderno de arriba abajo y corrígelo."
        else:
            reason = f"¿Guardas el modelo con `model.save('{path}')`?"
        return f"Las celdas de entrenamiento se ejecutaron, pero no quedó ningún modelo en `{path}`. {reason}"

    def _request(self, name: str, request: dict[str, Any], buffers: list[bytes], most: int = MAX_BYTES) -> Any:
        if len(self._deaths.get(name, ())) >= DEADLY:
            raise WorkerDied(name, self._deaths[name][-1])
        reply, parts = self._answer(name, request, buffers, most)
        try:
            return self._opened(name, reply, parts)
        except MissingName as missing:
            raise MissingName(name, missing.reason or why_missing(name, self._steps, self.runs)) from None
        except StudentException as raised:
            undefined = undefined_name(raised.kind, raised.text)
            reason = why_missing(undefined, self._steps, self.runs) if undefined else ""
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
                self.timed_out = True
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
            self.timed_out = True
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
            before, draws = (self._time.left, self._cells_left, self._training_left), self._draws
            self._client = self._start()
            self._run_cells(self._client)
            if draws and not self._draws and not self._client.alive:
                # A picture ended it: as if it had never been started.
                self._starts -= 1
                self._time.give_back(before[0])
                self._cells_left, self._training_left = before[1:]
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

    def _run_cells(self, client: KernelClient) -> None:
        unnamed: list[int] = []
        for number, step in enumerate(self._steps):
            if number in self._poison or not self._wanted(step):
                continue
            if not self._run_cell(client, number, step):
                return
            if self.runs[number].error_name == "NameError":
                unnamed.append(number)
        # A notebook whose cells were moved may use a name before the cell that defines it: one more chance, at the end.
        for number in unnamed:
            if not self._run_cell(client, number, self._steps[number]):
                return
        self._draws = False

    def _run_cell(self, client: KernelClient, number: int, step: Step) -> bool:
        """Run one cell if there is time for it; return False if it ended the worker."""
        if step.kind == "plot":
            return self._draw(client, number, step)
        training = step.kind == "train"
        allowed = self._training_left if training else min(self._settings.cell_seconds, self._cells_left)
        seconds = min(allowed, self._time.left)
        if seconds <= 0:
            self.timed_out = True
            self.runs.setdefault(number, CellRun("timeout"))
            return True
        progress = self._on_progress if training else None
        run = self._kept(client, number, step, seconds, progress)
        self.timed_out = self.timed_out or run.status == "timeout"
        if training:
            self._training_left -= run.seconds
        else:
            self._cells_left -= run.seconds
        if client.alive:
            return True
        self._poison.add(number)
        self._last_death = run.error_text or "una celda no terminó a tiempo."
        return False

    def _draw(self, client: KernelClient, number: int, step: Step) -> bool:
        """Run a cell that only draws, in its own time; after one that ended the worker no other one is run."""
        seconds = min(self._settings.cell_seconds, self._drawing_left)
        if seconds <= 0:
            self.runs.setdefault(number, CellRun("timeout"))
            return True
        before = self._time.left
        self._drawing_left -= self._kept(client, number, step, seconds).seconds
        self._time.give_back(before)
        self._draws = client.alive
        return client.alive

    def _kept(
        self,
        client: KernelClient,
        number: int,
        step: Step,
        seconds: float,
        progress: Callable[[str], None] | None = None,
    ) -> CellRun:
        """Run one cell, and keep of its outputs what is wanted."""
        keep = max(0, min(MAX_OUTPUT, self._outputs_left)) if self._settings.render else 0
        run = client.run_cell(step.source, seconds, on_progress=progress, keep=keep)
        self._outputs_left -= run.output_bytes
        self.runs[number] = run
        return run

    def _wanted(self, step: Step) -> bool:
        if step.kind == "train":
            return self._settings.train
        return step.kind == "run" or self._draws
