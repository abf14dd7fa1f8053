"""How alike two networks are: their units are matched layer by layer, then their incoming weights are compared.

Hidden units have no order of their own, so a linear assignment finds for each the other network's most similar one.
Networks from different initial weights match badly, however well they were trained; a copy matches well, whatever was
done to hide it. Only who began with the same initial weights comes near: then the units match in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from autograder.judging.fingerprint import Layer

__all__ = ["Likeness", "bound", "changes_alike", "compare"]

ENOUGH = 48
"""Numbers that a unit's incoming weights need to tell anything; in fewer dimensions some units are alike by chance."""
IN_ORDER = 0.9
ALIKE = 0.6
"""From this score on two networks have a common origin: from different initial weights they reach 0.5."""
NEARLY_ALL = 0.995
"""From this score on even two that began with the same initial weights are one: trained apart they reach 0.988."""
CHANGES = 0.94
"""From this cosine of their own changes on, two of a group with one origin are one: trained apart they reach 0.925."""
MOST = 8
"""Others of such a group that are looked at: more take longer and tell little more."""
MOVED = 0.7
"""From this score on networks whose units match in another order are one: of 103,740 honest pairs one reached 0.606."""


@dataclass(frozen=True)
class Likeness:
    """How alike two networks are.

    Parameters
    ----------
    score : float
        The mean cosine of matched units' incoming weights, from about 0 to 1.
    in_order : bool
        Whether nearly all units match the other network's unit at the same place, as they do where both began with the
        same initial weights.
    output : bool
        Whether there was nothing but outputs to compare, which end alike without being copies.
    """

    score: float
    in_order: bool
    output: bool = False


def compare(first: Sequence[Layer], second: Sequence[Layer]) -> Likeness:
    """Return how alike two networks are; 0 where they have no layer to compare.

    Parameters
    ----------
    first, second : sequence of Layer
        As `network` or `read_fingerprint` returns them.
    """
    before: tuple[np.ndarray, np.ndarray] | None = None
    total, weight, places, units = 0.0, 0.0, 0, 0
    for one, two in zip(first, second):
        if one.positions != two.positions or one.weights.shape[0] != two.weights.shape[0]:
            break
        if before is None and one.weights.shape[1] != two.weights.shape[1]:
            break
        left, right = one.weights, two.weights
        if before is not None:
            left, right = left[:, before[0]], right[:, before[1]]
        left, right = _unit(left), _unit(right)
        cosines = left.T @ right
        cosines[~one.alive] = cosines[:, ~two.alive] = -1.0
        rows, columns = linear_sum_assignment(-cosines)
        told = one.alive[rows] & two.alive[columns]
        if not told.any():
            break
        rows, columns = rows[told], columns[told]
        if len(left) >= ENOUGH:
            share = len(rows) * len(left)
            total += float(cosines[rows, columns].mean()) * share
            weight += share
        places += int((rows == columns).sum())
        units += len(rows)
        before = rows, columns
    if not weight:
        return Likeness(0.0, False)
    return Likeness(max(0.0, total / weight), places >= IN_ORDER * units, first[0].output or second[0].output)


def bound(one: Sequence[Layer], others: Sequence[Sequence[Layer]]) -> np.ndarray:
    """Return for each of several networks a number that `compare` hardly exceeds, at once for all of them.

    Where the first layer alone says nothing, the bound is 1.
    """
    bounds = np.ones(len(others))
    if not one or one[0].weights.shape[0] * one[0].weights.shape[1] < ENOUGH:
        return bounds
    shape = one[0].weights.shape[:2]
    fitting = [n for n, other in enumerate(others) if other and other[0].weights.shape[:2] == shape]
    bounds[:] = 0.0
    if not fitting:
        return bounds
    mine = _unit(one[0].weights)[:, one[0].alive]
    stacked = np.concatenate([_unit(others[n][0].weights)[:, others[n][0].alive] for n in fitting], axis=1)
    ends = np.cumsum([int(others[n][0].alive.sum()) for n in fitting])
    starts = np.concatenate([[0], ends[:-1]])
    cosines = mine.T @ stacked
    for n, start, end in zip(fitting, starts, ends):
        part = cosines[:, start:end]
        if part.size:
            best = part.max(axis=1) if part.shape[0] <= part.shape[1] else part.max(axis=0)
            bounds[n] = best.mean()
    return bounds


def changes_alike(one: Sequence[Layer], two: Sequence[Layer], others: Sequence[Sequence[Layer]]) -> float:
    """Return how alike two networks' own changes are, given others that began with the same initial weights.

    What lies in the plane through the others is what initial weights and training have in common, whether somebody
    trained longer or faster; what sticks out of it is compared. Honest ones have little in common there, a copy has its
    original's.

    Parameters
    ----------
    one, two : sequence of Layer
    others : sequence of sequence of Layer
        At least two, of the same shapes.

    Returns
    -------
    float
        A cosine.
    """
    shapes = [layer.weights.shape for layer in one]
    if [layer.weights.shape for layer in two] != shapes:
        return 0.0
    group = [_joined(other) for other in others if [layer.weights.shape for layer in other] == shapes][:MOST]
    if not group:
        return 0.0
    left, right = _joined(one) - group[0], _joined(two) - group[0]
    if len(group) > 1:
        plane, _ = np.linalg.qr(np.stack([other - group[0] for other in group[1:]], axis=1))
        left, right = (change - plane @ (plane.T @ change) for change in (left, right))
    return float(left @ right / np.sqrt(max((left @ left) * (right @ right), 1e-24)))


def _joined(layers: Sequence[Layer]) -> np.ndarray:
    return np.concatenate([layer.weights.ravel() for layer in layers]).astype(np.float64)


def _unit(weights: np.ndarray) -> np.ndarray:
    rows = weights.reshape(-1, weights.shape[-1])
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=0), 1e-12))
