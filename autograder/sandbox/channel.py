"""One channel to a worker: messages of ZeroMQ over a Unix socket, counted as they come.

The other end is hostile, and ZeroMQ's own library holds a message of any number of frames in memory before anybody can
count them. So the few rules of its protocol that a kernel needs are kept here (ZMTP 3.0 without security, RFC 23 of
ZeroMQ): what is over the limit of a message is read and forgotten, and nothing is parsed before it is counted. The line
for requests (`autograder.worker.line`) has the same frames on a plain socket.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.worker.frames import LONG, MORE, pieces

__all__ = ["Channel", "ChannelClosed", "Frames"]

MAX_FRAMES = 10_000
FRAME_COST = 100
"""Bytes that a frame takes besides what it holds."""
ENDLESS = 100_000
"""Frames of one message after which nobody reads on: no worker of ours sends so many, and each takes time to read."""
AT_ONCE = 4 << 20
"""Bytes of messages that are handed over before the caller looks at the clock again."""
MAX_HEAD = 1 << 16
"""Bytes of the frames before a message's content that are of use without it."""
READY_SECONDS = 1.0
_PIECE = 1 << 18
_COMMAND = 4
_GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)


class ChannelClosed(Exception):
    """The other end hung up, or what it sends is not the protocol."""


@dataclass
class Frames:
    """One message.

    Parameters
    ----------
    parts : list of bytearray
        Its frames; of a message that is not whole those before the limit, empty if they had more than `MAX_HEAD` bytes.
    size : int
        Bytes of all frames, those that were forgotten included.
    frames : int
        How many there were.
    whole : bool
        Whether nothing was forgotten.
    """

    parts: list[bytearray] = field(default_factory=list)
    size: int = 0
    whole: bool = True
    frames: int = 0


