"""Data sets that Keras fetches before a notebook runs without a network."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from autograder.github.keras_data import fetch_datasets

LOADS = "(x, y), _ = keras.datasets.{}.load_data()"


@pytest.fixture
def keras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for Keras: note what it is asked for, and leave the files that it would."""
    asked: list[str] = []

    def run(command: list[str], **keywords: Any) -> None:
        name = command[-1]
        asked.append(name)
        folder = Path(keywords["env"]["KERAS_HOME"]) / "datasets"
        if name == "mnist":
            (folder / "mnist.npz").touch()
        else:
            (folder / "cifar-10-batches-py-target/cifar-10-batches-py").mkdir(parents=True)
            (folder / "cifar-10-batches-py-target/cifar-10-batches-py/data_batch_1").touch()

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(subprocess, "run", run)
    return asked


def test_a_notebook_without_data_sets_needs_no_folder(keras: list[str]) -> None:
    """Nothing is fetched, nothing is shown to it."""
    assert fetch_datasets("import keras") is None
    assert fetch_datasets(LOADS.format("boston_housing")) is None
    assert keras == []


def test_a_data_set_is_fetched_once(keras: list[str], tmp_path: Path) -> None:
    """Later runs find it in the cache."""
    for _ in range(2):
        assert fetch_datasets(LOADS.format("mnist")) == tmp_path / "datasets"
    assert keras == ["mnist"]


def test_cifar10_is_where_the_sandbox_looks_for_it(keras: list[str], tmp_path: Path) -> None:
    """Keras unpacks it deeper; the link leads out of its folder as the sandbox's question expects."""
    for _ in range(2):
        folder = fetch_datasets(LOADS.format("cifar10"))
    assert folder == tmp_path / "datasets"
    answer = os.path.join(folder, "cifar-10-batches-py/..")
    assert os.path.exists(os.path.join(answer, "cifar-10-batches-py", "data_batch_1"))
    assert not os.readlink(folder / "cifar-10-batches-py").startswith("/")
    assert keras == ["cifar10"]
