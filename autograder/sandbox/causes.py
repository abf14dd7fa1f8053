"""Says why a name is missing after a notebook ran: the cell that was to define it failed, and on what."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping, Sequence

from autograder.intake.restore import Step
from autograder.sandbox.client import CellRun

__all__ = ["packages_here", "undefined_name", "why_missing"]

_PACKAGES = {"numpy": "numpy", "scipy": "scipy", "matplotlib": "matplotlib", "skimage": "scikit-image (skimage)"} | {
    "PIL": "Pillow (PIL)",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
}
_UNDEFINED = re.compile(r"name '(\w{1,80})' is not defined")
_LONGEST = 300

_FAILED = "La celda que lo define terminó con {kind}{text}"
_NO_PACKAGE = " Ese paquete no está donde se corrige; puedes usar {packages}."
_LATE = "La celda que lo define no terminó a tiempo."
_DIED = "En la celda que lo define el proceso terminó de golpe: {text}"
_TRAINING = "Lo define una celda de entrenamiento, y esas no se ejecutan al corregir: defínelo en otra celda."


def why_missing(name: str, steps: Sequence[Step], runs: Mapping[int, CellRun]) -> str:
    """Return a Spanish sentence about the cell that would have defined ``name``; empty if there is none to blame.

    Parameters
    ----------
    name : str
        What is not there: a function, a variable, an imported module.
    steps : sequence of Step
        The cells of the notebook.
    runs : mapping of int to CellRun
        How those that ran ended, by their place in ``steps``.
    """
    binds = _binding(name)
    for number in reversed(range(len(steps))):
        if not binds.search(steps[number].source):
            continue
        run = runs.get(number)
        if run is None:
            if steps[number].kind == "train":
                return _TRAINING
        elif run.status == "timeout":
            return _LATE
        elif run.status == "died":
            return _DIED.format(text=run.error_text[:_LONGEST])
        elif run.status == "error":
            return _failed(run)
    return ""


def undefined_name(kind: str, text: str) -> str:
    """Return the name that a NameError is about, else an empty text."""
    found = _UNDEFINED.search(text) if kind == "NameError" else None
    return found[1] if found else ""


def _failed(run: CellRun) -> str:
    text = " ".join(run.error_text[:_LONGEST].split()).rstrip(".")
    said = _FAILED.format(kind=run.error_name[:80], text=f": {text}." if text else ".")
    if run.error_name == "ModuleNotFoundError":
        said += _NO_PACKAGE.format(packages=", ".join(packages_here()))
    return said


def packages_here() -> list[str]:
    """Return the packages for notebooks that are installed, as students know them."""
    return [shown for module, shown in _PACKAGES.items() if importlib.util.find_spec(module) is not None]


def _binding(name: str) -> re.Pattern[str]:
    """Return what finds a definition, an assignment or an import of ``name`` in a cell."""
    word = re.escape(name)
    return re.compile(
        rf"^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+{word}\b|^{word}[ \t]*(?::[^=\n]+)?=(?!=)"
        rf"|^[ \t]*(?:from\b[^\n]*\b)?import\b[^\n]*\b{word}\b",
        re.MULTILINE,
    )
