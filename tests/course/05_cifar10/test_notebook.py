"""The notebook 05_cifar10 as its readers run it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from autograder.course.assignments import ROOT, find_assignments
from autograder.course.notebooks import cell_id, read_notebook
from data.sandbox import build_sandbox_view

CIFAR = find_assignments()["05_cifar10"]
MODEL = ROOT / "tests/submissions/05_cifar10/perfect/models/cnn.keras"
SERVE = """
import sys
sys.path.insert(0, {worker!r})
import datasets
datasets.install({folder!r})
"""


def test_the_numbers_of_the_lecture_are_there() -> None:
    """60,000 images of 32x32x3, 50,000 and 10,000, 6,000 of each of 10 classes; and the formula with three channels."""
    text = "\n".join(cell.source for cell in read_notebook(CIFAR.released).cells if cell.cell_type == "markdown")
    for number in ("60.000 imágenes de 32×32×3", "50.000 de entrenamiento y 10.000 de prueba", "6.000 imágenes"):
        assert number in text
    assert "mutuamente excluyentes" in text
    assert r"32\cdot 3\cdot 3\cdot 3+32 = 896" in text
    assert 32 * 3 * 3 * 3 + 32 == 896


def test_augmented_images_are_the_same_ones_moved() -> None:
    """`flip_and_shift` gives each image, perhaps reflected, at most two pixels away, with the border repeated."""
    names: dict[str, Any] = {"np": np}
    exec(next(cell.source for cell in read_notebook(CIFAR.released).cells if cell_id(cell) == "flip-and-shift"), names)
    images = np.random.default_rng(1).integers(256, size=(40, 32, 32, 3), dtype=np.uint8)
    changed = names["flip_and_shift"](images, np.random.default_rng(2))
    assert (changed.shape, changed.dtype) == (images.shape, np.uint8)
    seen = set()
    for image, new in zip(images, changed):
        for flipped in (False, True):
            padded = np.pad(image[:, ::-1] if flipped else image, ((2, 2), (2, 2), (0, 0)), mode="edge")
            for row in range(5):
                for column in range(5):
                    if np.array_equal(new, padded[row : row + 32, column : column + 32]):
                        seen.add((flipped, row, column))
    assert len(seen) > 20
    assert {flipped for flipped, _, _ in seen} == {False, True}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_solution_runs_from_beginning_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, real_data: Callable[[str], Path]
) -> None:
    """With the model that its training cell made: every number and every picture is there."""
    monkeypatch.setenv("CNN_DATA", str(real_data("cifar10")))
    build_sandbox_view(tmp_path / "data", ["mnist", "cifar10"])
    (tmp_path / "models").mkdir()
    shutil.copyfile(MODEL, tmp_path / "models" / "cnn.keras")
    notebook = read_notebook(CIFAR.source)
    for cell in notebook.cells:
        cell.source = re.sub(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", "", cell.source, flags=re.DOTALL)
        if "train" in cell.metadata.get("tags", []):
            curves = "'accuracy': [0.5, 0.6], 'val_accuracy': [0.55, 0.65]"
            cell.source = f"plain_history = {{{curves}}}" if "plain" in cell_id(cell) else f"history = {{{curves}}}"
    serve = SERVE.format(worker=str(ROOT / "autograder" / "worker"), folder=str(tmp_path / "data"))
    notebook.cells.insert(0, new_code_cell(serve))
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    cells = {cell_id(cell): cell for cell in notebook.cells if cell.cell_type == "code"}
    printed = {
        name: "".join(output.text for output in cell.outputs if output.get("name") == "stdout")
        for name, cell in cells.items()
    }
    assert "entrenamiento  imágenes (45000, 32, 32, 3) uint8" in printed["data"]
    assert "de aciertos en las 5.000 imágenes de validación" in printed["cnn-accuracy"]
    assert "de aciertos en las 10.000 imágenes de prueba" in printed["test-plot"]
    assert printed["per-class-plot"].count("%") == 10
    pictures = {
        name for name, cell in cells.items() for output in cell.outputs if "image/png" in output.get("data", {})
    }
    assert pictures == {
        "photos-plot",
        "means-plot",
        "colours-plot",
        "plain-curves",
        "augmented-plot",
        "cnn-curves",
        "confusion-plot",
        "mistakes-plot",
        "calibration-plot",
        "filters-plot",
    }
