"""Where records lie, and which of them stay: limited in size and age."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from autograder.settings import kept_folder

__all__ = ["DAYS", "MOST_BYTES", "folder", "prune"]

MOST_BYTES = 4 << 30
"""Bytes of all records together; the oldest go first."""
DAYS = 400
"""For so long a record is kept: the course, and the term after it."""


def folder() -> Path:
    """Return where records are kept: ``$XDG_CACHE_HOME/cnn-course/records``."""
    return kept_folder("records")


def prune(most: int = MOST_BYTES, days: float = DAYS) -> int:
    """Remove records that are too old, then the oldest until the others have no more than ``most`` bytes.

    Returns
    -------
    int
        How many were removed.
    """
    found: list[tuple[float, int, str]] = []
    with contextlib.suppress(OSError), os.scandir(folder()) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                about = entry.stat(follow_symlinks=False)
                found.append((about.st_mtime, about.st_size, entry.path))
    removed, total = 0, sum(size for _, size, _ in found)
    oldest = time.time() - days * 86400
    for changed, size, path in sorted(found):
        if changed >= oldest and total <= most:
            break
        with contextlib.suppress(OSError):
            os.unlink(path)
            removed, total = removed + 1, total - size
    return removed
