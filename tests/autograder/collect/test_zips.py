"""Archives that lie: about sizes, names, members, and what they are."""

from __future__ import annotations

import contextlib
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from autograder.collect.staging import Stage
from autograder.collect.zips import Archive
from autograder.errors import CollectError
from tests.helpers.collecting import make_zip

MAX = 100


def problems(path: Path) -> dict[str, str]:
    with Archive(path, MAX) as archive:
        return {member.name: member.problem for member in archive.members}


def read(path: Path, name: str) -> bytes:
    with Archive(path, MAX) as archive:
        return b"".join(archive.read(next(member for member in archive.members if member.name == name)))


def stage_all(path: Path, stage: Stage) -> None:
    with Archive(path, MAX) as archive:
        for number, member in enumerate(archive.members):
            with contextlib.closing(archive.read(member)) as chunks:
                stage.add(str(number), chunks, member.packed)


def with_mode(path: Path, name: str, mode: int, content: bytes = b"/etc/passwd") -> Path:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, content)
    return path


def patched(path: Path, old: bytes, new: bytes, times: int = -1) -> Path:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, times))
    return path


def test_plain_members_are_read(tmp_path: Path) -> None:
    """Folders are none."""
    path = make_zip(tmp_path / "a.zip", {"tp/": "", "tp/a.txt": "hola", "ñ.txt": "x" * 100_000})
    assert problems(path) == {"tp/a.txt": "", "ñ.txt": ""}
    assert (read(path, "tp/a.txt"), len(read(path, "ñ.txt"))) == (b"hola", 100_000)


def test_a_member_without_a_name_is_told_so(tmp_path: Path) -> None:
    """A zip may hold one; Python's own test for folders breaks on it."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a", "x")
        archive.writestr(zipfile.ZipInfo("b"), "y")
        archive.infolist()[1].filename = ""
    assert problems(tmp_path / "a.zip") == {"a": "", "": "it has no name"}


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        (stat.S_IFLNK | 0o777, "it is a link"),
        (stat.S_IFIFO | 0o644, "it is no regular file"),
        (stat.S_IFCHR | 0o644, "it is no regular file"),
        (stat.S_IFBLK | 0o644, "it is no regular file"),
        (stat.S_IFSOCK | 0o644, "it is no regular file"),
        (stat.S_IFREG | 0o4755, ""),
    ],
)
def test_links_and_devices_are_no_files(tmp_path: Path, mode: int, problem: str) -> None:
    """Whatever system the archive says that it is from."""
    path = with_mode(tmp_path / "a.zip", "a", mode)
    assert problems(path) == {"a": problem}


def test_encrypted_members_cannot_be_read(tmp_path: Path) -> None:
    """What the directory says counts, here as for what is read."""
    path = make_zip(tmp_path / "a.zip", {"a.ipynb": "x"})
    content = bytearray(path.read_bytes())
    directory = content.index(b"PK\1\2")
    content[directory + 8] |= 1
    path.write_bytes(content)
    assert problems(path) == {"a.ipynb": "it is encrypted"}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_the_usual_methods_are_read(tmp_path: Path, method: int) -> None:
    """A block of bzip2 or LZMA may expand to anything in one step."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a", bytes(1 << 20))
    assert problems(path) == {"a": "it is packed in a way that is not read here"}


def test_a_bomb_is_stopped_by_what_comes_out(tmp_path: Path) -> None:
    """A thousand times its size, and its header says one byte."""
    path = make_zip(tmp_path / "bomb.zip", {"bomb": bytes(64 << 20)})
    size = struct.pack("<L", 64 << 20)
    patched(path, size, struct.pack("<L", 1))
    stage = Stage(tmp_path / "stage")
    with pytest.raises(CollectError) as caught:
        stage_all(path, stage)
    assert caught.value.kind in ("too-large", "damaged")
    assert sum(file.stat().st_size for file in stage.folder.iterdir()) < 33 << 20


def test_an_honest_header_helps_a_bomb_no_more(tmp_path: Path) -> None:
    """It is the ratio that refuses it."""
    path = make_zip(tmp_path / "bomb.zip", {"bomb": bytes(64 << 20)})
    with pytest.raises(CollectError, match="how zip bombs look"):
        stage_all(path, Stage(tmp_path / "stage"))


def test_members_that_share_their_bytes_are_stopped_by_the_total(tmp_path: Path) -> None:
    """A bomb that needs no second archive: many entries of the directory, one kernel."""
    path = make_zip(tmp_path / "a.zip", {"a": bytes(8 << 20)})
    content = path.read_bytes()
    directory = content.index(b"PK\1\2")
    end = content.index(b"PK\5\6")
    entry = content[directory:end]
    many = entry * 60
    record = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 60, 60, len(many), directory, 0)
    path.write_bytes(content[:directory] + many + record)
    stage = Stage(tmp_path / "stage")
    with pytest.raises(CollectError) as caught:
        stage_all(path, stage)
    assert caught.value.kind in ("too-large", "damaged")
    assert stage.total < 40 << 20


