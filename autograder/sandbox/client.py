"""Talks to one worker: runs cells in its kernel, asks its service, and believes nothing."""

from __future__ import annotations

import json
import select
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from autograder.errors import BadReply, CallTimeout, WorkerDied, WorkerFault
from autograder.sandbox.channel import Channel, ChannelClosed
from autograder.sandbox.launch import Worker
from autograder.sandbox.messages import MAX_JSON, Message, parsed, read
from autograder.sandbox.shown import ShownOutputs
from autograder.worker.text import clean_text
from autograder.worker.wire import MAX_BYTES

__all__ = ["CellRun", "KernelClient"]

MAX_OUTPUT = 2 << 20
FLOOD = 10
INTERRUPT_SECONDS = 2.0
POLL_MILLISECONDS = 100
HANG_UP_SECONDS = 2.0

_TOO_LARGE = "`{name}` devolvió demasiado: más de {most} MB. Devuelve sólo lo que se pide."
_DEATHS = {
    "memory": "usó más memoria de la permitida.",
    "processes": "creó demasiados procesos.",
    "sandbox": "el entorno aislado en el que se ejecuta tu cuaderno se cerró.",
    "hung up": "cerró la conexión con el corrector.",
}


RunStatus = Literal["ok", "error", "timeout", "died", "flood"]
"""How a cell ends: ``died`` takes the worker with it, ``flood`` printed more than is kept."""


@dataclass
class CellRun:
    """What running one cell gave.

    Parameters
    ----------
    status : RunStatus
    outputs : list of dict
        Outputs in notebook format, made of text alone; at most ``keep`` bytes of them.
    output_bytes : int
        What was received of those.
    error_name, error_text : str
        Of the exception, for ``error``.
    seconds : float
        Wall time.
    """

    status: RunStatus
    outputs: list[dict[str, Any]] = field(default_factory=list)
    output_bytes: int = 0
    error_name: str = ""
    error_text: str = ""
    seconds: float = 0.0


