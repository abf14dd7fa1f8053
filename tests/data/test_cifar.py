"""CIFAR-10 in its official layout, on small generated batches; and on the real ones where they are."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import data
from data import cifar
from data.cifar import load_cifar10, read_batch, write_batch, write_batches


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small CIFAR-10 of 50 + 12 generated images as ``$CNN_DATA``."""
    rng = np.random.default_rng(5)
    images, labels = rng.integers(256, size=(62, 32, 32, 3), dtype=np.uint8), rng.integers(10, size=62)
    write_batches(tmp_path / "cifar-10-batches-py", (images[:50], labels[:50]), (images[50:], labels[50:]))
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    return tmp_path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Colours, rows and columns stay where they are; one pixel shows it."""
    images = np.zeros((3, 32, 32, 3), np.uint8)
    images[1, 2, 30, 2] = 200
    write_batch(tmp_path / "test_batch", images, [0, 9, 4])
    read, labels = read_batch(tmp_path / "test_batch")
    assert np.array_equal(read, images)
    assert labels.tolist() == [0, 9, 4]
    assert (read.dtype, labels.dtype) == (np.uint8, np.uint8)


def test_the_layout_is_the_official_one(tmp_path: Path) -> None:
    """A row is red, then green, then blue, each row by row."""
    images = np.zeros((1, 32, 32, 3), np.uint8)
    images[0, 0, 1] = (10, 20, 30)
    write_batch(tmp_path / "test_batch", images, [3])
    content = pickle.loads((tmp_path / "test_batch").read_bytes())
    assert np.flatnonzero(content[b"data"][0]).tolist() == [1, 1025, 2049]
    assert content[b"data"][0][[1, 1025, 2049]].tolist() == [10, 20, 30]


def test_a_data_set_is_loaded_and_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time the batches are not read."""
    first = load_cifar10(data.find("cifar10"))
    assert [array.shape for pair in first for array in pair] == [(50, 32, 32, 3), (50,), (12, 32, 32, 3), (12,)]
    monkeypatch.setattr(cifar, "read_batch", None)
    again = load_cifar10(data.find("cifar10"))
    for one, other in zip((*first[0], *first[1]), (*again[0], *again[1])):
        assert np.array_equal(one, other)


def test_kept_arrays_follow_the_batches(folder: Path) -> None:
    """New batches, or a damaged file of kept arrays: the batches are read again."""
    load_cifar10(data.find("cifar10"))
    write_batch(folder / "cifar-10-batches-py" / "test_batch", np.full((5, 32, 32, 3), 7, np.uint8), [1] * 5)
    _, (x_test, y_test) = load_cifar10(data.find("cifar10"))
    assert (x_test.min(), x_test.max(), y_test.tolist()) == (7, 7, [1] * 5)
    (folder / "cifar10.npz").write_bytes(b"PK")
    assert len(load_cifar10(data.find("cifar10"))[1][0]) == 5


def test_a_missing_batch_is_named_with_what_to_do(folder: Path) -> None:
    """Which file, the command, and what to do without a network."""
    (folder / "cifar-10-batches-py" / "data_batch_3").unlink()
    with pytest.raises(data.DataMissing) as caught:
        load_cifar10(data.find("cifar10"))
    text = str(caught.value)
    assert f"needs {folder / 'cifar-10-batches-py' / 'data_batch_3'}, which is not there" in text
    assert "python -m data fetch cifar10" in text
    assert (
        f"download https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz (170 MB) elsewhere, put it into {folder}"
        in text
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({b"labels": [1]}, "expected a list of 2 labels"),
        ({b"labels": [1, 10]}, "expected labels from 0 to 9"),
        ({b"labels": [1, True]}, "expected labels from 0 to 9"),
        ({b"labels": None}, "expected a list of 2 labels"),
        ({b"data": np.zeros((2, 3071), np.uint8)}, r"expected rows of 3072 pixels. Received: \(2, 3071\)"),
        ({b"data": [1, 2]}, "expected rows of 3072 pixels. Received: list"),
    ],
)
def test_a_batch_of_another_kind_is_refused(tmp_path: Path, change: dict[bytes, Any], reason: str) -> None:
    """Rows and labels are held against each other."""
    content = {b"labels": [1, 2], b"data": np.zeros((2, 3072), np.uint8)} | change
    (tmp_path / "test_batch").write_bytes(pickle.dumps(content, protocol=4))
    with pytest.raises(data.DataCorrupt, match=reason):
        read_batch(tmp_path / "test_batch")
