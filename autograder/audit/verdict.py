"""Whether a model can be what its notebook trains: layers, accuracy, initial weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from autograder.audit.seen import SeenModel
from autograder.judging.likeness import ALIKE, compare

__all__ = ["FALSE", "Held", "hold", "interval"]

FALSE = 1e-3
"""How often an honest model's accuracy would lie outside `interval`, were they spread normally; measured: 4e-3."""
SAME = 0.9
"""From this likeness on two trainings began with the same weights and saw much the same."""
_KNOWN = 4
"""Trainings that the spread which follows from the number of test images counts for, beside those of the audit."""


@dataclass(frozen=True)
class Held:
    """A model that was handed in, held against what its notebook trains.

    Parameters
    ----------
    reasons : tuple of str
        Why the notebook cannot have trained it, as far as the audit sees; empty if it may have.
    accuracy : float or None
        Of the model that was handed in.
    trained : tuple of float
        Of those that the audit trained.
    interval : tuple of float, or None
        Where the accuracy of one more training would lie; of honest models 4 in 1,000 were outside.
    likeness : float or None
        Mean cosine of matched units of the model and of the one that the notebook's own seeds lead to; None where there
        is nothing to compare.
    """

    reasons: tuple[str, ...] = ()
    accuracy: float | None = None
    trained: tuple[float, ...] = ()
    interval: tuple[float, float] | None = None
    likeness: float | None = None


def interval(trained: Sequence[float], tests: int) -> tuple[float, float]:
    """Return where the accuracy of one more training lies, but for `FALSE` of the time.

    A prediction interval of Student's t. Few trainings say little of their spread, so that of ``tests`` coin tosses
    with this chance counts for four more of them (a moderated variance, as Smyth, 2004).

    Parameters
    ----------
    trained : sequence of float
        Accuracies of at least one training.
    tests : int
        On how many images.
    """
    values = np.asarray(trained, float)
    middle, count = float(values.mean()), len(values)
    chance = (middle * tests + 2) / (tests + 4)
    prior = chance * (1 - chance) / tests
    degrees = _KNOWN + count - 1
    variance = (_KNOWN * prior + float(((values - middle) ** 2).sum())) / degrees
    half = float(t.ppf(1 - FALSE / 2, degrees)) * float(np.sqrt(variance * (1 + 1 / count)))
    return max(0.0, middle - half), min(1.0, middle + half)


def hold(
    handed: SeenModel,
    trained: Sequence[SeenModel],
    repeated: SeenModel | None = None,
    *,
    why_none: str = "",
) -> Held:
    """Hold one model against what its notebook trains.

    Parameters
    ----------
    handed : SeenModel
    trained : sequence of SeenModel
        The first one with the seeds that the notebook sets.
    repeated : SeenModel, optional
        The first training once more, where the initial weights are to be judged: they are evidence only if the
        notebook leads to the same ones each time.
    why_none : str
        Why nothing was trained, if so.
    """
    if not trained:
        return Held((why_none,) if why_none else (), handed.accuracy)
    first = trained[0]
    if first.structure != handed.structure:
        return Held((_other_layers(handed, first),), handed.accuracy, _accuracies(trained))
    likeness = origin(handed, first)
    reasons = []
    if repeated is not None and likeness is not None and likeness < ALIKE:
        again = origin(first, repeated)
        if again is not None and again >= SAME:
            reasons.append(
                "it did not begin with the weights to which the seeds in its own cell lead: its units match those of "
                f"the training with a cosine of {likeness:.2f}, a second training with {again:.2f}"
            )
    found = _accuracies(_distinct(trained))
    around = None
    if handed.accuracy is not None and handed.right is not None and found:
        around = interval(found, len(handed.right))
        if not around[0] <= handed.accuracy <= around[1]:
            reasons.insert(
                0,
                f"it recognises {handed.accuracy:.2%} of the test images, and one more training would reach "
                f"{around[0]:.2%} to {around[1]:.2%} as 996 in 1,000 do",
            )
    return Held(tuple(reasons), handed.accuracy, found, around, likeness)


def origin(one: SeenModel, two: SeenModel) -> float | None:
    """Return how alike two networks are unit by unit; None where outputs alone could be compared."""
    if not one.layers or not two.layers:
        return None
    likeness = compare(one.layers, two.layers)
    return None if likeness.output else likeness.score


def _distinct(trained: Sequence[SeenModel]) -> list[SeenModel]:
    """Leave out trainings that other seeds did not change: they are one."""
    kept: list[SeenModel] = []
    for model in trained:
        if not any(_same(model, other) for other in kept):
            kept.append(model)
    return kept


def _same(one: SeenModel, two: SeenModel) -> bool:
    if one.right is None or two.right is None or not np.array_equal(one.right, two.right):
        return False
    likeness = origin(one, two)
    return likeness is None or likeness >= SAME


def _accuracies(models: Sequence[SeenModel]) -> tuple[float, ...]:
    return tuple(round(model.accuracy, 5) for model in models if model.accuracy is not None)


def _other_layers(handed: SeenModel, first: SeenModel) -> str:
    place = next(
        (number for number, (one, two) in enumerate(zip(handed.structure, first.structure)) if one != two),
        min(len(handed.structure), len(first.structure)),
    )
    parts = [model.structure[place] if place < len(model.structure) else "none" for model in (handed, first)]
    return f"its layers are not those that the notebook trains: layer {place + 1} is {parts[0]!r}, there {parts[1]!r}"
