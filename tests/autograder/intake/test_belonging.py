"""Which assignment a notebook answers."""

from __future__ import annotations

import pytest

from autograder.course.assignments import find_assignments
from autograder.course.notebooks import cell_id, is_grade_cell, read_notebook
from autograder.errors import IntakeError
from autograder.intake.belonging import choose_assignment
from autograder.intake.notebook import Cell

ASSIGNMENTS = find_assignments()


def code(source: str) -> Cell:
    return Cell("", source, frozenset(), 0)


def released(name: str) -> list[Cell]:
    """Return the cells of an assignment's notebook as students get it."""
    notebook = read_notebook(ASSIGNMENTS[name].released)
    return [
        Cell(cell_id(cell), cell.source, frozenset(), place, cell.cell_type, is_grade_cell(cell))
        for place, cell in enumerate(notebook.cells)
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def conv2d(image, kernel): ...\nKERNELS = {}", "02_convolucion"),
        ("def gray_mean(image): ...", "01_imagen_digital"),
        ("KERNELS={}", "02_convolucion"),
    ],
)
def test_the_assignment_follows_from_what_is_defined(source: str, expected: str) -> None:
    """Where neither place nor name tell it."""
    assert choose_assignment("", [code(source)], ASSIGNMENTS) == expected


def test_a_notebook_that_defines_nothing_of_ours_is_refused() -> None:
    """Calling a function is not defining it, nor is writing about it."""
    cells = [code("conv2d(1)\n# def conv2d(): ...\nmy_KERNELS = 1")]
    cells.append(Cell("", "def conv2d(): ...", frozenset(), 1, "markdown"))
    with pytest.raises(IntakeError) as caught:
        choose_assignment("", cells, ASSIGNMENTS)
    assert caught.value.kind == "unknown-assignment"
    assert "01_imagen_digital.ipynb" in str(caught.value)


@pytest.mark.parametrize(
    ("handed_in", "place"),
    [("03_formulas", "02_convolucion"), ("05_cifar10", "06_fingers"), ("06_fingers", "05_cifar10")],
)
def test_another_assignments_notebook_is_named(handed_in: str, place: str) -> None:
    """Even where both have grade cells of the same name."""
    with pytest.raises(IntakeError) as caught:
        choose_assignment(place, released(handed_in), ASSIGNMENTS)
    assert caught.value.kind == "other-assignment"
    assert str(caught.value).startswith(f"Este cuaderno es el de {handed_in} y aquí se entrega {place}")


def test_a_course_that_does_not_know_the_other_one_sees_it_all_the_same() -> None:
    """As Gradescope and students' repositories do, which hold one assignment."""
    with pytest.raises(IntakeError, match="Este cuaderno no es el de 02_convolucion"):
        choose_assignment("02_convolucion", released("03_formulas"), {"02_convolucion": ASSIGNMENTS["02_convolucion"]})


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_released_notebook_is_no_others(name: str) -> None:
    """Untouched, and with all its grade cells deleted."""
    assert choose_assignment(name, released(name), ASSIGNMENTS) == name
    without = [cell for cell in released(name) if not cell.is_grade]
    assert choose_assignment(name, without, ASSIGNMENTS) == name


def test_answers_in_another_assignments_notebook_count() -> None:
    """Whoever wrote what is asked for is not refused for where it stands."""
    cells = [*released("03_formulas"), code("def conv2d(image, kernel): ...")]
    assert choose_assignment("02_convolucion", cells, ASSIGNMENTS) == "02_convolucion"


def test_an_empty_notebook_is_this_assignments() -> None:
    """It earns nothing, and that is a grade."""
    assert choose_assignment("02_convolucion", [], ASSIGNMENTS) == "02_convolucion"
