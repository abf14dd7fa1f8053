"""Words, numbers and the cleaning of text that a student may have written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.language import speaking
from autograder.render.text import (
    counts,
    dotted,
    figures,
    fraction,
    plain,
    plain_line,
    points,
    score,
    summarise,
)
from autograder.report import Report


@pytest.mark.parametrize(
    ("value", "text"),
    [(7.5, "7,5"), (10.0, "10"), (100, "100"), (0.1 + 0.2, "0,3"), (2 / 3, "0,67"), (-0.0001, "0"), (0, "0")],
)
def test_points_are_written_without_noise(value: float, text: str) -> None:
    """Two decimals at most, as the language writes them; programs read a dot."""
    assert points(value) == text
    assert dotted(value) == text.replace(",", ".")
    with speaking("en"):
        assert points(value) == text.replace(",", ".")


def test_no_grade_is_not_a_zero() -> None:
    """The words are the same everywhere."""
    assert points(None) == score(None, 10) == "sin nota"
    assert score(0, 10) == "0/10"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x1b[31mb\x07", "a\ufffd[31mb\ufffd"),
        ("a\r\nb\rc\td", "a\nb\nc   d"),
        ("abc\u202edef\u200b\u2066g", "abcdefg"),
        ("\ud800", "\ufffd"),
        ("\x9b31m", "\ufffd31m"),
        ("ñandú ✓ 图", "ñandú ✓ 图"),
        ("x" * 5000, "x" * 3999 + "…"),
    ],
)
def test_text_cannot_act_on_a_screen(text: str, cleaned: str) -> None:
    """Escape sequences, direction overrides, half surrogates, endless text."""
    assert plain(text) == cleaned


def test_a_name_is_one_line_and_never_empty() -> None:
    """Otherwise a row of a table could not be told from the next."""
    assert plain_line("a\n\n  b") == "a b"
    assert plain_line(" \n") == "(sin nombre)"


def test_a_summary_counts_what_got_no_grade_apart(reports: list[Report]) -> None:
    """The mean is that of the graded ones."""
    assert str(summarise(reports)) == "3 entregas · media 3,9/10 · 1 sin nota · 1 con avisos · 0,42 s por entrega"
    assert str(summarise([])) == "0 entregas"


def test_a_mean_of_different_assignments_is_a_percentage(reports: list[Report]) -> None:
    """Points of 10 and of 20 do not add up."""
    assert summarise([reports[0], replace(reports[0], max_score=20)]).mean == "56\N{NO-BREAK SPACE}%"


def test_small_numbers() -> None:
    """Bars, figures of a flag."""
    assert [fraction(*pair) for pair in [(5, 10), (None, 10), (3, 0), (12, 10)]] == [0.5, 0.0, 0.0, 1.0]
    assert (
        figures({"kind": "k", "message": "m", "ratio": 0.98765, "with": ["ana", "x\ny"]})
        == "ratio 0,988, with ana, x y"
    )


def test_counts_are_ordered_and_without_zeros(reports: list[Report]) -> None:
    """Passed first."""
    assert list(counts(reports[0].checks).items()) == [("passed", 2), ("failed", 1), ("skipped", 1)]
