"""``keras.datasets`` and ``keras.applications`` inside the sandbox, in fresh processes as there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.course.assignments import ROOT
from data.cifar import write_batches
from data.keras_files import write_index

WORKER = ROOT / "autograder" / "worker"
SCRIPT = """
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, {worker!r})
{before}
from tensorflow.keras.datasets import mnist
from keras.datasets.mnist import load_data
import keras
for function in (mnist.load_data, load_data, keras.datasets.mnist.load_data):
    (x_train, y_train), (x_test, y_test) = function()
    print(x_train.shape, y_train.tolist(), x_test.shape, y_test.tolist())
print(load_data("mi_mnist.npz")[1][1].tolist(), load_data(path="x.npz")[1][1].tolist())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small ``mnist.npz``."""
    images = np.zeros((2, 28, 28), np.uint8)
    write_index(tmp_path)
    np.savez(tmp_path / "mnist.npz", x_train=images, y_train=[3, 4], x_test=images[:1], y_test=[7])
    return tmp_path


@pytest.mark.slow
def test_cifar10_answers_from_its_official_layout(tmp_path: Path) -> None:
    """The arrays of Keras: channels last, labels in a column."""
    images = np.random.default_rng(1).integers(256, size=(50010, 32, 32, 3), dtype=np.uint8)
    labels = np.arange(50010) % 10
    write_index(tmp_path)
    write_batches(tmp_path / "cifar-10-batches-py", (images[:50000], labels[:50000]), (images[50000:], labels[50000:]))
    script = f"""
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, {str(WORKER)!r})
import datasets
datasets.install({str(tmp_path)!r})
from keras.datasets import cifar10
(x_train, y_train), (x_test, y_test) = cifar10.load_data()
print(x_train.shape, x_train.dtype, x_train[7, 1, 2].tolist(), y_train.shape, y_train[7].tolist(), x_test.shape)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    expected = f"(50000, 32, 32, 3) uint8 {images[7, 1, 2].tolist()} (50000, 1) [7] (10, 32, 32, 3)"
    assert done.stdout.strip() == expected


@pytest.mark.slow
@pytest.mark.parametrize("first", ["import datasets", "import keras, datasets"])
def test_load_data_answers_from_the_folder(folder: Path, first: str) -> None:
    """However it is imported, whether Keras was there before or not, and whatever the copy shall be called."""
    script = SCRIPT.format(worker=str(WORKER), before=f"{first}\ndatasets.install({str(folder)!r})")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines() == ["(2, 28, 28) [3, 4] (1, 28, 28) [7]"] * 3 + ["[7] [7]"]


@pytest.mark.slow
def test_vgg16_takes_its_weights_from_the_folder(tmp_path: Path) -> None:
    """In Keras's own format, under the name that an installed data set has; the official name comes first."""
    write_index(tmp_path)
    script = f"""
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, {str(WORKER)!r})
import numpy as np
from tensorflow.keras.applications.vgg16 import VGG16
import datasets, keras
shape = dict(include_top=False, input_shape=(32, 32, 3))
model = VGG16(weights=None, **shape)
model.get_layer("block1_conv1").bias.assign(np.arange(64))
os.mkdir({str(tmp_path / "vgg16")!r})
model.save_weights({str(tmp_path / "vgg16/vgg16_notop.weights.h5")!r})
datasets.install({str(tmp_path)!r})
for build in (VGG16, keras.applications.VGG16, keras.applications.vgg16.VGG16):
    print(float(build(weights="imagenet", **shape).get_layer("block1_conv1").bias[63]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == ["63.0"] * 3


def test_a_file_that_is_not_there_is_left_to_keras(tmp_path: Path) -> None:
    """Without a data folder nothing changes: Keras downloads, or fails, as always."""
    write_index(tmp_path)
    script = f"""
import sys, types
sys.path.insert(0, {str(WORKER)!r})
import datasets
module = types.ModuleType("keras.src.datasets.mnist")
module.get_file = lambda fname, origin=None, **more: ("asked", fname, origin)
sys.modules["keras.src.datasets.mnist"] = module
datasets.install({str(tmp_path)!r})
print(module.get_file("mnist.npz", origin="https://example.org/mnist.npz"))
print(module.get_file(fname="other.npz", origin="https://example.org/other.npz"))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == [
        "('asked', 'mnist.npz', 'https://example.org/mnist.npz')",
        "('asked', 'other.npz', 'https://example.org/other.npz')",
    ]
