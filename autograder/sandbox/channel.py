"""The grader's end of the line to a worker (`autograder.worker.line`): frames, counted as they come.

The other end is hostile: what is over the limit of a message is read and forgotten, and nothing is parsed before it is
counted.
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
_PIECE = 1 << 18


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
    connected : socket
    limit : int
        Bytes of a whole message that are kept. It may be changed between messages.
    """

    def __init__(self, connected: socket.socket, limit: int) -> None:
        self.limit = limit
        self._socket = connected
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
        """Read the head of a frame; return how many bytes it took, 0 if there are too few."""
        length = 9 if view and view[0] & LONG else 2
        if len(view) < length:
            return 0
        flags, size = view[0], int.from_bytes(view[1:length], "big")
        if flags > MORE | LONG:
            raise ChannelClosed("it does not speak in frames")
        self._flags, self._missing = flags, size
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
        if self._kept:
            self._message.parts.append(self._frame)
        self._frame = bytearray()
        if not flags & MORE:
            messages.append(self._message)
            self._message = Frames()
