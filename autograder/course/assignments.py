"""The assignments of the course, and where their parts lie."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "CONTRACT",
    "DATASETS",
    "ROOT",
    "Assignment",
    "find_assignments",
    "released_assignment",
]

ROOT = Path(__file__).resolve().parents[2]
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
