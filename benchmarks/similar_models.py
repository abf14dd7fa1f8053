"""The honest models on which the comparison of networks is measured, and how each of them is trained.

Three quarters are MLPs, one quarter CNNs, as students of 04 hand them in. Some have a seed of their own, others share
it with five more: these start from the same weights and differ in what students choose (epochs, batch size, optimizer,
rate, which images, and so in which order they come).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import data

__all__ = ["HONEST", "Honest", "build", "images_and_labels", "train"]

_WIDTHS = (128, 128, 64, 128, 256, 128)
_GROUP = 6


@dataclass(frozen=True)
class Honest:
    """How one honest model came about.

    Parameters
    ----------
    name : str
        Of its file.
    kind : str
        ``mlp``, ``deep`` (two hidden layers), ``cnn``, or ``norm`` (a CNN with batch normalisation).
    width : int
        Units of the first hidden layer, or filters of the second convolution.
    seed : int
        Of the initial weights; students share some of them.
    order : int
        Of the choice of images and their order.
    epochs, batch, rate, optimizer, dropout, share
        What a student chooses; ``share`` is the part of the training images.
    """

    name: str
    kind: str
    width: int
    seed: int
    order: int
    epochs: int
    batch: int
    rate: float
    optimizer: str
    dropout: float
    share: float


def _recipes(count: int) -> list[Honest]:
    found = []
    for number in range(count):
        turn, member = divmod(number, _GROUP)
        rng = np.random.default_rng(number)
        shared = turn % 2 == 1
        kind = ("mlp", "mlp", "deep", "mlp", "mlp", "mlp", "cnn", "norm")[turn % 8 if shared else number % 8]
        width = _WIDTHS[turn % 6 if shared else number % 6]
        plain = shared and member < 2  # the hardest: two who chose the same, and differ in the images alone
        found.append(
            Honest(
                name=f"{kind}-{number:04}-{'shared' if shared else 'own'}{turn if shared else ''}",
                kind=kind,
                width=width if kind in ("mlp", "deep") else width // 4,
                seed=turn if shared else 10_000 + number,
                order=number,
                epochs=3 if plain else int(rng.integers(2, 5)),
                batch=128 if plain else int(rng.choice([32, 64, 128, 256])),
                rate=1e-3 if plain else float(rng.choice([5e-4, 1e-3, 2e-3, 3e-3])),
                optimizer="adam" if plain else str(rng.choice(["adam", "adam", "adam", "rmsprop", "sgd"])),
                dropout=0.0 if plain else float(rng.choice([0, 0, 0.2, 0.4])),
                share=0.5 if kind in ("mlp", "deep") else 0.25,
            )
        )
    return found


HONEST = _recipes(1200)
"""As many as the time allows are trained, from the front: any first part of them is a sample."""


def images_and_labels(order: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return a part of MNIST's training images as floats from 0 to 1 (N, 28, 28, 1), and their labels."""
    images, labels = data.load("mnist")[0]
    chosen = np.random.default_rng(order).permutation(len(images))[: int(share * len(images))]
    return images[chosen, ..., None].astype(np.float32) / 255, labels[chosen]


def train(recipe: Honest, folder: Path) -> Path:
    """Train one model, unless its file is there, and return the file."""
    path = folder / f"{recipe.name}.keras"
    if path.exists():
        return path
    import keras

    keras.backend.clear_session()
    keras.utils.set_random_seed(recipe.seed)
    model = build(keras, recipe)
    optimizer: Any = {
        "adam": lambda: keras.optimizers.Adam(recipe.rate),
        "rmsprop": lambda: keras.optimizers.RMSprop(recipe.rate / 2),
        "sgd": lambda: keras.optimizers.SGD(50 * recipe.rate, momentum=0.9),
    }[recipe.optimizer]()
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", steps_per_execution=32)
    images, labels = images_and_labels(recipe.order, recipe.share)
    model.fit(images, labels, batch_size=recipe.batch, epochs=recipe.epochs, verbose=0)
    keras.Model(model.inputs[0], model.outputs[0]).save(partial := path.with_suffix(".partial.keras"))
    partial.rename(path)
    return path


def build(keras: Any, recipe: Honest) -> Any:
    """Return the untrained network of a recipe."""
    layers = keras.layers
    if recipe.kind in ("mlp", "deep"):
        hidden = [layers.Dense(recipe.width, activation="relu"), layers.Dropout(recipe.dropout)]
        hidden += [layers.Dense(64, activation="relu")] if recipe.kind == "deep" else []
        return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), *hidden, layers.Dense(10, "softmax")])
    maps: list[Any] = [layers.Conv2D(16, 5, strides=2, activation="relu")]
    maps += [layers.BatchNormalization()] if recipe.kind == "norm" else []
    maps += [layers.Conv2D(recipe.width, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten()]
    return keras.Sequential(
        [keras.Input((28, 28, 1)), *maps, layers.Dropout(recipe.dropout), layers.Dense(10, "softmax")]
    )
