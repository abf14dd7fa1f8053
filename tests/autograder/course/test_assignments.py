"""Where the parts of an assignment lie, and the one form of its notebook."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.course.assignments import ROOT, find_assignments, released_assignment
from autograder.course.notebooks import grade_cells, notebook_text, read_notebook, write_notebook
from autograder.errors import UsageError


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
    """Each tells its names, so that lint can judge its grade cells."""
    found = find_assignments(ROOT)
    assert len(found) == 7
    assert all(assignment.names for assignment in found.values())


def about(course: Path, text: str) -> Path:
    path = course / "source/02_convolucion/assignment.json"
    path.write_text(text)
    return path


def test_an_assignment_says_what_the_grader_cannot_read(course: Path) -> None:
    """Names, data sets, points, limits, packages and its beginning."""
    about(
        course,
        '{"names": ["pad2d"], "datasets": ["mnist"], "points": 12, "packages": ["networkx==3.4.2"],'
        ' "opens": "2026-10-05T08:00-03:00", "limits": {"cell_seconds": 60, "memory_gb": 1.5}}',
    )
    found = find_assignments(course)["02_convolucion"]
    assert (found.names, found.datasets, found.points) == (("pad2d",), ("mnist",), 12.0)
    assert (found.cell_seconds, found.memory, found.packages) == (60.0, 3 << 29, ("networkx==3.4.2",))
    assert str(found.opens) == "2026-10-05 08:00:00-03:00"


def test_all_but_the_names_has_a_default(course: Path) -> None:
    """Ten points, the grader's own limits, nothing else."""
    found = find_assignments(course)["02_convolucion"]
    assert (found.names, found.datasets, found.points) == (("KERNELS", "pad2d", "conv2d"), (), 10.0)
    assert (found.cell_seconds, found.memory, found.packages, found.opens) == (None, None, (), None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "expected JSON"),
        ("[]", "expected an object. Received: []"),
        ('{"name": []}', "expected one of names, datasets, points, packages, opens, limits. Received: name"),
        ('{"names": "pad2d"}', 'expected a list of texts for names. Received: "pad2d"'),
        ('{"names": [1]}', "expected a list of texts for names. Received: [1]"),
        ('{"points": true}', "expected a number above 0 for points. Received: true"),
        ('{"opens": "2026-10-05"}', 'expected an ISO 8601 time with its zone for opens. Received: "2026-10-05"'),
        ('{"limits": {"cell_seconds": 0}}', "expected a number above 0 for cell_seconds. Received: 0"),
        ('{"limits": {"seconds": 1}}', "expected one of cell_seconds, memory_gb. Received: seconds"),
    ],
)
def test_what_is_not_understood_is_refused(course: Path, text: str, message: str) -> None:
    """With the file's name: a typing error would change a grade in silence."""
    path = about(course, text)
    with pytest.raises(UsageError) as refusal:
        find_assignments(course)
    assert str(refusal.value).startswith(f"{path}: ")
    assert message in str(refusal.value)


def test_of_a_released_notebook_there_are_no_checks(course: Path) -> None:
    """As in a student's repository, where only the notebook and what is public of the assignment lie."""
    found = released_assignment(course / "source/02_convolucion/02_convolucion.ipynb")
    assert (found.name, found.checks, found.names) == ("02_convolucion", None, ("KERNELS", "pad2d", "conv2d"))
    with pytest.raises(ValueError, match="only its released notebook"):
        found.require_checks()
