"""A class in numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.render.statistics import histogram, items_of, middle, often_said, wilson
from autograder.report import Check, Report


def student(name: str, *parts: float, message: str = "") -> Report:
    """A student who earned these parts of exercises of 2 points each."""
    checks = [
        Check(f"e{place}::t", f"e{place}", "T.", "passed" if part == 1 else "failed", 2 * part, 2, message)
        for place, part in enumerate(parts)
    ]
    return Report("t", name, sum(check.score for check in checks), 2 * len(parts), checks)


def test_wilsons_interval_is_that_of_the_books() -> None:
    """Agresti and Coull's example of no success in ten, and a half of thirty."""
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson(0.5, 30) == pytest.approx((0.3315, 0.6685), abs=1e-4)


def test_facility_and_discrimination_of_a_class() -> None:
    """An exercise that the better half solves tells apart; one that all solve cannot."""
    group = [student(str(place), 1, float(place >= 5), place / 9) for place in range(10)]
    items = items_of(group)
    assert items["e0"].facility == 1
    assert items["e0"].discrimination is None
    assert (items["e1"].full, items["e1"].count, items["e1"].facility) == (5, 10, 0.5)
    # Point-biserial correlation of 0 and 1 with 0, 1, … 9: 0.8704.
    assert items["e1"].discrimination == pytest.approx(0.8704, abs=1e-4)
    assert items["e1"].apart == pytest.approx((0.532, 0.969), abs=1e-3)
    assert items_of(group[:7])["e1"].discrimination is None


def test_what_could_not_be_checked_and_who_has_no_grade_do_not_count() -> None:
    """Neither failed nor in the mean."""
    unchecked = Check("e1::t", "e1", "T.", "skipped", 0, 0)
    group = [
        replace(student("a", 1), checks=[*student("a", 1).checks, unchecked]),
        replace(student("b", 0), score=None),
    ]
    assert {key: (item.count, item.facility) for key, item in items_of(group).items()} == {"e0": (1, 1.0)}
    assert middle(group) == 2
    assert middle(group[1:]) is None


def test_the_histogram_holds_every_grade_once() -> None:
    """Full marks lie in the last part, zero in the first, a grade on a border above it."""
    assert histogram([student(str(part), part) for part in (0, 0.1, 0.3, 0.999, 1)]) == [1, 1, 0, 1, 0, 0, 0, 0, 0, 2]


def test_what_was_said_most_often_comes_first_whatever_its_numbers() -> None:
    """A student who heard it twice counts once."""
    twice = student("a", 0, message="La forma es (3, 4).\nMás.")
    twice = replace(twice, checks=[*twice.checks, replace(twice.checks[0], id="e0::u")])
    group = [twice, student("b", 0, message="La forma es (5, 6)."), student("c", 0, message="Otra cosa.")]
    said = often_said(group)
    assert [(one.message, [report.submission for report in one.who]) for one in said] == [
        ("La forma es (3, 4).", ["a", "b"]),
        ("Otra cosa.", ["c"]),
    ]
