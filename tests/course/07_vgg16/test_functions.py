"""Holes and spills of 07's functions: each was wrong and uncaught, or charged where it did not belong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.solutions import checked, costs, edited, messages

A = "07_vgg16"
FUNCTIONS = ("build-classifier-structure", "freeze-base", "unfreeze-last-block-only")


def lost(tmp_path: Path, cell: str, old: str, new: str) -> set[str]:
    """Return which of the three cells an edit of a solution costs."""
    results = [edited(A, tmp_path, cell, old, new, only=name) for name in FUNCTIONS]
    return costs([one for some in results for one in some if one.grade_id in FUNCTIONS])


def test_a_missing_return_costs_the_classifier_alone(tmp_path: Path) -> None:
    """The others are asked about the grader's own model."""
    assert lost(tmp_path, "build-classifier", "return keras.Model", "keras.Model") == {"build-classifier-structure"}


@pytest.mark.slow
def test_a_broken_freeze_costs_freeze_alone(tmp_path: Path) -> None:
    """unfreeze_last_block gets a base that the grader froze."""
    assert lost(tmp_path, "freeze", "layer.trainable = False", "pass") == {"freeze-base"}


@pytest.mark.slow
def test_the_wrong_block_costs_unfreeze_alone(tmp_path: Path) -> None:
    """With its layers named."""
    assert lost(tmp_path, "unfreeze-last-block", '"block5"', '"block4"') == {"unfreeze-last-block-only"}


def test_names_that_come_back_in_another_order_are_found(tmp_path: Path) -> None:
    """The caller's list is changed, although the answer is right."""
    source = """
def top_predictions(probabilities, names, n=3):
    pairs = sorted(zip(np.ravel(probabilities).tolist(), names), reverse=True)[:n]
    names.sort()
    return [(name, probability) for probability, name in pairs]
"""
    results = checked(A, tmp_path, only="top-predictions-order", top_predictions=source)
    assert costs(results) == {"top-predictions-order"}
    assert "Tu función cambió `names`, que recibió como argumento." in messages(results)


@pytest.mark.parametrize("body", ["p, n = np.ravel(probabilities), 3", "p = -np.ravel(probabilities)"])
def test_wrong_predictions_are_found(tmp_path: Path, body: str) -> None:
    """A fixed count, the worst first."""
    source = f"""
def top_predictions(probabilities, names, n=3):
    {body}
    return [(names[i], float(p[i])) for i in np.argsort(p)[::-1][:n]]
"""
    assert costs(checked(A, tmp_path, only="top-predictions-order", top_predictions=source)) == {
        "top-predictions-order"
    }


@pytest.mark.parametrize(
    "source",
    [
        "import heapq\nbest = heapq.nlargest\ndef top_predictions(p, names, n=3):\n"
        "    return best(n, zip(names, np.ravel(p)), key=lambda pair: pair[1])",
        "def top_predictions(p, names, n=3):\n    return sorted(zip(names, [*np.ravel(p)]), key=lambda x: -x[1])[:n]",
        "def top_predictions(p, names, n=3):\n    p = np.ravel(p)\n"
        "    return [[names[i], p[i]] for i in (-p).argsort()[:n]]",
    ],
)
def test_any_way_to_the_best_is_right(tmp_path: Path, source: str) -> None:
    """Heaps, sorted pairs, lists for tuples, numpy's numbers."""
    assert costs(checked(A, tmp_path, only="top-predictions-order", top_predictions=source)) == set()
