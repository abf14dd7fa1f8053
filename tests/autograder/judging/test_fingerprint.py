"""Copies are recognised, disguised or not; models trained apart are not confused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course.roster import Roster, Student
from autograder.grading import equal_models
from autograder.grading.equal_models import (
    Trained,
    alike_models,
    flag_equal_models,
    forgive_teams,
    seeds_in,
    with_seeds,
)
from autograder.judging.fingerprint import Layer, fingerprint_of, network, read_fingerprint
from autograder.judging.likeness import ALIKE, NEARLY_ALL, bound, changes_alike, compare
from autograder.report import Report

Arrays = list[tuple[str, dict[str, Any], list[np.ndarray]]]


def trained(seed: int, units: int = 40) -> Arrays:
    """Return a network of two convolutions with batch normalisation and two dense layers, as data."""
    rng = np.random.default_rng(seed)

    def some(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    return [
        ("Conv2D", {"activation": "relu"}, [some(5, 5, 1, 12), some(12)]),
        ("BatchNormalization", {}, [1 + 0.1 * some(12), some(12), some(12), 1 + some(12) ** 2]),
        ("Conv2D", {"activation": "relu"}, [some(3, 3, 12, 16), some(16)]),
        ("Flatten", {}, []),
        ("Dense", {"activation": "relu"}, [some(36 * 16, units), some(units)]),
        ("Dense", {"activation": "softmax"}, [some(units, 10), some(10)]),
    ]


def copied(layers: Arrays) -> Arrays:
    return [(name, config, [array.copy() for array in arrays]) for name, config, arrays in layers]


def disguised(layers: Arrays, kind: str) -> Arrays:
    """Return a copy that does the same, or nearly."""
    made, rng = copied(layers), np.random.default_rng(9)
    first, norm, second, _, dense, last = (arrays for _, _, arrays in made)
    if kind == "permuted":
        one, two, three = rng.permutation(12), rng.permutation(16), rng.permutation(dense[0].shape[1])
        first[:] = [array[..., one] for array in first]
        norm[:] = [array[one] for array in norm]
        second[:] = [second[0][:, :, one][..., two], second[1][two]]
        rows = dense[0].reshape(36, 16, -1)[:, two].reshape(36 * 16, -1)
        dense[:] = [rows[:, three], dense[1][three]]
        last[0] = last[0][three]
    elif kind == "rescaled":
        scale = rng.uniform(0.2, 5, 16).astype(np.float32)
        second[:] = [array * scale for array in second]
        dense[0] = (dense[0].reshape(36, 16, -1) / scale[None, :, None]).reshape(36 * 16, -1)
    elif kind == "dead units":
        dense[:] = [np.concatenate([array, array[..., :5] * 2 - 1], axis=-1) for array in dense]
        last[0] = np.concatenate([last[0], np.zeros((5, 10), np.float32)])
    elif kind == "pruned":
        dense[:] = [array[..., 5:] for array in dense]
        last[0] = last[0][5:]
    elif kind == "normalisation folded in":
        scale = norm[0] / np.sqrt(norm[3] + 1e-3)
        second[0] = second[0] * scale[None, None, :, None]
        del made[1]
    elif kind == "noise":
        for arrays in (first, second, dense, last):
            arrays[0] *= 1 + 0.1 * rng.normal(size=arrays[0].shape).astype(np.float32)
    elif kind == "float16":
        for _, _, arrays in made:
            arrays[:] = [array.astype(np.float16) for array in arrays]
    return made


KINDS = ("permuted", "rescaled", "dead units", "pruned", "normalisation folded in", "noise", "float16")


def kept(layers: Arrays) -> list[Layer]:
    """Return what is left after the way through a report."""
    return read_fingerprint(fingerprint_of(network(layers)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_disguise_hides_nothing(kind: str) -> None:
    """All of them score far above what networks of their own reach, and pass the prefilter."""
    original, copy = kept(trained(1)), kept(disguised(trained(1), kind))
    likeness = compare(original, copy)
    assert likeness.score > (0.98 if kind == "noise" else NEARLY_ALL)
    assert likeness.in_order == (kind not in ("permuted", "pruned"))
    assert bound(original, [copy])[0] >= ALIKE


def test_all_disguises_together_hide_nothing() -> None:
    """Seven steps, one after the other."""
    copy = trained(1)
    for kind in ("dead units", "permuted", "rescaled", "noise", "float16"):
        copy = disguised(copy, kind)
    likeness = compare(kept(trained(1)), kept(copy))
    assert likeness.score > 0.98
    assert not likeness.in_order


def test_networks_of_their_own_are_far_apart() -> None:
    """From other initial weights, in each of 28 pairs; another architecture has nothing to compare."""
    networks = [kept(trained(seed)) for seed in range(8)]
    scores = [compare(networks[a], networks[b]).score for a in range(8) for b in range(a)]
    assert max(scores) < ALIKE - 0.05
    other = network([("Dense", {}, [np.ones((784, 8), np.float32)]), ("Dense", {}, [np.ones((8, 10), np.float32)])])
    assert compare(networks[0], other).score == 0.0
    assert compare([], []).score == 0.0


def test_the_prefilter_lets_through_what_is_alike() -> None:
    """A wide first layer alone tells most pairs apart."""

    def wide(seed: int) -> list[Layer]:
        rng = np.random.default_rng(seed)
        dense = [rng.normal(size=(784, 32)).astype(np.float32), np.zeros(32)]
        return network([("Dense", {}, dense), ("Dense", {}, [rng.normal(size=(32, 10)).astype(np.float32)])])

    bounds = bound(wide(0), [wide(1), wide(0), [], kept(trained(1))])
    assert bounds[0] < ALIKE
    assert bounds[1] == pytest.approx(1.0, abs=1e-4)
    assert bounds[2:].tolist() == [0.0, 0.0]


def test_what_training_changed_tells_a_copy_from_others_with_its_seed() -> None:
    """Six began with the same weights and learned alike; only the copy has its original's own change."""
    rng = np.random.default_rng(0)
    start, lesson = rng.normal(size=(2, 50, 1, 30))
    own = [start + 0.3 * lesson + 0.2 * rng.normal(size=start.shape) for _ in range(6)]
    alive = np.ones(30, bool)
    models = [[Layer(weights.astype(np.float32), alive, 50)] for weights in own]
    copy = [Layer((own[0] + 0.02 * rng.normal(size=start.shape)).astype(np.float32), alive, 50)]
    assert compare(models[0], models[1]).score > 0.9
    assert changes_alike(models[0], copy, models[1:]) > 0.97
    assert changes_alike(models[0], models[1], models[2:]) < 0.4
    assert changes_alike(models[0], models[1], []) == changes_alike(models[0], [], models[2:]) == 0.0


