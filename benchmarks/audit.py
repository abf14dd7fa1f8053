"""How often an audit's interval misses an honest model, and how often it catches one that was trained otherwise.

``python -m benchmarks.audit FOLDER`` trains MLPs and CNNs on parts of MNIST in eight ways, from 30 seeds each (what
is in FOLDER stays), and takes each as handed in with the notebook of its own way, and with those of the other ways.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import data
from autograder.audit.verdict import interval

SEEDS = 30
DRAWS = 20


@dataclass(frozen=True)
class Way:
    """How a student trains: ``units`` of an MLP or filters of a CNN, and what ``fit`` gets."""

    name: str
    cnn: bool
    units: int
    images: int
    epochs: int
    batch: int
    rate: float
    optimizer: str = "adam"


WAYS = [
    Way("mlp", False, 64, 20_000, 3, 128, 1e-3),
    Way("mlp, one epoch more", False, 64, 20_000, 4, 128, 1e-3),
    Way("mlp, three times as many", False, 64, 60_000, 3, 128, 1e-3),
    Way("mlp, a tenth", False, 64, 2_000, 5, 64, 1e-3),
    Way("mlp, too fast", False, 64, 20_000, 3, 32, 2e-2),
    Way("mlp, sgd", False, 64, 20_000, 3, 64, 0.05, "sgd"),
    Way("cnn", True, 8, 10_000, 2, 64, 2e-3),
    Way("cnn, three times as many", True, 8, 30_000, 2, 64, 2e-3),
]


def main() -> int:
    """Train what is missing, and print the tables of docs/similarity.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    accuracies = {way: np.array([_accuracy(way, seed, options.folder) for seed in range(SEEDS)]) for way in WAYS}
    rng = np.random.default_rng(0)
    tests = len(data.load("mnist")[1][1])
    for way, found in accuracies.items():
        chance = np.sqrt(found.mean() * (1 - found.mean()) / tests)
        print(f"{way.name:26} {found.mean():.2%}, spread {found.std(ddof=1):.3%}, of coin tosses {chance:.3%}")
    for count in (1, 2, 3, 5):
        missed, tried = 0, 0
        for found in accuracies.values():
            for place, _ in itertools.product(range(SEEDS), range(DRAWS)):
                others = rng.choice(np.delete(found, place), count, replace=False)
                low, high = interval(others, tests)
                missed += not low <= found[place] <= high
                tried += 1
        print(f"{count} trainings: {missed} of {tried} honest models outside")
        for one, two in itertools.permutations(WAYS, 2):
            if one.cnn == two.cnn:
                ends = [interval(rng.choice(accuracies[one], count, replace=False), tests) for _ in range(DRAWS)]
                caught = np.mean([not low <= each <= high for low, high in ends for each in accuracies[two]])
                print(f"   {two.name!r} handed in with the notebook of {one.name!r}: told {caught:.0%}")
    return 0


def _accuracy(way: Way, seed: int, folder: Path) -> float:
    path = folder / f"audit-{WAYS.index(way)}-{seed}.txt"
    if not path.exists():
        path.write_text(repr(_trained(way, seed)), encoding="utf-8")
    return float(path.read_text(encoding="utf-8"))


def _trained(way: Way, seed: int) -> float:
    import keras

    layers: Any = keras.layers
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    (images, labels), (x_test, y_test) = data.load("mnist")
    x, x_test = (part[..., None].astype(np.float32) / 255 for part in (images[: way.images], x_test))
    hidden: list[Any] = [layers.Flatten(), layers.Dense(way.units, activation="relu")]
    if way.cnn:
        hidden = [layers.Conv2D(way.units, 5, strides=2, activation="relu"), layers.MaxPooling2D(), layers.Flatten()]
    model = keras.Sequential([keras.Input((28, 28, 1)), *hidden, layers.Dense(10, activation="softmax")])
    rule = keras.optimizers.SGD if way.optimizer == "sgd" else keras.optimizers.Adam
    model.compile(optimizer=rule(way.rate), loss="sparse_categorical_crossentropy", steps_per_execution=32)
    model.fit(x, labels[: way.images], epochs=way.epochs, batch_size=way.batch, verbose=0)
    right = np.asarray(model.predict(x_test, batch_size=1000, verbose=0)).argmax(axis=1) == y_test
    return float(right.mean())


if __name__ == "__main__":
    sys.exit(main())
