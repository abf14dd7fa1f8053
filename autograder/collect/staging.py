"""Writes what one student handed in to a private folder, within limits, whatever its names and sizes claim."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from autograder.collect.names import UnsafeName, collision_key, is_junk, safe_parts
from autograder.errors import CollectError
from autograder.render.text import plain_line

__all__ = ["Limits", "Stage"]

_MEGABYTE = 1 << 20
_MAX_NOTES = 100


@dataclass(frozen=True)
class Limits:
    """How much one student may hand in.

    Parameters
    ----------
    files : int
        Files, folders aside.
    file_bytes, total_bytes : int
        Bytes of one file, and of all together.
    ratio : int
        How much larger than packed the files of an archive may be, once they are larger than ``free_bytes``.
    free_bytes : int
        Bytes that may come out of an archive whatever its ratio: arrays of zeros pack well.
    """

    files: int = 1_000
    file_bytes: int = 128 * _MEGABYTE
    total_bytes: int = 256 * _MEGABYTE
    ratio: int = 50
    free_bytes: int = 32 * _MEGABYTE


class Stage:
    """A folder that gets one student's files.

    Parameters
    ----------
    folder : Path
        Empty or missing, and nobody else's.
    limits : Limits
    """

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        self.folder = folder
        self.limits = limits or Limits()
        self.notes: list[str] = []
        self.files: dict[str, Path] = {}
        self.total = 0
        self._packed = 0
        self._unpacked = 0
        self._keys: dict[str, str] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, name: str, chunks: Iterable[bytes], packed: int | None = None) -> bool:
        """Write a file, or note why it is left out.

        Parameters
        ----------
        name : str
            Any; what cannot be a name here is noted.
        chunks : iterable of bytes
            Its content. It is not asked for where the file is left out.
        packed : int, optional
            Bytes that the content occupies in its archive.

        Returns
        -------
        bool
            Whether the file was written.

        Raises
        ------
        CollectError
            Of kind ``too-large``: the submission is beyond its limits, whatever sizes were claimed.
        """
        try:
            parts = safe_parts(name)
        except UnsafeName as error:
            self.leave_out(name, str(error))
            return False
        if is_junk(parts):
            return False
        if len(self.files) >= self.limits.files:
            raise CollectError("too-large", f"expected at most {self.limits.files} files. Received: more.")
        if problem := self._claim(parts):
            self.leave_out(name, problem)
            return False
        path = self.folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        with os.fdopen(descriptor, "wb") as file:
            self._packed += packed or 0
            self._write(file, chunks, name, packed is not None)
        self.files["/".join(parts)] = path
        return True

    def leave_out(self, name: str, reason: str) -> None:
        """Note that a file is left out; of very many, the first are noted."""
        if len(self.notes) < _MAX_NOTES:
            self.notes.append(f"left out {plain_line(name, 80)}: {reason}")

    def _write(self, file: BinaryIO, chunks: Iterable[bytes], name: str, from_archive: bool) -> None:
        size = 0
        for chunk in chunks:
            size += len(chunk)
            self.total += len(chunk)
            self._unpacked += len(chunk) if from_archive else 0
            self._check(size, name)
            file.write(chunk)

    def _check(self, size: int, name: str) -> None:
        limits = self.limits
        if size > limits.file_bytes:
            raise CollectError(
                "too-large",
                f"expected files of at most {limits.file_bytes >> 20} MB. Received: {plain_line(name, 80)}, larger.",
            )
        if self.total > limits.total_bytes:
            raise CollectError(
                "too-large", f"expected at most {limits.total_bytes >> 20} MB from one student. Received: more."
            )
        if self._unpacked > max(limits.free_bytes, limits.ratio * self._packed):
            raise CollectError(
                "too-large",
                f"expected an archive whose files are at most {limits.ratio} times larger than packed. "
                f"Received: more, in {plain_line(name, 80)}; this is how zip bombs look.",
            )

    def _claim(self, parts: tuple[str, ...]) -> str:
        """Take a name and those of its folders, or return why they are not to be had."""
        for length in range(1, len(parts)):
            folder = collision_key(parts[:length]) + "/"
            if collision_key(parts[:length]) in self._keys:
                return "a file has the name of its folder"
            taken = self._keys.setdefault(folder, "/".join(parts[:length]))
            if taken != "/".join(parts[:length]):
                return f"its folder differs from {plain_line(taken, 80)} in upper and lower case or accents only"
        key, name = collision_key(parts), "/".join(parts)
        if key + "/" in self._keys:
            return "a folder has its name"
        taken = self._keys.setdefault(key, name)
        if name in self.files:
            return "the archive holds two files of this name; the first was kept"
        if taken != name:
            return f"it differs from {plain_line(taken, 80)} in upper and lower case or accents only"
        return ""
