"""A model that was handed in, held against what its notebook trains."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.audit.seen import SeenModel
from autograder.audit.verdict import hold, interval
from autograder.judging.fingerprint import Layer

TESTS = 10_000
SHAPE = ("Dense 32, relu, weights (784, 32)", "Dense 10, softmax, weights (32, 10)")


def network(seed: int, noise: float = 0.0) -> list[Layer]:
    """Return a hidden layer from initial weights of ``seed``, moved a little."""
    weights = np.random.default_rng(seed).normal(size=(784, 1, 32))
    weights += noise * np.random.default_rng(seed + 100).normal(size=weights.shape)
    weights /= np.linalg.norm(weights, axis=0)
    return [Layer(weights.astype(np.float32), np.ones(32, bool), 784)]


def model(accuracy: float, seed: int, noise: float = 0.0, structure: tuple[str, ...] = SHAPE) -> SeenModel:
    """Return a model that recognises so many of the test images."""
    return SeenModel(structure, network(seed, noise), np.arange(TESTS) < round(accuracy * TESTS))


def test_the_interval_is_as_wide_as_chance_and_trainings_say() -> None:
    """One training knows its accuracy only roughly; three that differ more than chance widen it."""
    low, high = interval([0.98], TESTS)
    assert (round(low, 4), round(high, 4)) == (0.9629, 0.9971)
    low, high = interval([0.980, 0.981, 0.979], TESTS)
    assert (round(low, 4), round(high, 4)) == (0.9712, 0.9888)
    low, high = interval([0.96, 0.98, 1.0], TESTS)
    assert (round(low, 4), round(high, 4)) == (0.9002, 1.0)
    assert interval([1.0], 100)[0] > 0.7


def test_a_model_that_its_notebook_trains_is_held_without_a_reason() -> None:
    """Other machines move weights and accuracy a little."""
    held = hold(model(0.981, 1, 0.3), [model(0.980, 1), model(0.979, 2), model(0.982, 3)], model(0.980, 1))
    assert held.reasons == ()
    assert held.trained == (0.98, 0.979, 0.982)
    assert held.likeness == pytest.approx(0.96, abs=0.01)


def test_other_layers_are_told_with_the_first_that_differs() -> None:
    """However well the model does."""
    other = (SHAPE[0].replace("32", "64"), SHAPE[1].replace("32", "64"))
    held = hold(model(0.98, 1, structure=other), [model(0.98, 1)])
    assert held.reasons == (
        "its layers are not those that the notebook trains: layer 1 is 'Dense 64, relu, weights (784, 64)', there "
        "'Dense 32, relu, weights (784, 32)'",
    )
    (reason,) = hold(model(0.98, 1, structure=SHAPE[:1]), [model(0.98, 1)]).reasons
    assert reason.endswith("layer 2 is 'none', there 'Dense 10, softmax, weights (32, 10)'")


def test_an_accuracy_that_trainings_do_not_reach_is_told() -> None:
    """In both directions: a model far worse was trained otherwise, too."""
    trained = [model(0.95, 1), model(0.951, 2), model(0.949, 3)]
    for accuracy in (0.985, 0.92):
        (reason,) = hold(model(accuracy, 1, 0.3), trained).reasons
        assert reason.startswith(
            f"it recognises {accuracy:.2%} of the test images, and one more training would reach 93."
        )


def test_initial_weights_tell_only_if_the_notebook_leads_to_the_same_ones_again() -> None:
    """A seed that is set behind the initial weights, or not at all, says nothing."""
    handed, trained = model(0.98, 7), [model(0.98, 1), model(0.981, 2)]
    assert hold(handed, trained).reasons == ()
    assert hold(handed, trained, model(0.98, 5)).reasons == ()
    (reason,) = hold(handed, trained, model(0.98, 1, 0.1)).reasons
    assert reason.startswith("it did not begin with the weights to which the seeds in its own cell lead")


def test_trainings_that_other_seeds_do_not_change_count_once() -> None:
    """Three times the same network is one training: its interval is that of one."""
    same = [model(0.98, 1)] * 3
    assert hold(model(0.98, 1), same).interval == interval([0.98], TESTS)


def test_nothing_trained_is_told_with_its_reason_unless_the_time_was_up() -> None:
    """No reason, no flag."""
    assert hold(model(0.98, 1), [], why_none="no cell leaves a model there").reasons == (
        "no cell leaves a model there",
    )
    assert hold(model(0.98, 1), []).reasons == ()