def test_two_who_trained_longer_than_the_others_are_no_copies() -> None:
    """They went further in the direction that all learned; that is no change of their own."""
    rng = np.random.default_rng(0)
    start, lesson = rng.normal(size=(2, 50, 1, 30))
    alive = np.ones(30, bool)
    models = [
        [Layer((start + far * lesson + 0.03 * rng.normal(size=start.shape)).astype(np.float32), alive, 50)]
        for far in (0.6, 0.6, 0.2, 0.5, 0.1, 0.4)
    ]
    assert changes_alike(models[0], models[1], models[2:]) < 0.6


@pytest.mark.parametrize(("copied", "flagged"), [(18, False), (26, True)])
def test_units_in_another_order_are_evidence_where_most_of_them_match(copied: int, flagged: bool) -> None:
    """Half of them do not suffice: one honest pair in 100,000 comes as near as 0.61."""
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(2, 60, 1, 32)).astype(np.float32)
    two[..., :copied] = one[..., ::-1][..., :copied]
    alive = np.ones(32, bool)
    pair = [
        Trained(name, "cnn", [Layer(weights / np.linalg.norm(weights, axis=0), alive, 60)])
        for name, weights in (("ana", one), ("beto", two))
    ]
    ((_, _, likeness, how),) = alike_models(pair)
    assert ALIKE < likeness.score < 0.95
    assert not likeness.in_order
    assert bool(how) is flagged


