"""Takes a folder in the place of the archive that it came out of: browsers unpack what they download."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from pathlib import Path
from types import TracebackType

from autograder.collect.names import decoded
from autograder.collect.zips import Member
from autograder.errors import CollectError
from autograder.render.text import plain_line

__all__ = ["Folder"]

_CHUNK = 1 << 16


class Folder:
    """A folder that is read as an archive is: regular files only, no links followed; a context manager.

    Parameters
    ----------
    path : Path
    max_members : int

    Raises
    ------
    CollectError
        Of kind ``too-large``.
    """

    def __init__(self, path: Path, max_members: int) -> None:
        self.path = path
        found: list[Path] = []
        for root, folders, names in os.walk(path, followlinks=False):
            links = [name for name in folders if Path(root, name).is_symlink()]
            found += [Path(root, name) for name in sorted([*names, *links])]
            if len(found) > max_members:
                raise CollectError(
                    "too-large", f"expected a folder of at most {max_members} files. Received: {path}, more."
                )
        names_in_it = decoded([os.fsencode(file.relative_to(path).as_posix()) for file in found])
        self.members = [_member(name, file) for name, file in zip(names_in_it, found)]

    def __enter__(self) -> Folder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        pass

    def read(self, member: Member) -> Generator[bytes, None, None]:
        """Yield the content of a member in chunks; the caller limits how much, and closes the generator.

        Raises
        ------
        CollectError
            Of kind ``damaged``: it cannot be read, or is no regular file any more.
        """
        assert isinstance(member.source, Path), "a member of this folder"
        try:
            descriptor = os.open(member.source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise OSError("no regular file")
                while chunk := file.read(_CHUNK):
                    yield chunk
        except OSError as error:
            raise CollectError(
                "damaged",
                f"expected a file that can be read. Received: {plain_line(member.name, 80)} ({error}).",
            ) from error


def _member(name: str, path: Path) -> Member:
    status = path.lstat()
    problem = "it is a link" if stat.S_ISLNK(status.st_mode) else "it is no regular file"
    return Member(name, status.st_size, "" if stat.S_ISREG(status.st_mode) else problem, path)
