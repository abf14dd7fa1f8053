"""Whether a model seems to have learned the official test images by heart.

A flag for the instructor, never a grade. What a model has learned from other images it does about as well on an image
as on a slight variation of it; what it has learned by heart it does much better on the very image. So the losses on
test images and on slight variations of the same images are compared, in pairs, and those on training and test images.
How far apart they are for honest models was measured: ``docs/accuracy.md`` has the table of ``benchmarks/flags.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.registry import Bounds

__all__ = ["MEMORISED", "Figures", "Losses", "losses", "suspicion"]

MEMORISED = "memorised-test-set"

ERROR_RATIO, ERROR_DIFFERENCE, EXCESS_GAP = 1.75, 0.006, 0.015
LOSS_RATIO = 2.0
SURE = 2.5
"""Differences below so many standard errors are chance, whatever their size: some test sets are small."""

FLOOR = 0.002
"""Added to mean losses: below it a model makes no mistakes to speak of, and a ratio would say nothing."""


@dataclass(frozen=True)
class Losses:
    """Mean losses of one model (see `losses`): on test images, on slight variations of them, on training images."""

    test: float
    slight: float
    train: float

    @property
    def paired(self) -> float:
        """How many times larger the loss is on slight variations of test images than on these themselves."""
        return (self.slight + FLOOR) / (self.test + FLOOR)

    @property
    def train_ratio(self) -> float:
        """How many times larger the loss is on training images than on test images."""
        return (self.train + FLOOR) / (self.test + FLOOR)


@dataclass(frozen=True)
class Figures:
    """Accuracies of one model, 0 to 1, and its losses.

    Parameters
    ----------
    test : float
        On the official test set; it alone decides the grade.
    sample, varied_test : float
        On a part of the test set, and on strong variations of the same images.
    train, varied_train : float
        On training images, and on strong variations of some of them.
    tests, samples, varied : int
        How many images there are: in the test set, of the training set, and of each kind of variations.
    losses : Losses, optional
        None where they were not measured.
    """

    test: float
    sample: float
    varied_test: float
    train: float
    varied_train: float
    tests: int = 10_000
    samples: int = 5_000
    varied: int = 5_000
    losses: Losses | None = None


def losses(outputs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return for each sample ``log(1 + exp(-margin))``, the loss of right against most probable wrong class.

    Parameters
    ----------
    outputs : ndarray, (N, classes)
        Probabilities, or logits.
    labels : ndarray of int, (N,)

    Returns
    -------
    ndarray of float, (N,)
        Bounded: one confident mistake does not outweigh a thousand others.
    """
    distribution = bool(np.all(outputs >= 0) and np.allclose(outputs.sum(axis=1), 1, atol=1e-3))
    scores = np.log(np.maximum(outputs, 1e-12)) if distribution else outputs.astype(np.float64)
    places = np.arange(len(labels))
    right = scores[places, labels]
    others = scores.copy()
    others[places, labels] = -np.inf
    return np.asarray(np.log1p(np.exp(-np.clip(right - others.max(axis=1), -8, 30))))


def suspicion(figures: Figures, ceiling: float = 1.0, bounds: Bounds | None = None) -> str:
    """Say why a model seems to have seen the test set; empty if it does not.

    Parameters
    ----------
    figures : Figures
        What was measured.
    ceiling : float
        The accuracy that a model of this kind does not exceed honestly.
    bounds : Bounds, optional
        What was calibrated for models of its kind on its data set.
    """
    test_error, train_error = 1 - figures.test, 1 - figures.train
    reasons = []
    more = max(ERROR_DIFFERENCE, _chance(figures.train, figures.samples, figures.test, figures.tests))
    if train_error >= ERROR_RATIO * test_error and train_error - test_error >= more:
        reasons.append("it errs much less on test images than on training images")
    gap = figures.sample - figures.varied_test
    larger = max(EXCESS_GAP, _chance(figures.varied_test, figures.varied, figures.varied_train, figures.varied))
    if gap - (figures.train - figures.varied_train) >= larger:
        reasons.append("it loses much more when test images are varied a little than when training images are")
    if figures.test > ceiling:
        reasons.append(f"it exceeds {ceiling:.1%} on test images, which no model of its kind reaches")
    if bounds is not None:
        reasons += _beyond(figures, bounds)
    return "; ".join(reasons)


def _beyond(figures: Figures, bounds: Bounds) -> list[str]:
    reasons = []
    if figures.sample - figures.varied_test > bounds.fall:
        reasons.append("it hardly recognises varied test images, as a table of the images would")
    if figures.losses is not None and bounds.paired is not None:
        paired, ratio = figures.losses.paired, figures.losses.train_ratio
        if paired > bounds.paired:
            reasons.append(f"its loss is {paired:.2f} times as large on slight variations of test images")
        if ratio > LOSS_RATIO:
            reasons.append(f"its loss on training images is {ratio:.2f} times that on test images")
        if not reasons and paired * ratio > bounds.both:
            reasons.append(
                f"its losses on variations and on training images ({paired:.2f}, {ratio:.2f}) are both large"
            )
    return reasons


def _chance(first: float, first_count: int, second: float, second_count: int) -> float:
    """Return how far apart two accuracies, measured on so many images, may be by chance."""
    variance = first * (1 - first) / first_count + second * (1 - second) / second_count
    return SURE * float(np.sqrt(variance))
