"""The flags' true and false alarms, as the documentation tells."""

from __future__ import annotations

import pytest

from autograder.course.assignments import ROOT
from benchmarks.flag_models import MODELS
from benchmarks.flags import CEILINGS, counts, false_alarm_chances, read_table, reason


def test_the_documentation_shows_the_counts() -> None:
    """`docs/accuracy.md` holds what `python -m benchmarks.flags` prints with today's bounds."""
    found = counts(read_table())
    assert found in (ROOT / "docs/accuracy.md").read_text(encoding="utf-8"), found


def test_no_honest_model_is_flagged() -> None:
    """Of any kind, on any data set."""
    assert [row["name"] for row in read_table() if not row["cheat"] and reason(row)] == []


@pytest.mark.parametrize("kind", ["softmax", "mlp", "cnn"])
def test_the_bounds_on_losses_leave_fewer_than_one_false_alarm_in_a_thousand(kind: str) -> None:
    """As the honest models of MNIST scatter."""
    assert max(false_alarm_chances(read_table(), kind)) < 1e-3


def test_every_model_of_the_table_can_be_trained_again() -> None:
    """From its recipe, under its name; no two models share one."""
    names = [recipe.name for recipe in MODELS]
    assert len(set(names)) == len(names)
    known = {recipe.name: (recipe.dataset, recipe.kind, recipe.cheat) for recipe in MODELS}
    rows = read_table()
    assert [row["name"] for row in rows if known.get(row["name"]) != (row["dataset"], row["kind"], row["cheat"])] == []
    assert {(row["dataset"], row["kind"]) for row in rows} <= set(CEILINGS)
