"""Why a name is missing after a notebook ran."""

from __future__ import annotations

import pytest

from autograder.intake.restore import Step
from autograder.sandbox.causes import packages_here, undefined_name, why_missing
from autograder.sandbox.client import CellRun

NO_CV2 = CellRun("error", error_name="ModuleNotFoundError", error_text="No module named 'cv2'")


@pytest.mark.parametrize(
    ("name", "source", "run", "said"),
    [
        (
            "conv2d",
            "import cv2\ndef conv2d(image): ...",
            NO_CV2,
            "terminó con ModuleNotFoundError: No module named 'cv2'.",
        ),
        ("cv2", "import numpy as np, cv2", NO_CV2, "terminó con ModuleNotFoundError"),
        ("cv", "import cv2 as cv", NO_CV2, "terminó con ModuleNotFoundError"),
        ("KERNELS", "KERNELS: dict = f(", CellRun("error", error_name="SyntaxError"), "terminó con SyntaxError."),
        ("conv2d", "  def conv2d(): ...", CellRun("error", error_name="IndentationError"), "con IndentationError."),
        ("conv2d", "def conv2d(): ...", CellRun("timeout", seconds=30), "no terminó a tiempo"),
        ("conv2d", "def conv2d(): ...", CellRun("died", error_text="usó demasiado."), "de golpe: usó demasiado."),
        ("conv2d", "def conv2d_old(): ...\nconv2d == 1", NO_CV2, ""),
        ("conv2d", "def conv2d(): ...\ndel conv2d", CellRun("ok"), ""),
    ],
)
def test_the_cell_that_would_have_defined_it_is_named(name: str, source: str, run: CellRun, said: str) -> None:
    """With what it ended in; empty where no such cell failed."""
    reason = why_missing(name, [Step("x = 1", 0), Step(source, 1)], {0: CellRun("ok"), 1: run})
    assert (said in reason) if said else (reason == "")


def test_a_package_that_is_not_here_is_told_with_those_that_are() -> None:
    """So that the student can choose one."""
    reason = why_missing("cv2", [Step("import cv2", 0)], {0: NO_CV2})
    assert "puedes usar numpy, scipy, matplotlib, scikit-image (skimage), Pillow (PIL), TensorFlow, Keras." in reason
    assert "numpy" in packages_here()


def test_a_training_cell_that_did_not_run_is_named() -> None:
    """What it defines is not there, although it does not fail at home."""
    assert "celda de entrenamiento" in why_missing("f", [Step("def f(): ...", 0, "train")], {})


def test_a_hostile_error_is_short_and_on_one_line() -> None:
    """Its text is the student's."""
    run = CellRun("error", error_name="E" * 10_000, error_text="x\n" * 10_000)
    reason = why_missing("f", [Step("def f(): ...", 0)], {0: run})
    assert len(reason) < 600
    assert "\n" not in reason


@pytest.mark.parametrize(
    ("kind", "text", "name"),
    [("NameError", "name 'cv2' is not defined", "cv2"), ("NameError", "otra cosa", ""), ("ValueError", "name 'x'", "")],
)
def test_the_name_of_a_name_error_is_found(kind: str, text: str, name: str) -> None:
    """Only of what Python itself says."""
    assert undefined_name(kind, text) == name
