"""Where a command writes its results."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.commands.targets import require_writable, write_whole
from autograder.errors import UsageError


@pytest.mark.parametrize("name", ["file/r.json", "/proc/r.json", "."])
def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path: Path, name: str) -> None:
    """With what was received."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="Received: "):
        require_writable([None, tmp_path / name])


def test_folders_are_made_and_nothing_is_left_in_them(tmp_path: Path) -> None:
    """The look itself writes nothing that stays."""
    require_writable([tmp_path / "a/b/r.json"], [tmp_path / "html", None])
    assert [path.name for path in tmp_path.rglob("*")] in (["a", "html", "b"], ["html", "a", "b"])
    with pytest.raises(UsageError):
        require_writable(folders=[Path("/proc/html")])


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """With the rights that it had, and through a link to where it really is."""
    target = tmp_path / "r.json"
    target.write_text("old")
    target.chmod(0o640)
    (tmp_path / "link.json").symlink_to(target)
    write_whole(tmp_path / "link.json", "ñ")
    assert (target.read_text(encoding="utf-8"), target.stat().st_mode & 0o777) == ("ñ", 0o640)
    assert (tmp_path / "link.json").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.json", "r.json"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no part of the new."""
    (tmp_path / "r.json").write_text("old")

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(tmp_path / "r.json", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]
    assert (tmp_path / "r.json").read_text() == "old"


def test_a_device_is_written_as_it_is() -> None:
    """``--json /dev/stdout`` puts no file into /dev."""
    require_writable([Path("/dev/null")])
    write_whole(Path("/dev/null"), "x")
    assert not Path("/dev/null").is_file()
