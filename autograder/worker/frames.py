"""Messages as frames on a stream, as ZeroMQ writes them (RFC 23): flags, size, content; both ends send them alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

__all__ = ["LONG", "MORE", "pieces"]

MORE, LONG = 1, 2
"""Flags of a frame: another one of this message follows; its size has eight bytes instead of one."""


def pieces(frames: Sequence[bytes | bytearray | memoryview], least: int) -> Iterator[bytes | bytearray | memoryview]:
    """Yield what is sent for one message, one piece after the other.

    Parameters
    ----------
    frames : sequence of bytes
    least : int
        Bytes of a frame from which it is a piece of its own, not copied; smaller ones are joined.

    Examples
    --------
    >>> [bytes(piece) for piece in pieces([b"7", b"xyz"], 3)]
    [b'\\x01\\x017\\x00\\x03', b'xyz', b'']
    """
    small = bytearray()
    for number, frame in enumerate(frames, start=1):
        more = MORE if number < len(frames) else 0
        size = len(frame)
        small += bytes([more, size]) if size < 256 else bytes([more | LONG]) + size.to_bytes(8, "big")
        if size < least:
            small += frame
        else:
            yield small
            yield frame
            small = bytearray()
    yield small
