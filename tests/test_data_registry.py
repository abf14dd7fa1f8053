"""Where data sets lie, and the command line that says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import data
from data.__main__ import main


def test_the_cache_folder_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``$CNN_DATA`` wins, then ``$XDG_CACHE_HOME``, then the home folder."""
    monkeypatch.setenv("CNN_DATA", str(tmp_path / "mine"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert data.cache_folder() == tmp_path / "mine"
    monkeypatch.delenv("CNN_DATA")
    assert data.cache_folder() == tmp_path / "cache" / "cnn-course"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data.cache_folder() == tmp_path / ".cache" / "cnn-course"


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An embedded file comes back from git; another one must be put into its folder."""
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    dataset = replace(data.find("mnist"), name="letters", embedded=False)
    with pytest.raises(data.DataMissing) as caught:
        dataset.path("a.gz")
    path = tmp_path / "letters" / "a.gz"
    assert str(caught.value) == (
        f"the data set letters needs the file {path}, which is not there. Put it into {tmp_path / 'letters'}."
    )
    with pytest.raises(data.DataMissing, match="Restore it with `git checkout -- data`"):
        data.find("mnist").path("a.gz")


def test_list_names_every_data_set(capsys: pytest.CaptureFixture[str]) -> None:
    """One line each, with the licence."""
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(data.DATASETS)
    assert lines[0].split()[:5] == ["mnist", "embedded", "CC", "BY-SA", "3.0"]


def test_where_prints_a_folder_or_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """The folder alone goes to the output, so that a script can use it."""
    assert main(["where", "mnist"]) == 0
    assert (Path(capsys.readouterr().out.strip()) / "train-images-idx3-ubyte.gz").is_file()
    assert main(["where", "nothing"]) == 1
    assert capsys.readouterr().err.startswith("expected one of the data sets mnist")
