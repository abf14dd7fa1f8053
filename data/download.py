"""Downloads that survive a broken connection: what has arrived is kept, and the rest is asked for."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from data.errors import DataCorrupt, DownloadFailed
from data.files import has_digest

TRIES = 4
"""How often in a row a connection may fail without a single byte."""

PAUSE = 2.0
"""Seconds before the second try; each further pause is twice as long."""

MAX_BYTES = 2 << 30
"""The most that is taken where the size is not known."""

TIMEOUT = 60.0
"""Seconds without a single byte after which a connection counts as broken."""

_CHUNK = 1 << 18
_PASSING = (408, 416, 429)
"""Refusals that another try may not meet."""

_GONE = "the server sends something else than the registry expects"

Report = Callable[[int, int], None]
"""Is told how many bytes are here, and how many it will be (0: not known)."""


def download(url: str, destination: Path, *, digest: str = "", size: int = 0, report: Report | None = None) -> None:
    """Download a file; it appears at ``destination`` once it is complete and its hash was compared.

    Parameters
    ----------
    url : str
    destination : Path
        What has arrived of it lies beside it as ``<name>.part``, and the next call goes on from there.
    digest : str
        The SHA-256 or MD5 that it must have; empty where none is known.
    size : int
        The bytes that it must have; 0 where that is not known.
    report : callable, optional
        See `Report`.

    Raises
    ------
    DownloadFailed
        The server cannot be reached, does not have it, or another process is downloading it.
    DataCorrupt
        It was downloaded and is not what the registry says.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    part = destination.with_name(f"{destination.name}.part")
    with _locked(part, url) as stream:
        resumed = stream.tell() > 0
        _complete(url, stream, size, report)
        if resumed and not _is_right(part, stream, digest, size):
            # The file on the server may have changed since the first part of it came.
            _empty(stream)
            _complete(url, stream, size, report)
        if not _is_right(part, stream, digest, size):
            part.unlink()
            raise DataCorrupt(destination, _GONE)
        os.chmod(part, 0o644)
        os.replace(part, destination)


@contextlib.contextmanager
def _locked(part: Path, url: str) -> Iterator[IO[bytes]]:
    with part.open("ab") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DownloadFailed(url, "another process is downloading it") from error
        yield stream


def _complete(url: str, stream: IO[bytes], size: int, report: Report | None) -> None:
    """Download what is missing, with new connections as long as each brings something."""
    failures = 0
    while True:
        before = stream.tell()
        try:
            return _receive(url, stream, size, report)
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, HTTPError) and 400 <= error.code < 500 and error.code not in _PASSING:
                raise DownloadFailed(url, f"the server answers {error.code} {error.reason}") from error
            failures = 1 if stream.tell() > before else failures + 1
            if failures >= TRIES:
                raise DownloadFailed(url, _plain(error)) from error
            time.sleep(PAUSE * 2 ** (failures - 1))


def _receive(url: str, stream: IO[bytes], size: int, report: Report | None) -> None:
    """Append what one connection brings; a connection that brings less than it announced is an error."""
    start = stream.tell()
    if size and start == size:
        return
    request = Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    try:
        response = urlopen(request, timeout=TIMEOUT)
    except HTTPError as error:
        if error.code == 416:
            # There is nothing behind what is here: it belongs to another file.
            _empty(stream)
        raise
    with response:
        if start and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            _empty(stream)
            if response.status == 206:
                raise ConnectionError("the server sends another part than it was asked for")
        announced = response.headers.get("Content-Length")
        total = size or (stream.tell() + int(announced) if announced else 0)
        while chunk := response.read1(_CHUNK):
            stream.write(chunk)
            if stream.tell() > (size or MAX_BYTES):
                _empty(stream)
                raise DownloadFailed(url, f"more than {size or MAX_BYTES} bytes came")
            if report is not None:
                report(stream.tell(), total)
    if total and stream.tell() < total:
        raise ConnectionError("the connection broke off")


def _empty(stream: IO[bytes]) -> None:
    stream.seek(0)
    stream.truncate()


def _is_right(part: Path, stream: IO[bytes], digest: str, size: int) -> bool:
    stream.flush()
    return (not size or stream.tell() == size) and (not digest or has_digest(part, digest))


def _plain(error: Exception) -> str:
    if isinstance(error, HTTPError):
        return f"the server answers {error.code} {error.reason}"
    reason = getattr(error, "reason", error)
    return "the server does not answer in time" if isinstance(reason, TimeoutError) else f"no connection ({reason})"