class Channel:
    """A connected socket.

    Parameters
    ----------
    place : str or socket
        The path of the kernel's listening socket, or a socket that is connected to its line.
    kind : {"DEALER", "SUB", "LINE"}
        To ask the kernel and be answered, to hear everything that it publishes, or frames without ZeroMQ's greeting.
    limit : int
        Bytes of a whole message that are kept. It may be changed between messages.
    """

    def __init__(self, place: str | socket.socket, kind: str, limit: int) -> None:
        self.limit = limit
        self._socket = place if isinstance(place, socket.socket) else _connected(place)
        self._greeted = kind == "LINE"
        self._unsent: bytearray | None = None
        if kind != "LINE":
            ready = b"\x05READY" + _property(b"Socket-Type", kind.encode()) + _property(b"Identity", b"")
            self._socket.sendall(_GREETING + bytes([_COMMAND, len(ready)]) + ready)
            # Nothing may follow before the other end is ready, too. A message of one byte subscribes to everything.
            self._unsent = bytearray(b"\x00\x01\x01" if kind == "SUB" else b"")
        self._socket.setblocking(False)
        self._piece = bytearray(_PIECE)
        self._pending = b""
        self._frame = bytearray()
        self._missing = 0
        self._flags: int | None = None
        self._kept = True
        self._message = Frames()

    def fileno(self) -> int:
        """Return the descriptor, to wait for."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the socket, and let go of what has come: who holds this object holds it."""
        self._socket.close()
        self._frame, self._message = bytearray(), Frames()

    def send(self, parts: Sequence[bytes | bytearray | memoryview], deadline: float) -> None:
        """Send one message.

        Raises
        ------
        TimeoutError
            The other end did not take it before ``deadline`` (of `time.monotonic`); the channel is of no more use.
        ChannelClosed
            The other end hung up.
        """
        for piece in pieces(parts, _PIECE):
            self._send(piece, deadline)

    def _send(self, content: bytes | bytearray | memoryview, deadline: float) -> None:
        if self._unsent is not None:
            self._unsent += content
            return
        view = memoryview(content).cast("B")
        while view:
            try:
                view = view[self._socket.send(view) :]
            except BlockingIOError:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError from None
                waiting = select.poll()
                waiting.register(self._socket, select.POLLOUT)
                waiting.poll(min(1000, int(left * 1000) + 1))
            except OSError as error:
                raise ChannelClosed(str(error)) from error

    def receive(self) -> list[Frames]:
        """Return the messages that have come, without waiting; after about `AT_ONCE` bytes the rest stays for later.

        Raises
        ------
        ChannelClosed
            The other end hung up, and all that came before has been returned.
        """
        messages: list[Frames] = []
        read = 0
        while read < AT_ONCE and sum(message.size for message in messages) < AT_ONCE:
            try:
                count = self._socket.recv_into(self._piece)
            except BlockingIOError:
                break
            except OSError as error:
                raise ChannelClosed(str(error)) from error
            if not count:
                if messages:
                    break
                raise ChannelClosed("it hung up")
            read += count
            self._take(memoryview(self._piece)[:count], messages)
        return messages

    def _take(self, view: memoryview, messages: list[Frames]) -> None:
        """Go on with the frame that is being read, then with those behind it."""
        while view:
            if self._flags is None:
                # The head of a frame is short: what came is joined with the few bytes that were left of it.
                view = memoryview(self._pending + bytes(view)) if self._pending else view
                used = self._start(view)
                self._pending = b"" if used else bytes(view)
                if not used:
                    return
                view = view[used:]
                if self._flags is None:
                    continue
            part = view[: self._missing]
            if self._kept:
                self._frame += part
            self._missing -= len(part)
            view = view[len(part) :]
            if self._missing == 0:
                self._end(messages)

    def _start(self, view: memoryview) -> int:
        """Read the greeting or the head of a frame; return how many bytes it took, 0 if there are too few."""
        if not self._greeted:
            if len(view) < len(_GREETING):
                return 0
            if view[0] != 0xFF or view[9] & 1 == 0 or view[10] < 3:
                raise ChannelClosed("it does not speak ZMTP 3")
            self._greeted = True
            return len(_GREETING)
        length = 9 if view and view[0] & LONG else 2
        if len(view) < length:
            return 0
        flags, size = view[0], int.from_bytes(view[1:length], "big")
        if flags > MORE | LONG | _COMMAND:
            raise ChannelClosed("it does not speak ZMTP 3")
        self._flags, self._missing = flags, size
        self._kept = False
        if not flags & _COMMAND:
            message = self._message
            message.size += size + FRAME_COST
            message.frames += 1
            if message.frames > ENDLESS:
                raise ChannelClosed("a message without end")
            was_whole = message.whole
            message.whole = was_whole and message.size <= self.limit and len(message.parts) < MAX_FRAMES
            self._kept = message.whole
            if was_whole and not message.whole:
                # Of a message that is not whole nobody reads more than its heads.
                message.parts = [part if len(part) <= MAX_HEAD else bytearray() for part in message.parts]
        return length

    def _end(self, messages: list[Frames]) -> None:
        """Put the frame that was read where it belongs."""
        flags, self._flags = self._flags or 0, None
        if flags & _COMMAND:
            self._answer_command()
            return
        if self._kept:
            self._message.parts.append(self._frame)
        self._frame = bytearray()
        if not flags & MORE:
            messages.append(self._message)
            self._message = Frames()

    def _answer_command(self) -> None:
        """Send what has waited, once the first command has come: it can only be READY."""
        unsent, self._unsent = self._unsent, None
        if unsent:
            try:
                self._send(unsent, time.monotonic() + READY_SECONDS)
            except TimeoutError as error:
                raise ChannelClosed("it takes nothing") from error


def _connected(path: str) -> socket.socket:
    connected = socket.socket(socket.AF_UNIX)
    try:
        connected.connect(path)
    except OSError:
        connected.close()
        raise
    return connected


def _property(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + len(value).to_bytes(4, "big") + value
