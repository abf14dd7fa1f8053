"""Messages of a kernel and answers on the line: taken apart, never believed, and parsed only where somebody asks."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import uuid
from typing import Any, NamedTuple

from autograder.sandbox.channel import Frames

__all__ = ["MAX_JSON", "Message", "parsed", "read", "signed"]

MAX_JSON = 8 << 20
"""Bytes of JSON in a reply: parsed, it may take thirty times as much."""
MAX_HEADER = 1 << 16
_DELIMITER = b"<IDS|MSG>"


class Message(NamedTuple):
    """A message whose content nobody has parsed yet."""

    channel: str
    kind: str
    parent: str
    content: bytes | bytearray | None
    buffers: list[bytearray]
    size: int


def signed(kind: str, content: dict[str, Any], session: str, key: bytes) -> tuple[str, list[bytes]]:
    """Return a message to the kernel, by its id and its frames."""
    message_id = uuid.uuid4().hex
    header = {
        "msg_id": message_id,
        "msg_type": kind,
        "session": session,
        "username": "grader",
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        "version": "5.4",
    }
    parts = [json.dumps(part).encode() for part in (header, {}, {}, content)]
    signature = hmac.new(key, b"".join(parts), hashlib.sha256).hexdigest().encode()
    return message_id, [_DELIMITER, signature, *parts]


def read(channel: str, frames: Frames) -> Message | None:
    """Take a message apart without parsing its content; None if it is no message of a kernel.

    Who signed it does not matter: nobody but the worker can send here, and nothing of it is believed.
    """
    parts = frames.parts
    if channel == "line":
        return _answer(frames)
    start = next((number for number, part in enumerate(parts[:3]) if part == _DELIMITER), None)
    if start is None or len(parts) < start + 4:
        return None
    header, parent = (_object(part) if len(part) <= MAX_HEADER else {} for part in parts[start + 2 : start + 4])
    kind, parent_id = header.get("msg_type"), parent.get("msg_id")
    if not isinstance(kind, str) or not isinstance(parent_id, str):
        return None
    content = parts[start + 5] if frames.whole and len(parts) > start + 5 else None
    if content is not None and len(content) > MAX_JSON:
        content = None
    buffers = parts[start + 6 :] if content is not None else []
    return Message(channel, kind, parent_id, content, buffers, frames.size)


def _answer(frames: Frames) -> Message | None:
    """Take an answer on the line apart; None if not even its number is there."""
    if not frames.parts or len(frames.parts[0]) != 8:
        return None
    number, *rest = frames.parts
    is_readable = frames.whole and rest and len(rest[0]) <= MAX_JSON
    return Message("line", "answer", number.hex(), rest[0] if is_readable else None, rest[1:], frames.size)


def parsed(message: Message) -> dict[str, Any]:
    """Return the content of a message; empty if it is too large or no object."""
    return _object(message.content) if message.content is not None else {}


def _object(text: bytes | bytearray) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
