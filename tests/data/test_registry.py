"""Where data sets lie, and the command line that says so."""

from __future__ import annotations

import hashlib
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
    """An embedded file comes back from git; another one is fetched, or put into its folder by hand."""
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    dataset = replace(data.find("mnist"), name="letters", embedded=False)
    with pytest.raises(data.DataMissing) as caught:
        dataset.path("a.gz")
    path = tmp_path / "letters" / "a.gz"
    assert str(caught.value) == (
        f"the data set letters needs {path}, which is not there. Put it into {tmp_path / 'letters'}."
    )
    with pytest.raises(data.DataMissing, match="Restore it with `git checkout -- data`"):
        data.find("mnist").path("a.gz")
    weights = data.find("vgg16")
    with pytest.raises(data.DataMissing, match=rf"fetch vgg16`.*\(59 MB\) elsewhere, put it into {weights.folder}"):
        weights.path(next(iter(weights.files)))
    with pytest.raises(data.DataMissing, match=r"fetch fingers`.*kaggle.com/datasets/koryakinp/fingers"):
        data.find("fingers").path("train")


def test_a_file_in_another_format_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras has two formats of weights; the official file comes first."""
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    dataset = data.find("vgg16")
    (official,) = dataset.files
    dataset.folder.mkdir()
    assert not dataset.is_here
    (dataset.folder / "vgg16_notop.weights.h5").write_bytes(b"new")
    assert dataset.is_here
    assert dataset.path(official).name == "vgg16_notop.weights.h5"
    (dataset.folder / official).write_bytes(b"old")
    assert dataset.path(official).name == official


def test_a_folder_of_images_counts_once_it_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder is what an interrupted copy leaves behind."""
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    dataset = data.find("fingers")
    for name in ("train", "test"):
        (tmp_path / "fingers" / name).mkdir(parents=True)
        assert not dataset.is_here
    for name in ("train", "test"):
        (tmp_path / "fingers" / name / "a_3L.png").write_bytes(b"png")
    assert dataset.is_here
    before = dataset.stamp()
    (tmp_path / "fingers" / "test" / "b_1R.png").write_bytes(b"png")
    assert dataset.stamp() != before


def test_only_official_files_are_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their published hashes; other files are used, and called unverified."""
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    assert data.find("mnist").verify()
    dataset = replace(data.find("cifar10"), files={"one": hashlib.md5(b"1").hexdigest()})
    dataset.folder.mkdir()
    (dataset.folder / "one").write_bytes(b"1")
    assert dataset.verify()
    (dataset.folder / "one").write_bytes(b"2")
    assert not dataset.verify()
    assert not replace(dataset, files={"one": ""}).verify()
    assert not replace(dataset, files={"two": "0" * 32}).verify()


def test_list_names_every_data_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line each, with the licence, and whether it is here and what it should be."""
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    (tmp_path / "vgg16").mkdir()
    (tmp_path / "vgg16" / "vgg16_notop.weights.h5").write_bytes(b"weights")
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(data.DATASETS)
    assert lines[0].split()[:5] == ["mnist", "embedded", "CC", "BY-SA", "3.0"]
    assert {line.split()[0]: line.split()[1] for line in lines[1:]} == {
        "cifar10": "sample",
        "fingers": "sample",
        "cats_and_dogs": "sample",
        "vgg16": "unverified",
        "vgg16_full": "missing",
    }


def test_where_prints_a_folder_or_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """The folder alone goes to the output, so that a script can use it."""
    assert main(["where", "mnist"]) == 0
    assert (Path(capsys.readouterr().out.strip()) / "train-images-idx3-ubyte.gz").is_file()
    assert main(["where", "nothing"]) == 1
    assert capsys.readouterr().err.startswith("expected one of the data sets mnist")
