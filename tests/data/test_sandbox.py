"""What a submission sees of the data sets: never a test image."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import data
from data.cifar import read_batch, write_batch, write_batches
from data.sandbox import build_sandbox_view, sandbox_view, stand_in


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the sandbox mounts it."""
    folder = tmp_path_factory.mktemp("view")
    build_sandbox_view(folder, ["mnist"])
    return folder


@pytest.fixture(scope="module")
def arrays(view: Path) -> dict[str, np.ndarray]:
    """What is in its ``mnist.npz``."""
    with np.load(view / "mnist.npz", allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def as_rows(images: np.ndarray) -> set[bytes]:
    return {image.tobytes() for image in images}


def test_the_view_has_what_keras_expects(arrays: dict[str, np.ndarray]) -> None:
    """Names, shapes and types of the official file, and its training set."""
    (x_train, y_train), _ = data.load("mnist")
    shapes = {name: (array.shape, str(array.dtype)) for name, array in arrays.items()}
    assert shapes == {
        "x_train": ((60000, 28, 28), "uint8"),
        "y_train": ((60000,), "uint8"),
        "x_test": ((10000, 28, 28), "uint8"),
        "y_test": ((10000,), "uint8"),
    }
    assert np.array_equal(arrays["x_train"], x_train)
    assert np.array_equal(arrays["y_train"], y_train)


def test_no_official_test_image_is_in_the_view(view: Path, arrays: dict[str, np.ndarray]) -> None:
    """Neither under its name nor anywhere else, shifted or not."""
    _, (x_test, y_test) = data.load("mnist")
    official = as_rows(x_test)
    assert not official & as_rows(arrays["x_test"])
    assert not official & as_rows(arrays["x_train"])
    centred = {image[4:24, 4:24].tobytes() for image in x_test}
    for row in range(2, 7):
        for column in range(2, 7):
            windows = arrays["x_test"][:, row : row + 20, column : column + 20]
            assert not centred & {window.tobytes() for window in windows}
    assert not np.array_equal(arrays["y_test"], y_test)
    assert sorted(path.name for path in view.iterdir()) == ["keras.json", "mnist.npz", "view.json"]


def test_the_stand_in_is_made_of_shifted_training_images() -> None:
    """Each image is one of the training images, moved by one or two pixels along both axes, with its label."""
    rng = np.random.default_rng(1)
    images = np.zeros((30, 12, 10), np.uint8)
    images[:, 3:-3, 3:-3] = rng.integers(1, 255, (30, 6, 4))
    labels = np.arange(30, dtype=np.uint8)
    shifted, chosen = stand_in((images, labels), 20)
    assert len(set(chosen.tolist())) == 20
    for image, label in zip(shifted, chosen):
        moves = [
            (row, column)
            for row in range(-3, 4)
            for column in range(-3, 4)
            if np.array_equal(image, np.roll(images[label], (row, column), axis=(0, 1)))
        ]
        assert len(moves) == 1
        assert {abs(step) for step in moves[0]} <= {1, 2}


def test_the_stand_in_is_the_same_every_time() -> None:
    """Grading a submission again must not change what it sees."""
    (pair, _) = data.load("mnist")
    first, second = stand_in(pair, 100), stand_in(pair, 100)
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])
    assert not np.array_equal(first[1], stand_in(pair, 100, seed=1)[1])


def test_an_up_to_date_view_is_left_alone(view: Path) -> None:
    """Nothing is written twice."""
    before = (view / "mnist.npz").stat().st_mtime_ns
    build_sandbox_view(view, ["mnist"])
    assert (view / "mnist.npz").stat().st_mtime_ns == before


@pytest.mark.parametrize("harm", ["stale", "lost", "garbled"])
def test_a_view_that_is_not_up_to_date_is_built_again(tmp_path: Path, harm: str, view: Path) -> None:
    """Another version, a missing file, a damaged note: all are mended."""
    (tmp_path / "mnist.npz").write_bytes(b"old")
    state = {"stale": json.dumps({"mnist": "0"}), "lost": (view / "view.json").read_text(), "garbled": "{"}[harm]
    (tmp_path / "view.json").write_text(state)
    if harm == "lost":
        (tmp_path / "mnist.npz").unlink()
    build_sandbox_view(tmp_path, ["mnist"])
    assert (tmp_path / "mnist.npz").stat().st_size == (view / "mnist.npz").stat().st_size
    assert (tmp_path / "view.json").read_text() == (view / "view.json").read_text()


