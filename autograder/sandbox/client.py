"""Talks to the kernel of one worker: runs cells, sends requests, and believes nothing."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import nbformat.v4
import zmq
from jupyter_client.session import Session

from autograder.errors import BadReply, CallTimeout, WorkerDied
from autograder.sandbox.launch import Worker

MAX_MESSAGE = 1 << 30
MAX_OUTPUT_MESSAGE = 32 << 20
INTERRUPT_SECONDS = 2.0
POLL_MILLISECONDS = 100

_DEATHS = {
    "memory": "usó más memoria de la permitida.",
    "processes": "creó demasiados procesos.",
    "sandbox": "el entorno aislado en el que se ejecuta tu cuaderno se cerró.",
}


RunStatus = Literal["ok", "error", "timeout", "died", "flood"]
"""How a cell ends: ``died`` takes the worker with it, ``flood`` printed more than is kept."""


@dataclass
class CellRun:
    """What running one cell gave.

    Parameters
    ----------
    status : RunStatus
    outputs : list of NotebookNode
        Outputs in notebook format, at most ``max_output`` bytes of them.
    error_name, error_text : str
        Of the exception, for ``error``.
    seconds : float
        Wall time.
    """

    status: RunStatus
    outputs: list[Any] = field(default_factory=list)
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
        self._session = Session(key=worker.key.encode(), username="grader", check_pid=False)
        self._context = zmq.Context()
        self._shell = self._socket(zmq.DEALER, 1, MAX_MESSAGE)
        self._iopub = self._socket(zmq.SUB, 2, MAX_OUTPUT_MESSAGE)
        self._iopub.setsockopt(zmq.SUBSCRIBE, b"")
        self._poller = zmq.Poller()
        self._poller.register(self._shell, zmq.POLLIN)
        self._poller.register(self._iopub, zmq.POLLIN)
        self._poller.register(worker.connection.fileno(), zmq.POLLIN)

    def _socket(self, kind: int, number: int, limit: int) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.MAXMSGSIZE, limit)
        socket.connect(f"ipc://{self.worker.folder}/k-{number}")
        return socket

    def wait_until_ready(self, seconds: float = 60.0) -> None:
        """Wait for the kernel's first answer and its first status on the output channel.

        Raises
        ------
        WorkerDied, CallTimeout
            It does not come.
        """
        deadline = time.monotonic() + seconds
        answered = heard = False
        while not (answered and heard):
            if time.monotonic() > deadline:
                raise CallTimeout("kernel", seconds)
            self._send("kernel_info_request", {})
            patience = time.monotonic() + 0.25
            while time.monotonic() < patience and not (answered and heard):
                for channel, _ in self._receive(patience):
                    answered, heard = answered or channel == "shell", heard or channel == "iopub"
        while self._poller.poll(0) and self._receive(time.monotonic()):
            pass

    def run_cell(
        self,
        source: str,
        seconds: float,
        max_output: int = 2 << 20,
        on_progress: Callable[[str], None] | None = None,
    ) -> CellRun:
        """Run one cell and collect its outputs.

        Parameters
        ----------
        source : str
            Code as the student wrote it, magics included.
        seconds : float
            Wall time after which the cell is interrupted, and the worker killed if that does not help.
        max_output : int
            Bytes of output to keep; a cell that prints far more is interrupted.
        on_progress : callable, optional
            Called with each piece of text that the cell prints.
        """
        started = time.monotonic()
        content = {
            "code": source,
            "silent": False,
            "store_history": False,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        message_id = self._send("execute_request", content)
        run = CellRun("ok")
        outputs = _Outputs(max_output)
        deadline, grace = started + seconds, 0.0
        replied = idle = False
        while not (replied and idle):
            now = time.monotonic()
            if now > deadline:
                if grace or run.status == "died":
                    run.status = "timeout" if run.status != "flood" else "flood"
                    self.close()
                    break
                run.status = "timeout" if run.status != "flood" else "flood"
                self.worker.interrupt()
                grace = INTERRUPT_SECONDS
                deadline = now + grace
            if replied:
                deadline = min(deadline, now + INTERRUPT_SECONDS)
            try:
                received = self._receive(deadline)
            except WorkerDied as error:
                run.status, run.error_text = "died", error.reason
                break
            for channel, message in received:
                if message["parent_header"].get("msg_id") != message_id:
                    continue
                kind, body = message["msg_type"], message["content"]
                if channel == "shell" and kind == "execute_reply":
                    replied = True
                    if body.get("status") == "error" and run.status == "ok":
                        run.status = "error"
                        run.error_name, run.error_text = (
                            str(body.get("ename", ""))[:100],
                            str(body.get("evalue", ""))[:2000],
                        )
                elif channel == "iopub" and kind == "status" and body.get("execution_state") == "idle":
                    idle = True
                elif channel == "iopub":
                    if on_progress is not None and kind == "stream":
                        on_progress(str(body.get("text", ""))[:10_000])
                    if not outputs.add(message) and run.status == "ok":
                        run.status, deadline = "flood", time.monotonic()
        run.outputs, run.seconds = outputs.kept, time.monotonic() - started
        return run

    def request(
        self, name: str, content: dict[str, Any], buffers: list[bytes], seconds: float
    ) -> tuple[Any, list[Any]]:
        """Send a request to the worker's `Service` and return its untrusted answer.

        Parameters
        ----------
        name : str
            What the request is about, for messages.
        content : dict
        buffers : list of bytes
        seconds : float
            Wall time after which the student's function is interrupted, and the worker killed if that does not help.

        Raises
        ------
        CallTimeout
            No answer in time; `alive` tells whether the worker survived the interrupt.
        WorkerDied
            The worker ended.
        BadReply
            The answer is no message of the protocol.
        """
        message_id = self._send("autograder_request", content, buffers)
        deadline, interrupted = time.monotonic() + seconds, False
        while True:
            if time.monotonic() > deadline:
                if interrupted:
                    self.close()
                    raise CallTimeout(name, seconds)
                self.worker.interrupt()
                interrupted, deadline = True, time.monotonic() + INTERRUPT_SECONDS
            for channel, message in self._receive(deadline, name):
                if channel == "shell" and message["parent_header"].get("msg_id") == message_id:
                    if interrupted:
                        raise CallTimeout(name, seconds)
                    if message["msg_type"] != "autograder_reply":
                        raise BadReply(
                            f"`{name}`: el proceso del cuaderno dio una respuesta que el corrector no puede leer."
                        )
                    return message["content"], message["buffers"]

    @property
    def alive(self) -> bool:
        """Whether the worker can still be asked."""
        return not self._context.closed and self.worker.poll() is None

    def close(self) -> None:
        """Kill the worker and close the sockets."""
        if not self._context.closed:
            self._shell.close(0)
            self._iopub.close(0)
            self._context.destroy(0)
        self.worker.close()

    def _send(self, kind: str, content: dict[str, Any], buffers: list[bytes] | None = None) -> str:
        message = self._session.msg(kind, content)
        self._session.send(self._shell, message, buffers=[*(buffers or ())])
        return str(message["header"]["msg_id"])

    def _receive(self, deadline: float, name: str = "la celda") -> list[tuple[str, dict[str, Any]]]:
        """Return the messages that have come, waiting for the first until ``deadline`` or a short while."""
        patience = max(0, min(POLL_MILLISECONDS, int((deadline - time.monotonic()) * 1000) + 1))
        ready = dict(self._poller.poll(patience))
        messages = []
        for channel, socket in (("shell", self._shell), ("iopub", self._iopub)):
            for _ in range(100):
                if socket not in ready:
                    break
                message = self._read(socket)
                if message is _EMPTY:
                    break
                if message is not None:
                    messages.append((channel, message))
        if not messages and self.worker.connection.fileno() in ready and (ended := self.worker.poll()) is not None:
            raise WorkerDied(name, _how_it_ended(ended))
        return messages

    def _read(self, socket: zmq.Socket[bytes]) -> Any:
        """Read one message: None if it is malformed or not signed by this worker, `_EMPTY` if there is none."""
        try:
            parts = socket.recv_multipart(zmq.NOBLOCK, copy=True)
        except zmq.Again:
            return _EMPTY
        with contextlib.suppress(Exception):
            message = self._session.deserialize(self._session.feed_identities(parts)[1])
            if isinstance(message.get("content"), dict) and isinstance(message.get("parent_header"), dict):
                return message
        return None


class _Outputs:
    """Collects the outputs of a cell up to a number of bytes, then notes that the rest was dropped."""

    def __init__(self, limit: int) -> None:
        self.kept: list[Any] = []
        self._limit = limit
        self._seen = 0
        self._clear_next = False

    def add(self, message: dict[str, Any]) -> bool:
        """Keep what fits; return False once the cell has printed ten times more than is kept."""
        kind, content = message["msg_type"], message["content"]
        if kind == "clear_output":
            if content.get("wait"):
                self._clear_next = True
            else:
                self.kept.clear()
            return True
        if kind not in ("stream", "display_data", "execute_result", "error"):
            return True
        try:
            output = nbformat.v4.output_from_msg(message)
            size = len(repr(content))
        except Exception:
            return True
        before, self._seen = self._seen, self._seen + size
        if self._clear_next:
            self.kept.clear()
            self._clear_next = False
        if before > self._limit:
            return self._seen < 10 * self._limit
        if self._seen > self._limit:
            self.kept.append(
                nbformat.v4.new_output(
                    "stream", name="stderr", text="[El resto de la salida no se guardó: es demasiado larga.]\n"
                )
            )
            return True
        last = self.kept[-1] if self.kept else None
        if last is not None and kind == "stream" and last.output_type == "stream" and last.name == output.name:
            last.text += output.text
        else:
            self.kept.append(output)
        return True


_EMPTY = object()


def _how_it_ended(ended: dict[str, Any]) -> str:
    reason = _DEATHS.get(str(ended.get("reason")))
    if reason:
        return reason
    if ended.get("signal"):
        return f"lo terminó la señal {ended['signal']} (un fallo de memoria o un `kill`)."
    return f"el código llamó a `exit` o terminó el proceso (código {ended.get('code')})."
