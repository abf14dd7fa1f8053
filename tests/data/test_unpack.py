"""Archives that nobody has vouched for."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from data import unpack as module
from data.errors import DataCorrupt
from data.unpack import unpack


def tar(path: Path, *members: tuple[str, Any], mode: str = "w:gz") -> Path:
    """Write a tar file of (name, content) or (name, type of the member as text)."""
    with tarfile.open(path, mode) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            if isinstance(content, str):
                info.type, info.linkname = content.encode(), "/etc/passwd"
                archive.addfile(info)
            else:
                info.size, info.mode = len(content), 0o4777
                archive.addfile(info, io.BytesIO(content))
    return path


def zipped(path: Path, *members: tuple[str, bytes], mode: int = 0) -> Path:
    """Write a zip file whose members have Unix permissions."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return path


@pytest.mark.parametrize("make", [tar, zipped])
def test_plain_files_are_unpacked(tmp_path: Path, make: Any) -> None:
    """In folders, with ordinary permissions whatever the archive says."""
    archive = make(tmp_path / "a", ("f/train/1.png", b"one"), ("f/./test/2.png", b"two"))
    out = tmp_path / "out"
    out.mkdir()
    unpack(archive, out)
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert files == {"f/train/1.png": b"one", "f/test/2.png": b"two"}
    assert not stat.S_IMODE((out / "f/train/1.png").stat().st_mode) & 0o7111


@pytest.mark.parametrize("name", ["../out", "/tmp/out", "a/../../out", "a\\..\\..\\out", "C:out", "..", "a/.."])
@pytest.mark.parametrize("make", [tar, zipped])
def test_a_member_that_leads_out_is_refused(tmp_path: Path, make: Any, name: str) -> None:
    """Upwards, absolute, or so on another system."""
    out = tmp_path / "a" / "b"
    out.mkdir(parents=True)
    with pytest.raises(DataCorrupt, match="lies outside"):
        unpack(make(tmp_path / "x", (name, b"bad")), out)
    assert {path.name for path in tmp_path.rglob("*")} == {"a", "b", "x"}


@pytest.mark.parametrize("kind", [tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    """Nothing is made of them."""
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(DataCorrupt, match="is no plain file"):
        unpack(tar(tmp_path / "a.tar", ("link", kind.decode()), mode="w"), out)
    assert os.listdir(out) == []


def test_a_link_in_a_zip_file_is_refused(tmp_path: Path) -> None:
    """Its content would be the target."""
    with pytest.raises(DataCorrupt, match="is no plain file"):
        unpack(zipped(tmp_path / "a.zip", ("link", b"/etc/passwd"), mode=stat.S_IFLNK | 0o777), tmp_path)


@pytest.mark.parametrize("make", [tar, zipped])
def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Any) -> None:
    """By number and by bytes, as they are unpacked."""
    monkeypatch.setattr(module, "MAX_FILES", 3)
    monkeypatch.setattr(module, "MAX_BYTES", 5000)
    for number, members in enumerate([[(f"{n}", b"") for n in range(4)], [("a", b"0" * 3000), ("b", b"0" * 3000)]]):
        out = tmp_path / f"out{number}"
        out.mkdir()
        with pytest.raises(DataCorrupt, match="expected at most"):
            unpack(make(tmp_path / f"x{number}", *members), out)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("make", [tar, zipped])
@pytest.mark.parametrize("names", [("a", "a"), ("a", "a/b")])
def test_one_name_for_two_members_is_refused(tmp_path: Path, make: Any, names: tuple[str, str]) -> None:
    """The second would overwrite the first, or use it as a folder."""
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(DataCorrupt, match="two members have one name"):
        unpack(make(tmp_path / "x", *((name, b"1") for name in names)), out)


@pytest.mark.parametrize("make", [tar, zipped])
def test_a_damaged_archive_is_refused(tmp_path: Path, make: Any) -> None:
    """Cut off, or no archive at all."""
    archive = make(tmp_path / "x", ("a", os.urandom(50_000)))
    content = archive.read_bytes()
    for number, damaged in enumerate([content[:20_000], b"text" * 1000, b""]):
        out = tmp_path / f"out{number}"
        out.mkdir()
        archive.write_bytes(damaged)
        with pytest.raises(DataCorrupt, match="expected a whole archive"):
            unpack(archive, out)
