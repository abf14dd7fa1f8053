"""The assignments of the course: where their parts lie, and what ``source/<assignment>/assignment.json`` says of them.

The file tells the grader what it cannot read from the notebook and the checks::

    {"names": ["pad2d", "cnn"], "datasets": ["mnist"], "points": 10,
     "limits": {"cell_seconds": 60, "memory_gb": 6}, "packages": ["networkx==3.4.2"],
     "opens": "2026-10-05T08:00-03:00"}

All keys but ``names`` may be left away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course.times import parse_time
from autograder.errors import UsageError

__all__ = ["ABOUT", "ROOT", "Assignment", "find_assignments", "released_assignment"]

ROOT = Path(__file__).resolve().parents[2]
"""The repository."""

ABOUT = "assignment.json"
"""Lies beside the instructor's notebook; students do not get it."""

POINTS = 10.0


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
    checks : Path or None
        The folder of its hidden checks; None where only the student's notebook is at hand.
    needs_tensorflow : bool
        Whether its notebook imports TensorFlow or Keras.
    names : tuple of str
        What a student defines or saves: functions, variables and the stems of model files. A grade cell's ``grade_id``
        starts with one of them, in lower case with hyphens.
    datasets : tuple of str
        The data sets (names in `data.DATASETS`) that its notebook and checks use.
    points : float
        The sum of all its cells' points.
    cell_seconds : float or None
        Seconds that one cell may take; None: what `autograder.settings.Settings` say.
    memory : int or None
        Bytes that the student's code may use; None: as `autograder.settings.Settings.limits` has it.
    opens : datetime or None
        When students got it; None: nobody said.
    packages : tuple of str
        Requirements beyond the course's ``requirements.txt``, as pip reads them.
    """

    name: str
    source: Path
    released: Path
    checks: Path | None
    needs_tensorflow: bool
    names: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    points: float = POINTS
    cell_seconds: float | None = None
    memory: int | None = None
    packages: tuple[str, ...] = ()
    opens: datetime | None = None

    def require_checks(self) -> Path:
        """Return the folder of its hidden checks.

        Raises
        ------
        ValueError
            Only the student's notebook is at hand.
        """
        if self.checks is None:
            raise ValueError(f"expected the hidden checks of {self.name}. Received: only its released notebook.")
        return self.checks


def find_assignments(root: Path = ROOT) -> dict[str, Assignment]:
    """Return the assignments below ``root`` by name, in the order of the course.

    An assignment is a folder of ``source/`` that holds a notebook of its own name.

    Raises
    ------
    UsageError
        An ``assignment.json`` is not what it should be; the message says which one and where.
    """
    found = {}
    for notebook in sorted((root / "source").glob("*/*.ipynb")):
        name = notebook.stem
        if notebook.parent.name != name:
            continue
        found[name] = Assignment(
            name=name,
            source=notebook,
            released=root / "assignments" / name / f"{name}.ipynb",
            checks=root / "tests" / "checks" / name,
            needs_tensorflow=_needs_tensorflow(notebook),
            **_about(notebook.parent / ABOUT),
        )
    return found


def released_assignment(notebook: Path) -> Assignment:
    """Return an assignment of which only the student's notebook is at hand, and `ABOUT` beside it: no checks."""
    about = _about(notebook.parent / ABOUT)
    return Assignment(notebook.stem, notebook, notebook, None, _needs_tensorflow(notebook), **about)


def _needs_tensorflow(notebook: Path) -> bool:
    text = notebook.read_text(encoding="utf-8")
    return re.search(r"\b(?:import|from) (?:tensorflow|keras)\b", text) is not None


def _about(path: Path) -> dict[str, Any]:
    """Return what an ``assignment.json`` says, as fields of `Assignment`; nothing where there is none."""
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{path}: expected JSON. Received: {error}") from error
    _require(
        path,
        content,
        {"names": _texts, "datasets": _texts, "points": _positive, "packages": _texts, "opens": _time},
        "limits",
    )
    limits = content.get("limits", {})
    _require(path, limits, {"cell_seconds": _positive, "memory_gb": _positive})
    fields: dict[str, Any] = {key: tuple(content.get(key, ())) for key in ("names", "datasets", "packages")}
    fields["points"] = float(content.get("points", POINTS))
    if "opens" in content:
        fields["opens"] = parse_time(content["opens"])
    if "cell_seconds" in limits:
        fields["cell_seconds"] = float(limits["cell_seconds"])
    if "memory_gb" in limits:
        fields["memory"] = int(limits["memory_gb"] * (1 << 30))
    return fields


def _require(path: Path, content: Any, keys: Mapping[str, Callable[[Any], str]], *others: str) -> None:
    """Refuse an object with an unknown key, or with a value that its key does not take."""
    if not isinstance(content, dict):
        raise UsageError(f"{path}: expected an object. Received: {json.dumps(content)[:80]}")
    for key, value in content.items():
        if key not in keys and key not in others:
            raise UsageError(f"{path}: expected one of {', '.join([*keys, *others])}. Received: {key}")
        expected = keys[key](value) if key in keys else ""
        if expected:
            raise UsageError(f"{path}: expected {expected} for {key}. Received: {json.dumps(value)[:80]}")


def _texts(value: Any) -> str:
    fits = isinstance(value, list) and all(isinstance(item, str) and item for item in value)
    return "" if fits else "a list of texts"


def _time(value: Any) -> str:
    fits = isinstance(value, str) and parse_time(value) is not None
    return "" if fits else "an ISO 8601 time with its zone"


def _positive(value: Any) -> str:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf")
    return "" if fits else "a number above 0"
