"""Hand-ins that lie in an archive which a learning platform made: loose files, and archives that students packed.

The archive may have been unpacked, and packed again: then there is a folder in its place, or one on top in it.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from autograder.collect.folders import Folder
from autograder.collect.handin import Clues, Delivery
from autograder.collect.names import is_junk
from autograder.collect.staging import Stage
from autograder.collect.zips import Archive, Member
from autograder.errors import CollectError, UsageError
from autograder.render.text import plain_line

__all__ = ["ArchiveHandin", "Download", "named_members", "open_download"]

Download = Archive | Folder

MAX_MEMBERS = 50_000
"""Of an archive that a platform made, for a whole class."""
MAX_STUDENT_MEMBERS = 2_000
"""Of an archive that a student packed, folders included."""

# Folders that may lie on top of what the platform named.
_DEEPEST = 3
_OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")


def open_download(path: Path) -> Download:
    """Return the archive that an instructor downloaded, or the folder that it was unpacked to.

    Raises
    ------
    UsageError
        It is none.
    """
    try:
        if path.is_dir():
            return Folder(path, MAX_MEMBERS)
        if path.is_file():
            return Archive(path, MAX_MEMBERS)
    except CollectError as error:
        raise UsageError(str(error)) from error
    raise UsageError(
        "expected the zip archive that the platform made, or the folder that it was unpacked to. "
        f"Received: {path}, which is no file."
    )


def named_members(download: Download, is_named: Callable[[str], bool]) -> list[tuple[str, Member]]:
    """Return the members with their names below the folders that a file manager put on top; what it leaves is left out.

    Parameters
    ----------
    download : Download
    is_named : callable
        Tells whether a name is one that the platform gives.
    """
    members = [
        (member.name.split("/"), member) for member in download.members if not is_junk(tuple(member.name.split("/")))
    ]
    for depth in range(_DEEPEST + 1):
        if any(is_named("/".join(parts[depth:])) for parts, _ in members):
            return [("/".join(parts[depth:] or parts), member) for parts, member in members]
    return [("/".join(parts), member) for parts, member in members]


class ArchiveHandin:
    """One student's part of an archive.

    Parameters
    ----------
    clues : Clues
    archive : Download
        Open.
    members : sequence of (str, Member)
        The student's files: their names without what the platform added, and where they are.
    delivery : Delivery
        What the platform knows.
    """

    def __init__(
        self, clues: Clues, archive: Download, members: Sequence[tuple[str, Member]], delivery: Delivery
    ) -> None:
        self._clues = clues
        self._archive = archive
        self._members = members
        self._delivery = delivery

    @property
    def clues(self) -> Clues:
        """Whose it might be."""
        return self._clues

    def fetch(self, folder: Path, deadline: datetime | None) -> None:
        """Do nothing: it is here."""

    def stage(self, stage: Stage) -> Delivery:
        """Write the student's files, and those of the archives among them.

        Raises
        ------
        CollectError
        """
        for name, member in self._members:
            if not name.casefold().endswith(".zip"):
                _add(stage, self._archive, name, member)
            elif member.problem:
                stage.leave_out(name, member.problem)
            else:
                try:
                    self._unpack(stage, name, member)
                except CollectError as error:
                    if error.kind != "damaged":
                        raise
                    # With the stage it reaches the table also where nothing else was handed in.
                    stage.notes.append(str(error))
        return replace(self._delivery, origin=", ".join(member.name for _, member in self._members[:3]))

    def _unpack(self, stage: Stage, name: str, member: Member) -> None:
        with tempfile.NamedTemporaryFile(dir=stage.folder.parent, suffix=".zip") as file:
            size = 0
            with contextlib.closing(self._archive.read(member)) as chunks:
                for chunk in chunks:
                    size += len(chunk)
                    if size > stage.limits.file_bytes:
                        limit = stage.limits.file_bytes >> 20
                        raise CollectError(
                            "too-large",
                            f"expected archives of at most {limit} MB. Received: {plain_line(name, 80)}, larger.",
                        )
                    file.write(chunk)
            file.flush()
            with Archive(Path(file.name), MAX_STUDENT_MEMBERS, name) as inner:
                _add_all(stage, inner, inner.members)


def _add_all(stage: Stage, archive: Archive, members: Iterable[Member]) -> None:
    for member in members:
        if member.name.casefold().endswith(".zip"):
            stage.leave_out(member.name, "it is an archive inside an archive")
        else:
            _add(stage, archive, member.name, member)


def _add(stage: Stage, archive: Download, name: str, member: Member) -> None:
    if member.problem:
        stage.leave_out(name, member.problem)
    elif name.casefold().endswith(_OTHER_ARCHIVES):
        stage.leave_out(name, "archives other than .zip are not read")
    else:
        with contextlib.closing(archive.read(member)) as chunks:
            stage.add(name, chunks, member.packed)
