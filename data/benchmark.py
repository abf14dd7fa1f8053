"""The images that a model is measured on: the test set, training images, and variations of both.

The grade is the accuracy on the official test set. Everything else serves to recognise a model that has learned that
set by heart, and is drawn from a secret of this grader (`data.secret`), for each submission anew: who knew the images
could prepare a model for them.
"""

from __future__ import annotations

import contextlib
import hashlib
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

import data
from data import variation
from data.files import replacing
from data.loaders import Pair
from data.registry import cache_folder
from data.samples import has_sample, load_sample
from data.secret import secret_number
from data.variation import vary, vary_slightly

__all__ = ["Benchmark", "Draw", "benchmark"]


SAMPLE = 5000


SAMPLE_PIXELS = 20_000_000
"""So many images are varied, and no more pixels than this, so that a benchmark is made in a few seconds."""

DRAWN = 0.8
"""The part of the images kept here that one submission is compared on."""
_PARTS = ("tested", "trained", "slight", "other", "varied_test", "varied_train")


@dataclass(frozen=True)
class Draw:
    """Which of a benchmark's images one submission is compared on.

    Parameters
    ----------
    test, train : ndarray of int
        Places in `Benchmark.sample`, and among the training images.
    varied_test, varied_train : ndarray of int
        Those of them of which there is a strong variation.
    """

    test: np.ndarray
    train: np.ndarray
    varied_test: np.ndarray
    varied_train: np.ndarray


@dataclass(frozen=True)
class Benchmark:
    """The images that a model is measured on.

    Parameters
    ----------
    test, train : (ndarray, ndarray)
        Images (uint8) and labels: the official test set, and some training images.
    sample : ndarray of int
        Which test images were varied.
    slight : tuple of ndarray of uint8
        Two slight variations of each of those, which a model recognises nearly as well as the image itself.
    varied_test, varied_train : ndarray of uint8
        Strong variations of the first half of those test images, and of the training images.
    is_sample : bool
        Whether the data set is not on this machine, and these are the images of its sample (`data.samples`): too few
        to compare anything, so nothing is varied.
    """

    test: data.Pair
    train: data.Pair
    sample: np.ndarray
    slight: tuple[np.ndarray, np.ndarray]
    varied_test: np.ndarray
    varied_train: np.ndarray
    is_sample: bool = False

    def draw(self, seed: int) -> Draw:
        """Choose images for one submission; the same seed and secret choose the same ones."""
        rng = np.random.default_rng([seed, secret_number()])
        test, train = (
            np.sort(rng.choice(count, max(1, int(DRAWN * count)), replace=False))
            for count in (len(self.sample), len(self.train[0]))
        )
        return Draw(test, train, test[test < len(self.varied_test)], train[train < len(self.varied_train)])


@lru_cache(maxsize=2)
def benchmark(name: str) -> Benchmark:
    """Return the benchmark of a data set, always the same on one machine; its variations are made once and kept."""
    if not data.find(name).is_here and has_sample(name):
        train, test = load_sample(name)
        nothing = test[0][:0]
        return Benchmark(test, train, np.empty(0, int), (nothing, nothing), nothing, nothing, is_sample=True)
    train, test = data.load(name)
    file = _file(name)
    found = _read(file)
    if found is None:
        found = _made(name, train, test)
        _keep(file, found)
    chosen = found["trained"]
    return Benchmark(
        test=test,
        train=(train[0][chosen], train[1][chosen]),
        sample=found["tested"],
        slight=(found["slight"], found["other"]),
        varied_test=found["varied_test"],
        varied_train=found["varied_train"],
    )


def _made(name: str, train: Pair, test: Pair) -> dict[str, np.ndarray]:
    """Choose images of a data set and vary them."""
    (x_train, _), (x_test, _) = train, test
    rng = np.random.default_rng(secret_number())
    most = min(SAMPLE, SAMPLE_PIXELS // int(np.prod(x_test.shape[1:3])))
    tested = rng.choice(len(x_test), min(most, len(x_test)), replace=False)
    trained = rng.choice(len(x_train), min(most, len(x_train)), replace=False)
    seeds = [int(seed) for seed in rng.integers(2**63, size=4)]
    how = data.find(name).variation
    return {
        "tested": tested,
        "trained": trained,
        "slight": vary_slightly(x_test[tested], seeds[0], **how),
        "other": vary_slightly(x_test[tested], seeds[1], **how),
        "varied_test": vary(x_test[tested[: (len(tested) + 1) // 2]], seeds[2], **how),
        "varied_train": vary(x_train[trained[: (len(trained) + 1) // 2]], seeds[3], **how),
    }


def _file(name: str) -> Path:
    """Return where what follows from this data set, secret and code is kept; no sandbox sees the folder."""
    causes = [data.find(name).stamp(), str(secret_number()), f"{SAMPLE} {SAMPLE_PIXELS}"]
    causes += [Path(file).read_text(encoding="utf-8") for file in (__file__, variation.__file__)]
    key = hashlib.sha256("\0".join(causes).encode()).hexdigest()
    return cache_folder() / "derived" / f"benchmark-{name}-{key[:32]}.npz"


def _read(file: Path) -> dict[str, np.ndarray] | None:
    """Return what was kept; None if it is not there, or damaged."""
    damages = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)
    with contextlib.suppress(*damages), file.open("rb") as stream, np.load(stream) as kept:
        return {part: kept[part] for part in _PARTS}
    return None


def _keep(file: Path, found: dict[str, np.ndarray]) -> None:
    """Keep it for this user alone, in place of what followed from something else, where the disk takes it."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file, mode=0o600) as stream:
            np.savez(stream, **found)  # type: ignore[arg-type]
        for other in file.parent.glob(f"{file.name.rpartition('-')[0]}-*.npz"):
            if other != file:
                other.unlink()
