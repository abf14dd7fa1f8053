"""The line on which the grader asks: plain frames on a socket that the kernel inherits.

A message is a sequence of frames as ZeroMQ writes them (RFC 23), without its greeting: a byte of flags (1: another
frame of this message follows, 2: the size has eight bytes instead of one), the size, the content. The frames are the
number of the request, which comes back with its answer, a JSON object, and the buffers that belong to it. A request
whose verb is ``cell`` has its code in a buffer; before it is answered come messages of what it shows: the number, the
kind of message and its content.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
from asyncio import AbstractEventLoop, Task
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from autograder.worker.frames import LONG, MORE, pieces

__all__ = ["Line", "Reply"]

MAX_PARTS = 9_000
"""Buffers of one answer: the grader takes no more frames."""
_PIECE = 1 << 16
_UNSENDABLE = b'{"status": "unsendable"}'

Reply = tuple[dict[str, Any], list[bytes]]


class Line:
    """The worker's end.

    Parameters
    ----------
    descriptor : int
        Of the connected socket.
    answer : callable
        Takes a request and its buffers and returns the answer and its buffers, as `Service.handle` does.
    run_cell : callable, optional
        Takes the code of a cell, runs it with the loop of `listen` and returns the answer.

    Notes
    -----
    An interrupt (SIGINT) ends what is being answered or run, never a message, and between requests nothing. Student
    code may replace its handler, which holds until the next request.
    """

    def __init__(
        self,
        descriptor: int,
        answer: Callable[[dict[str, Any], list[Any]], Reply],
        run_cell: Callable[[str], Awaitable[Reply]] | None = None,
    ) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._answer = answer
        self._run_cell = run_cell
        self._loop: AbstractEventLoop | None = None
        self._running: Task[None] | None = None
        self._bell: tuple[socket.socket, ...] = ()
        self._process = os.getpid()
        self._pending = b""
        self._lock = threading.Lock()
        self._shows: bytearray | None = None
        self._writes = self._interrupted = False

    def close(self) -> None:
        """Hang up."""
        self._socket.close()
        if self._bell:
            signal.set_wakeup_fd(-1)
        for end in self._bell:
            end.close()

    def listen(self, loop: AbstractEventLoop) -> None:
        """Let a loop answer what comes, in the main thread, where interrupts arrive."""
        self._loop = loop
        # The kernel tells the loop of an interrupt, but nothing else would wake it from waiting.
        self._bell = socket.socketpair()
        for end in self._bell:
            end.setblocking(False)
        signal.set_wakeup_fd(self._bell[1].fileno(), warn_on_full_buffer=False)
        loop.add_reader(self._bell[0], self._bell[0].recv, 64)
        self._attend(loop)

    def _attend(self, loop: AbstractEventLoop) -> None:
        loop.add_reader(self._socket.fileno(), self._hear, loop)

    def _hear(self, loop: AbstractEventLoop) -> None:
        try:
            self.serve()
        except (EOFError, OSError):
            # The grader has hung up: it ends this process in a moment.
            loop.remove_reader(self._socket.fileno())

    def serve(self) -> None:
        """Answer what has been asked; called when there is something to read.

        Raises
        ------
        EOFError
            The grader has hung up.
        """
        while True:
            number, content, *buffers = self._read()
            request = json.loads(content)
            if request.get("verb") == "cell" and self._loop is not None and self._run_cell is not None:
                # Cells may wait for what else the loop does; nothing is read until this one has ended.
                self._loop.remove_reader(self._socket.fileno())
                self._running = self._loop.create_task(self._cell(number, self._run_cell(bytes(buffers[0]).decode())))
                return
            self._say(number, self._answered(request, buffers))
            if not self._pending:
                return

    def show(self, kind: str, content: bytes) -> None:
        """Send what the cell shows that runs now; without one, and in a process that was forked, nothing happens."""
        number = self._shows
        if number is not None and os.getpid() == self._process:
            self._write([number, kind.encode(), content])

    def _answered(self, request: dict[str, Any], buffers: list[Any]) -> Reply | None:
        try:
            with self._may_be_interrupted():
                return self._answer(request, buffers)
        except (KeyboardInterrupt, TypeError, ValueError):
            return None

    async def _cell(self, number: bytearray, running: Awaitable[Reply]) -> None:
        reply: Reply | None = None
        self._shows = number
        with contextlib.suppress(BaseException), self._may_be_interrupted():
            reply = await running
        self._shows = None
        self._say(number, reply)
        self._running = None
        if self._loop is not None:
            self._attend(self._loop)
            if self._pending:
                self._loop.call_soon(self._hear, self._loop)

    @contextlib.contextmanager
    def _may_be_interrupted(self) -> Iterator[None]:
        self._interrupted = False
        try:
            signal.signal(signal.SIGINT, self._interrupt)
            yield
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _interrupt(self, number: int, frame: Any) -> None:
        if self._writes:
            self._interrupted = True
        else:
            raise KeyboardInterrupt

    def _say(self, number: bytearray, reply: Reply | None) -> None:
        """Send an answer; a fork of the student's that comes here has run its part, and ends."""
        if os.getpid() != self._process:
            os._exit(0)
        content, parts = _UNSENDABLE, []
        with contextlib.suppress(TypeError, ValueError):
            if reply is not None and len(reply[1]) <= MAX_PARTS:
                content, parts = json.dumps(reply[0]).encode(), reply[1]
        self._write([number, content, *parts])

    def _read(self) -> list[bytearray]:
        frames = []
        more = True
        while more:
            flags, size = self._take(2)
            if flags & LONG:
                size = int.from_bytes([size, *self._take(7)], "big")
            frames.append(self._take(size))
            more = bool(flags & MORE)
        return frames

    def _take(self, size: int) -> bytearray:
        """Return the next bytes; an array that is made of them can be written to, as the student's code may."""
        if size > len(self._pending) and size < _PIECE:
            while len(self._pending) < size:
                self._pending += self._received(self._socket.recv(_PIECE))
        taken = bytearray(self._pending[:size])
        self._pending = self._pending[size:]
        if len(taken) < size:
            start = len(taken)
            taken.extend(bytes(size - start))
            view = memoryview(taken)
            while start < size:
                count = self._socket.recv_into(view[start:])
                self._received(count)
                start += count
        return taken

    @staticmethod
    def _received(what: Any) -> Any:
        if not what:
            raise EOFError
        return what

    def _write(self, frames: Sequence[bytes | bytearray]) -> None:
        """Send one message, whole, whichever threads write."""
        is_main = threading.current_thread() is threading.main_thread()
        with self._lock:
            try:
                self._writes = is_main or self._writes
                for piece in pieces(frames, _PIECE):
                    self._socket.sendall(piece)
            finally:
                if is_main:
                    self._writes = False
        if is_main and self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt
