"""Hand-ins that lie in an archive which a learning platform made: loose files, and archives that students packed."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.collect.handin import Clues, Delivery
from autograder.collect.staging import Stage
from autograder.collect.zips import Archive, Member
from autograder.errors import CollectError, UsageError

__all__ = ["ArchiveHandin", "open_download"]

MAX_MEMBERS = 50_000
"""Of an archive that a platform made, for a whole class."""
MAX_STUDENT_MEMBERS = 2_000
"""Of an archive that a student packed, folders included."""

_OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")


def open_download(path: Path) -> Archive:
    """Return the archive that an instructor downloaded.

    Raises
    ------
    UsageError
        It is none.
    """
    if not path.is_file():
        raise UsageError(f"expected the zip archive that the platform made. Received: {path}, which is no file.")
    try:
        return Archive(path, MAX_MEMBERS)
    except CollectError as error:
        raise UsageError(str(error)) from error


class ArchiveHandin:
    """One student's part of an archive.

    Parameters
    ----------
    clues : Clues
    archive : Archive
        Open.
    members : sequence of (str, Member)
        The student's files: their names without what the platform added, and where they are.
    delivery : Delivery
        What the platform knows.
    """

    def __init__(
        self, clues: Clues, archive: Archive, members: Sequence[tuple[str, Member]], delivery: Delivery
    ) -> None:
        self._clues = clues
        self._archive = archive
        self._members = members
        self._delivery = delivery

    @property
    def clues(self) -> Clues:
        """Whose it might be."""
        return self._clues

    def fetch(self, folder: Path) -> None:
        """Do nothing: it is here."""

    def stage(self, stage: Stage) -> Delivery:
        """Write the student's files, and those of the archives among them.

        Raises
        ------
        CollectError
        """
        notes = []
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
                    notes.append(str(error))
        origin = ", ".join(member.name for _, member in self._members[:3])
        return replace(self._delivery, origin=origin, notes=(*self._delivery.notes, *notes))

    def _unpack(self, stage: Stage, name: str, member: Member) -> None:
        with tempfile.NamedTemporaryFile(dir=stage.folder.parent, suffix=".zip") as file:
            size = 0
            with contextlib.closing(self._archive.read(member)) as chunks:
                for chunk in chunks:
                    size += len(chunk)
                    if size > stage.limits.file_bytes:
                        limit = stage.limits.file_bytes >> 20
                        raise CollectError("too-large", f"expected archives of at most {limit} MB. Received: more.")
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


def _add(stage: Stage, archive: Archive, name: str, member: Member) -> None:
    if member.problem:
        stage.leave_out(name, member.problem)
    elif name.casefold().endswith(_OTHER_ARCHIVES):
        stage.leave_out(name, "archives other than .zip are not read")
    else:
        with contextlib.closing(archive.read(member)) as chunks:
            stage.add(name, chunks, member.packed)
