"""What is printed, on whatever it is printed: nothing that a screen cannot show or take may stop a command.

A log in Latin-1, a terminal in ASCII, a pipe whose reader has gone, a full disk behind ``> log``: results are written
to their files all the same.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import sys
import unicodedata
from typing import Any

__all__ = ["make_lasting"]

_PLAIN = {"✓": "+", "✗": "x", "–": "-", "·": "-", "█": "#", "░": ".", "…": "...", "→": "->", "«": '"', "»": '"'}


def make_lasting() -> None:
    """Let the standard streams of this process bear whatever is printed to them."""
    codecs.register_error("autograder.plain", _plainly)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        # Closed from the start, Python has none: then printing does nothing.
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="autograder.plain")
            setattr(sys, name, _Lasting(stream))


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """Replace what an encoding lacks by something alike, else by a question mark."""
    assert isinstance(error, UnicodeEncodeError)
    encoding = error.encoding
    text = "".join(_alike(letter, encoding) for letter in error.object[error.start : error.end])
    return text, error.end


def _alike(letter: str, encoding: str) -> str:
    decomposed = unicodedata.normalize("NFKD", letter)
    for candidate in (_PLAIN.get(letter, "?"), "".join(c for c in decomposed if not unicodedata.combining(c))):
        if candidate != "?" and candidate:
            with contextlib.suppress(UnicodeEncodeError):
                return candidate.encode(encoding, "strict").decode(encoding)
    return "?"


class _Lasting:
    """A text stream that goes on, into nothing, when what lies behind it takes no more."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write text, or drop it."""
        try:
            self._stream.write(text)
        except (OSError, ValueError):
            self._give_up()
        return len(text)

    def flush(self) -> None:
        """Flush, or drop what was waiting."""
        try:
            self._stream.flush()
        except (OSError, ValueError):
            self._give_up()

    def _give_up(self) -> None:
        # What is buffered would fail again when Python ends, with a message and another exit status.
        with contextlib.suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._stream.fileno())
            os.close(null)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
