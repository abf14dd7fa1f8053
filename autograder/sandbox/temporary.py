"""Folders for sockets that outlive nobody: removed at the end and on signals, and what a kill left behind is swept."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import multiprocessing.util
import os
import shutil
import signal
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

__all__ = ["TemporaryFolder", "keep_forkserver_here", "tidy_signals"]

PREFIX = "cnn-"
_LOCK = "lock"
_UNLOCKED_SECONDS = 3600.0


class TemporaryFolder:
    """A folder of this process in the system's folder for temporary files, locked as long as the process lives.

    Its name is short, because paths of sockets are limited to about 100 characters. Making one removes those whose
    process is gone.
    """

    def __init__(self) -> None:
        _sweep(Path(tempfile.gettempdir()))
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        # Under its name the lock is held from the beginning.
        self._lock = os.open(self.path / "lock.new", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        (self.path / "lock.new").rename(self.path / _LOCK)

    def remove(self) -> None:
        """Remove the folder and all that lies in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def keep_forkserver_here() -> None:
    """Let `multiprocessing` put the socket of its forkserver into a folder that is swept; call before it starts."""
    _of_forkserver()


@functools.cache
def _of_forkserver() -> TemporaryFolder:
    folder = TemporaryFolder()
    # After multiprocessing has removed its own folder, which has the priority -100.
    multiprocessing.util.Finalize(None, folder.remove, exitpriority=-200)
    before = tempfile.tempdir
    tempfile.tempdir = str(folder.path)
    try:
        multiprocessing.util.get_temp_dir()  # made once for a process
    finally:
        tempfile.tempdir = before
    return folder


@contextlib.contextmanager
def tidy_signals() -> Iterator[None]:
    """End by an exception when the terminal closes or somebody asks for it, so that everything is cleaned up.

    Signals that are ignored (``nohup``) or that the program handles itself stay as they are.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _: Any) -> NoReturn:
        raise SystemExit(128 + number)

    ours = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _sweep(place: Path) -> None:
    """Remove our folders in ``place`` whose process was killed."""
    for folder in place.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            about = folder.lstat()
            if stat.S_ISDIR(about.st_mode) and about.st_uid == os.geteuid() and _is_left(folder, about.st_mtime):
                shutil.rmtree(folder, ignore_errors=True)


def _is_left(folder: Path, changed: float) -> bool:
    """Tell whether nobody holds the lock of a folder; one without a lock may be about to get it."""
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return time.time() - changed > _UNLOCKED_SECONDS
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
