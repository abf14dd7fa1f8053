"""The arithmetic of docs/scale.md follows from its own first column."""

from __future__ import annotations

import re

import pytest

from autograder.course.assignments import ROOT

PAGE = (ROOT / "docs/scale.md").read_text(encoding="utf-8")
TABLES = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("|")]
ROWS = {cells[0].strip(): cells for cells in TABLES}


def number(text: str) -> float:
    return float(re.findall(r"[\d.,]+", text)[0].replace(",", ""))


@pytest.mark.parametrize(
    ("part", "unit"),
    [
        ("A core that grades 01", 1.0),
        ("A core that grades 04", 1.0),
        ("Engine of a worker", 1e-3),
        ("Scheduler (one process, one core)", 1e-3),
        ("`grade` (one process, one core)", 1e-3),
    ],
)
def test_an_hour_of_a_core_holds_so_many(part: str, unit: float) -> None:
    """3,600 seconds by those of one submission, and the cores for 100,000 of them."""
    _, each, hour, all_of_them = ROWS[part]
    assert number(hour) == pytest.approx(3600 / (number(each) * unit), rel=0.01)
    assert number(all_of_them) == pytest.approx(100_000 * number(each) * unit / 3600, rel=0.08)


@pytest.mark.parametrize(("mbit", "size", "named"), [(1000, 18_385, "01"), (1000, 660_000, "04"), (100, 660_000, "04")])
def test_an_hour_of_a_cable_holds_so_many(mbit: int, size: int, named: str) -> None:
    """Its bytes in one direction by those of one submission."""
    speed = "1 Gbit/s" if mbit == 1000 else "100 Mbit/s"
    hour = number(ROWS[f"Scheduler's cable, {speed}, {named}"][2])
    assert hour == pytest.approx(3600 * mbit * 125_000 / size, rel=0.01)
