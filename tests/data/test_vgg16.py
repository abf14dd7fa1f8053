"""VGG16 in the trusted process: its structure, its weights, and the way images take to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import data
from autograder.course.assignments import ROOT
from autograder.course.notebooks import read_notebook
from data import cats_and_dogs, vgg16

keras = pytest.importorskip("keras")
# Keras itself copies variables in a way that NumPy 2 deprecates when it saves weights.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def test_the_structure_is_that_of_keras() -> None:
    """Layer by layer: names, shapes of kernels, and 14,714,688 parameters."""
    ours = vgg16.structure()
    theirs = keras.applications.VGG16(include_top=False, weights=None, input_shape=vgg16.IMAGE_SHAPE)
    assert [layer.name for layer in ours.layers[1:]] == [layer.name for layer in theirs.layers[1:]]
    assert [tuple(weight.shape) for weight in ours.weights] == [tuple(weight.shape) for weight in theirs.weights]
    assert [tuple(ours.get_layer(name).kernel.shape) for name in vgg16.KERNEL_SHAPES] == list(
        vgg16.KERNEL_SHAPES.values()
    )
    assert ours.count_params() == 14_714_688
    assert ours.get_layer("block4_pool").output.shape[1:] == vgg16.FEATURE_SHAPE


def test_a_thinner_structure_has_the_same_layers() -> None:
    """The stand-in that checks hand over."""
    thin = vgg16.structure(thinner=16)
    assert [layer.name for layer in thin.layers[1:]] == [layer.name for layer in vgg16.structure().layers[1:]]
    assert thin.count_params() < 70_000


def test_images_take_the_same_way_as_in_the_notebook() -> None:
    """What students train on and what the grader measures with are the same numbers."""
    notebook = read_notebook(ROOT / "source/07_vgg16/07_vgg16.ipynb")
    (cell,) = [cell for cell in notebook.cells if cell.get("id") == "enlarge"]
    names = {"np": np, "keras": keras, "preprocess_input": keras.applications.vgg16.preprocess_input}
    exec(cell.source, names)
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    large = vgg16.enlarge(images)
    assert large.shape == (3, *vgg16.IMAGE_SHAPE)
    assert large.dtype == np.float32
    np.testing.assert_array_equal(large, names["enlarge"](images))
    plain = vgg16.enlarge(np.full((1, 32, 32, 3), (10, 20, 30), np.uint8))
    np.testing.assert_allclose(plain[0, 5, 5], [30, 20, 10] - vgg16.CHANNEL_MEANS, rtol=1e-5)


def test_the_channel_means_are_those_of_preprocess_input() -> None:
    """B, G, R."""
    black = keras.applications.vgg16.preprocess_input(np.zeros((1, 1, 1, 3), np.float32))
    np.testing.assert_allclose(-black[0, 0, 0], vgg16.CHANNEL_MEANS, rtol=1e-6)


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder with random weights in place of ImageNet's."""
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    keras.utils.set_random_seed(1)
    folder = tmp_path / "vgg16"
    folder.mkdir()
    vgg16.structure().save_weights(folder / "vgg16_notop.weights.h5")
    for cached in (vgg16.base_weights, vgg16.first_blocks):
        cached.cache_clear()
    yield folder
    for cached in (vgg16.base_weights, vgg16.first_blocks):
        cached.cache_clear()


def test_the_base_comes_from_the_data_folder(weights: Path) -> None:
    """And the first blocks compute with it."""
    loaded = vgg16.base_weights()
    assert {name: found[0].shape for name, found in loaded.items()} == vgg16.KERNEL_SHAPES
    images = vgg16.enlarge(np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8))
    features = np.asarray(vgg16.first_blocks()(images))
    assert features.shape == (2, *vgg16.FEATURE_SHAPE)
    first = vgg16.first_blocks().get_layer("block1_conv1").get_weights()[0]
    np.testing.assert_array_equal(first, loaded["block1_conv1"][0])
    assert not vgg16.is_classifier_here()


def test_without_data_the_error_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin makes a skipped check of it, which costs no points."""
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    for cached in (vgg16.base_weights, cats_and_dogs.cats_and_dogs, cats_and_dogs._images):
        cached.cache_clear()
    with pytest.raises(data.DataMissing, match="vgg16"):
        vgg16.base_weights()
    with pytest.raises(data.DataMissing, match="cifar10"):
        cats_and_dogs.make()
    assert not vgg16.is_classifier_here()
