"""Copies stand out of a class, honest work and what the course gave do not."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.similarity import code
from autograder.similarity.code import ALONE, PAIRS, compare_code, threshold_of
from benchmarks.similar_answers import DISGUISES, disguise, honest_answer

CLASS = [honest_answer(seed) for seed in range(32)]


def test_a_renamed_copy_is_flagged_and_honest_pairs_are_not() -> None:
    """Of 528 pairs only the copied one is above the threshold, which the class itself gives."""
    copy = {cell: disguise(source, "renamed", 1) for cell, source in CLASS[20].items()}
    result = compare_code([*CLASS, copy])
    above = [(pair.first, pair.second) for pair in result.pairs if pair.score >= result.threshold]
    assert above == [(20, 32)]
    assert set(result.pairs[0].where) <= set(CLASS[20])
    assert result.threshold != ALONE


@pytest.mark.parametrize("kind", [kind for kind in DISGUISES if kind != "everything"])
def test_a_disguise_leaves_the_copy_nearest(kind: str) -> None:
    """Each disguise of one answer is nearer to it than any two honest answers of a small class are."""
    copy = {cell: disguise(source, kind, 3) for cell, source in CLASS[3].items()}
    (nearest, *_) = compare_code([*CLASS[:10], copy]).pairs
    assert (nearest.first, nearest.second) == (3, 10)


def test_what_the_course_gave_counts_for_nothing() -> None:
    """Two who both hand in the course's own solution share nothing that says anything."""
    given = CLASS[0]
    result = compare_code([given, dict(given)], known=list(given.values()))
    assert result.pairs == []


def test_what_many_write_says_little() -> None:
    """The same two answers are less alike where the class writes so, too."""
    alone = compare_code([CLASS[0], CLASS[0], *CLASS[1:8]]).pairs[0]
    usual = compare_code([CLASS[0], CLASS[0], *CLASS[1:8]], usual=[*CLASS[0].values()] * 20).pairs
    assert (alone.first, alone.second) == (0, 1)
    assert alone.score > 0.7
    assert all(pair.score < alone.score / 2 for pair in usual)


def test_short_answers_are_no_evidence() -> None:
    """Two equal one-liners are alike and stay far below the threshold."""
    short = {"gray-mean": "def gray_mean(image):\n    return np.mean(image.astype(float), axis=2)"}
    (pair,) = compare_code([short, dict(short)]).pairs
    assert 0 < pair.score < ALONE / 2


def test_other_years_are_compared_with_the_class_alone() -> None:
    """Two equal works of another year are no pair; one of them and a student are."""
    result = compare_code([CLASS[0], CLASS[1], CLASS[1]], references=2)
    assert all(pair.first == 0 for pair in result.pairs)
    result = compare_code([CLASS[1], CLASS[0], CLASS[1]], references=2)
    assert (result.pairs[0].first, result.pairs[0].second) == (0, 2)


def test_the_marked_lines_are_those_of_the_copy() -> None:
    """Of two functions in a cell one is copied: its lines are marked."""
    own = "def mine(a, b):\n    return a[b] ** b - len(a) // b\n"
    stolen = CLASS[5]["conv2d"]
    works = [{"conv2d": own + stolen}, {"conv2d": stolen}, *CLASS[6:14]]
    result = compare_code(works)
    marked = result.marked(0, 1)["conv2d"]
    assert marked
    assert not marked & {1, 2}
    assert max(marked) <= 2 + len(stolen.splitlines())


def test_the_threshold_follows_from_the_class() -> None:
    """A class whose honest work is more alike gets a higher one; a small class a fixed one."""
    rng = np.random.default_rng(0)
    loose, tight = np.abs(rng.normal(0.05, 0.08, 5000)), np.abs(rng.normal(0.15, 0.09, 5000))
    assert threshold_of(loose) == pytest.approx(0.35, abs=0.03)
    assert threshold_of(tight) == pytest.approx(0.49, abs=0.03)
    assert threshold_of(loose[: PAIRS - 1]) == ALONE


def test_scores_of_all_pairs_are_those_of_each_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """Block by block, without those of other years among each other; the highest first, whatever is left out."""
    rng = np.random.default_rng(0)
    weights = {number: float(weight) for number, weight in enumerate(rng.uniform(0, 1, 30).round(1))}
    prints = [set(map(int, rng.choice(30, size=rng.integers(1, 12), replace=False))) for _ in range(23)]
    monkeypatch.setattr(code, "_BLOCK", 4)
    own = [sum(weights[number] for number in found) for found in prints]
    expected = [
        sum(weights[number] for number in prints[one] & prints[two]) / (min(own[one], own[two]) + code.ENOUGH)
        for one in range(20)
        for two in range(one + 1, 23)
    ]
    values = code._scores(prints, weights, 20)
    assert np.allclose(values, expected)
    ends = np.cumsum(np.arange(22, 0, -1))
    places = [(one, two) for one in range(20) for two in range(one + 1, 23)]
    assert [code._pair(place, ends) for place in range(len(values))] == places
    in_order = [place for place in np.argsort(-values, kind="stable") if values[place] > 0]
    for most in (1, 7, 50, 1000):
        assert list(code._highest(values, most)) == in_order[:most]
