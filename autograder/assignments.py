"""The assignments of the course, where their parts lie, and how their notebooks are read and written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

__all__ = [
    "CONTRACT",
    "DATASETS",
    "ROOT",
    "Assignment",
    "cell_id",
    "find_assignments",
    "grade_cells",
    "notebook_text",
    "read_notebook",
    "released_assignment",
    "write_notebook",
]

ROOT = Path(__file__).resolve().parent.parent
"""The repository."""

CONTRACT: dict[str, tuple[str, ...]] = {
    "01_imagen_digital": (
        "load_rgb",
        "load_gray",
        "channel",
        "gray_mean",
        "gray_luminosity",
        "show_channels",
    ),
    "02_convolucion": ("KERNELS", "pad2d", "conv2d", "convolve2d", "conv_layer", "max_pool2d"),
    "03_formulas": (
        "output_size",
        "conv_output_shape",
        "conv_params",
        "flatten_size",
        "dense_params",
        "pool_output_shape",
        "ANSWERS",
        "build_conv_net",
        "build_conv_hidden_net",
        "build_conv_pool_net",
    ),
    "04_mnist": ("preprocess", "build_softmax", "build_mlp", "build_cnn", "softmax", "mlp", "cnn"),
    "05_cifar10": ("preprocess", "build_cnn", "cnn"),
    "06_fingers": ("label_from_filename", "load_images", "preprocess", "build_cnn", "cnn"),
    "07_vgg16": (
        "prepare_image",
        "top_predictions",
        "build_classifier",
        "freeze",
        "unfreeze_last_block",
        "fine_tuned",
    ),
}
"""What a student defines or saves, by assignment: functions, variables and the stems of model files.

A grade cell's ``grade_id`` starts with one of these names, in lower case with hyphens.
"""

DATASETS: dict[str, tuple[str, ...]] = {
    "04_mnist": ("mnist",),
    "05_cifar10": ("cifar10",),
    "06_fingers": ("fingers",),
    "07_vgg16": ("cifar10", "vgg16"),
}
"""The data sets (names in `data.DATASETS`) that an assignment's notebook and checks use."""


@dataclass(frozen=True)
class Assignment:
    """One assignment of the course.

    Parameters
    ----------
    name : str
        ``"02_convolucion"``.
    source : Path
        The instructor's notebook, with solutions.
    released : Path
        The student's notebook, made from it; it may not exist yet.
    checks : Path
        The folder of its hidden checks.
    needs_tensorflow : bool
        Whether its notebook imports TensorFlow or Keras.
    """

    name: str
    source: Path
    released: Path
    checks: Path
    needs_tensorflow: bool

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets that its notebook and checks use."""
        return DATASETS.get(self.name, ())


def find_assignments(root: Path = ROOT) -> dict[str, Assignment]:
    """Return the assignments below ``root`` by name, in the order of the course.

    An assignment is a folder of ``source/`` that holds a notebook of its own name.
    """
    found = {}
    for notebook in sorted((root / "source").glob("*/*.ipynb")):
        name = notebook.stem
        if notebook.parent.name != name:
            continue
        text = notebook.read_text(encoding="utf-8")
        found[name] = Assignment(
            name=name,
            source=notebook,
            released=root / "assignments" / name / f"{name}.ipynb",
            checks=root / "tests" / "checks" / name,
            needs_tensorflow=_needs_tensorflow(text),
        )
    return found


def released_assignment(notebook: Path) -> Assignment:
    """Return an assignment of which only the student's notebook is at hand: no solutions, no checks."""
    needs_tensorflow = _needs_tensorflow(notebook.read_text(encoding="utf-8"))
    return Assignment(notebook.stem, notebook, notebook, notebook.parent / "no-checks", needs_tensorflow)


def _needs_tensorflow(text: str) -> bool:
    return re.search(r"\b(?:import|from) (?:tensorflow|keras)\b", text) is not None


def grade_cells(notebook: NotebookNode) -> dict[str, float]:
    """Return the points of each grade cell by its ``grade_id``, in the order of the notebook.

    A cell that a person grades holds an answer itself: it is no grade cell.
    """
    cells = (cell.metadata.get("nbgrader", {}) for cell in notebook.cells)
    graded = (cell for cell in cells if cell.get("grade") and not cell.get("solution"))
    return {cell["grade_id"]: float(cell.get("points") or 0) for cell in graded}


def cell_id(cell: NotebookNode) -> str:
    """Return a cell's ``grade_id``, or its id where nbgrader does not know it."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", ""))


def read_notebook(path: Path) -> NotebookNode:
    """Read one of the course's own notebooks (trusted, nbformat 4)."""
    notebook: NotebookNode = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    return notebook


def notebook_text(notebook: NotebookNode) -> str:
    """Return a notebook's text in the one form in which this repository keeps notebooks.

    The keys are sorted and the indentation is 1, as Jupyter and nbgrader write it, so that a diff shows what changed.
    """
    text: str = nbformat.writes(notebook, version=4)
    return text.rstrip("\n") + "\n"


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook, making its folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(notebook_text(notebook), encoding="utf-8", newline="\n")