def test_a_failed_build_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk in the middle: no half file, and the old one stays."""
    (tmp_path / "mnist.npz").write_bytes(b"old")

    def full(*arguments: object, **arrays: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("data.sandbox.np.savez", full)
    with pytest.raises(OSError, match="no space left"):
        build_sandbox_view(tmp_path, ["mnist"])
    assert [path.name for path in tmp_path.iterdir()] == ["mnist.npz"]
    assert (tmp_path / "mnist.npz").read_bytes() == b"old"


def test_other_users_may_read_the_view(view: Path) -> None:
    """Workers run as nobody."""
    assert (view / "mnist.npz").stat().st_mode & 0o444 == 0o444


def test_the_default_view_lies_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below ``$CNN_DATA``, apart from the data sets themselves, which may hold test labels."""
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    monkeypatch.setattr("data.sandbox._VIEWS", {"mnist": ("mnist.npz", Path.touch)})
    assert sandbox_view() == tmp_path / "sandbox"
    assert (tmp_path / "sandbox" / "mnist.npz").exists()


@pytest.fixture
def cifar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, np.ndarray]:
    """A small generated CIFAR-10 as ``$CNN_DATA``, and its test images."""
    rng = np.random.default_rng(5)
    images, labels = rng.integers(256, size=(62, 32, 32, 3), dtype=np.uint8), rng.integers(10, size=62)
    write_batches(tmp_path / "cifar-10-batches-py", (images[:50], labels[:50]), (images[50:], labels[50:]))
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    data.load.cache_clear()
    yield tmp_path, images[50:]
    data.load.cache_clear()


def test_the_view_has_cifar_in_its_layout_without_a_test_image(cifar: tuple[Path, np.ndarray]) -> None:
    """Training images are there; the test batch holds shifted training images."""
    folder, secret = cifar
    view = sandbox_view()
    shown = [read_batch(path) for path in sorted((view / "cifar-10-batches-py").iterdir())]
    assert [len(labels) for _, labels in shown] == [10, 10, 10, 10, 10, 12]
    (x_train, _), _ = data.load("cifar10")
    assert np.array_equal(np.concatenate([images for images, _ in shown[:5]]), x_train)
    centres = {image[2:-2, 2:-2].tobytes() for image in secret}
    for images, _ in shown:
        for row in range(5):
            for column in range(5):
                windows = images[:, row : row + 28, column : column + 28]
                assert not centres & {window.tobytes() for window in windows}
    assert sorted(path.name for path in view.iterdir()) == [
        "cifar-10-batches-py",
        "keras.json",
        "mnist.npz",
        "view.json",
    ]
    assert folder / "sandbox" == view


def test_the_view_follows_the_data_set(cifar: tuple[Path, np.ndarray]) -> None:
    """It is left alone while nothing changes, and built again after a change."""
    folder, _ = cifar
    test_batch = sandbox_view(["cifar10"]) / "cifar-10-batches-py" / "test_batch"
    before = test_batch.stat().st_mtime_ns
    sandbox_view(["cifar10"])
    assert test_batch.stat().st_mtime_ns == before
    write_batch(folder / "cifar-10-batches-py" / "test_batch", np.zeros((3, 32, 32, 3), np.uint8), [0] * 3)
    data.load.cache_clear()
    sandbox_view(["cifar10"])
    assert len(read_batch(test_batch)[1]) == 3
    assert test_batch.stat().st_mode & 0o444 == 0o444
    assert test_batch.parent.stat().st_mode & 0o555 == 0o555


def test_weights_are_shared_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They hold no secret; both formats keep their names, and what is not here is left out."""
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    (tmp_path / "vgg16").mkdir()
    (tmp_path / "vgg16" / "vgg16_notop.weights.h5").write_bytes(b"weights")
    view = sandbox_view(["cifar10", "vgg16", "vgg16_full"])
    assert sorted(path.name for path in view.iterdir()) == ["keras.json", "vgg16", "view.json"]
    assert (view / "vgg16" / "vgg16_notop.weights.h5").read_bytes() == b"weights"
    with pytest.raises(data.DataMissing, match="fetch vgg16_full"):
        build_sandbox_view(tmp_path / "view", ["vgg16_full"])
