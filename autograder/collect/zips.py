"""Reads zip archives that somebody else packed: structure bounded before it is parsed, content never trusted.

Only what a submission needs is read: stored and deflated regular files. Everything else is named with its problem.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from autograder.errors import CollectError
from autograder.render.text import plain_line

__all__ = ["Archive", "Member"]

_CHUNK = 1 << 16
_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_SMALLEST_ENTRY = 46
# What a name, an extra field and a comment add to a member of the directory at most, on average.
_LARGEST_ENTRY = _SMALLEST_ENTRY + 1_024


@dataclass(frozen=True)
class Member:
    """A member of an archive that is no folder.

    Parameters
    ----------
    name : str
        As the archive has it; anything.
    packed : int
        Bytes that it says it occupies.
    problem : str
        Why it cannot be read, as the end of a sentence; empty if it can.
    """

    name: str
    packed: int
    problem: str
    _info: zipfile.ZipInfo


class Archive:
    """A zip archive, open for reading; a context manager.

    Parameters
    ----------
    path : Path
    max_members : int
        An archive with more is refused before its directory is parsed.
    title : str
        What messages call it; the file's name unless given.

    Raises
    ------
    CollectError
        Of kind ``damaged`` or ``too-large``.
    """

    def __init__(self, path: Path, max_members: int, title: str = "") -> None:
        self.path = path
        self._title = plain_line(title or path.name, 80)
        _refuse_a_large_directory(path, max_members, self._title)
        try:
            self._zip = zipfile.ZipFile(path)
        except UnicodeDecodeError as error:
            raise _damaged(self._title, "names that are not the UTF-8 that they claim to be") from error
        except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError, OverflowError) as error:
            raise _damaged(self._title, str(error)) from error
        infos = self._zip.infolist()
        if len(infos) > max_members:
            self._zip.close()
            raise _too_many(self._title, max_members)
        # What says that it is a folder holds nothing: the folders of files are made when they are needed.
        self.members = [Member(i.filename, i.compress_size, _problem(i), i) for i in infos if not i.is_dir()]

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._zip.close()

    def read(self, member: Member) -> Generator[bytes, None, None]:
        """Yield the content of a member in chunks; the caller limits how much, and closes the generator.

        Raises
        ------
        CollectError
            Of kind ``damaged``: the member is broken, encrypted, or not what the directory says.
        """
        try:
            with self._zip.open(member._info) as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            RuntimeError,
            NotImplementedError,
            ValueError,
            struct.error,
            OverflowError,
        ) as error:
            raise _damaged(self._title, str(error)) from error


def _problem(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "it is a link"
    if kind not in (0, stat.S_IFREG):
        return "it is no regular file"
    if info.flag_bits & 0x1:
        return "it is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is packed in a way that is not read here"
    return ""


def _refuse_a_large_directory(path: Path, max_members: int, title: str) -> None:
    """Raise if the directory that ``zipfile`` would parse is larger than so many members need.

    ``zipfile`` makes an object for every entry: a few hundred megabytes of entries would fill the memory. What is
    looked at here is the record that ``zipfile`` finds, found in the same way.
    """
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            length = file.tell()
            start = max(0, length - _END.size - 0x10000)
            file.seek(start)
            tail = file.read()
            place = len(tail) - _END.size
            if place < 0 or tail[place : place + 4] != b"PK\5\6" or tail[-2:] != b"\0\0":
                place = tail.rfind(b"PK\5\6")
            if place < 0 or len(tail) - place < _END.size:
                raise _damaged(title, "a file that is no zip archive")
            size = _END.unpack_from(tail, place)[5]
            locator = start + place - _END64_LOCATOR.size
            if locator >= _END64.size:
                file.seek(locator - _END64.size)
                record = file.read(_END64.size + _END64_LOCATOR.size)
                if record[-_END64_LOCATOR.size :].startswith(b"PK\6\7") and record.startswith(b"PK\6\6"):
                    size = max(size if size != 0xFFFFFFFF else 0, _END64.unpack_from(record)[8])
    except OSError as error:
        raise _damaged(title, error.strerror or "unreadable") from error
    if size > length:
        raise _damaged(title, "a directory larger than the file")
    if size > max_members * _LARGEST_ENTRY:
        raise _too_many(title, max_members)


def _damaged(title: str, reason: str) -> CollectError:
    return CollectError("damaged", f"expected a zip archive that can be read. Received: {title} ({reason[:120]}).")


def _too_many(title: str, max_members: int) -> CollectError:
    return CollectError("too-large", f"expected an archive of at most {max_members} files. Received: {title}, more.")
