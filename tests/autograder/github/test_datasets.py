"""Data sets that are fetched before a notebook runs without a network."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from autograder.github.datasets import fetch_datasets
from data.errors import DownloadFailed


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for Keras and for the course's own downloads: note what is asked for."""
    asked: list[str] = []

    def run(command: list[str], **keywords: Any) -> None:
        asked.append("mnist")
        path = Path(keywords["env"]["KERAS_HOME"]) / "datasets/mnist.npz"
        path.parent.mkdir(parents=True)
        path.touch()

    monkeypatch.setenv("CNN_DATA", "/nonexistent")  # which is put back afterwards
    monkeypatch.setattr(subprocess, "run", run)
    # In a student's repository the package data has come without the files of MNIST.
    monkeypatch.setattr("data.registry.PACKAGE", Path("/nonexistent"))
    monkeypatch.setattr("data.fetch.fetch", asked.append)
    return asked


def test_a_notebook_without_data_sets_needs_no_folder(fetched: list[str], tmp_path: Path) -> None:
    """Nothing is fetched, nothing is shown to it."""
    assert fetch_datasets((), tmp_path / "data") is None
    assert fetched == []
    assert list(tmp_path.iterdir()) == []


def test_mnist_comes_from_keras_once(fetched: list[str], tmp_path: Path) -> None:
    """And lies where the sandbox looks for it."""
    for _ in range(2):
        assert fetch_datasets(("mnist",), tmp_path) == tmp_path
    assert (tmp_path / "mnist.npz").is_file()
    assert fetched == ["mnist"]


def test_other_data_sets_come_from_their_official_places(fetched: list[str], tmp_path: Path) -> None:
    """With their hashes checked, by `data.fetch`."""
    assert fetch_datasets(("cifar10", "vgg16"), tmp_path) == tmp_path
    assert fetched == ["cifar10", "vgg16"]


def test_a_download_that_fails_is_told(
    fetched: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The notebook runs all the same: most of it needs no data."""

    def fail(name: str) -> None:
        raise DownloadFailed("https://example.org/x", "no network", "Get it by hand.")

    monkeypatch.setattr("data.fetch.fetch", fail)
    assert fetch_datasets(("fingers",), tmp_path) == tmp_path
    assert "no network" in capsys.readouterr().out
