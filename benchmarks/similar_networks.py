"""How well disguised copies of networks are found, and how often honest pairs are flagged.

``python -m benchmarks.similar_networks FOLDER --train N`` trains the first N honest models into FOLDER (what is there stays);
``python -m benchmarks.similar_networks FOLDER`` makes the disguised copies that are missing and prints the tables of
docs/similarity.md. Times are CPU seconds.
"""

# ruff: noqa: E501
from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import beta

from autograder.grading.equal_models import Trained, alike_models
from autograder.judging.fingerprint import Layer, network
from autograder.judging.likeness import compare
from autograder.worker.model_file import read_model
from autograder.worker.wire import ModelParts
from benchmarks.similar_models import HONEST, Honest, build, images_and_labels, train

DISGUISES = ("permuted", "rescaled", "noise", "tuned", "dead", "pruned", "float16", "everything")
EACH = 26


def main() -> int:
    """Train, or compare and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.similar_networks", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--train", type=int, default=0, metavar="N")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for recipe in HONEST[: options.train]:
        train(recipe, options.folder)
    if not options.train:
        _measure(options.folder)
    return 0


def copy_of(recipe: Honest, folder: Path, kind: str, seed: int) -> Path:
    """Write a disguised copy of a model, unless it is there, and return its file."""
    path = folder / f"copy-{kind}-{recipe.name}.keras"
    if path.exists():
        return path
    import keras

    keras.backend.clear_session()
    rng = np.random.default_rng(seed)
    original = keras.models.load_model(folder / f"{recipe.name}.keras")
    parts = [[np.array(one) for one in layer.get_weights()] for layer in original.layers if layer.weights]
    wanted = (
        ("pruned", "dead", "permuted", "rescaled", "noise", "tuned", "float16") if kind == "everything" else (kind,)
    )
    width = recipe.width
    for step in wanted:
        if step in ("dead", "pruned"):
            width = _resized(parts, rng, step == "dead")
        elif step in ("permuted", "rescaled"):
            _moved(parts, rng, step == "permuted")
        elif step == "noise":
            parts = [
                [one * (1 + 0.1 * rng.normal(size=one.shape)).astype(np.float32) for one in layer] for layer in parts
            ]
        elif step == "float16":
            parts = [[one.astype(np.float16).astype(np.float32) for one in layer] for layer in parts]
        elif step == "tuned":
            model = _filled(keras, replace(recipe, width=width), parts)
            model.compile(
                optimizer=keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", steps_per_execution=32
            )
            model.fit(*images_and_labels(90_000 + seed, 0.25), batch_size=128, epochs=1 + seed % 3, verbose=0)
            parts = [[np.array(one) for one in layer.get_weights()] for layer in model.layers if layer.weights]
    model = _filled(keras, replace(recipe, width=width), parts)
    model.save(partial := path.with_suffix(".partial.keras"))
    partial.rename(path)
    return path


def _filled(keras: Any, recipe: Honest, parts: list[list[np.ndarray]]) -> Any:
    model = build(keras, recipe)
    for layer, arrays in zip([layer for layer in model.layers if layer.weights], parts, strict=True):
        layer.set_weights(arrays)
    return model


def _kernels(parts: list[list[np.ndarray]]) -> list[int]:
    return [number for number, arrays in enumerate(parts) if arrays[0].ndim > 1]


def _grouped(kernel: np.ndarray, channels: int) -> np.ndarray:
    return kernel.reshape(-1, channels, kernel.shape[-1])


def _moved(parts: list[list[np.ndarray]], rng: np.random.Generator, permute: bool) -> None:
    """Change the order of all hidden units, or their scale; the network does the same as before."""
    places = _kernels(parts)
    for here, after in itertools.pairwise(places):
        units = parts[here][0].shape[-1]
        following = parts[after][0]
        if permute:
            order = rng.permutation(units)
            for number in range(here, after):
                parts[number] = [one[..., order] for one in parts[number]]
            parts[after][0] = _grouped(following, units)[:, order].reshape(following.shape)
            continue
        scale = rng.uniform(0.3, 3, units).astype(np.float32)
        parts[here] = [one * scale for one in parts[here]]
        if after > here + 1:
            gamma, beta, mean, variance = parts[here + 1]
            parts[here + 1] = [gamma, beta, mean * scale, variance * scale**2]
        else:
            parts[after][0] = (_grouped(following, units) / scale[None, :, None]).reshape(following.shape)


def _resized(parts: list[list[np.ndarray]], rng: np.random.Generator, more: bool) -> int:
    """Add hidden units to which nothing listens, or take away those that say least; return how many there are."""
    places = _kernels(parts)
    here, after = (places[0], places[1]) if parts[0][0].ndim == 2 else (places[-2], places[-1])
    units = parts[here][0].shape[-1]
    following = _grouped(parts[after][0], units)
    shape = parts[after][0].shape[:-1]
    if more:
        extra = max(2, units // 10)
        for number in range(here, after):
            parts[number] = [
                np.concatenate(
                    [one, one[..., rng.integers(0, units, extra)] * rng.normal(1, 0.5, extra).astype(np.float32)], -1
                )
                for one in parts[number]
            ]
        following = np.concatenate([following, np.zeros_like(following[:, :extra])], axis=1)
        count = units + extra
    else:
        told = np.linalg.norm(following, axis=(0, 2)) * np.linalg.norm(parts[here][0].reshape(-1, units), axis=0)
        kept = np.sort(np.argsort(-told)[: units - max(2, units // 10)])
        for number in range(here, after):
            parts[number] = [one[..., kept] for one in parts[number]]
        following = following[:, kept]
        count = len(kept)
    rows = following.shape[0] * following.shape[1]
    parts[after][0] = following.reshape(*((rows,) if len(shape) == 1 else (*shape[:-1], count)), following.shape[-1])
    return count


def layers_of(path: Path) -> list[Layer]:
    """Return the layers of a model file of ours without their disguise."""
    from autograder.similarity.models import chain

    parts = read_model(path)
    assert isinstance(parts, ModelParts), parts
    return network(chain(parts))


def _measure(folder: Path) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    recipes = [recipe for recipe in HONEST if (folder / f"{recipe.name}.keras").exists()]
    started = time.process_time()
    honest = [_trained(recipe.name, recipe, folder / f"{recipe.name}.keras") for recipe in recipes]
    print(f"{len(honest)} honest models, read in {time.process_time() - started:.1f} s")
    started = time.process_time()
    near = list(alike_models(honest))
    every = len(honest) * (len(honest) - 1) // 2
    print(f"{every} pairs compared in {time.process_time() - started:.1f} s; of a common origin {len(near)}")
    wrong = [(honest[one].model, honest[two].model, likeness, how) for one, two, likeness, how in near if how]
    print(f"honest pairs flagged: {len(wrong)}; highest number that may be so at 95 %: {_upper(len(wrong), every):.1e}")
    for one, two, likeness, how in wrong:
        print(f"   {one} {two} {likeness.score:.4f} {how}")
    related = {(one, two) for one, two, _, _ in near}
    apart = [
        compare(honest[one].layers, honest[two].layers).score
        for one, two in itertools.combinations(range(len(honest)), 2)
        if (one, two) not in related and honest[one].model.split("-")[0] == honest[two].model.split("-")[0]
    ]
    shared = [likeness.score for _, _, likeness, _ in near]
    print(
        f"trained apart: {len(apart)} pairs of one kind reach {max(apart):.3f}; from one seed: {min(shared):.3f}–{max(shared):.3f}"
    )
    print("disguise: copies, lowest score; found where the seed is the student's own, where it is shared by six")
    for kind in DISGUISES:
        found: dict[bool, list[bool]] = {True: [], False: []}
        scores = []
        for number, recipe in enumerate([*recipes[:18], *recipes[36:44]]):
            group = [one for one in honest if one.seeds and one.seeds == _seeds(recipe)]
            original = next(one for one in honest if one.model == recipe.name)
            copy = _trained("copy", recipe, copy_of(recipe, folder, kind, number))
            members = [original, *(one for one in group if one is not original), copy]
            told = {(one, two): (likeness, how) for one, two, likeness, how in alike_models(members)}
            likeness, how = told.get((0, len(members) - 1), (None, ""))
            scores.append(likeness.score if likeness is not None else 0.0)
            found[bool(group)].append(bool(how))
        counts = ", ".join(f"{sum(one)} of {len(one)}" for one in (found[False], found[True]))
        print(f"{kind:12} {len(scores)} copies, {min(scores):.3f}; {counts}", flush=True)


def _seeds(recipe: Honest) -> frozenset[int]:
    """Return the seeds that a student's notebook would set: who has one of their own sets none."""
    return frozenset({recipe.seed}) if "shared" in recipe.name else frozenset()


def _trained(name: str, recipe: Honest, path: Path) -> Trained:
    return Trained(name, name, layers_of(path), _seeds(recipe))


def _upper(count: int, of: int) -> float:
    """Return the upper end of the 95 % interval of a share (Clopper and Pearson)."""
    return float(beta.ppf(0.975, count + 1, of - count))


if __name__ == "__main__":
    sys.exit(main())
