"""A small nbgrader course with this repository's grader and configuration, and the real command line to run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.course.assignments import ROOT
from autograder.course.kernel_line import with_kernel_line
from autograder.course.notebooks import read_notebook, write_notebook

NAME = "02_convolucion"
RIGHT = "def pad2d(image, padding):\n    return np.pad(image, padding)"
HALF = "def pad2d(image, padding):\n    return np.pad(image, padding, mode='edge')"
KERNELS = 'KERNELS["edges"] = [[1]]\nprint("mi salida")'
CHECKS = '''"""Checks of a small course."""

import numpy as np
import pytest

from autograder.checking import expect_array, fail


@pytest.mark.grade("pad2d")
def test_the_size(student):
    """pad2d agranda la imagen."""
    if student.pad2d(np.ones((2, 3)), 1).shape != (4, 5):
        fail("La imagen no crece de los dos lados.")


@pytest.mark.grade("pad2d", weight=3)
@pytest.mark.needs("test_the_size")
def test_the_zeros(student, rng):
    """pad2d rodea la imagen de ceros."""
    image = rng.normal(size=(3, 4))
    expect_array(student.pad2d(image, 2), np.pad(image, 2), "la imagen con padding")


@pytest.mark.grade("kernels-edges")
def test_the_kernel(student):
    """KERNELS tiene edges."""
    expect_array(student.KERNELS["edges"], np.ones((1, 1)), "edges")
'''


def _about(grade_id: str, **flags: Any) -> dict[str, Any]:
    about = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": {**about, **flags, "grade_id": grade_id}}


def _code(source: str, name: str, **flags: Any) -> NotebookNode:
    if flags.get("grade"):
        source = with_kernel_line(source, NAME, name)
    return new_code_cell(source, id=name, metadata=_about(name, **flags))


def source_notebook() -> NotebookNode:
    """Return the instructor's notebook: 8 points for code, 2 for an answer in words."""
    pad2d = (
        "def pad2d(image, padding):\n    ### BEGIN SOLUTION\n    return np.pad(image, padding)\n    ### END SOLUTION"
    )
    kernels = 'KERNELS = {"edges": None}\n### BEGIN SOLUTION\nKERNELS["edges"] = [[1]]\n### END SOLUTION'
    plot = "import matplotlib.pyplot as plt\nplt.imshow(pad2d(np.ones((3, 3)), 1))\nplt.show()"
    return new_notebook(
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        cells=[
            new_markdown_cell("# Convolución", id="title"),
            _code("import numpy as np", "setup", locked=True),
            _code(pad2d, "pad2d-code", solution=True),
            _code('assert callable(pad2d), "Define pad2d."', "pad2d", grade=True, locked=True, points=4),
            new_code_cell(plot, id="plot", metadata={"tags": ["plot"]}),
            _code(kernels, "kernels-code", solution=True),
            _code('assert KERNELS, "Completa KERNELS."', "kernels-edges", grade=True, locked=True, points=4),
            new_markdown_cell(
                "Porque sí.", id="explain", metadata=_about("explain", grade=True, solution=True, points=2)
            ),
        ],
    )


class Course:
    """A repository of one small assignment below ``place``, and its nbgrader command."""

    python = sys.executable

    def __init__(self, place: Path) -> None:
        self.root = place
        self.log = ""
        shutil.copytree(ROOT / "autograder", place / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("nbgrader_config.py", "requirements.txt"):
            shutil.copy(ROOT / name, place / name)
        (place / "data").symlink_to(ROOT / "data")
        write_notebook(source_notebook(), place / f"source/{NAME}/{NAME}.ipynb")
        (place / f"source/{NAME}/taza.png").write_bytes(b"\x89PNG")
        checks = place / f"tests/checks/{NAME}/test_small.py"
        checks.parent.mkdir(parents=True)
        checks.write_text(CHECKS, encoding="utf-8")

    def run(
        self, *command: str, folder: Path | None = None, expect: int | Collection[int] = 0, **variables: str
    ) -> str:
        """Run a command of Python modules (``"nbgrader", "autograde", ...``) and return what it printed."""
        environment = {
            **os.environ,
            "PATH": f"{Path(self.python).parent}{os.pathsep}{os.environ['PATH']}",
            "XDG_CACHE_HOME": str(self.root / "cache"),
            "CNN_HISTORY": "",
            "JUPYTER_CONFIG_DIR": str(self.root / "jupyter"),
            "JUPYTER_DATA_DIR": str(self.root / "jupyter-data"),
            "PYTHONWARNINGS": "ignore",
            **variables,
        }
        done = subprocess.run(
            [self.python, "-m", *command],
            cwd=folder or self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode in ([expect] if isinstance(expect, int) else expect), done.stdout[-6000:]
        return done.stdout

    def hand_in(self, student: str, pad2d: str = RIGHT, change: Callable[[Any], None] = lambda notebook: None) -> Path:
        """Put an answer into ``submitted/``, as ``collect`` would; ``change`` may do anything to the notebook."""
        path = self.root / f"submitted/{student}/{NAME}/{NAME}.ipynb"
        answer(self.root / f"assignments/{NAME}/{NAME}.ipynb", path, pad2d, change)
        return path

    def points(self, student: str) -> dict[str, tuple[float | None, float | None]]:
        """Return the automatic and the manual points by grade cell."""
        return {name: values[:2] for name, values in self.grades(student).items()}

    def grades(self, student: str) -> dict[str, tuple[float | None, float | None, bool]]:
        """Return a student's rows: automatic points, manual points, whether a person has to look."""
        with self.gradebook() as gradebook:
            found = gradebook.find_submission_notebook(NAME, NAME, student).grades
            return {row.name: (row.auto_score, row.manual_score, row.needs_manual_grade) for row in found}

    def gradebook(self) -> Any:
        from nbgrader.api import Gradebook

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Gradebook(f"sqlite:///{self.root}/gradebook.db")

    def autograded(self, student: str) -> NotebookNode:
        return read_notebook(self.root / f"autograded/{student}/{NAME}/{NAME}.ipynb")


def answer(
    released: Path, path: Path, pad2d: str = RIGHT, change: Callable[[Any], None] = lambda notebook: None
) -> None:
    """Write a released notebook with answers; as plain JSON, since nbformat would repair what is wrong on purpose."""
    notebook = nbformat.from_dict(json.loads(released.read_text(encoding="utf-8")))
    cells = {cell["id"]: cell for cell in notebook.cells}
    cells["pad2d-code"].source = pad2d
    cells["kernels-code"].source = 'KERNELS = {"edges": None}\n' + KERNELS
    cells["explain"].source = "Porque los ceros no suman."
    change(notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
