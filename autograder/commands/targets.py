"""The files that a command writes its results to: asked for before the work, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from autograder.errors import UsageError

__all__ = ["require_writable", "write_whole"]


def require_writable(files: Iterable[Path | None] = (), folders: Iterable[Path | None] = ()) -> None:
    """Make the folders of what is to be written, and try to write there.

    Parameters
    ----------
    files, folders : iterable of Path or None
        What will be written; None is passed over.

    Raises
    ------
    UsageError
        One of them cannot be written; nothing has been done yet.
    """
    for path in files:
        if path is not None and path.is_dir():
            raise UsageError(f"expected a file to write to. Received: {path}, which is a folder.")
        if path is not None and not _is_stream(path):
            _try(path, path.parent)
    for folder in folders:
        if folder is not None:
            _try(folder, folder)


def write_whole(path: Path, text: str) -> None:
    """Write a file such that it holds all of the text, or what it held before.

    Raises
    ------
    OSError
        The disk is full, for example.
    """
    content = text.encode("utf-8", "replace")
    if _is_stream(path):
        path.write_bytes(content)
        return
    # What a link leads to is replaced, not the link.
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}-", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.chmod(part, _mode(target))
        os.replace(part, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def _try(path: Path, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(f"expected a place that can be written. Received: {path} ({error.strerror}).") from error


def _is_stream(path: Path) -> bool:
    """Tell whether a path is a pipe or a device, ``/dev/stdout`` for example: nothing can be put in its place."""
    return path.exists() and not path.is_file()


def _mode(target: Path) -> int:
    """Return the rights of the file that is replaced, or those that a new file gets."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
