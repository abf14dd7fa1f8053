"""What comes on the line: taken apart, never believed, and parsed only where somebody asks."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from autograder.sandbox.channel import Frames

__all__ = ["MAX_JSON", "Message", "parsed", "read"]

MAX_JSON = 8 << 20
"""Bytes of JSON in a reply: parsed, it may take thirty times as much."""
_LONGEST_KIND = 20


class Message(NamedTuple):
    """A message whose content nobody has parsed yet.

    Parameters
    ----------
    number : bytes
        Of the request that it belongs to.
    kind : str
        ``answer``, or what the cell shows: ``stream``, ``display_data``, …
    content : bytes or None
        JSON; None if it was too large to be kept.
    buffers : list of bytearray
        Of an answer.
    size : int
        Bytes of the whole message.
    """

    number: bytes
    kind: str
    content: bytearray | None
    buffers: list[bytearray]
    size: int


def read(frames: Frames) -> Message | None:
    """Take a message apart without parsing its content; None if not even its number is there."""
    if not frames.parts or len(frames.parts[0]) != 8:
        return None
    number, *rest = frames.parts
    if rest and 0 < len(rest[0]) <= _LONGEST_KIND and rest[0].isascii() and not rest[0].startswith(b"{"):
        content = rest[1] if frames.whole and len(rest) > 1 else None
        return Message(bytes(number), rest[0].decode(), content, [], frames.size)
    is_readable = frames.whole and rest and len(rest[0]) <= MAX_JSON
    return Message(bytes(number), "answer", rest[0] if is_readable else None, rest[1:], frames.size)


def parsed(message: Message) -> dict[str, Any]:
    """Return the content of a message; empty if it is too large or no object."""
    if message.content is None:
        return {}
    try:
        value = json.loads(message.content)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
