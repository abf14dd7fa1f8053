"""What students get."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from autograder.course.assignments import ROOT, find_assignments
from autograder.course.notebooks import notebook_text, read_notebook, write_notebook
from autograder.course.release import Change, clear_code, release, student_version
from autograder.errors import UsageError

RELEASED = Path("assignments/02_convolucion/02_convolucion.ipynb")


def test_a_solution_in_a_function_becomes_an_exception(notebook: NotebookNode) -> None:
    """The signature and the docstring stay."""
    source = student_version(notebook).cells[2].source
    assert source.split("\n") == [
        "def pad2d(image, padding):",
        '    """Rodea la imagen de ceros."""',
        "    # ESCRIBE TU CÓDIGO AQUÍ",
        "    raise NotImplementedError()",
    ]


def test_a_solution_outside_functions_becomes_a_comment(notebook: NotebookNode) -> None:
    """An exception there would stop "Run all" at the first exercise."""
    assert student_version(notebook).cells[4].source == 'KERNELS = {"edges": None}\n# ESCRIBE TU CÓDIGO AQUÍ'


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            'def f(x):\n    """Dice\n\nalgo en la columna cero."""\n    for i in x:\n'
            "        ### BEGIN SOLUTION\n        g(i)\n        ### END SOLUTION\n    return x",
            'def f(x):\n    """Dice\n\nalgo en la columna cero."""\n    for i in x:\n'
            "        # ESCRIBE TU CÓDIGO AQUÍ\n        raise NotImplementedError()\n    return x",
        ),
        (
            "with a:\n    ### BEGIN SOLUTION\n    b()\n    ### END SOLUTION",
            "with a:\n    # ESCRIBE TU CÓDIGO AQUÍ\n    pass",
        ),
        (
            "%matplotlib inline\n### BEGIN SOLUTION\ndef f():\n    return 1\n### END SOLUTION\nf()",
            "%matplotlib inline\n# ESCRIBE TU CÓDIGO AQUÍ\nf()",
        ),
    ],
)
def test_a_stub_keeps_its_place_and_what_follows(source: str, expected: str) -> None:
    """Loops, odd docstrings, blocks and magics."""
    assert clear_code(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("### BEGIN SOLUTION\n1", "a solution region does not end"),
        ("1\n### END SOLUTION", "a solution region ends that has not begun, line 2"),
        (
            "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION",
            "a solution region begins inside another one, line 2",
        ),
        ("def f(:\n    ### BEGIN SOLUTION\n    ### END SOLUTION", "not valid Python: invalid syntax, line 1"),
    ],
)
def test_a_broken_region_is_an_error(source: str, message: str) -> None:
    """A solution must not slip into the release."""
    with pytest.raises(ValueError) as error:
        clear_code(source)
    assert str(error.value) == message


def test_a_broken_region_names_its_cell(notebook: NotebookNode) -> None:
    """The instructor wants to know where."""
    notebook.cells[4].source = "### BEGIN SOLUTION"
    with pytest.raises(ValueError, match="cell kernels-code: a solution region does not end"):
        student_version(notebook)


def test_what_only_instructors_get_is_dropped(notebook: NotebookNode) -> None:
    """A cell with the tag; the others keep their order."""
    ids = [cell.id for cell in notebook.cells]
    notebook.cells.insert(1, new_code_cell("import sys", id="only-here", metadata={"tags": ["instructor"]}))
    assert [cell.id for cell in student_version(notebook).cells] == ids
    assert len(notebook.cells) == len(ids) + 1


def test_outputs_counts_and_hidden_tests_are_removed(notebook: NotebookNode) -> None:
    """And the instructor's notebook stays as it was."""
    cell = notebook.cells[3]
    cell.outputs, cell.execution_count = [new_output("stream", text="42")], 7
    cell.source += "\n### BEGIN HIDDEN TESTS\nassert pad2d(1, 2) == 42\n### END HIDDEN TESTS"
    before = notebook_text(notebook)
    student = student_version(notebook)
    assert student.cells[3].source == 'assert pad2d is not None, "Define pad2d."'
    assert student.cells[3].outputs == []
    assert student.cells[3].execution_count is None
    assert notebook_text(notebook) == before


def test_graded_cells_cannot_be_deleted_in_jupyter(notebook: NotebookNode) -> None:
    """A test cell cannot be edited either; a solution can."""
    student = student_version(notebook)
    assert student.cells[3].metadata["deletable"] is False
    assert student.cells[3].metadata["editable"] is False
    assert student.cells[2].metadata["deletable"] is False
    assert "editable" not in student.cells[2].metadata


