"""The embedded samples: small, whole, and used only where the data sets themselves are not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import data
from data import samples, vgg16
from data.benchmark import benchmark
from data.cats_and_dogs import cats_and_dogs
from data.errors import DataCorrupt, DataMissing
from data.samples import FOLDER, has_sample, load_sample, sampled_weights


def _forget() -> None:
    for cached in (load_sample, sampled_weights, samples._index, benchmark, cats_and_dogs):
        cached.cache_clear()


@pytest.fixture
def nothing_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine with an empty data folder."""
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    _forget()
    yield
    _forget()


@pytest.mark.parametrize(
    ("name", "shape", "tests", "trains"), [("cifar10", (32, 32, 3), 150, 100), ("fingers", (128, 128), 100, 12)]
)
def test_a_sample_has_as_many_images_of_each_class(name, shape, tests, trains):
    """Read-only images of bytes and their labels, as `data.load` gives them."""
    for (images, labels), count in zip(load_sample(name), (trains, tests)):
        classes = len(np.unique(labels))
        assert images.shape == (count * classes, *shape)
        assert (images.dtype, labels.dtype) == (np.uint8, np.uint8)
        assert set(np.bincount(labels)) == {count}
        assert not images.flags.writeable
        assert 30 < images.std() < 90


def test_the_samples_take_less_than_20_megabytes():
    """A clone stays small."""
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 20e6


def test_a_damaged_sample_is_refused(tmp_path, monkeypatch):
    """A file that is not the one of the index is no test set."""
    shutil.copytree(FOLDER, tmp_path / "samples")
    monkeypatch.setattr(samples, "FOLDER", tmp_path / "samples")
    _forget()
    with (tmp_path / "samples/fingers-test.png").open("ab") as file:
        file.write(b"x")
    with pytest.raises(DataCorrupt, match=r"fingers-test\.png is damaged"):
        load_sample("fingers")
    (tmp_path / "samples/vgg16.npz").unlink()
    with pytest.raises(DataMissing, match="git checkout"):
        sampled_weights()
    _forget()


@pytest.mark.usefixtures("nothing_fetched")
def test_without_the_data_set_a_benchmark_is_its_sample():
    """1,500 photographs; nothing is varied, since so few images compare nothing."""
    images = benchmark("cifar10")
    assert images.is_sample
    assert len(images.test[0]) == 1500
    assert len(images.varied_test) == len(images.sample) == 0
    assert not benchmark("mnist").is_sample


@pytest.mark.usefixtures("nothing_fetched")
def test_without_a_sample_a_missing_data_set_is_missing():
    """Nobody is measured on nothing."""
    assert not has_sample("vgg16_full")
    with pytest.raises(DataMissing, match="python -m data fetch vgg16_full"):
        load_sample("vgg16_full")


@pytest.mark.usefixtures("nothing_fetched")
def test_cats_and_dogs_come_with_what_vgg16_makes_of_them():
    """150 of each, in the order of the sample, with finite features that are mostly zero, as behind a ReLU."""
    images = cats_and_dogs()
    assert images.is_sample
    assert images.images["test"].shape == (300, 32, 32, 3)
    assert list(np.bincount(images.labels["test"])) == [150, 150]
    features = images.features["test"]
    assert features.shape == (300, 6, 6, 512)
    assert (features >= 0).all()
    assert 0.5 < (features == 0).mean() < 0.9


@pytest.mark.usefixtures("nothing_fetched")
def test_some_weights_of_every_layer_are_known():
    """The same places of what a student hands in lie beside them."""
    for layer, shape in vgg16.KERNEL_SHAPES.items():
        kernel = np.arange(np.prod(shape)).reshape(shape)
        mine, theirs = vgg16.beside_original(layer, kernel)
        assert np.array_equal(mine, sampled_weights()[f"{layer}.places"])
        assert len(theirs) == min(8192, kernel.size)
        assert vgg16.original_bias(layer).shape == (shape[-1],)
        assert 0 < theirs.std() < 1


def test_the_samples_of_images_are_test_images(real_data, monkeypatch):
    """Under their own labels."""
    monkeypatch.setenv("CNN_DATA", str(real_data("fingers")))
    (_, (images, labels)), (_, (all_images, all_labels)) = load_sample("fingers"), data.load("fingers")
    known = {image.tobytes(): label for image, label in zip(all_images, all_labels)}
    assert [known[image.tobytes()] for image in images] == list(labels)


def test_the_sampled_weights_are_imagenets(real_data, monkeypatch):
    """At their places, and all of each bias."""
    monkeypatch.setenv("CNN_DATA", str(real_data("vgg16")))
    vgg16.base_weights.cache_clear()
    for layer, (kernel, bias) in vgg16.base_weights().items():
        places = sampled_weights()[f"{layer}.places"]
        assert np.array_equal(kernel.ravel()[places], sampled_weights()[f"{layer}.kernel"])
        assert np.array_equal(bias, sampled_weights()[f"{layer}.bias"])
    vgg16.base_weights.cache_clear()
