"""How changes of grades are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from rich.console import Console

from autograder.export.spreadsheet import to_csv
from autograder.history.shown import change_table, csv_rows, summary
from autograder.language import speaking
from tests.autograder.history.test_store import CHANGE, KEY


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with speaking("en"):
        yield


def test_a_run_ends_with_the_grades_that_changed() -> None:
    """Eight of them by name, with the assignment where there are several."""
    assert summary([]) == ""
    assert summary([CHANGE]) == (
        "1 grade changed: ana 6.46 → 6.71 (changed checks). All of them: python -m autograder history"
    )
    many = [replace(CHANGE, key=replace(KEY, submission=f"s{number}", assignment=f"0{number}")) for number in range(10)]
    assert summary(many).startswith("10 grades changed: s0 · 00 6.46 → 6.71 (changed checks), s1 · 01 ")
    assert summary(many).endswith(
        "s7 · 07 6.46 → 6.71 (changed checks), and 2 more. All of them: python -m autograder history"
    )


def test_points_that_could_be_earned_are_shown_where_they_changed() -> None:
    """6 of 10 and 6 of 8 are not the same grade."""
    other = replace(CHANGE, before=6.0, after=6.0, before_max=10, after_max=8, why=("data that went: mnist",))
    assert "ana 6/10 → 6/8 (data that went: mnist)" in summary([other])


def test_changes_are_told_in_the_language_of_the_process() -> None:
    """Numbers, too; the CSV is for programs and stays as it is."""
    with speaking("es"):
        assert summary([CHANGE]) == (
            "1 nota con cambios: ana 6,46 → 6,71 (cambiaron las pruebas). Todas: python -m autograder history"
        )
        assert next(row for row in csv_rows([CHANGE]) if row[2] == "ana")[8] == "changed checks"


def test_the_table_names_checks_and_says_the_class_where_there_are_several() -> None:
    """A student's text does nothing to the screen."""
    console = Console(width=140, record=True, file=None, quiet=False)
    hostile = replace(CHANGE, key=replace(KEY, place="last_year", submission="\x1b[31m[bold]x"), before=None)
    with console.capture() as shown:
        console.print(change_table([CHANGE, hostile]))
    text = shown.get()
    assert "2026-11-28 03:18:14  submitted  ana " in text
    assert "conv2d::test_x 0 → 0.25" in text
    assert "conv2d::test_new new → 0" in text
    assert "last_year  " in text
    assert "\x1b" not in text
    assert "– → 6.71" in text


def test_the_csv_has_a_row_for_each_change() -> None:
    """With what graded it; a name that is a formula is none to a spreadsheet."""
    formula = replace(CHANGE, key=replace(KEY, submission="=cmd()"), before=None, checks=(), versions={})
    assert to_csv(csv_rows([CHANGE, formula])).splitlines() == [
        "time,class,submission,assignment,in,from,to,max_score,why,by,checks,versions",
        "2026-11-28T03:18:14+00:00,submitted,ana,02_convolucion,report,6.46,6.71,10,changed checks,grade,"
        "conv2d::test_x 0 → 0.25; conv2d::test_new new → 0,python 3.11.7",
        "2026-11-28T03:18:14+00:00,submitted,'=cmd(),02_convolucion,report,,6.71,10,changed checks,grade,,",
    ]
