"""How often luck costs points, as the documentation tells."""

from __future__ import annotations

import pytest

from autograder.course.assignments import ROOT
from benchmarks.luck import CELLS, losing, table


def test_the_documentation_shows_the_table() -> None:
    """`docs/accuracy.md` holds what `python -m benchmarks.luck` prints."""
    assert table() in (ROOT / "docs/accuracy.md").read_text(encoding="utf-8"), table()


def test_luck_costs_a_quarter_of_a_point_once_in_a_hundred_times_at_most() -> None:
    """A model that is truly at the threshold, in a cell of 4 points; the largest, of 6, has 10,000 test images."""
    for name, cell, threshold, count in CELLS:
        assert losing(threshold, count, 6 if count == 10_000 else 4) <= 0.01, (name, cell)


def test_losing_counts_what_is_lost() -> None:
    """Where both of two images must be right, a coin fails three times in four."""

    def all_right(reached: float, threshold: float, count: int) -> float:
        return float(reached == 1)

    assert losing(0.5, 2, 1, all_right) == pytest.approx(0.75)
    assert losing(0.5, 2, 0.2, all_right) == 0
