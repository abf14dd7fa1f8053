"""Unpacks archives that nobody has vouched for: plain files only, all of them inside the folder, within bounds."""

from __future__ import annotations

import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from data.errors import DataCorrupt

MAX_FILES = 50_000
MAX_BYTES = 2 << 30
"""How much an archive may hold: more than the largest data set of the course, less than a disk."""

_CHUNK = 1 << 20
_Member = tuple[str, bool, IO[bytes] | None]


def unpack(archive: Path, destination: Path) -> None:
    """Unpack a ``.zip`` or a (compressed) tar file into an empty folder.

    Parameters
    ----------
    archive : Path
    destination : Path
        Members keep their names below it, and nothing else of theirs: no owner, no permissions, no time.

    Raises
    ------
    DataCorrupt
        It is no archive or cut off; a member is no plain file or folder, has an absolute name or one that leads out
        of the folder, or comes twice; or there are too many or too large ones.
    """
    files = left = 0
    left = MAX_BYTES
    try:
        for name, is_folder, stream in _members(archive):
            path = destination / _safe(archive, name)
            if is_folder:
                path.mkdir(parents=True, exist_ok=True)
                continue
            if stream is None:
                raise DataCorrupt(archive, f"the member {name!r} is no plain file")
            files += 1
            if files > MAX_FILES:
                raise DataCorrupt(archive, f"expected at most {MAX_FILES} files")
            path.parent.mkdir(parents=True, exist_ok=True)
            left -= _copy(archive, stream, path, left)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise DataCorrupt(archive, f"expected a whole archive ({error})") from error
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise DataCorrupt(archive, "two members have one name") from error


def _members(archive: Path) -> Iterator[_Member]:
    """Yield each member's name, whether it is a folder, and its content; None if it is neither file nor folder."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            for info in zipped.infolist():
                kind = stat.S_IFMT(info.external_attr >> 16)
                if info.is_dir():
                    yield info.filename, True, None
                elif kind not in (0, stat.S_IFREG):
                    yield info.filename, False, None
                else:
                    with zipped.open(info) as stream:
                        yield info.filename, False, stream
        return
    with tarfile.open(archive, "r|*") as tar:
        for member in tar:
            yield member.name, member.isdir(), tar.extractfile(member) if member.isreg() else None


def _safe(archive: Path, name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or any(character in name for character in "\\:\0"):
        raise DataCorrupt(archive, f"the member {name!r} lies outside of the archive's folder")
    return path


def _copy(archive: Path, stream: IO[bytes], path: Path, limit: int) -> int:
    """Write a member's content, whatever size the archive claims for it, and return its size."""
    size = 0
    with path.open("xb") as file:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise DataCorrupt(archive, f"expected at most {MAX_BYTES} bytes")
            file.write(chunk)
    return size
