"""The instructor's notebooks run as files, wherever in a clone they lie and whatever starts them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.course.assignments import ROOT, find_assignments
from autograder.course.notebooks import cell_id, read_notebook, write_notebook

DATA = {"05_cifar10": ["cifar10"], "06_fingers": ["fingers"], "07_vgg16": ["cifar10", "vgg16"]}


def execute(name: str, folder: Path, **variables: str) -> dict[str, NotebookNode]:
    """Run a copy of a source notebook as ``nbconvert`` does, from another folder; return its code cells."""
    course = folder / "clone"
    course.mkdir()
    for part in ("autograder", "data", "tests", "source"):
        (course / part).symlink_to(ROOT / part)
    home = course / "apuntes" / name
    home.mkdir(parents=True)
    for path in find_assignments()[name].source.parent.iterdir():
        if path.is_file():
            shutil.copyfile(path, home / path.name)
    models = ROOT / "tests/submissions" / name / "perfect/models"
    if models.is_dir():
        shutil.copytree(models, home / "models")
        notebook = read_notebook(home / f"{name}.ipynb")
        for cell in notebook.cells:
            if "train" in cell.metadata.get("tags", []) and "fit(" in cell.source:
                cell.source = "pass"
        write_notebook(notebook, home / f"{name}.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook", "--inplace", "--allow-errors"]
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "CNN_DATA")}
    done = subprocess.run(
        [*command, "--ExecutePreprocessor.timeout=900", str(home / f"{name}.ipynb")],
        cwd=folder,
        env={**kept, "MPLBACKEND": "module://matplotlib_inline.backend_inline", **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return {cell_id(cell): cell for cell in read_notebook(home / f"{name}.ipynb").cells if cell.cell_type == "code"}


def expect_pictures_and_points(name: str, cells: dict[str, NotebookNode]) -> None:
    """Fail unless nothing was raised, every check gave its points and every figure is a picture."""
    raised = {key: output.evalue for key, cell in cells.items() for output in cell.outputs if "evalue" in output}
    assert raised == {}
    for key, cell in cells.items():
        points = cell.metadata.get("nbgrader", {}).get("points")
        if points:
            assert float(cell.outputs[-1].data["text/plain"]) == points, key
    plots = {key: cell for key, cell in cells.items() if "plot" in cell.metadata.get("tags", [])}
    outputs = {key: [output.data for output in cell.outputs if "data" in output] for key, cell in plots.items()}
    pictures = [key for key in outputs if any("image/png" in data for data in outputs[key])]
    assert [key for key, cell in plots.items() if "show_figure(" in cell.source and key not in pictures] == []
    bare = [data for key in outputs for data in outputs[key] if "image/png" not in data]
    assert [data for data in bare if "<Figure" in str(data)] == []
    assert len(pictures) >= 4, name


@pytest.mark.slow
def test_the_first_notebook_runs_outside_its_folder(tmp_path: Path) -> None:
    """Without nbgrader, from another working folder: all points, all pictures."""
    expect_pictures_and_points("01_imagen_digital", execute("01_imagen_digital", tmp_path))


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", [name for name in find_assignments() if name != "01_imagen_digital"])
def test_every_notebook_runs_outside_its_folder(name: str, tmp_path: Path, real_data: Callable[[str], Path]) -> None:
    """With the models that its training cells made, and real data where it needs some."""
    folders = {str(real_data(dataset)) for dataset in DATA.get(name, [])}
    variables = {"CNN_DATA": folders.pop()} if folders else {}
    expect_pictures_and_points(name, execute(name, tmp_path, **variables))
