"""The secret from which the images of a benchmark are drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.secret import secret_number


def test_the_secret_is_made_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For this user alone to read; another folder has another one."""
    monkeypatch.delenv("CNN_SECRET", raising=False)
    monkeypatch.setenv("CNN_DATA", str(tmp_path / "one"))
    first = secret_number()
    assert secret_number() == first
    (file,) = (tmp_path / "one/derived").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_bytes()) == 32
    monkeypatch.setenv("CNN_DATA", str(tmp_path / "other"))
    assert secret_number() != first


def test_graders_on_several_machines_may_share_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the environment; then no file is made."""
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    monkeypatch.setenv("CNN_SECRET", "a word")
    first = secret_number()
    monkeypatch.setenv("CNN_SECRET", "another word")
    assert secret_number() != first
    assert list(tmp_path.iterdir()) == []
