"""Copies are recognised, disguised or not; models trained apart are not confused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autograder.course.roster import Roster, Student
from autograder.grading.equal_models import MAX_DISTANCE, flag_equal_models, forgive_teams
from autograder.judging.fingerprint import distance, weights_fingerprint
from autograder.report import Report

keras = pytest.importorskip("keras")
layers = keras.layers


def network(seed: int, name: str = "a") -> object:
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            layers.Conv2D(8, 3, name=f"{name}1"),
            layers.BatchNormalization(name=f"{name}2"),
            layers.Flatten(),
            layers.Dense(10, name=f"{name}3"),
        ],
        name=name,
    )
    return model


def disguised(change: object) -> int:
    """Return the distance between a network and a copy whose weight arrays were changed."""
    original, copy = network(1), network(2, "b")
    copy.set_weights([change(weight) for weight in original.get_weights()])  # type: ignore[attr-defined,operator]
    return distance(weights_fingerprint(original), weights_fingerprint(copy))


def test_new_names_do_not_hide_a_copy() -> None:
    """Only weights count."""
    assert disguised(lambda weight: weight) == 0


def test_rounding_and_noise_do_not_hide_a_copy() -> None:
    """float16, and noise of 5 % on each weight."""
    rng = np.random.default_rng(3)
    assert disguised(lambda weight: weight.astype(np.float16).astype(np.float32)) <= 1
    assert disguised(lambda weight: weight * (1 + 0.05 * rng.normal(size=weight.shape))) <= MAX_DISTANCE / 2


def test_independent_models_are_far_apart() -> None:
    """About half of the bits differ."""
    prints = [weights_fingerprint(network(seed)) for seed in range(6)]
    distances = [distance(prints[a], prints[b]) for a in range(6) for b in range(a)]
    assert min(distances) > 90
    assert max(distances) < 166


def test_other_shapes_are_never_near() -> None:
    """Not even with equal numbers in them."""
    model = keras.Sequential([keras.Input((784,)), layers.Dense(10)])
    assert distance(weights_fingerprint(model), weights_fingerprint(network(1))) == 256
    assert weights_fingerprint(model).count(":") == 1


def report(submission: str, *prints: tuple[str, str], assignment: str = "04_mnist") -> Report:
    flags = [
        {"kind": "model-fingerprint", "message": "", "model": model, "fingerprint": text} for model, text in prints
    ]
    return Report(assignment, submission, 5.0, 10.0, flags=[{"kind": "other", "message": "stays"}, *flags])


A, NEAR_A, B = "ab12:" + "0" * 64, "ab12:" + "0" * 61 + "7ff", "ab12:" + "f" * 64


def test_equal_models_are_flagged_on_both_with_each_others_names() -> None:
    """Whatever the copies are called; fingerprints leave the reports; other flags stay; grades stay."""
    class_reports = [
        report("ana", ("cnn", A)),
        report("beto", ("cnn", B), ("mlp", NEAR_A)),
        report("caro", ("cnn", A)),
        report("dani"),
    ]
    flagged = flag_equal_models(class_reports)
    assert [[flag["kind"] for flag in one.flags] for one in flagged] == [
        ["other", "equal-models"],
        ["other", "equal-models"],
        ["other", "equal-models"],
        ["other"],
    ]
    assert [one.flags[1]["others"] for one in flagged[:3]] == [["beto", "caro"], ["ana", "caro"], ["ana", "beto"]]
    assert flagged[1].flags[1]["model"] == "mlp"
    assert "nearly, as that of beto, caro." in flagged[0].flags[1]["message"]
    assert [replace(one, flags=[]) for one in flagged] == [replace(one, flags=[]) for one in class_reports]


def test_two_models_of_one_submission_may_be_equal() -> None:
    """Saving a model twice is nobody's copy."""
    (only,) = flag_equal_models([report("ana", ("cnn", A), ("mlp", A))])
    assert only.flags == [{"kind": "other", "message": "stays"}]


def test_models_of_other_assignments_are_not_compared() -> None:
    """One may go on with the network of an earlier assignment."""
    apart = [report("ana", ("cnn", A)), report("ana", ("cnn", A), assignment="05_cifar10")]
    assert all(len(one.flags) == 1 for one in flag_equal_models(apart))


def test_a_team_hands_in_one_model_together() -> None:
    """Whoever is of another team, or of none, is still named."""
    names = ("ana", "luz", "eva", "zoe")
    teams = {"ana": "Grupo 1", "luz": "grupo-1", "eva": "Grupo 2", "zoe": ""}
    roster = Roster([Student(name, team=teams[name]) for name in names])
    flagged = forgive_teams(flag_equal_models([report(name, ("cnn", A)) for name in ("ana", "luz")]), roster)
    assert [[flag["kind"] for flag in one.flags] for one in flagged] == [["other"], ["other"]]
    flagged = forgive_teams(flag_equal_models([report(name, ("cnn", A)) for name in names]), roster)
    assert {one.submission: one.flags[-1]["others"] for one in flagged} == {
        "ana": ["eva", "zoe"],
        "luz": ["eva", "zoe"],
        "eva": ["ana", "luz", "zoe"],
        "zoe": ["ana", "eva", "luz"],
    }
