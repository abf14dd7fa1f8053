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
from typing import BinaryIO

from autograder.collect.names import decoded
from autograder.errors import CollectError
from autograder.render.text import plain_line

__all__ = ["Archive", "Member"]

_CHUNK = 1 << 16
_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_SMALLEST_ENTRY = 46
_KINDS = {
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"%PDF": "a PDF",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
    b"{": "perhaps a notebook",
}
_UTF8 = 0x800
_UNICODE_PATH = 0x7075
# What a name, an extra field and a comment add to a member of the directory at most, on average.
_LARGEST_ENTRY = _SMALLEST_ENTRY + 1_024


@dataclass(frozen=True)
class Member:
    """A member of an archive that is no folder.

    Parameters
    ----------
    name : str
        As the archive has it, decoded; anything.
    packed : int
        Bytes that it says it occupies.
    problem : str
        Why it cannot be read, as the end of a sentence; empty if it can.
    source : ZipInfo or Path
        Where it is; for what it came from.
    """

    name: str
    packed: int
    problem: str
    source: zipfile.ZipInfo | Path


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
        files = [info for info in infos if not info.filename.endswith("/")]
        names = decoded([_raw_name(info) for info in files])
        self.members = [
            Member(name.replace("\\", "/"), info.compress_size, _problem(info), info)
            for name, info in zip(names, files)
        ]

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
            assert isinstance(member.source, zipfile.ZipInfo), "a member of this archive"
            with self._zip.open(member.source) as file:
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


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    """Return a name as bytes: in UTF-8 where the archive says so, else as they stand in it."""
    if info.flag_bits & _UTF8:
        return info.filename.encode("utf-8", "surrogatepass")
    # zipfile takes everything else for CP437, which has a letter for every byte.
    name = info.orig_filename.partition("\0")[0].encode("cp437", "replace")
    return _unicode_path(info.extra, name) or name


def _unicode_path(extra: bytes, name: bytes) -> bytes:
    """Return the name in UTF-8 that Info-ZIP's extra field gives beside the other one; empty if there is none."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<2H", extra)
        content, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and len(content) > 5 and content[1:5] == struct.pack("<L", zlib.crc32(name)):
            return content[5:].partition(b"\0")[0]
    return b""


def _problem(info: zipfile.ZipInfo) -> str:
    if not info.filename:
        return "it has no name"
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
    """Raise if the directory that ``zipfile`` would parse is larger than so many members need, or lists more.

    ``zipfile`` makes an object for every entry, whatever the records say of their number: a few megabytes of entries
    would fill the memory. Where the records name several places for it, versions of Python differ in which they take:
    none of them may hold too much.
    """
    try:
        with path.open("rb") as file:
            length = file.seek(0, 2)
            directories = _directories(file, length, title)
            if any(size > length for _, size in directories):
                raise _damaged(title, "a directory larger than the file")
            for start, size in directories:
                if size > max_members * _LARGEST_ENTRY or _entries(file, start, size, max_members) > max_members:
                    raise _too_many(title, max_members)
    except OSError as error:
        raise _damaged(title, error.strerror or "unreadable") from error


def _directories(file: BinaryIO, length: int, title: str) -> list[tuple[int, int]]:
    """Return where the list of members may begin and how long it is: what the end of the archive says, and Zip64."""
    tail_start = max(0, length - _END.size - 0x10000)
    file.seek(tail_start)
    tail = file.read()
    place = len(tail) - _END.size
    if place < 0 or tail[place : place + 4] != b"PK\5\6" or tail[-2:] != b"\0\0":
        place = tail.rfind(b"PK\5\6")
    if place < 0 or len(tail) - place < _END.size:
        file.seek(0)
        raise _damaged(title, _what_it_is(file.read(300)))
    size = _END.unpack_from(tail, place)[5]
    end = tail_start + place
    found = [(end - size, size)]
    locator = end - _END64_LOCATOR.size
    if locator < _END64.size:
        return found
    file.seek(locator)
    said = file.read(_END64_LOCATOR.size)
    if not said.startswith(b"PK\6\7"):
        return found
    # The record stands before its locator, or where that says.
    large = []
    for record in {locator - _END64.size, min(_END64_LOCATOR.unpack(said)[2], length)}:
        file.seek(record)
        content = file.read(_END64.size)
        if len(content) == _END64.size and content.startswith(b"PK\6\6"):
            size = _END64.unpack(content)[8]
            large.append((record - size, size))
    return large or found


def _entries(file: BinaryIO, start: int, size: int, most: int) -> int:
    """Count the entries in so many bytes of a list of members, as ``zipfile`` will go through them; at most one too
    many."""
    file.seek(max(0, start))
    content = file.read(size)
    count = place = 0
    while place < size and count <= most and content.startswith(b"PK\1\2", place):
        lengths = content[place + 28 : place + 34]
        place += _SMALLEST_ENTRY + sum(struct.unpack("<3H", lengths.ljust(6, b"\0")))
        count += 1
    return count


def _what_it_is(head: bytes) -> str:
    """Return what a file that is no archive is, as far as its beginning tells."""
    if not head:
        return "an empty file"
    for start, what in _KINDS.items():
        if head.lstrip().lower().startswith(start.lower()):
            return f"{what}, no zip archive"
    if head[257:262] == b"ustar":
        return "a tar archive, no zip archive"
    return "a zip archive that was cut off" if head.startswith(b"PK\3\4") else "a file that is no zip archive"


def _damaged(title: str, reason: str) -> CollectError:
    return CollectError("damaged", f"expected a zip archive that can be read. Received: {title} ({reason[:120]}).")


def _too_many(title: str, max_members: int) -> CollectError:
    return CollectError("too-large", f"expected an archive of at most {max_members} files. Received: {title}, more.")
