"""Files and folders that appear whole or not at all, and the hashes by which files are known."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_CHUNK = 1 << 20
_ALGORITHMS = {32: "md5", 64: "sha256"}


@contextlib.contextmanager
def replacing(path: Path, mode: int = 0o644) -> Iterator[IO[bytes]]:
    """Open a new file that takes the place of ``path`` once it is complete.

    Workers run as another user: what they shall not read gets another ``mode``.
    """
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


@contextlib.contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Make a new folder that takes the place of ``path`` once it is filled; what was there before is removed."""
    parent = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    fresh = parent / "new"
    try:
        fresh.mkdir(mode=0o755)
        yield fresh
        with contextlib.suppress(FileNotFoundError):
            os.rename(path, parent / "old")
        os.rename(fresh, path)
    finally:
        shutil.rmtree(parent, ignore_errors=True)


def has_digest(path: Path, digest: str) -> bool:
    """Return whether the content of a file has a hash.

    Parameters
    ----------
    path : Path
        A ``.gz`` file is judged by what it holds, because copies of one data set were compressed by different programs.
    digest : str
        SHA-256 (64 hexadecimal digits) or MD5 (32).
    """
    return file_digest(path, _ALGORITHMS[len(digest)]) == digest.lower()


def file_digest(path: Path, algorithm: str) -> str:
    """Return the hash of a file's content in hexadecimal; of what it holds if it is a ``.gz`` file, but no archive."""
    # MD5 is the only official hash of some files: it recognises them and protects against nothing.
    total = hashlib.new(algorithm, usedforsecurity=False)
    packed = path.suffix == ".gz" and not path.name.endswith(".tar.gz")
    with gzip.open(path, "rb") if packed else path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            total.update(chunk)
    return total.hexdigest()
