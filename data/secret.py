"""A secret of this grader's folder, so that nobody knows which images a model will be compared on.

It is made once and kept, so that the same submission gets the same report. ``$CNN_SECRET`` takes its place where
graders on several machines, or in containers that begin empty, shall draw the same images.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
from pathlib import Path

from data.registry import cache_folder

__all__ = ["secret_number"]

_BYTES = 32


def secret_number() -> int:
    """Return the secret, a number of 256 bits: from ``$CNN_SECRET``, else from a file that only this user can read."""
    given = os.environ.get("CNN_SECRET")
    content = given.encode() if given else _kept(cache_folder() / "derived" / "secret")
    return int.from_bytes(hashlib.sha256(content).digest(), "little")


def _kept(path: Path) -> bytes:
    """Return what a file holds; several processes may make it at once, and all get what the first of them wrote."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=".secret-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(secrets.token_bytes(_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        os.unlink(temporary)
    return path.read_bytes()
