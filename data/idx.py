"""The IDX format of MNIST: a magic number, the sizes of the axes, then the bytes; all of it checked before use."""

from __future__ import annotations

import gzip
import hashlib
import math
import zlib
from pathlib import Path

import numpy as np

from data.errors import DataCorrupt

MAX_BYTES = 1 << 28
_UNSIGNED_BYTE = 0x08


def read_idx(path: Path, sha256: str | None = None) -> np.ndarray:
    """Read a gzipped IDX file of unsigned bytes.

    Parameters
    ----------
    path : Path
        A file such as ``train-images-idx3-ubyte.gz``.
    sha256 : str, optional
        The hash that its unpacked content must have.

    Returns
    -------
    ndarray of uint8
        Read-only; its shape is the one in the header, ``(N, 28, 28)`` or ``(N,)`` for MNIST.

    Raises
    ------
    DataCorrupt
        The file is no gzip file, unpacks to more than 256 MB, or header, length or hash are not as expected.
    """
    try:
        with gzip.open(path, "rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataCorrupt(path, f"expected a gzip file ({error})") from error
    if len(content) > MAX_BYTES:
        raise DataCorrupt(path, f"expected at most {MAX_BYTES} bytes inside")
    if sha256 is not None:
        received = hashlib.sha256(content).hexdigest()
        if received != sha256:
            raise DataCorrupt(path, f"expected content of SHA-256 {sha256}. Received: {received}")
    return _parse(path, content)


def _parse(path: Path, content: bytes) -> np.ndarray:
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != _UNSIGNED_BYTE:
        raise DataCorrupt(path, f"expected the magic number of an IDX file of bytes. Received: {content[:4].hex()}")
    axes = content[3]
    start = 4 + 4 * axes
    if len(content) < start:
        raise DataCorrupt(path, f"the header of {axes} axes is cut off")
    shape = tuple(int(size) for size in np.frombuffer(content, ">u4", axes, offset=4))
    if math.prod(shape) != len(content) - start:
        raise DataCorrupt(path, f"the header says {shape}, but {len(content) - start} bytes follow it")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
