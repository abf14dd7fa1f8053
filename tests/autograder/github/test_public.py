"""The public checks of a notebook: one result a grade cell, in the real sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.course.assignments import ROOT, released_assignment
from autograder.course.notebooks import read_notebook, write_notebook
from autograder.course.release import student_version
from autograder.course.sample import build_notebook
from autograder.github.public import check_publicly, exercise_of
from autograder.github.summary import to_summary
from autograder.intake.submissions import Submission
from autograder.report import Check, Report
from autograder.settings import Settings

FAST = Settings(cell_seconds=3, total_seconds=20, restarts=2)


@pytest.fixture
def check(tmp_path: Path, notebook: NotebookNode):
    """Check the answers to the small notebook's two exercises, and more cells behind them."""
    released = tmp_path / "released/02_convolucion.ipynb"
    write_notebook(student_version(notebook), released)

    def run(pad2d: str, kernels: str, *more: str) -> Report:
        answered = read_notebook(released)
        answered.cells[2].source, answered.cells[4].source = pad2d, kernels
        answered.cells += [new_code_cell(source) for source in more]
        path = tmp_path / "repo/02_convolucion.ipynb"
        write_notebook(answered, path)
        submission = Submission("ana", path, path.parent, "02_convolucion")
        return check_publicly(submission, released_assignment(released), FAST)

    return run


def told(report: Report) -> dict[str, tuple[str, float, str]]:
    return {item.grade_id: (item.status, item.score, item.message) for item in report.checks}


def test_each_grade_cell_has_a_result_with_its_points(check) -> None:
    """An assert's text is the message."""
    report = check("def pad2d(image, padding):\n    return np.pad(image, padding)", "KERNELS = {}")
    assert told(report) == {"pad2d": ("passed", 4, ""), "conv2d-stride": ("failed", 0, "Completa KERNELS.")}
    assert (report.score, report.max_score, report.assignment, report.submission) == (4, 10, "02_convolucion", "ana")
    assert report.flags == []


def test_cells_that_fail_are_told_and_cost_only_what_depends_on_them(check) -> None:
    """A cell that raises, one that ends the process, and what was left unwritten."""
    report = check("1 / 0", "KERNELS = {1: 2}", "import os; os._exit(3)", "raise NotImplementedError()")
    assert told(report) == {
        "pad2d": ("failed", 0, "Python se detuvo con NameError: name 'pad2d' is not defined"),
        "conv2d-stride": ("passed", 6, ""),
    }
    assert [flag["message"] for flag in report.flags] == [
        "La celda `pad2d-code` (3.ª del cuaderno) no terminó bien. Python se detuvo con ZeroDivisionError: division by "
        "zero",
        "La celda (7.ª del cuaderno) no terminó bien. El proceso que ejecutaba tu cuaderno terminó de golpe: el código "
        "llamó a `exit` o terminó el proceso (código 3).",
    ]
    assert [flag["cell"] for flag in report.flags] == [2, 6]


def test_the_grade_cells_are_those_that_were_released(tmp_path: Path) -> None:
    """A student who empties the asserts hides the problem from nobody."""
    name = "02_convolucion"
    path = tmp_path / f"{name}.ipynb"
    answers = (ROOT / f"tests/submissions/{name}/rewrites_tests.py").read_text(encoding="utf-8")
    write_notebook(build_notebook(name, answers), path)
    assignment = released_assignment(ROOT / f"assignments/{name}/{name}.ipynb")
    report = check_publicly(Submission("ana", path, tmp_path, name), assignment, Settings())
    assert report.score == 1
    assert report.max_score == 10


def test_grade_cells_are_named_after_their_exercise() -> None:
    """Without the points in the heading."""
    exercises = exercise_of(read_notebook(ROOT / "assignments/02_convolucion/02_convolucion.ipynb"))
    assert exercises["kernels-slides"] == "Ejercicio 1: `KERNELS`"
    assert exercises["conv-layer-general"] == "Ejercicio 5: `conv_layer`"


def test_the_summary_says_that_it_is_not_the_grade() -> None:
    """A student must not take passed public checks for a grade."""
    summary = to_summary(
        Report("02_convolucion", "ana", 1, 3, [Check("a", "pad2d", "Ejercicio 2: `pad2d`", "failed", 0, 2, "Mal.")])
    )
    assert summary.startswith("## 02_convolucion: 1 de 3 puntos en las comprobaciones públicas\n")
    assert "| ✗ | Ejercicio 2: <code>pad2d</code><br>Mal. | <code>pad2d</code> | 0/2 |" in summary
    assert "**La nota sale de más pruebas**" in summary


def test_nothing_of_a_student_becomes_markup_in_the_summary(reports: list[Report]) -> None:
    """Neither HTML, nor a link, nor a further column."""
    summary = to_summary(reports[2])
    assert "<script" not in summary
    assert "https://mal" not in summary
    assert "@todos" not in summary
    rows = [line for line in summary.splitlines() if line.startswith("| ✗")]
    assert [row.count("|") for row in rows] == [5]
