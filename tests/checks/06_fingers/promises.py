"""What `prove` asks of 06: labels of any name, folders in any order, hands that stay where they are, and a CNN."""

import uuid
from pathlib import Path

import numpy as np
from skimage import io

from autograder.proving.networks import keeps_promise, layer_names
from autograder.proving.promises import Call, Promise, alike
from autograder.proving.tones import mosaics, same_tones


def name(rng):
    """Return a file name, with or without folders, whose identifier may hold anything."""
    identifier = (
        str(uuid.UUID(bytes=rng.bytes(16))) if rng.random() < 0.5 else f"img_{rng.integers(100)}_{rng.integers(9)}L"
    )
    folder = ["", "datos/train/", "a_1L.b/c_0/", "/x/3_5R.png.d/"][rng.integers(4)]
    return f"{folder}{identifier}_{rng.integers(6)}{'LR'[rng.integers(2)]}.png"


def folder(rng):
    """Write a folder of images, and a file that is none, and return its path."""
    path = Path(f"manos_{rng.integers(10**9)}")
    path.mkdir()
    for _ in range(int(rng.integers(1, 5))):
        image = np.kron(rng.integers(0, 256, (16, 16)), np.ones((8, 8))).astype(np.uint8)
        io.imsave(path / Path(name(rng)).name, image, check_contrast=False)
    (path / "leeme_3L.txt").write_text("no es una imagen")
    return Call((str(path),))


def same_pairs(mine, right):
    """Tell whether the same images have the same labels, in any order and type."""

    def pairs(value):
        images, labels = value
        flat = [np.asarray(image, dtype=float) for image in images]
        if any(image.shape != (128, 128) for image in flat) or len(flat) != len(labels):
            return None
        return sorted((image.tobytes(), int(label)) for image, label in zip(flat, np.ravel(labels)))

    return pairs(mine) is not None and pairs(mine) == pairs(right)


def hands(rng):
    """Return a batch of images with four large tiles each: whatever the size to which they are reduced, it shows."""
    return Call((mosaics(rng, int(rng.integers(1, 4)), 128),))


def has_convolution(model):
    return any("Conv" in layer for layer in layer_names(model))


PROMISES = {
    "label_from_filename": Promise(
        lambda rng: Call((name(rng),)), alike=lambda mine, right: not isinstance(mine, str) and alike(mine, right)
    ),
    "load_images": Promise(folder, alike=same_pairs, count=12),
    "preprocess": Promise(hands, alike=same_tones, count=8),
    "build_cnn": Promise(lambda rng: Call(), alike=keeps_promise(has_convolution), count=1),
}
