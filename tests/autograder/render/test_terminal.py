"""Reports in the terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console, RenderableType

from autograder.render.terminal import class_table, report_view
from autograder.report import Report


def printed(shown: RenderableType, width: int = 80) -> list[str]:
    """Return what a terminal without colour shows."""
    stream = io.StringIO()
    Console(file=stream, width=width, color_system=None).print(shown)
    return [line.rstrip() for line in stream.getvalue().splitlines() if line.strip()]


def test_a_class_fits_80_columns(reports: list[Report]) -> None:
    """With the grade, a bar, counts and flags of each."""
    lines = printed(class_table(reports))
    assert max(map(len, lines)) <= 80
    assert lines[0] == "02_convolucion"
    assert lines[1].split() == ["Entrega", "Nota", "Pruebas", "Avisos"]
    ana = next(line for line in lines if "ana" in line)
    assert ana.split() == ["ana", "7,5/10", "████████░░", "2✓", "1✗", "1–"]
    assert lines[-1].startswith("3 entregas · media 3,9/10 · 1 sin nota · 1 con avisos")


def test_no_grade_is_words_not_a_zero(reports: list[Report]) -> None:
    """And its bar is no empty bar."""
    beto = next(line for line in printed(class_table(reports)) if "beto" in line)
    assert "sin nota" in beto
    assert "·" * 10 in beto
    assert "0/10" not in beto


@pytest.mark.parametrize("width", [60, 80, 140])
def test_grades_are_never_cut(reports: list[Report], width: int) -> None:
    """Long names give way."""
    long = replace(reports[0], submission="un nombre " * 20)
    text = "\n".join(printed(class_table([long, replace(long, submission="x" * 200)]), width))
    assert text.count("7,5/10") == 3
    assert text.count("████████░░") == 2


@pytest.mark.parametrize(
    ("earned", "bar"), [(10, "█" * 10), (9.99, "█" * 9 + "░"), (0.01, "█" + "░" * 9), (0, "░" * 10)]
)
def test_a_full_bar_is_full_marks_and_an_empty_one_none(reports: list[Report], earned: float, bar: str) -> None:
    """Rounding does not hide what is missing."""
    assert any(bar in line.split() for line in printed(class_table([replace(reports[0], score=earned)])))


def test_the_closer_view_says_everything_without_colour(reports: list[Report]) -> None:
    """Points per cell, a sign and a message per check."""
    assert [line.split() for line in printed(report_view(reports[0]))] == [
        line.split()
        for line in (
            "ana · 02_convolucion · 7,5/10",
            "pad2d 2,5/5",
            "✓ pad2d agranda la imagen. 2,5/2,5",
            "✗ pad2d no cambia su entrada. 0/2,5",
            "La cambió.",
            "conv2d 5/5",
            "✓ El ejemplo. 5/5",
            "– Otro caso. (no evaluado)",
            "Depende de otro.",
        )
    ]


def test_a_fault_of_the_grader_is_named(reports: list[Report]) -> None:
    """It is not a failure of the student."""
    assert "! T. (falla del corrector)" in " ".join(" ".join(printed(report_view(reports[1]))).split())


def test_text_of_students_is_neither_markup_nor_control(reports: list[Report]) -> None:
    """Brackets stay, escape sequences do not."""
    for shown in (class_table(reports), report_view(reports[2])):
        text = "\n".join(printed(shown, 200))
        assert "\x1b" not in text
        assert "\x07" not in text
    assert "[bold]x[/bold]" in text
    assert "ratio 0,988" in text


def test_an_empty_class_and_an_unknown_assignment_are_shown() -> None:
    """Nothing breaks where nothing could be read."""
    assert printed(class_table([]))[-1] == "0 entregas"
    lost = Report("", "ana", None, 0, flags=[{"kind": "unreadable", "message": "No es un cuaderno."}])
    assert printed(report_view(lost)) == [
        "ana · práctica desconocida · sin nota",
        "Aviso unreadable: No es un cuaderno.",
    ]
