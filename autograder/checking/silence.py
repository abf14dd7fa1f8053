"""Keeps what C++ code prints off the screen: it writes to the descriptor, past ``sys.stderr``."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

__all__ = ["without_stderr"]


@contextlib.contextmanager
def without_stderr() -> Iterator[None]:
    """Drop whatever this process writes to its standard error, descriptor 2."""
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)
