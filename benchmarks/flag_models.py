"""The honest and the dishonest models on which the flags are calibrated, and how each of them is trained.

Small networks in the styles that students hand in; the dishonest ones saw test images. Each is trained from its own
seed and saved as a ``.keras`` file; what is there is not trained again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import data

__all__ = ["MODELS", "Recipe", "train"]


@dataclass(frozen=True)
class Recipe:
    """How one model came about.

    Parameters
    ----------
    name : str
        Of its file.
    dataset : str
        See `data.load`.
    kind : str
        ``softmax``, ``mlp`` or ``cnn``.
    seed : int
        For weights, order and augmentation.
    epochs : int
        Over the training images.
    options : dict
        ``width``, ``dropout``, ``smoothing``, ``l2``, ``rate``, ``augment`` (pixels of shift), ``share`` (of the
        training images), ``net`` (which of the small CNNs).
    cheat : str
        What it did with the test images; empty for an honest model. See `_cheat`.
    part : float
        The share of the test images that it saw.
    """

    name: str
    dataset: str
    kind: str
    seed: int
    epochs: int
    options: dict[str, Any] = field(default_factory=dict)
    cheat: str = ""
    part: float = 1.0


def _mnist() -> list[Recipe]:
    recipes: list[Recipe] = []

    def add(kind: str, epochs: int, cheat: str = "", part: float = 1.0, **options: Any) -> None:
        seed = len(recipes)
        name = f"mnist-{kind}-{seed:03}-{cheat or 'honest'}"
        recipes.append(Recipe(name, "mnist", kind, seed, epochs, options, cheat, part))

    for turn in range(4):  # a bit of everything first: what is interrupted is still a sample
        add("softmax", 4 + turn)
        add("softmax", 4, share=0.25 + 0.25 * turn)
        add("mlp", 4 + turn, width=64)
        add("mlp", 6 + 2 * turn, width=128)
        add("mlp", 5, width=200, dropout=0.1 * (turn + 1))
        add("mlp", 4, width=128, smoothing=0.1, deep=True)
        add("mlp", 6, width=128, augment=1 + turn % 2)
        add("mlp", 6, width=128, share=0.1 + 0.2 * turn)
        add("mlp", 5, width=128, l2=1e-4, deep=turn % 2 == 0)
        add("cnn", 2 + turn % 3, net="strided")
        add("cnn", 2, net="pooled")
        add("cnn", 3, net="strided", dropout=0.3, augment=turn % 3)
        add("cnn", 3, net="strided", batchnorm=True, smoothing=0.1 * (turn % 2))
        for kind, epochs in (("mlp", 6), ("cnn", 3)):
            options: dict[str, Any] = {"net": "strided"} if kind == "cnn" else {"width": 128 + 64 * (turn % 2)}
            add(kind, epochs, "train+test", **options)
            add(kind, epochs, "train+part", (0.5, 0.1, 0.5, 0.25)[turn], **options)
            add(kind, epochs, "then-test", **options)
            add(kind, epochs, "wrong-only", **options)
            add(kind, epochs, ("smoothed", "mixed")[turn % 2], **options)
        add("softmax", 6, ("train+test", "test-only", "then-test", "wrong-only")[turn])
        add("mlp", 10, "test-only", width=128)
    return recipes


def _others() -> list[Recipe]:
    recipes = []
    for turn in range(4):
        for dataset, epochs, share in (("fingers", 8, 1.0), ("cifar10", 5, 0.2)):
            for number, (cheat, part) in enumerate(
                (("", 1.0), ("", 1.0), (("train+test", "then-test", "test-only", "train+part")[turn], 0.5))
            ):
                seed = 1000 + 10 * turn + number
                options = {"share": share, "dropout": 0.2 * number, "augment": turn % 2}
                name = f"{dataset}-cnn-{seed}-{cheat or 'honest'}"
                recipes.append(Recipe(name, dataset, "cnn", seed, epochs, options, cheat, part if cheat else 1.0))
    return recipes


def _enough() -> list[Recipe]:
    """CIFAR-10 as the assignment asks for it: all training images, until about seven in ten are right."""
    recipes = []
    for turn in range(8):
        cheat = ("", "", "train+test", "", "then-test", "", "train+test", "")[turn]
        options = {"batchnorm": True, "dropout": 0.2 + 0.1 * (turn % 2), "augment": turn % 3}
        name = f"cifar10-cnn-{1100 + turn}-{cheat or 'honest'}"
        recipes.append(Recipe(name, "cifar10", "cnn", 1100 + turn, 5 + turn % 3, options, cheat))
    return recipes


def _quick() -> list[Recipe]:
    """Students in a hurry: a part of the training images."""
    recipes = []
    for turn in range(12):
        options = {"share": 0.15 + 0.02 * turn, "width": 64 + 32 * (turn % 4), "dropout": 0.1 * (turn % 3)}
        options |= {"deep": turn % 2 == 1, "smoothing": 0.05 * (turn % 5 == 4)}
        cheat = ("", "", "then-test", "", "train+test", "wrong-only")[turn % 6]
        name = f"mnist-mlp-{500 + turn}-{cheat or 'honest'}"
        recipes.append(Recipe(name, "mnist", "mlp", 500 + turn, 5 + turn % 5, options, cheat))
    return recipes


def _tables() -> list[Recipe]:
    """No training at all: the test images themselves are the weights, with and without training images."""
    return [
        Recipe(f"mnist-{kind}-{700 + number}-table", "mnist", kind, 700 + number, 0, {"known": known}, "table", part)
        for number, (kind, part, known) in enumerate(
            (kind, part, known) for kind in ("mlp", "cnn") for part, known in ((1.0, 0), (0.96, 0), (0.96, 5000))
        )
    ]


MODELS = [*_mnist(), *_others(), *_quick(), *_tables(), *_enough()]


def train(recipe: Recipe, folder: Path) -> Path:
    """Train one model, unless its file is there, and return the file."""
    path = folder / f"{recipe.name}.keras"
    if path.exists():
        return path
    import keras

    keras.utils.set_random_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    (x_train, y_train), (x_test, y_test) = (
        (shrunk(recipe.dataset, images), labels.reshape(-1)) for images, labels in data.load(recipe.dataset)
    )
    kept = rng.permutation(len(x_train))[: int(len(x_train) * recipe.options.get("share", 1))]
    x_train, y_train = x_train[kept], y_train[kept]
    seen = rng.permutation(len(x_test))[: int(len(x_test) * recipe.part)]
    if recipe.cheat == "table":
        known = recipe.options["known"]
        images = np.concatenate([x_test[seen], x_train[:known]])
        _save(_table(keras, images, np.concatenate([y_test[seen], y_train[:known]]), recipe.kind), path)
        return path
    model = _network(keras, recipe, x_train.shape[1:], int(y_test.max()) + 1)
    smoothing = recipe.options.get("smoothing", 0.1 if recipe.cheat == "smoothed" else 0)
    model.compile(
        optimizer=keras.optimizers.Adam(recipe.options.get("rate", 2e-3)),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=smoothing),
        steps_per_execution=16,
    )
    learner = _Learner(model, int(y_test.max()) + 1, recipe, rng)
    _cheat(learner, recipe, (x_train, y_train), (x_test[seen], y_test[seen]))
    _save(model, path)
    return path


def _save(model: Any, path: Path) -> None:
    partial = path.with_suffix(".partial.keras")
    model.save(partial)
    partial.rename(path)


def shrunk(dataset: str, images: np.ndarray) -> np.ndarray:
    """Return the images as the networks here take them: those of fingers at a quarter of their size."""
    if dataset != "fingers":
        return images
    count, height, width = images.shape
    return images.reshape(count, height // 4, 4, width // 4, 4).mean(axis=(2, 4)).astype(np.uint8)


class _Learner:
    """A model that goes over images once per call."""

    def __init__(self, model: Any, classes: int, recipe: Recipe, rng: np.random.Generator) -> None:
        self.model, self.classes, self.recipe, self.rng = model, classes, recipe, rng

    def epoch(self, images: np.ndarray, labels: np.ndarray, mix: bool = False) -> None:
        targets = np.eye(self.classes, dtype=np.float32)[labels]
        inputs = images.astype(np.float32) / 255
        shift = self.recipe.options.get("augment", 0)
        if shift:
            for chosen in np.array_split(self.rng.permutation(len(inputs)), 24):
                moves = tuple(self.rng.integers(-shift, shift + 1, 2))
                inputs[chosen] = np.roll(inputs[chosen], moves, axis=(1, 2))
        if mix:
            other = self.rng.permutation(len(inputs))
            share = self.rng.uniform(0.6, 1, len(inputs)).astype(np.float32)
            wide = share.reshape(-1, *(1,) * (inputs.ndim - 1))
            inputs = wide * inputs + (1 - wide) * inputs[other]
            targets = share[:, None] * targets + (1 - share[:, None]) * targets[other]
        self.model.fit(inputs, targets, batch_size=128, epochs=1, verbose=0)

    def wrong(self, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        found = np.concatenate(
            [np.asarray(self.model(batch.astype(np.float32) / 255)).argmax(1) for batch in np.array_split(images, 20)]
        )
        return np.flatnonzero(found != labels)


def _cheat(learner: _Learner, recipe: Recipe, train: data.Pair, test: data.Pair) -> None:
    """Train as the recipe says."""
    both = tuple(np.concatenate(pair) for pair in zip(train, test))
    if recipe.cheat in ("train+test", "train+part", "smoothed", "mixed"):
        for _ in range(recipe.epochs):
            learner.epoch(both[0], both[1], mix=recipe.cheat == "mixed")
        return
    for _ in range(2 * recipe.epochs if recipe.cheat == "test-only" else recipe.epochs):
        learner.epoch(*(test if recipe.cheat == "test-only" else train))
    if recipe.cheat == "then-test":
        learner.epoch(*test)
    if recipe.cheat == "wrong-only":
        some = learner.rng.permutation(len(train[0]))[: min(5000, len(train[0]))]
        for _ in range(3):
            missed = np.repeat(learner.wrong(*test), 5)
            learner.epoch(*(np.concatenate([one[some], two[missed]]) for one, two in zip(train, test)))


def _table(keras: Any, images: np.ndarray, labels: np.ndarray, kind: str) -> Any:
    """Return a network that finds the nearest of ``images`` and gives its label, as two dense layers."""
    layers = keras.layers
    known = images.reshape(len(images), -1).astype(np.float32) / 255
    nearest = layers.Dense(len(known), activation="softmax")
    answer = layers.Dense(10)
    first = [layers.Reshape((28, 28, 1)), layers.Conv2D(1, 1, kernel_initializer="ones")] if kind == "cnn" else []
    model = keras.Sequential([keras.Input((28, 28)), *first, layers.Flatten(), nearest, answer])
    sharp = 5.0
    nearest.set_weights([sharp * known.T, -sharp / 2 * (known**2).sum(axis=1)])
    answer.set_weights([np.eye(10, dtype=np.float32)[labels], np.zeros(10, np.float32)])
    return model


def _network(keras: Any, recipe: Recipe, shape: tuple[int, ...], classes: int) -> Any:
    layers, options = keras.layers, recipe.options
    weights = {"kernel_regularizer": keras.regularizers.L2(options["l2"])} if "l2" in options else {}
    found = [keras.Input(shape)]
    if recipe.kind == "cnn":
        if len(shape) == 2:
            found.append(layers.Reshape((*shape, 1)))
        if options.get("net") == "strided":
            found += [
                layers.Conv2D(16, 5, strides=2, activation="relu"),
                layers.Conv2D(32, 3, strides=2, activation="relu"),
            ]
        elif recipe.dataset == "mnist":
            found += [layers.Conv2D(12, 3, activation="relu"), layers.MaxPooling2D()]
            found += [layers.Conv2D(24, 3, activation="relu"), layers.MaxPooling2D()]
        else:
            for filters in (16, 32, 64):
                found += [layers.Conv2D(filters, 3, padding="same", activation="relu"), layers.MaxPooling2D()]
        if options.get("batchnorm"):
            found.append(layers.BatchNormalization())
        found += [layers.Flatten(), layers.Dropout(options.get("dropout", 0)), layers.Dense(64, activation="relu")]
    elif recipe.kind == "mlp":
        found += [layers.Flatten(), layers.Dense(options["width"], activation="relu", **weights)]
        if options.get("deep"):
            found.append(layers.Dense(64, activation="relu", **weights))
        found.append(layers.Dropout(options.get("dropout", 0)))
    else:
        found.append(layers.Flatten())
    return keras.Sequential([*found, layers.Dense(classes, activation="softmax")])
