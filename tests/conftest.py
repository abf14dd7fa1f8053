"""Fixtures that several test modules share."""

from __future__ import annotations

import fcntl
import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import autograder.quick_start  # noqa: F401  (before anything that imports jsonschema)

# isort: split
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from autograder.course.assignments import ROOT
from autograder.course.notebooks import write_notebook
from autograder.language import set_language
from autograder.report import Check, Report
from tests.helpers.notebooks import NOTEBOOK_METADATA, asked, nbgrader_cell

CHECKS = '''"""Checks of the small course."""

import pytest


@pytest.mark.grade("pad2d")
def test_the_size(student):
    """pad2d agranda la imagen."""


@pytest.mark.grade("conv2d-stride", weight=3)
@pytest.mark.needs("test_the_size")
def test_the_stride(student):
    """conv2d avanza de a pasos."""
'''


def pytest_sessionstart() -> None:
    """Look for no garbage while thousands of tests are collected: nearly all of it stays, and a fifth of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What was collected stays to the end."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def history_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the repository's own history of grades out of it."""
    os.environ.setdefault("CNN_HISTORY", str(tmp_path_factory.mktemp("history") / "history.db"))


@pytest.fixture(autouse=True)
def environment_as_before() -> Iterator[None]:
    """Let no test inherit what a command set for its own process, such as matplotlib's backend."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)
    set_language("es")


@pytest.fixture
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands speak English, as an instructor does who has set ``CNN_LANG``."""
    monkeypatch.setenv("CNN_LANG", "en")


@pytest.fixture
def notebook() -> NotebookNode:
    """An instructor's notebook with two exercises of 10 points in all."""
    pad2d = "\n".join(
        [
            "def pad2d(image, padding):",
            '    """Rodea la imagen de ceros."""',
            "    ### BEGIN SOLUTION",
            "    return np.pad(image, padding)",
            "    ### END SOLUTION",
        ]
    )
    kernels = 'KERNELS = {"edges": None}\n### BEGIN SOLUTION\nKERNELS["edges"] = [[1]]\n### END SOLUTION'
    return new_notebook(
        metadata=NOTEBOOK_METADATA,
        cells=[
            new_markdown_cell("# Convolución", id="title"),
            nbgrader_cell("import numpy as np", "setup"),
            nbgrader_cell(pad2d, "pad2d-code", solution=True),
            nbgrader_cell(asked('assert pad2d is not None, "Define pad2d."', "pad2d"), "pad2d", points=4),
            nbgrader_cell(kernels, "kernels-code", solution=True),
            nbgrader_cell(asked('assert KERNELS, "Completa KERNELS."', "conv2d-stride"), "conv2d-stride", points=6),
        ],
    )


@pytest.fixture
def course(tmp_path: Path, notebook: NotebookNode) -> Path:
    """A repository with one assignment, its checks and an image beside the notebook."""
    write_notebook(notebook, tmp_path / "source/02_convolucion/02_convolucion.ipynb")
    (tmp_path / "source/02_convolucion/tigre.png").write_bytes(b"\x89PNG")
    (tmp_path / "source/02_convolucion/assignment.json").write_text('{"names": ["KERNELS", "pad2d", "conv2d"]}')
    checks = tmp_path / "tests/checks/02_convolucion"
    checks.mkdir(parents=True)
    (checks / "test_convolution.py").write_text(CHECKS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def reports() -> list[Report]:
    """A class of three: partly right with every status, without a grade, and one whose texts are hostile."""
    hostile = "<script>alert(1)</script> [bold]x[/bold] | `a` @todos \x1b[31mrojo\x07 https://mal.example ]]> \ud800"
    return [
        Report(
            assignment="02_convolucion",
            submission="ana",
            score=7.5,
            max_score=10,
            checks=[
                Check("pad2d::test_size", "pad2d", "pad2d agranda la imagen.", "passed", 2.5, 2.5, "", 0.01),
                Check("pad2d::test_copy", "pad2d", "pad2d no cambia su entrada.", "failed", 0, 2.5, "La cambió.", 0.02),
                Check("conv2d::test_slide", "conv2d", "El ejemplo.", "passed", 5.0, 5, "", 0.01),
                Check("conv2d::test_more", "conv2d", "Otro caso.", "skipped", 0, 0, "Depende de otro.", 0),
            ],
            seconds=1.25,
            versions={"autograder": "1.0.0", "python": "3.11.7"},
        ),
        Report("02_convolucion", "beto", None, 10, [Check("a::b", "a", "T.", "error", 0, 10, "Falla.", 0.1)]),
        Report(
            assignment="02_convolucion",
            submission="../" + hostile,
            score=0.1 + 0.2,
            max_score=10,
            checks=[Check("a::b", "a", hostile, "failed", 0.1 + 0.2, 10, hostile + "\n" + hostile)],
            flags=[{"kind": "similar", "message": hostile, "with": hostile, "ratio": 0.98765}],
        ),
    ]


@pytest.fixture(scope="session")
def real_data(pytestconfig: pytest.Config) -> Callable[[str], Path]:
    """Install a real data set from beside the repository and return the folder; later runs find it there."""

    def install(name: str) -> Path:
        script = ROOT.parent / "shared" / "data" / "install.py"
        if not script.is_file():
            pytest.skip(f"no real {name} here: there is no ../shared/data/install.py beside the repository")
        assert pytestconfig.cache is not None
        folder = pytestconfig.cache.mkdir("real-data")
        done = folder / f"{name}.installed"
        with (folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
            if not done.exists():
                subprocess.run([sys.executable, str(script), str(folder), name], check=True, stdout=subprocess.DEVNULL)
                done.touch()
        return folder

    return install
