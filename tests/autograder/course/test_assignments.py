"""Where the parts of an assignment lie, and the one form of its notebook."""

from __future__ import annotations

from pathlib import Path

import nbformat

from autograder.course.assignments import CONTRACT, ROOT, find_assignments
from autograder.course.notebooks import grade_cells, notebook_text, read_notebook, write_notebook


def test_an_assignment_is_a_folder_with_a_notebook_of_its_name(course: Path) -> None:
    """Other notebooks, such as a scratch copy, are no assignments."""
    source = course / "source/02_convolucion/02_convolucion.ipynb"
    (source.parent / "scratch.ipynb").write_bytes(source.read_bytes())
    found = find_assignments(course)
    assert list(found) == ["02_convolucion"]
    assignment = found["02_convolucion"]
    assert assignment.source == source
    assert assignment.released == course / "assignments/02_convolucion/02_convolucion.ipynb"
    assert assignment.checks == course / "tests/checks/02_convolucion"


def test_tensorflow_is_needed_where_it_is_imported(course: Path, notebook: nbformat.NotebookNode) -> None:
    """A plain numpy assignment starts faster without it."""
    assert not find_assignments(course)["02_convolucion"].needs_tensorflow
    notebook.cells[1].source = "from tensorflow import keras"
    write_notebook(notebook, course / "source/03_formulas/03_formulas.ipynb")
    assert find_assignments(course)["03_formulas"].needs_tensorflow


def test_grade_cells_come_in_the_order_of_the_notebook(notebook: nbformat.NotebookNode) -> None:
    """Solution cells and locked cells have no points."""
    assert list(grade_cells(notebook).items()) == [("pad2d", 4.0), ("conv2d-stride", 6.0)]


def test_writing_what_was_read_changes_no_byte(course: Path) -> None:
    """Otherwise every release would touch every notebook."""
    path = course / "source/02_convolucion/02_convolucion.ipynb"
    before = path.read_bytes()
    write_notebook(read_notebook(path), path)
    assert path.read_bytes() == before


def test_the_text_is_what_nbformat_writes(notebook: nbformat.NotebookNode, tmp_path: Path) -> None:
    """Jupyter and nbgrader save through nbformat: an edit in Jupyter shows only what was edited."""
    nbformat.write(notebook, tmp_path / "a.ipynb")
    assert (tmp_path / "a.ipynb").read_text(encoding="utf-8") == notebook_text(notebook)


def test_the_courses_own_assignments_follow_the_contract() -> None:
    """Each has a table of names, so that lint can judge its grade cells."""
    found = find_assignments(ROOT)
    assert found
    assert set(found) <= set(CONTRACT)
