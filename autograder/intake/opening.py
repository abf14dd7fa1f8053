"""Opens what students hand in: regular files only, and never through a link.

A link may lead to a neighbour's work or into this machine, a named pipe never answers, a device never ends. Whoever
reads something that a student handed in, to grade it, to fingerprint it or to pack it for the sandbox, reads it here.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from autograder.errors import AutograderError

__all__ = ["NotHandedIn", "is_link", "open_handed_in"]

_LINK = "es un enlace a otro lugar. Entrega el archivo mismo."
_NO_FILE = "no es un archivo común."


class NotHandedIn(AutograderError):
    """What lies there is no file that a student handed in; ``str(error)`` ends a Spanish sentence about it."""


def open_handed_in(path: Path, folder: Path | None = None) -> BinaryIO:
    """Open a file for reading.

    Parameters
    ----------
    path : Path
        The file.
    folder : Path, optional
        The student's folder above it: neither this nor a folder between the two may be a link, either.

    Raises
    ------
    NotHandedIn
        It is a link, no regular file, or cannot be opened.
    """
    if folder is not None:
        inner = path.relative_to(folder).parents
        for place in (folder / parent for parent in inner):
            if is_link(place):
                raise NotHandedIn(_LINK)
    try:
        # Without O_NONBLOCK a named pipe would wait for somebody to write.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        # A socket cannot be opened at all.
        known = {errno.ELOOP: _LINK, errno.ENXIO: _NO_FILE}
        raise NotHandedIn(known.get(error.errno or 0, f"{error.strerror}.")) from error
    # A folder can be opened, too, and whatever it is, it is asked after opening: nobody can put another in its place.
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotHandedIn(_NO_FILE)
    return os.fdopen(descriptor, "rb")


def is_link(path: Path) -> bool:
    """Tell whether a path is itself a link; one that cannot be looked at is taken for one."""
    try:
        return stat.S_ISLNK(path.lstat().st_mode)
    except OSError:
        return True
