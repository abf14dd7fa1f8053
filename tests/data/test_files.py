"""Files and folders that appear whole or not at all, and their hashes."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from data.files import file_digest, has_digest, replacing, replacing_folder


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    """An error in between leaves the old one and nothing else."""
    path = tmp_path / "a"
    with replacing(path) as stream:
        stream.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    with pytest.raises(TypeError), replacing(path) as stream:
        stream.writelines([b"half", None])
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    """What was in it before is gone; an error leaves the old one and nothing else."""
    path = tmp_path / "a"
    path.mkdir()
    (path / "old").touch()
    with replacing_folder(path) as fresh:
        (fresh / "new").touch()
    assert [entry.name for entry in path.iterdir()] == ["new"]
    with pytest.raises(FileNotFoundError), replacing_folder(path) as fresh:
        (fresh / "half" / "written").touch()
    assert [entry.name for entry in path.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [path]


def test_the_length_of_a_hash_tells_its_kind(tmp_path: Path) -> None:
    """MD5 and SHA-256, in small or large letters; a packed file counts for what it holds."""
    (tmp_path / "a").write_bytes(b"text")
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"text"))
    for name in ("a", "a.gz"):
        assert has_digest(tmp_path / name, hashlib.md5(b"text").hexdigest())
        assert has_digest(tmp_path / name, hashlib.sha256(b"text").hexdigest().upper())
        assert not has_digest(tmp_path / name, hashlib.sha256(b"other").hexdigest())


def test_an_archive_counts_as_it_is(tmp_path: Path) -> None:
    """Its published hash is that of the packed file."""
    packed = gzip.compress(b"text")
    (tmp_path / "a.tar.gz").write_bytes(packed)
    assert file_digest(tmp_path / "a.tar.gz", "sha256") == hashlib.sha256(packed).hexdigest()