class KernelClient:
    """The grader's end of a worker's kernel.

    Parameters
    ----------
    worker : Worker
        A running worker.
    """

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self._closed = False
        self._line = Channel(worker.line, MAX_JSON)
        self._asked = 0
        self._poller = select.poll()
        for end in (self._line, worker.connection):
            self._poller.register(end.fileno(), select.POLLIN)

    def wait_until_ready(self, seconds: float = 60.0) -> None:
        """Wait for the kernel's first answer.

        Raises
        ------
        WorkerDied, CallTimeout, BadReply
            It does not come.
        """
        self.request("kernel", {"verb": "ready"}, [], seconds)

    def run_cell(
        self,
        source: str,
        seconds: float,
        max_output: int = MAX_OUTPUT,
        on_progress: Callable[[str], None] | None = None,
        keep: int | None = None,
    ) -> CellRun:
        """Run one cell and collect its outputs.

        Parameters
        ----------
        source : str
            Code as the student wrote it, magics included.
        seconds : float
            Wall time after which the cell is interrupted, and the worker killed if that does not help.
        max_output : int
            Bytes of output that are fine; a cell that prints ten times more is interrupted.
        on_progress : callable, optional
            Called with each piece of text that the cell prints.
        keep : int, optional
            Bytes of output to keep, by default ``max_output``; with 0 they are counted, and most of them not parsed.
        """
        started = time.monotonic()
        run = CellRun("ok")
        outputs = ShownOutputs(max_output if keep is None else keep, FLOOD * max_output)
        deadline, grace = started + seconds, 0.0
        replied = False
        try:
            number = self._ask("la celda", {"verb": "cell"}, [source.encode(errors="surrogatepass")], deadline)
            while not replied:
                now = time.monotonic()
                if now > deadline:
                    run.status = "timeout" if run.status != "flood" else "flood"
                    if grace:
                        self.close()
                        break
                    self.worker.interrupt()
                    grace = INTERRUPT_SECONDS
                    deadline = now + grace
                for message in self._receive(deadline):
                    if message.number != number:
                        continue
                    if message.kind == "answer":
                        replied = True
                        self._end_cell(run, message)
                    else:
                        if on_progress is not None and message.kind == "stream":
                            on_progress(clean_text(str(parsed(message).get("text", ""))[:10_000]))
                        if not outputs.add(message.kind, message.content, message.size) and run.status == "ok":
                            run.status, deadline = "flood", time.monotonic()
        except WorkerDied as error:
            run.status, run.error_text = "died", error.reason
        except CallTimeout:
            run.status = "timeout"
        run.outputs, run.output_bytes, run.seconds = outputs.kept, outputs.kept_bytes, time.monotonic() - started
        return run

    @staticmethod
    def _end_cell(run: CellRun, message: Message) -> None:
        """Note what the reply says about how the cell ended."""
        body = parsed(message)
        if body.get("status") != "ok" and run.status == "ok":
            run.status = "error"
            run.error_name = clean_text(str(body.get("ename", ""))[:100])
            run.error_text = clean_text(str(body.get("evalue", ""))[:2000])

    def request(
        self, name: str, content: dict[str, Any], buffers: Sequence[bytes], seconds: float, most: int = MAX_BYTES
    ) -> tuple[Any, list[Any]]:
        """Send a request to the worker's `Service` and return its untrusted answer.

        Parameters
        ----------
        name : str
            What the request is about, for messages.
        content : dict
        buffers : sequence of bytes
        seconds : float
            Wall time after which the student's function is interrupted, and the worker killed if that does not help.
        most : int
            Bytes that the whole answer may have, besides `MAX_JSON`.

        Raises
        ------
        CallTimeout
            No answer in time; `alive` tells whether the worker survived the interrupt.
        WorkerDied
            The worker ended.
        BadReply
            The answer is no message of the protocol, or too large.
        """
        deadline, interrupted = time.monotonic() + seconds, False
        self._line.limit = most + MAX_JSON
        try:
            number = self._ask(name, content, buffers, deadline)
            while True:
                if time.monotonic() > deadline:
                    if interrupted:
                        self.close()
                        raise CallTimeout(name, seconds)
                    self.worker.interrupt()
                    interrupted, deadline = True, time.monotonic() + INTERRUPT_SECONDS
                for message in self._receive(deadline, name):
                    if message.number != number or message.kind != "answer":
                        continue
                    if interrupted:
                        raise CallTimeout(name, seconds)
                    if message.content is None:
                        raise BadReply(_TOO_LARGE.format(name=name, most=most >> 20))
                    return parsed(message), message.buffers
        finally:
            self._line.limit = MAX_JSON

    @property
    def alive(self) -> bool:
        """Whether the worker can still be asked."""
        return not self._closed and self.worker.poll() is None

    def close(self) -> None:
        """Kill the worker and close the sockets."""
        if not self._closed:
            self._closed = True
            self._line.close()
        self.worker.close()

    def _ask(self, name: str, content: dict[str, Any], buffers: Sequence[bytes], deadline: float) -> bytes:
        """Send a request and return its number."""
        if self._closed:
            raise WorkerDied(name, _DEATHS["sandbox"])
        started = time.monotonic()
        self._asked += 1
        number = self._asked.to_bytes(8, "big")
        try:
            self._line.send([number, json.dumps(content).encode(), *buffers], deadline)
            return number
        except ChannelClosed:
            raise self._death(name) from None
        except (TimeoutError, OSError):
            # Half of a message has been sent: nothing can follow it.
            self.close()
            raise CallTimeout(name, time.monotonic() - started) from None

    def _receive(self, deadline: float, name: str = "la celda") -> list[Message]:
        """Return the messages that have come, waiting for the first until ``deadline`` or a short while."""
        patience = max(0, min(POLL_MILLISECONDS, int((deadline - time.monotonic()) * 1000) + 1))
        if self._closed:
            raise WorkerDied(name, _DEATHS["sandbox"])
        ready = {descriptor for descriptor, _ in self._poller.poll(patience)}
        messages = []
        if self._line.fileno() in ready:
            try:
                messages = [message for frames in self._line.receive() if (message := read(frames)) is not None]
            except ChannelClosed:
                raise self._death(name) from None
        if not messages and self.worker.connection.fileno() in ready and (ended := self.worker.poll()) is not None:
            raise WorkerDied(name, _how_it_ended(ended))
        return messages

    def _death(self, name: str) -> WorkerDied:
        """Return how the worker ended that hung up; one that lives on without a line to us is killed."""
        until = time.monotonic() + HANG_UP_SECONDS
        while (ended := self.worker.poll()) is None and time.monotonic() < until:
            select.select([self.worker.connection], [], [], until - time.monotonic())
        self.close()
        return WorkerDied(name, _how_it_ended(ended or {"reason": "hung up"}))


def _how_it_ended(ended: dict[str, Any]) -> str:
    if ended.get("reason") == "sandbox":
        raise WorkerFault(
            "expected word of how the worker ended. Received: nothing, the process that watches over it is gone, too. "
            "Somebody killed it, or the machine has no memory left: grade this submission again, with fewer --jobs."
        )
    reason = _DEATHS.get(str(ended.get("reason")))
    if reason:
        return reason
    if ended.get("signal"):
        return f"lo terminó la señal {ended['signal']} (un fallo de memoria o un `kill`)."
    return f"el código llamó a `exit` o terminó el proceso (código {ended.get('code')})."
