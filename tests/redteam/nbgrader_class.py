"""The sharpest attacks through ``nbgrader autograde``, beside honest students."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell

from tests.helpers.long_run import Progress
from tests.helpers.nbgrader_course import HALF, NAME, RIGHT, Course
from tests.redteam.attacks import PAYLOADS, SHARPEST
from tests.redteam.hostile_class import Counts

__all__ = ["autograde_class"]

# The course's own check asks for a shape: a value without one would be the fault of that check.
_WRONG = "def pad2d(image, padding):\n    return image"
_HONEST = {"honest-right": (RIGHT, 4.0, 4.0), "honest-half": (HALF, 1.0, 4.0)}


def autograde_class(progress: Progress) -> Counts:
    """Grade a small nbgrader course: each attack first in its notebook and, in another one, last."""
    return Counts(**progress.piece("nbgrader", _autograde))


def _autograde(folder: Path) -> dict[str, Any]:
    shutil.rmtree(folder / "course", ignore_errors=True)
    course = Course(folder / "course")
    course.run("nbgrader", "generate_assignment", NAME)
    for student, (answer, _, _) in _HONEST.items():
        course.hand_in(student, answer)
    for what in SHARPEST:
        for place in ("first", "last"):
            course.hand_in(f"{what}-{place}", _WRONG, _adding(PAYLOADS[what], place))
    (course.root / "submitted/linked").symlink_to("honest-right")
    said = course.run("nbgrader", "autograde", NAME, expect=1).splitlines()
    counts = Counts(attacks=2 * len(SHARPEST) + 1)
    for student, (_, pad2d, kernels) in _HONEST.items():
        grades = course.grades(student)
        if (grades["pad2d"][0], grades["kernels-edges"][0]) != (pad2d, kernels):
            counts.changed.append(f"{student} (nbgrader): {grades}")
    for what in SHARPEST:
        for place in ("first", "last"):
            earned = course.grades(f"{what}-{place}")["pad2d"][0]
            if earned is None:
                reasons = [line for line in said if f"{what}-{place} got no grade" in line]
                counts.silent.append(f"{what}-{place} (nbgrader): {reasons[:1]}")
            elif earned > 0:
                counts.undeserved.append(f"{what}-{place} (nbgrader): {earned}")
    if any(points for points, _ in course.points("linked").values()):
        counts.undeserved.append("linked (nbgrader)")
    return asdict(counts)


def _adding(code: str, place: str) -> Any:
    def change(notebook: Any) -> None:
        notebook.cells.insert(0 if place == "first" else len(notebook.cells), new_code_cell(code))

    return change
