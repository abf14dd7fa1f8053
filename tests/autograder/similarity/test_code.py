"""Copies stand out of a class, honest work and what the course gave do not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograder.similarity import code, shared
from autograder.similarity.code import ALONE, PAIRS, compare_code, threshold_of
from autograder.similarity.shared import ENOUGH, Fragments
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
    assert threshold_of(counted(loose)) == pytest.approx(0.35, abs=0.03)
    assert threshold_of(counted(tight)) == pytest.approx(0.49, abs=0.03)
    assert threshold_of(counted(loose[: PAIRS - 1])) == ALONE


def counted(scores: np.ndarray) -> np.ndarray:
    """Return how many scores are in each bin."""
    return np.bincount(np.rint(scores * (1 << 20)).astype(int), minlength=(1 << 20) + 1)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.98, 1.0])
def test_quantiles_of_counted_scores_are_those_of_the_scores(share: float) -> None:
    """To a millionth, between two scores as well."""
    scores = np.random.default_rng(1).uniform(0, 1, 437)
    assert code._quantile(counted(scores), share) == pytest.approx(float(np.quantile(scores, share)), abs=1e-6)


@pytest.fixture
def some(monkeypatch: pytest.MonkeyPatch) -> tuple[list[set[int]], Fragments]:
    """Return 23 works of 30 fragments, compared four at a time."""
    monkeypatch.setattr(shared, "_BLOCK", 4)
    rng = np.random.default_rng(0)
    prints = [set(map(int, rng.choice(30, size=rng.integers(1, 12), replace=False))) for _ in range(23)]
    return prints, Fragments([numbers(found) for found in prints], numbers({3, 99}), [numbers({4, 77})] * 5)


def numbers(found: set[int]) -> np.ndarray:
    """Return numbers of fragments as a class holds them."""
    return np.array(sorted(found), dtype=np.uint64)


def test_a_fragment_says_the_more_the_fewer_have_it(some: tuple[list[set[int]], Fragments]) -> None:
    """What was given says nothing, nor what nobody has; what is usual counts as if others had it."""
    prints, fragments = some
    weights = fragments.weights(range(100))
    assert weights[3] == weights[99] == weights[50] == 0
    for number in set(range(30)) - {3}:
        count = sum(number in found for found in prints) + 5 * (number == 4)
        assert weights[number] == pytest.approx(max(0.0, 1 - math.log(max(1, count - 1)) / math.log(11.5)))


def test_scores_of_all_pairs_are_those_of_each_pair(some: tuple[list[set[int]], Fragments]) -> None:
    """Block by block, without those of other years among each other."""
    prints, fragments = some
    weights = fragments.weights(range(30))
    own = [sum(weights[number] for number in found) for found in prints]
    expected = {
        (one, two): sum(weights[number] for number in prints[one] & prints[two]) / (min(own[one], own[two]) + ENOUGH)
        for one in range(20)
        for two in range(one + 1, 23)
    }
    first, second, scores = map(np.concatenate, zip(*fragments.scores(20)))
    assert list(zip(first.tolist(), second.tolist())) == list(expected)
    assert np.allclose(scores, list(expected.values()))


@pytest.mark.parametrize("keep", [1, 7, 50, 1000])
def test_the_nearest_pairs_come_first_whatever_is_left_out(keep: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as are asked for of those that share anything, equal ones in their order."""
    monkeypatch.setattr(shared, "_BLOCK", 4)
    everything = compare_code(CLASS, keep=10_000).pairs
    assert [pair.score for pair in everything] == sorted((pair.score for pair in everything), reverse=True)
    assert len(everything) > 400
    assert compare_code(CLASS, keep=keep).pairs == everything[:keep]


def test_a_class_without_code_shares_nothing() -> None:
    """Nor does no class."""
    assert compare_code([{}, {}, {"a": ""}]).pairs == []
    assert compare_code([]).pairs == []
