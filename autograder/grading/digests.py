"""Digests of the files that students handed in. What has not changed since an earlier run is not read again.

A file is as it was while its identity, its size and both of its times are. The time of the last change to its entry,
``ctime``, nobody can set; a file that changed moments before it was read may have changed again within one tick of the
clock, so its digest is not kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterable
from pathlib import Path

from autograder.intake.files import MAX_BYTES
from autograder.intake.opening import NotHandedIn, open_handed_in
from autograder.settings import keep_file, kept_folder

__all__ = ["Digests", "digest_of"]

_TICK = 2 * 10**9
"""Nanoseconds: the coarsest clock of a file system."""


class Digests:
    """The digests of a class's files.

    Parameters
    ----------
    folders : iterable of Path
        Where the submissions lie: what is known of them is kept under what they have in common.
    """

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self._known: dict[str, object] = {}
        self._asked: dict[str, object] = {}
        self._file = None
        if places := [os.path.abspath(folder) for folder in folders]:
            name = hashlib.sha256(os.path.commonpath(places).encode(errors="surrogateescape")).hexdigest()
            self._file = kept_folder("digests") / f"{name}.json"
            with contextlib.suppress(OSError, ValueError, TypeError):
                self._known = dict(json.loads(self._file.read_bytes()))

    def of(self, path: Path) -> str:
        """Return what `digest_of` does."""
        place = str(path)
        try:
            status = os.lstat(place)
        except OSError:
            return digest_of(path)
        now = [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
        known = self._known.get(place)
        if isinstance(known, list) and known[:-1] == now and isinstance(known[-1], str):
            self._asked[place] = known
            return known[-1]
        read = time.time_ns()
        digest = digest_of(path)
        if stat.S_ISREG(status.st_mode) and read - status.st_ctime_ns > _TICK:
            self._asked[place] = [*now, digest]
        return digest

    def keep(self) -> None:
        """Keep what was asked for the next run."""
        if self._file is not None and self._asked and self._asked != self._known:
            keep_file(self._file, json.dumps(self._asked).encode())


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file that a student handed in; what is none has no content, above all not another's.

    What is too large to be read anywhere is not read here either: a file of nothing but a size takes no space.
    """
    total = hashlib.sha256()
    try:
        with open_handed_in(path) as file:
            if (size := os.fstat(file.fileno()).st_size) > MAX_BYTES:
                return f"too large: {size}"
            while chunk := file.read(1 << 20):
                total.update(chunk)
    except (NotHandedIn, OSError) as error:
        return f"not handed in: {error}"
    return total.hexdigest()
