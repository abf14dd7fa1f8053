"""What chance does to an accuracy, and that it costs nobody points."""

from __future__ import annotations

import pytest

from autograder.judging.luck import credit, half_width, percent, thousands, within


@pytest.mark.parametrize(
    ("accuracy", "count", "points"),
    [(0.9912, 10_000, 0.18), (0.70, 10_000, 0.90), (0.75, 2_000, 1.90), (1.0, 600, 0.32)],
)
def test_the_interval_follows_from_the_number_of_images(accuracy: float, count: int, points: float) -> None:
    """The larger the test set, the narrower; also where nothing was wrong."""
    assert 100 * half_width(accuracy, count) == pytest.approx(points, abs=0.005)


@pytest.mark.parametrize(
    ("reached", "expected"),
    [(1, 1), (0.99, 1), (0.9880, 1), (0.9878, 0.9992), (0.98, 0.8550), (0.965, 0.5721), (0.9354, 0.0044), (0.93, 0)],
)
def test_points_fall_in_a_straight_line_below_the_threshold(reached: float, expected: float) -> None:
    """All while 99 % lies within the interval, none from 5 points below its upper end."""
    assert credit(reached, 0.99, 10_000) == pytest.approx(expected, abs=0.0001)


def test_the_examples_of_the_notebooks_are_right() -> None:
    """As the students read them."""
    told = [within(0.98, 10_000), within(0.68, 10_000), within(0.97, 3600), within(0.72, 2000)]
    assert told == ["98,00 % (±0,27)", "68,00 % (±0,91)", "97,00 % (±0,56)", "72,00 % (±1,97)"]
    shares = [credit(0.98, 0.99, 10_000), credit(0.68, 0.7, 10_000), credit(0.97, 0.98, 3600), credit(0.72, 0.75, 2000)]
    assert [percent(share, 0) for share in shares] == ["85 %", "78 %", "91 %", "79 %"]


def test_numbers_are_written_in_spanish() -> None:
    """With a comma, and points in groups of three."""
    assert within(0.9912, 10_000) == "99,12 % (±0,18)"
    assert [thousands(600), thousands(3600), thousands(10_000)] == ["600", "3.600", "10.000"]
