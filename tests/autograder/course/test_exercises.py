"""What a notebook calls its exercises."""

from __future__ import annotations

from nbformat.v4 import new_markdown_cell

from autograder.course.assignments import find_assignments
from autograder.course.exercises import Exercise, exercises_of, read_exercises
from tests.helpers.notebooks import nbgrader_cell


def test_a_heading_names_the_grade_cells_below_it() -> None:
    """Numbered where there are several; what a person grades is told apart."""
    cells = [
        nbgrader_cell("", "early", points=1),
        new_markdown_cell("texto\n\n### Ejercicio 1 (1 punto): `pad2d`"),
        nbgrader_cell("", "pad2d-zeros", points=1),
        new_markdown_cell("#### Ejercicio 2 (1 + 1 puntos): `ANSWERS` y `build_net`"),
        nbgrader_cell("", "answers-net", points=1),
        nbgrader_cell("", "build-net-layers", points=1),
        new_markdown_cell("### Ejercicio 3, otra vez: ¿valió la pena?"),
        nbgrader_cell("", "why", points=2, solution=True),
    ]
    found = read_exercises(cells, ["pad2d", "ANSWERS", "build_net"])
    assert found.by_cell == {
        "pad2d-zeros": Exercise("1", "pad2d"),
        "answers-net": Exercise("2.1", "ANSWERS"),
        "build-net-layers": Exercise("2.2", "build_net"),
        "why": Exercise("3", "¿valió la pena?"),
    }
    assert found.by_hand == {"why": 2}
    assert found.waiting == 2


def test_every_grade_cell_of_the_course_has_a_title() -> None:
    """So no page shows an id."""
    titles = {name: exercises_of(assignment) for name, assignment in find_assignments().items()}
    assert titles["02_convolucion"].by_cell["conv2d-correlation"] == Exercise("3.2", "conv2d")
    for name, found in titles.items():
        numbers = [one.number for one in found.by_cell.values()]
        assert len(numbers) == len(set(numbers)), name