def test_release_writes_the_notebook_and_what_it_needs(course: Path) -> None:
    """Code files, models, checkpoints and scratch notebooks stay with the instructor."""
    source = course / "source/02_convolucion"
    for name in ["datos/hoja.png", "solutions.py", "models/cnn.keras", ".ipynb_checkpoints/a.ipynb", "scratch.ipynb"]:
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_bytes(b"x")
    assert release(root=course) == [
        Change(RELEASED, "new"),
        Change(RELEASED.parent / "datos/hoja.png", "new"),
        Change(RELEASED.parent / "tigre.png", "new"),
    ]
    files = {path.name for path in (course / "assignments").rglob("*") if path.is_file()}
    assert files == {"02_convolucion.ipynb", "hoja.png", "tigre.png"}


def test_a_second_release_changes_nothing(course: Path) -> None:
    """Byte for byte, and `check` agrees."""
    release(root=course)
    before = (course / RELEASED).read_bytes()
    assert release(root=course, check=True) == []
    assert release(root=course) == []
    assert (course / RELEASED).read_bytes() == before


def test_check_reports_differences_and_leaves_them(course: Path) -> None:
    """New, changed and stale ones."""
    release(root=course)
    (course / RELEASED).write_text("{}")
    (course / RELEASED.parent / "old.png").write_bytes(b"x")
    (course / RELEASED.parent / "tigre.png").unlink()
    expected = [
        Change(RELEASED, "changed"),
        Change(RELEASED.parent / "old.png", "stale"),
        Change(RELEASED.parent / "tigre.png", "new"),
    ]
    assert release(root=course, check=True) == expected
    assert (course / RELEASED).read_text() == "{}"
    assert release(root=course) == expected
    assert release(root=course, check=True) == []


def test_what_trying_a_notebook_out_leaves_is_no_difference(course: Path) -> None:
    """Checkpoints and trained models in assignments/ are somebody's work, not stale files."""
    release(root=course)
    for name in (".ipynb_checkpoints/a.ipynb", "models/cnn.keras"):
        path = course / RELEASED.parent / name
        path.parent.mkdir()
        path.write_bytes(b"x")
    assert release(root=course) == []
    assert (course / RELEASED.parent / "models/cnn.keras").exists()


def test_an_assignment_that_is_no_more_disappears(course: Path) -> None:
    """But not when another one was asked for by name."""
    release(root=course)
    (course / "assignments/00_old").mkdir()
    (course / "assignments/00_old/00_old.ipynb").write_text("{}")
    assert release(["02_convolucion"], root=course) == []
    assert release(root=course) == [Change(Path("assignments/00_old/00_old.ipynb"), "stale")]
    assert not (course / "assignments/00_old").exists()


def test_an_unknown_name_is_a_usage_error(course: Path) -> None:
    """The message lists the names there are."""
    with pytest.raises(UsageError, match=r"expected one of 02_convolucion\. Received: 99_nada"):
        release(["99_nada"], root=course)


def test_nbgrader_generates_the_same_notebook(course: Path) -> None:
    """``nbgrader generate_assignment`` with our ClearSolutions writes the same bytes."""
    source = find_assignments(course)["02_convolucion"].source
    write_notebook(read_notebook(source), course / "nbgrader/source/02_convolucion/02_convolucion.ipynb")
    config = [
        "from nbgrader.converters import GenerateAssignment",
        "from autograder.course.release import ClearSolutions",
        "c = get_config()",
        "theirs = GenerateAssignment.class_traits()['preprocessors'].default_args[0]",
        "ours = [ClearSolutions if p.__name__ == 'ClearSolutions' else p for p in theirs]",
        "c.GenerateAssignment.preprocessors = ours",
    ]
    (course / "nbgrader/nbgrader_config.py").write_text("\n".join(config))
    program = (
        "from nbgrader.apps import NbGraderApp; "
        "NbGraderApp.launch_instance(['generate_assignment', '02_convolucion', '--no-db', '--create'])"
    )
    root = ROOT
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r}); {program}"],
        cwd=course / "nbgrader",
        capture_output=True,
        text=True,
        timeout=120,
    )
    generated = course / "nbgrader/release/02_convolucion/02_convolucion.ipynb"
    assert generated.exists(), done.stderr
    release(root=course)
    assert generated.read_text(encoding="utf-8") == (course / RELEASED).read_text(encoding="utf-8")
