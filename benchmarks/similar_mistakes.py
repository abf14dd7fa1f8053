"""What mistakes tell of networks of different layers: agreement beyond what independent models show, on images of ours.

``python -m benchmarks.similar_mistakes FOLDER``, after ``benchmarks.similar_networks FOLDER``, with ``--train 456`` and
then without: the honest models, copies with noise or training (as if their layers had been written in another way), and
networks of other layers that learned from another's answers, on strong variations of test images.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.similar_models import HONEST, Honest, images_and_labels
from data.benchmark import benchmark

EVERY = 12
"""Networks whose answers are learned, of MLPs and of CNNs."""
LITTLE = 5.0
"""Added to the mistakes of the one that errs less, in parts of the usual weight: few mistakes say little."""


def main() -> int:
    """Print the table of docs/similarity.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.similar_mistakes", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    images = benchmark("mnist")
    shown, labels = images.varied_test, images.test[1][images.sample[: len(images.varied_test)]]
    inputs = shown[..., None].astype(np.float32) / 255
    recipes = [recipe for recipe in HONEST if (folder / f"{recipe.name}.keras").exists()]
    names = [recipe.name for recipe in recipes]
    told = [_kept(folder, name, partial(_saved_answers, folder, name, inputs)) for name in names]
    copies: list[tuple[str, str, np.ndarray]] = []
    for path in sorted(folder.glob("copy-noise-*.keras")) + sorted(folder.glob("copy-tuned-*.keras")):
        kind, original = path.stem.removeprefix("copy-").split("-", 1)
        found = _kept(folder, path.stem, partial(_saved_answers, folder, path.stem, inputs))
        copies.append((kind, original, found))
    chosen = [one for one in recipes if one.kind == "mlp"][: 5 * EVERY : 5]
    chosen += [one for one in recipes if one.kind in ("cnn", "norm")][: 3 * EVERY : 3]
    for number, recipe in enumerate(chosen):
        for kind in ("probabilities", "classes"):
            name = f"learned-{kind}-{recipe.name}"
            found = _kept(folder, name, partial(_learned_answers, folder, recipe, kind, number, inputs))
            copies.append((f"learned from its {kind}", recipe.name, found))
    scores = _scores(np.stack([*told, *(one for _, _, one in copies)]), labels, len(told))
    honest = np.sort(scores[: len(told), : len(told)][np.triu_indices(len(told), 1)])[::-1]
    print(f"{len(honest)} honest pairs; they reach {honest[0]:.3f}")
    for false in (1e-3, 1e-4, 1e-5, 0.0):
        line = honest[int(false * len(honest))]
        print(f"above {line:.3f}, {int(false * len(honest))} honest pairs:")
        for kind in dict.fromkeys(kind for kind, _, _ in copies):
            above = [
                scores[names.index(original), len(told) + place] > line
                for place, (one, original, _) in enumerate(copies)
                if one == kind
            ]
            print(f"    {kind:32} {sum(above)} of {len(above)}")
    return 0


def _scores(answers: np.ndarray, labels: np.ndarray, honest: int) -> np.ndarray:
    """Return for each pair the weight of the wrong answers that both give, as a part of the lesser one's."""
    rows, images = np.nonzero(answers != labels)
    columns = images * 10 + answers[rows, images]
    wrong = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(answers), 10 * len(labels)))
    counts = np.asarray(wrong[:honest].sum(axis=0)).ravel()
    weights = np.log(honest / np.maximum(1, counts))
    shared = (wrong @ sparse.diags(weights) @ wrong.T).toarray()
    own = shared.diagonal()
    return np.asarray(shared / (np.minimum.outer(own, own) + LITTLE * np.median(weights[weights > 0])))


def _kept(folder: Path, name: str, answer: Callable[[], np.ndarray]) -> np.ndarray:
    path = folder / f"answers-{name}.npy"
    if not path.exists():
        np.save(path, answer())
    return np.asarray(np.load(path))


def _load(folder: Path, name: str) -> Any:
    import keras

    keras.backend.clear_session()
    return keras.models.load_model(folder / f"{name}.keras")


def _probabilities(model: Any, inputs: np.ndarray) -> np.ndarray:
    parts = [model(inputs[start : start + 1000], training=False) for start in range(0, len(inputs), 1000)]
    return np.concatenate([np.asarray(part) for part in parts])


def _saved_answers(folder: Path, name: str, inputs: np.ndarray) -> np.ndarray:
    return _answers(_load(folder, name), inputs)


def _learned_answers(folder: Path, recipe: Honest, kind: str, number: int, inputs: np.ndarray) -> np.ndarray:
    return _answers(_learned(folder, recipe, kind, number), inputs)


def _answers(model: Any, inputs: np.ndarray) -> np.ndarray:
    return _probabilities(model, inputs).argmax(axis=1).astype(np.uint8)


def _learned(folder: Path, recipe: Honest, kind: str, number: int) -> Any:
    """Train a network of other layers on what a model says about shifted images."""
    teacher = _load(folder, recipe.name)
    import keras

    layers: Any = keras.layers
    images, _ = images_and_labels(70_000 + number, 0.5)
    rng = np.random.default_rng(number)
    images = np.stack([np.roll(image, tuple(rng.integers(-3, 4, 2)), (0, 1)) for image in images])
    wanted = _probabilities(teacher, images)
    keras.utils.set_random_seed(500 + number)
    hidden = [layers.Flatten(), layers.Dense(160, activation="relu")]
    if recipe.kind == "mlp":
        hidden = [layers.Flatten(), layers.Dense(96, activation="relu"), layers.Dense(96, activation="relu")]
    if (number % 2 == 1) is (recipe.kind == "mlp"):
        hidden = [layers.Conv2D(12, 3, strides=2, activation="relu"), layers.Conv2D(32, 3, activation="relu")]
        hidden += [layers.MaxPooling2D(), layers.Flatten()]
    model = keras.Sequential([keras.Input((28, 28, 1)), *hidden, layers.Dense(10, activation="softmax")])
    loss = "categorical_crossentropy" if kind == "probabilities" else "sparse_categorical_crossentropy"
    model.compile(optimizer="adam", loss=loss, steps_per_execution=32)
    model.fit(images, wanted if kind == "probabilities" else wanted.argmax(axis=1), batch_size=128, epochs=6, verbose=0)
    return model


if __name__ == "__main__":
    sys.exit(main())
