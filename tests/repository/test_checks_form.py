"""The checks of the course's own seven assignments keep the project's form; those of other instructors need not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from autograder.course.assignments import ROOT

SEVEN = (
    *("01_imagen_digital", "02_convolucion", "03_formulas", "04_mnist", "05_cifar10", "06_fingers", "07_vgg16"),
    "conftest.py",
)


@pytest.mark.parametrize("command", [("check",), ("format", "--check")], ids=" ".join)
def test_the_courses_own_checks_are_in_form(command: tuple[str, ...]) -> None:
    """What ``make lint`` leaves out for others."""
    paths = [f"tests/checks/{name}" for name in SEVEN]
    done = subprocess.run([sys.executable, "-m", "ruff", *command, *paths], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
