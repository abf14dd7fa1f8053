"""What cells show, on its way to the grader: text of the standard streams, results, figures and errors."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable
from typing import Any

from jupyter_client.jsonutil import json_clean, json_default
from jupyter_client.session import Session

__all__ = ["Shown", "ShownSession"]

Show = Callable[[str, bytes], None]
"""Takes a kind of message (``stream``, ``display_data``, …) and its content as JSON."""

_KINDS = {"stream", "display_data", "execute_result", "error", "clear_output"}
_FLUSH_SECONDS = 0.2
_FLUSH_LETTERS = 1 << 16


class Shown(io.TextIOBase):
    """The standard output or error of a notebook: text is shown at least five times a second while some comes.

    Parameters
    ----------
    name : {"stdout", "stderr"}
    show : callable
        See `Show`.
    """

    encoding = "UTF-8"

    def __init__(self, name: str, show: Show) -> None:
        self.name = name
        self._show = show
        self._lock = threading.RLock()
        self._parts: list[str] = []
        self._letters = 0
        self._flushed = time.monotonic()

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Show text, maybe a little later."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        with self._lock:
            self._parts.append(text)
            self._letters += len(text)
            if self._letters > _FLUSH_LETTERS or time.monotonic() - self._flushed > _FLUSH_SECONDS:
                self.flush()
        return len(text)

    def flush(self) -> None:
        """Show what was written."""
        with self._lock:
            self._flushed = time.monotonic()
            parts, self._parts, self._letters = self._parts, [], 0
            if parts:
                self._show("stream", _packed({"name": self.name, "text": "".join(parts)}))


class ShownSession(Session):
    """Gives a kernel's messages to whoever shows them; the others, to tools that are not here, go nowhere."""

    show: Show | None = None

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *arguments: Any, **options: Any) -> Any:
        """Show a message instead of sending it."""
        message = msg_or_type if isinstance(msg_or_type, dict) else {"msg_type": msg_or_type, "content": content}
        if self.show is not None and message["msg_type"] in _KINDS:
            self.show(message["msg_type"], _packed(message["content"]))
        return message


def _packed(content: Any) -> bytes:
    """Return a message as JSON; escapes let halves of surrogate pairs pass, which have no encoding."""
    try:
        return json.dumps(content, default=json_default, allow_nan=False).encode()
    except (TypeError, ValueError):
        return json.dumps(json_clean(content), default=json_default, allow_nan=False).encode()
