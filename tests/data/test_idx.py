"""IDX files: what is read, and what is refused."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from data.errors import DataCorrupt
from data.idx import read_idx

HEADER = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3])


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content))
    return path


def test_read_idx_gives_the_shape_in_the_header(tmp_path: Path) -> None:
    """Two rows of three bytes come back as such, read-only."""
    array = read_idx(write(tmp_path / "a.gz", HEADER + bytes(range(6))))
    assert array.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert array.dtype == np.uint8
    assert not array.flags.writeable


def test_read_idx_accepts_any_compression_of_the_right_content(tmp_path: Path) -> None:
    """The hash is that of the content: another program's gzip is as good."""
    content = HEADER + bytes(6)
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(content, compresslevel=1))
    assert read_idx(path, hashlib.sha256(content).hexdigest()).shape == (2, 3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (HEADER + bytes(5), "the header says (2, 3), but 5 bytes follow it"),
        (HEADER + bytes(7), "the header says (2, 3), but 7 bytes follow it"),
        (HEADER[:7], "the header of 2 axes is cut off"),
        (b"\x00\x00\x0d\x01\x00\x00\x00\x01\x00", "expected the magic number of an IDX file of bytes"),
        (b"\x80\x04\x95", "expected the magic number of an IDX file of bytes. Received: 800495"),
        (b"", "expected the magic number of an IDX file of bytes. Received: "),
    ],
)
def test_read_idx_refuses_a_header_that_lies(tmp_path: Path, content: bytes, reason: str) -> None:
    """Header and length must agree to the byte."""
    with pytest.raises(DataCorrupt) as caught:
        read_idx(write(tmp_path / "a.gz", content))
    assert caught.value.reason.startswith(reason)


def test_read_idx_refuses_content_of_another_hash(tmp_path: Path) -> None:
    """The message names both hashes and the file."""
    path = write(tmp_path / "a.gz", HEADER + bytes(6))
    with pytest.raises(DataCorrupt, match=rf"{path}.*expected .* {'0' * 64}\. Received: [0-9a-f]{{64}}"):
        read_idx(path, "0" * 64)


@pytest.mark.parametrize("raw", [b"no gzip", gzip.compress(HEADER + bytes(6), mtime=0)[:-9], b""])
def test_read_idx_refuses_a_broken_archive(tmp_path: Path, raw: bytes) -> None:
    """Not gzip, cut off, or empty."""
    (tmp_path / "a.gz").write_bytes(raw)
    with pytest.raises(DataCorrupt):
        read_idx(tmp_path / "a.gz")


def test_read_idx_stops_unpacking_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than the limit is ever unpacked."""
    monkeypatch.setattr("data.idx.MAX_BYTES", 1000)
    with pytest.raises(DataCorrupt, match="expected at most 1000 bytes inside"):
        read_idx(write(tmp_path / "a.gz", bytes(10_000_000)))