def test_an_archive_of_too_many_members_is_refused_before_it_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`zipfile` would make an object for each of millions."""
    path = make_zip(tmp_path / "a.zip", {f"{number:04}{'x' * 200}": "" for number in range(1_000)})
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it was parsed"))
    with pytest.raises(CollectError, match="at most 100 files"):
        Archive(path, MAX)


def test_a_few_members_too_many_are_refused_as_well(tmp_path: Path) -> None:
    """Where the directory is small enough to be parsed."""
    path = make_zip(tmp_path / "a.zip", {str(number): "" for number in range(101)})
    with pytest.raises(CollectError, match="at most 100 files"):
        Archive(path, MAX)


def test_members_are_counted_before_they_are_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries without a name take 46 bytes each: a list that is small enough for few members may hold many."""
    path = make_zip(tmp_path / "a.zip", {"a": ""})
    content = path.read_bytes()
    directory, end = content.index(b"PK\1\2"), content.index(b"PK\5\6")
    many = content[directory:end] * (MAX + 1)
    record = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(many), directory, 0)
    path.write_bytes(content[:directory] + many + record)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it was parsed"))
    with pytest.raises(CollectError, match="at most 100 files"):
        Archive(path, MAX)


@pytest.mark.parametrize("comment", [b"", b"PK" * 32_758 + b"x"])
@pytest.mark.parametrize("where", ["before its locator", "elsewhere"])
def test_no_place_of_a_zip64_record_hides_members(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, comment: bytes
) -> None:
    """Behind the longest comment, and where only newer versions of Python look for it."""
    content = make_zip(tmp_path / "a.zip", {"a": ""}).read_bytes()
    directory, end = content.index(b"PK\1\2"), content.index(b"PK\5\6")
    many = content[directory:end] * (MAX + 1)
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(many), directory)
    place = directory + len(many)
    between = b"" if where == "before its locator" else bytes(100)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, place, 1)
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 46, directory, len(comment))
    path = tmp_path / "a.zip"
    path.write_bytes(content[:directory] + many + record + between + locator + last + comment)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it was parsed"))
    with pytest.raises(CollectError, match="at most 100 files"):
        Archive(path, MAX)


def zip64(path: Path, size: int) -> Path:
    """Append a Zip64 record that claims a directory of this size."""
    content = make_zip(path, {"a": "x"}).read_bytes()
    end = content.index(b"PK\5\6")
    directory = content.index(b"PK\1\2")
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, size, directory)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(content[:end] + record + locator + last)
    return path


def test_zip64_records_are_read_and_do_not_lie(tmp_path: Path) -> None:
    """A true one opens; one with a directory larger than the file is damage."""
    content = make_zip(tmp_path / "true.zip", {"a": "x"}).read_bytes()
    size = content.index(b"PK\5\6") - content.index(b"PK\1\2")
    assert problems(zip64(tmp_path / "true.zip", size)) == {"a": ""}
    for claim in (1 << 40, 1 << 63, (1 << 64) - 1):
        with pytest.raises(CollectError, match="larger than the file"):
            Archive(zip64(tmp_path / "lie.zip", claim), MAX)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"not an archive", b"PK\5\6", b"PK\5\6" + bytes(18), b"PK\5\6" + b"\xff" * 18, b"PK\3\4" + bytes(500)],
)
def test_what_is_no_archive_is_said_so(tmp_path: Path, content: bytes) -> None:
    """In one error, whatever is wrong; an empty archive is one."""
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    if content == b"PK\5\6" + bytes(18):
        assert problems(path) == {}
        return
    with pytest.raises(CollectError, match=r"expected a zip archive that can be read\. Received: a\.zip"):
        Archive(path, MAX)


def test_names_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    """They claim to be."""
    path = patched(make_zip(tmp_path / "a.zip", {"ñandu": "x"}), "ñandu".encode(), b"\xff\xfeandu")
    with pytest.raises(CollectError, match="not the UTF-8 that they claim to be"):
        Archive(path, MAX)


def test_a_name_that_differs_in_its_two_places_is_damage(tmp_path: Path) -> None:
    """A scanner would read one, the extraction the other."""
    path = patched(make_zip(tmp_path / "a.zip", {"good.txt": "x"}), b"good.txt", b"evil.txt", 1)
    with pytest.raises(CollectError, match="differ"):
        read(path, "good.txt")


@pytest.mark.parametrize("place", range(0, 120, 7))
def test_any_damaged_byte_is_an_error_of_ours_or_none(tmp_path: Path, place: int) -> None:
    """Never an exception that nobody expected."""
    path = make_zip(tmp_path / "a.zip", {"a.txt": "hola hola hola " * 5})
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= 0xFF
    path.write_bytes(content)
    try:
        with Archive(path, MAX) as archive:
            for member in archive.members:
                if not member.problem:
                    b"".join(archive.read(member))
    except CollectError:
        pass
