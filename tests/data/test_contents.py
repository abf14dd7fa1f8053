"""The digest of a data set: the same on every machine that has the same files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from data.contents import contents_digest


def digest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CNN_DATA", str(folder))
    return contents_digest.__wrapped__("fingers")


def lay_out(folder: Path, content: bytes = b"x") -> Path:
    for name in ("train/a_1L.png", "test/b_2R.png"):
        (folder / "fingers" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "fingers" / name).write_bytes(content)
    return folder


def test_contents_count_and_times_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy on another machine has other times and the same digest; another picture has not."""
    here = digest(lay_out(tmp_path / "here"), monkeypatch)
    there = lay_out(tmp_path / "there")
    os.utime(there / "fingers/train/a_1L.png", (1, 1))
    assert digest(there, monkeypatch) == here
    assert digest(lay_out(tmp_path / "other", b"y"), monkeypatch) != here


def test_files_are_read_once_and_again_when_they_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered is remembered under their times."""
    folder = lay_out(tmp_path)
    before = digest(folder, monkeypatch)
    [remembered] = (folder / "derived").glob("*.json")
    remembered.write_text(remembered.read_text().replace(before, "remembered"))
    assert digest(folder, monkeypatch) == "remembered"
    lay_out(folder, b"other")
    assert digest(folder, monkeypatch) not in ("remembered", before)
