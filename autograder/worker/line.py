"""The line on which the grader asks: plain frames on a socket that the kernel inherits, beside Jupyter's channels.

Through the kernel's protocol a request is a dozen messages between its threads; here it is one read and one write. A
message is a sequence of frames as ZeroMQ writes them (RFC 23), without its greeting: a byte of flags (1: another frame
of this message follows, 2: the size has eight bytes instead of one), the size, the content. The frames are the number
of the request, which comes back with its answer, a JSON object, and the buffers that belong to it.
"""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Callable, Sequence
from typing import Any

from autograder.worker.frames import LONG, MORE, pieces

__all__ = ["Line"]

MAX_PARTS = 9_000
"""Buffers of one answer: the grader takes no more frames."""
_PIECE = 1 << 16
_UNSENDABLE = b'{"status": "unsendable"}'

Answer = Callable[[dict[str, Any], list[Any]], tuple[dict[str, Any], list[bytes]]]


class Line:
    """The worker's end.

    Parameters
    ----------
    descriptor : int
        Of the connected socket.
    answer : callable
        Takes a request and its buffers and returns the answer and its buffers, as `Service.handle` does.
    """

    def __init__(self, descriptor: int, answer: Answer) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._answer = answer
        self._pending = b""

    def fileno(self) -> int:
        """Return the descriptor, to wait for."""
        return self._socket.fileno()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def serve(self) -> None:
        """Answer what has been asked; called when there is something to read.

        An interrupt ends what is being answered, and never leaves half of a message.

        Raises
        ------
        EOFError
            The grader has hung up.
        """
        while True:
            number, request, *buffers = self._read()
            try:
                signal.signal(signal.SIGINT, signal.default_int_handler)
                reply, parts = self._answer(json.loads(request), buffers)
                content = json.dumps(reply).encode()
                if len(parts) > MAX_PARTS:
                    content, parts = _UNSENDABLE, []
            except (KeyboardInterrupt, TypeError, ValueError):
                content, parts = _UNSENDABLE, []
            finally:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
            self._write([number, content, *parts])
            if not self._pending:
                return

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
        for piece in pieces(frames, _PIECE):
            self._socket.sendall(piece)