def report(
    submission: str, *models: tuple[str, Arrays], seeds: tuple[int, ...] = (), assignment: str = "04_mnist"
) -> Report:
    flags = [
        {
            "kind": "model-fingerprint",
            "message": "",
            "model": name,
            "fingerprint": fingerprint_of(network(layers)),
            "seeds": list(seeds),
        }
        for name, layers in models
    ]
    return Report(assignment, submission, 5.0, 10.0, flags=[{"kind": "other", "message": "stays"}, *flags])


A, B = trained(1), trained(2)


def test_equal_models_are_flagged_on_both_with_each_others_names() -> None:
    """Whatever the copies are called; fingerprints leave the reports; other flags stay; grades stay."""
    class_reports = [
        report("ana", ("cnn", A)),
        report("beto", ("cnn", B), ("mlp", disguised(A, "permuted"))),
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
    assert flagged[1].flags[1]["how"] == "its units are the other's in another order"
    assert "as that of beto, caro, whatever" in flagged[0].flags[1]["message"]
    assert [replace(one, flags=[]) for one in flagged] == [replace(one, flags=[]) for one in class_reports]


def test_a_common_seed_explains_what_is_near_and_nothing_else() -> None:
    """Noise of 20 % leaves what two with one seed may reach: flagged where no seed is common to both notebooks."""
    noisy = disguised(disguised(A, "noise"), "noise")

    def flags(mine: tuple[int, ...], other: tuple[int, ...], copy: Arrays) -> int:
        reports = [report("ana", ("cnn", A), seeds=mine), report("beto", ("cnn", copy), seeds=other)]
        return len(flag_equal_models(reports)[0].flags) - 1

    assert flags((), (), noisy) == 1
    assert flags((1,), (2,), noisy) == 1
    assert flags((1, 7), (7,), noisy) == 0
    assert flags((7,), (7,), disguised(A, "float16")) == 1
    assert flags((7,), (7,), disguised(A, "permuted")) == 1


def test_seeds_are_read_from_the_notebook() -> None:
    """Every way in which they are set; fingerprints carry them."""
    code = ["keras.utils.set_random_seed(1)", "np.random.seed( 42 )\nrng(seed=7)", "x = reseeded + 5"]
    assert seeds_in(code) == [1, 7, 42]
    flags = with_seeds([{"kind": "other"}, {"kind": "model-fingerprint"}], code)
    assert flags == [{"kind": "other"}, {"kind": "model-fingerprint", "seeds": [1, 7, 42]}]


def test_two_models_of_one_submission_may_be_equal() -> None:
    """Saving a model twice is nobody's copy."""
    (only,) = flag_equal_models([report("ana", ("cnn", A), ("mlp", A))])
    assert only.flags == [{"kind": "other", "message": "stays"}]


def test_what_was_compared_and_has_not_changed_is_not_compared_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class of 1,000 would take minutes; a damaged table counts as none, another model is compared."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    compared = []
    whole = equal_models.alike_models
    monkeypatch.setattr(equal_models, "alike_models", lambda models: compared.append(len(models)) or whole(models))
    two = [report("ana", ("cnn", A)), report("beto", ("cnn", disguised(A, "permuted")))]
    first = flag_equal_models(two)
    assert [len(one.flags) for one in first] == [2, 2]
    assert flag_equal_models(two) == first
    assert compared == [2]
    [table] = equal_models.kept.folder().iterdir()
    table.write_text('[["04_mnist"]]')
    assert flag_equal_models(two) == first
    flag_equal_models([*two, report("caro", ("cnn", B))])
    assert compared == [2, 2, 3]


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
