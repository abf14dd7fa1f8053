"""The checks in the student's own kernel, for a server without the sandbox."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from skimage import io

from autograder.course.assignments import ROOT
from autograder.errors import UsageError, WorkerFault
from autograder.nbgrader import kernel
from tests.helpers.nbgrader_course import HALF, NAME, Course

EDGES = [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """The variables of a notebook."""
    monkeypatch.chdir(tmp_path)
    variables: dict[str, Any] = {"In": ["", "code"]}
    monkeypatch.setattr(kernel, "get_ipython", lambda: SimpleNamespace(user_ns=variables))
    return variables


def test_a_grade_cell_ends_with_its_points_and_prints_its_messages(
    names: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    """nbgrader takes the number for the points, and anything on stderr for a failure."""

    def pad2d(image: Any, padding: int) -> Any:
        print("loud", file=sys.stderr)
        os.write(2, b"louder")
        return np.pad(image, padding)

    names["pad2d"] = pad2d
    assert kernel.check(NAME, "pad2d-zeros") == 1
    printed, errors = capfd.readouterr()
    assert "✓ pad2d rodea de ceros" in printed
    assert errors == ""


def test_a_part_of_the_points_is_possible(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """As in the sandbox."""
    names["KERNELS"] = {"edges": EDGES}
    assert kernel.check(NAME, "kernels-slides") == 0.2
    assert capsys.readouterr().out.count("✗") == 4


def test_what_is_missing_costs_the_points_and_raises_nothing(names: dict[str, Any]) -> None:
    """The notebook goes on."""
    assert kernel.check(NAME, "conv2d-slide") == 0


def test_files_that_a_check_wrote_are_removed(names: dict[str, Any], tmp_path: Path) -> None:
    """They would lie beside the instructor's notebook, and be released with it; what was there stays."""
    names["load_rgb"] = io.imread
    (tmp_path / "bytes.png").write_bytes(b"mine")
    assert kernel.check("01_imagen_digital", "load-rgb-pixels") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["bytes.png"]


@pytest.mark.parametrize("asked", [("02_convolution", "pad2d-zeros"), (NAME, "pad2d")])
def test_an_unknown_cell_is_refused(names: dict[str, Any], asked: tuple[str, str]) -> None:
    """It is a mistake of the instructor's."""
    with pytest.raises(UsageError, match="expected a grade cell"):
        kernel.check(*asked)


def test_a_fault_of_the_grader_is_named(names: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader knows no third way beside points and none: the instructor has to look."""
    monkeypatch.setattr(kernel, "score", lambda results, points: ([], None))
    with pytest.raises(WorkerFault, match="by hand"):
        kernel.check(NAME, "pad2d-zeros")


def test_a_check_before_the_first_figure_leaves_it_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """The notebook's backend is loaded late, at the first figure; after the checks that was too late."""
    monkeypatch.delenv("MPLBACKEND", raising=False)
    setup = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nimport matplotlib.pyplot as plt\npad2d = 1"
    asked = f'from autograder.nbgrader.kernel import check; check("{NAME}", "pad2d-zeros")'
    notebook = new_notebook(cells=[new_code_cell(code) for code in (setup, asked, "plt.plot([1]); plt.show()")])
    NotebookClient(notebook, timeout=60, iopub_timeout=60).execute()
    assert "image/png" in notebook.cells[2].outputs[-1].data


@pytest.mark.slow
def test_nbgraders_own_steps_find_the_same_points(tmp_path: Path) -> None:
    """With a configuration that replaces nothing of them, out of the very notebooks that students get."""
    course = Course(tmp_path / "course")
    config = (course.root / "nbgrader_config.py").read_text()
    before, _, ours = config.partition("# `nbgrader autograde`")
    (course.root / "nbgrader_config.py").write_text(before)
    assert "Autograde" in ours
    assert "Autograde" not in before
    course.run("nbgrader", "generate_assignment", NAME)
    course.hand_in("ana")
    course.hand_in("eva", HALF)
    course.run("nbgrader", "autograde", NAME)
    assert course.points("ana") == {"pad2d": (4, None), "kernels-edges": (4, None), "explain": (None, None)}
    assert course.points("eva")["pad2d"] == (1, None)
    cells = {cell.id: cell for cell in course.autograded("eva").cells}
    printed = "".join(output.get("text", "") for output in cells["pad2d"].outputs)
    assert "✗ pad2d rodea la imagen de ceros.  (0/3)" in printed
