"""Writing a student's files: within limits that hold whatever is claimed, and never two in one place."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.collect.staging import Limits, Stage
from autograder.errors import CollectError

MEGABYTE = bytes(1 << 20)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(
        tmp_path / "inner/files", Limits(files=3, file_bytes=5 << 20, total_bytes=8 << 20, ratio=10, free_bytes=2 << 20)
    )


def endless() -> Iterator[bytes]:
    while True:
        yield MEGABYTE


def test_files_are_written_with_their_folders(stage: Stage) -> None:
    """Plain files that nobody can run."""
    assert stage.add("tp/models/cnn.keras", [b"ab", b"c"])
    assert stage.files == {"tp/models/cnn.keras": stage.folder / "tp/models/cnn.keras"}
    assert stage.files["tp/models/cnn.keras"].read_bytes() == b"abc"
    assert stage.files["tp/models/cnn.keras"].stat().st_mode & 0o111 == 0


def test_nothing_is_written_outside(stage: Stage, tmp_path: Path) -> None:
    """The reason is noted, and the content is never asked for."""
    for name in ("../../evil", "/tmp/evil", r"..\evil", "C:evil"):
        assert not stage.add(name, endless())
    assert [path.name for path in tmp_path.rglob("*")] == ["inner", "files"]
    assert stage.notes[0] == "left out ../../evil: its path leads out of its folder"


def test_a_link_in_the_way_is_not_followed(stage: Stage, tmp_path: Path) -> None:
    """Nothing that we write makes one; if one is there all the same, writing fails."""
    (stage.folder / "a").symlink_to(tmp_path / "outside")
    with pytest.raises(FileExistsError):
        stage.add("a", [b"x"])
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("a.png", "a.png", "two files of this name"),
        ("a.png", "A.PNG", "differs from a.png in upper and lower case"),
        ("ñ.png", "n\u0303.png", "accents only"),
        ("tp/a", "TP/b", "its folder differs from tp"),
        ("a", "a/b", "a file has the name of its folder"),
        ("a/b", "A", "a folder has its name"),
    ],
)
def test_the_first_of_two_in_one_place_stays(stage: Stage, first: str, second: str, said: str) -> None:
    """The other one is noted; which of them counts must not depend on the file system."""
    assert stage.add(first, [b"first"])
    assert not stage.add(second, [b"second"])
    assert [path.read_bytes() for path in stage.files.values()] == [b"first"]
    assert said in stage.notes[0]


def test_junk_is_left_out_without_a_word(stage: Stage) -> None:
    """Everybody's archive holds some."""
    assert not stage.add("__MACOSX/._a.ipynb", endless())
    assert (stage.files, stage.notes) == ({}, [])


def test_what_is_left_out_is_noted_a_hundred_times(stage: Stage) -> None:
    """A tree of git may list a hundred thousand links."""
    for number in range(1_000):
        stage.leave_out(str(number), "it is a link")
    assert len(stage.notes) == 100


def test_too_many_files_are_refused(stage: Stage) -> None:
    """As a whole: which of them would count?"""
    for number in range(3):
        stage.add(str(number), [b""])
    with pytest.raises(CollectError, match="at most 3 files") as caught:
        stage.add("3", [b""])
    assert caught.value.kind == "too-large"


@pytest.mark.parametrize(
    ("content", "packed", "said"),
    [
        (6, None, "files of at most 5 MB"),
        (5, 100 << 10, "10 times larger than packed"),
    ],
)
def test_a_file_that_grows_is_stopped(stage: Stage, content: int, packed: int | None, said: str) -> None:
    """While it is written: what its header claims does not count."""
    with pytest.raises(CollectError, match=said):
        stage.add("bomb", (MEGABYTE for _ in range(content)), packed)
    assert sum(path.stat().st_size for path in stage.folder.iterdir()) <= 5 << 20


def test_all_files_together_are_stopped(stage: Stage) -> None:
    """Small ones as well."""
    stage.add("a", [MEGABYTE] * 4)
    with pytest.raises(CollectError, match="at most 8 MB from one student"):
        stage.add("b", endless())


def test_what_packs_well_may_be_honest(stage: Stage) -> None:
    """Arrays of zeros, as long as they are small."""
    assert stage.add("zeros.npy", [MEGABYTE, MEGABYTE], packed=2_000)


def test_staged_files_belong_to_the_instructor(stage: Stage) -> None:
    """With the same rights whatever the archive said."""
    stage.add("a", [b""])
    assert stage.files["a"].stat().st_uid == os.getuid()
