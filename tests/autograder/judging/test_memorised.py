"""What makes a model look as if it had learned the test images."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.memorised import Figures, Losses, losses, suspicion
from data.registry import Bounds

HONEST = Figures(test=0.992, sample=0.992, varied_test=0.98, train=0.991, varied_train=0.977)


@pytest.mark.parametrize(
    ("figures", "ceiling", "reason"),
    [
        (HONEST, 0.998, ""),
        (Figures(0.9773, 0.9773, 0.893, 0.9872, 0.8954), 0.994, ""),
        (Figures(0.9158, 0.9158, 0.7572, 0.9132, 0.747), 0.94, ""),
        (Figures(0.9936, 0.994, 0.9764, 0.982, 0.96), 0.998, "errs much less on test images"),
        (Figures(0.97, 0.97, 0.80, 0.975, 0.83), 0.994, "loses much more when test images are varied"),
        (Figures(0.999, 0.999, 0.99, 0.999, 0.99), 0.998, "exceeds 99.8% on test images"),
        (Figures(0.99, 0.99, 0.92, 0.98, 0.935, tests=600, samples=600, varied=600), 1, ""),
        (Figures(0.99, 0.99, 0.92, 0.98, 0.935), 1, "loses much more"),
        (Figures(1, 1, 0.90, 0.94, 0.85, tests=600, samples=600, varied=600), 1, "errs much less"),
        (Figures(1, 1, 0.80, 0.99, 0.86, tests=600, samples=600, varied=600), 1, "loses much more"),
    ],
)
def test_suspicion(figures: Figures, ceiling: float, reason: str) -> None:
    """Measured figures of honest models raise none; each kind of memorised model raises its own."""
    assert (reason in suspicion(figures, ceiling)) if reason else (suspicion(figures, ceiling) == "")


BOUNDS = Bounds(fall=0.2, paired=1.6, both=1.75)
NEAR = Figures(0.98, 0.98, 0.90, 0.98, 0.90)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (Losses(0.070, 0.095, 0.020), ""),
        (Losses(0.070, 0.085, 0.082), ""),
        (Losses(0.020, 0.045, 0.025), "its loss is 2.14 times as large on slight variations of test images"),
        (Losses(0.050, 0.060, 0.110), "its loss on training images is 2.15 times that on test images"),
        (Losses(0.040, 0.060, 0.055), "its losses on variations and on training images (1.48, 1.36) are both large"),
        (Losses(0.0001, 0.0010, 0.0002), ""),
    ],
)
def test_losses_tell_what_was_learned_by_heart(found: Losses, reason: str) -> None:
    """On slight variations, on training images, or a little of both; where hardly anything is lost, nothing is told."""
    told = suspicion(Figures(**{**vars(NEAR), "losses": found}), 0.994, BOUNDS)
    assert told == reason


def test_a_fall_beyond_the_bound_is_told() -> None:
    """As a table of the images has it, whatever happens to training images."""
    table = Figures(0.98, 0.98, 0.75, 0.98, 0.75)
    assert suspicion(table, 0.994, BOUNDS) == "it hardly recognises varied test images, as a table of the images would"
    assert suspicion(table, 0.994) == ""


def test_a_loss_is_that_of_the_right_against_the_best_wrong_class() -> None:
    """log(1 + exp(-margin)): 0.69 in a tie, the same for probabilities and for logits, bounded for certain mistakes."""
    labels = np.array([0, 0, 1])
    probabilities = np.array([[0.4, 0.4, 0.2], [0.7, 0.2, 0.1], [1.0, 0.0, 0.0]])
    expected = [np.log(2), np.log1p(2 / 7), np.log1p(np.exp(8))]
    assert losses(probabilities, labels) == pytest.approx(expected)
    assert losses(np.log(probabilities + 1e-12) + 5, labels) == pytest.approx(expected)
