"""The rules of the instructor's notebooks and the checks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.course.check_index import index_checks
from autograder.course.lint import Problem, lint
from autograder.course.notebooks import notebook_text, read_notebook, write_notebook
from tests.helpers.notebooks import nbgrader_cell

SOURCE = "source/02_convolucion/02_convolucion.ipynb"
CHECKS = "tests/checks/02_convolucion/test_convolution.py"


@pytest.fixture
def course(course: Path) -> Path:
    """The small course, with everything that its small contract promises."""
    path = course / SOURCE
    notebook = read_notebook(path)
    notebook.cells[4].source += "\ndef conv2d(image):\n    ### BEGIN SOLUTION\n    return image\n    ### END SOLUTION"
    write_notebook(notebook, path)
    return course


def edit(course: Path, change: Callable[[NotebookNode], object]) -> list[Problem]:
    """Change the notebook and lint."""
    notebook = read_notebook(course / SOURCE)
    change(notebook)
    write_notebook(notebook, course / SOURCE)
    return lint(course)


def set_points(notebook: NotebookNode) -> None:
    """Take a point away."""
    notebook.cells[3].metadata.nbgrader.points = 3


def set_outputs(notebook: NotebookNode) -> None:
    """Leave traces of a run."""
    notebook.cells[1].outputs, notebook.cells[1].execution_count = [new_output("stream", text="hola")], 3


def set_metadata(notebook: NotebookNode) -> None:
    """Leave traces of an editor."""
    notebook.metadata["widgets"] = {}
    notebook.cells[1].metadata["collapsed"] = True


def test_a_good_course_has_no_problem(course: Path) -> None:
    """The starting point of the tests below."""
    assert lint(course) == []


def test_long_drawing_code_may_be_folded(course: Path) -> None:
    """Jupyter then shows its output only; nothing else may be told to Jupyter."""
    source = course / "source/02_convolucion/02_convolucion.ipynb"
    notebook = read_notebook(source)
    notebook.cells[1].metadata["jupyter"] = {"source_hidden": True}
    write_notebook(notebook, source)
    assert lint(course) == []
    notebook.cells[1].metadata["jupyter"] = {"outputs_hidden": True}
    write_notebook(notebook, source)
    assert [problem.received for problem in lint(course)] == ["jupyter"]


@pytest.mark.parametrize(
    ("change", "cell", "expected", "received"),
    [
        (set_points, "", "10 points in all", "9"),
        (
            lambda notebook: notebook.cells[1].metadata.update(tags=["tran"]),
            "setup",
            "only the tags instructor and plot and train",
            "tran",
        ),
        (
            lambda notebook: notebook.cells[1].update(id="other"),
            "setup",
            "a cell id equal to the grade_id",
            "other",
        ),
        (
            lambda notebook: notebook.cells.append(NotebookNode(nbgrader_cell("1", "setup"), id="copy")),
            "setup",
            "an id of its own for each cell",
            "2 cells",
        ),
        (
            lambda notebook: notebook.cells[1].update(source="\n".join(["x = 1"] * 31)),
            "setup",
            "at most 30 lines for the student to read",
            "31 lines",
        ),
        (
            lambda notebook: notebook.cells[3].update(source="assert pad2d"),
            "pad2d",
            "a message in each assert",
            "none in line 1",
        ),
        (
            lambda notebook: notebook.cells[1].update(source="def f(:"),
            "setup",
            "Python",
            "invalid syntax, line 1",
        ),
        (
            lambda notebook: notebook.cells[1].update(source="### BEGIN SOLUTION\n1\n### END SOLUTION"),
            "setup",
            "solution regions in solution cells only",
            "one in a locked cell",
        ),
        (
            lambda notebook: notebook.cells[2].update(source="def pad2d(image):\n    return image"),
            "pad2d-code",
            "a solution region in a solution cell",
            "none",
        ),
        (
            lambda notebook: notebook.cells[2].update(source=notebook.cells[2].source.replace("pad2d", "pad")),
            "",
            "a solution cell that defines pad2d",
            "none",
        ),
        (
            lambda notebook: notebook.cells[2].update(source=notebook.cells[2].source.replace("END SOLUTION", "")),
            "",
            "a notebook that can be released",
            "cell pad2d-code: a solution region does not end",
        ),
        (
            lambda notebook: notebook.cells[1].metadata.nbgrader.update(solution=True, grade=True),
            "setup",
            "a solution cell, a grade cell (grade, locked), a manual cell (grade, solution) or a locked cell",
            "grade, solution, locked",
        ),
        (
            lambda notebook: notebook.cells[1].metadata.nbgrader.update(schema_version=2),
            "setup",
            "schema_version 3",
            "2",
        ),
        (
            lambda notebook: notebook.cells[3].metadata.nbgrader.update(points=0),
            "pad2d",
            "points above zero in a grade cell",
            "0",
        ),
    ],
)
def test_a_broken_rule_is_reported(
    course: Path, change: Callable[[NotebookNode], object], cell: str, expected: str, received: str
) -> None:
    """With its cell, what was expected and what was received."""
    told = {(problem.cell, problem.expected, problem.received) for problem in edit(course, change)}
    assert (cell, expected, received) in told


def test_a_solution_that_stands_elsewhere_is_a_leak(course: Path) -> None:
    """Even indented in another way."""
    solution = "### BEGIN SOLUTION\n    rows = image.shape[0] + 2 * padding\n    return rows\n    ### END SOLUTION"

    def leak(notebook: NotebookNode) -> None:
        notebook.cells[2].source = f"def pad2d(image, padding):\n    {solution}"
        notebook.cells[1].source = "rows = image.shape[0] + 2 * padding\nreturn rows"
        notebook.cells[1].cell_type = "raw"
        del notebook.cells[1]["outputs"], notebook.cells[1]["execution_count"]

    assert edit(course, leak) == [
        Problem(
            SOURCE,
            "pad2d-code",
            "a solution that students do not get",
            "it stands in another cell, too: 'rows = image.shape[0] + 2 * padding'",
            "Put that into a solution region as well.",
        )
    ]


def test_a_grade_cell_needs_a_check_and_a_name_of_the_contract(course: Path) -> None:
    """Renaming it breaks both, and leaves a check without a cell."""

    def rename(notebook: NotebookNode) -> None:
        cell = notebook.cells[5]
        cell.metadata.nbgrader.grade_id = cell.id = "kernel-stride"

    told = {(problem.cell, problem.expected) for problem in edit(course, rename)}
    assert told == {
        ("kernel-stride", "a grade_id that begins with a name of the contract"),
        ("kernel-stride", "its hidden line at the end (docs/nbgrader.md)"),
        ("kernel-stride", "at least one check"),
        ("", "a grade cell of 02_convolucion"),
    }


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ('    """pad2d agranda la imagen."""', "    pass", 7, "a docstring: the check's public title, in Spanish"),
        ('@pytest.mark.grade("pad2d")\n', "", 6, "@pytest.mark.grade with a plain text"),
        ("test_the_stride", "test_the_size", 13, "a name that no other check has"),
        ('needs("test_the_size")', 'needs("test_another")', 13, "needed checks that run before"),
    ],
)
def test_a_check_without_its_parts_is_reported(course: Path, old: str, new: str, line: int, expected: str) -> None:
    """With the line where it stands."""
    path = course / CHECKS
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    told = {(problem.file, problem.expected) for problem in lint(course)}
    assert (f"{CHECKS}:{line}", expected) in told


def test_a_file_that_is_no_python_is_reported(course: Path) -> None:
    """The other files cannot be judged without it."""
    (course / CHECKS).write_text("def (")
    assert [(problem.file, problem.expected) for problem in lint(course)] == [(CHECKS, "Python")]


def test_a_file_that_is_no_notebook_is_reported(course: Path) -> None:
    """The message holds the reason."""
    (course / SOURCE).write_text("{")
    (problem,) = lint(course)
    assert problem.expected == "a notebook"
    assert "JSON" in problem.received


def test_fix_clears_what_a_run_and_an_editor_left(course: Path) -> None:
    """Outputs, counts, metadata and the form of the JSON; then nothing is left to tell."""
    before = (course / SOURCE).read_text(encoding="utf-8")
    assert {problem.todo for problem in edit(course, set_outputs)} == {"Run: python -m autograder lint --fix"}
    assert {problem.todo for problem in edit(course, set_metadata)} == {"Run: python -m autograder lint --fix"}
    (course / SOURCE).write_text(json.dumps(json.loads((course / SOURCE).read_text(encoding="utf-8"))))
    assert lint(course, fix=True) == []
    assert (course / SOURCE).read_text(encoding="utf-8") == before


def test_fix_leaves_the_code_alone(course: Path, notebook: NotebookNode) -> None:
    """A missing point or message is for the instructor."""
    assert edit(course, set_points)
    after = notebook_text(read_notebook(course / SOURCE))
    assert lint(course, fix=True)
    assert (course / SOURCE).read_text(encoding="utf-8") == after


def about(course: Path, text: str) -> list[Problem]:
    """Write another ``assignment.json`` and lint."""
    (course / "source/02_convolucion/assignment.json").write_text(text)
    return lint(course)


def test_an_assignment_without_names_asks_for_them(course: Path) -> None:
    """An instructor who adds one learns what to do."""
    (problem,) = about(course, "{}")
    assert problem.file == "source/02_convolucion/assignment.json"
    assert problem.todo == 'Write {"names": […]}: what the student defines or saves.'


def test_data_sets_must_be_in_the_registry(course: Path) -> None:
    """A typing error would leave the checks without data, on every machine."""
    (problem,) = about(course, '{"names": ["KERNELS", "pad2d", "conv2d"], "datasets": ["minst"]}')
    assert (problem.received, problem.todo) == ("minst", "Add it to data/registry.py.")


def test_the_sum_of_points_is_the_assignments_own(course: Path) -> None:
    """10 is a default."""
    (problem,) = about(course, '{"names": ["KERNELS", "pad2d", "conv2d"], "points": 12.5}')
    assert (problem.expected, problem.received) == ("12.5 points in all", "10")


def test_a_problem_reads_as_a_sentence() -> None:
    """Place, expectation, what was received, what to do."""
    problem = Problem("a.ipynb", "pad2d", "no outputs", "2 outputs", "Clear them.")
    assert str(problem) == "a.ipynb, cell pad2d: expected no outputs. Received: 2 outputs. Clear them."
    assert str(Problem("a.py:3", "", "x", "y")) == "a.py:3: expected x. Received: y."


def test_checks_are_read_without_being_run(course: Path) -> None:
    """Marks, title and needs."""
    first, second = index_checks(course / "tests/checks/02_convolucion")
    assert (first.name, first.grade_id, first.needs) == ("test_the_size", "pad2d", ())
    assert (second.grade_id, second.needs, second.line) == ("conv2d-stride", ("test_the_size",), 13)
    assert second.title == "conv2d avanza de a pasos."


def test_the_course_itself_has_no_problem() -> None:
    """What ``make lint`` says, too."""
    assert [str(problem) for problem in lint()] == []
