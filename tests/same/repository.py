"""A copy of this repository with a class in it, and nothing known of any earlier grading."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from autograder.course.assignments import ROOT
from autograder.course.sample import build_class
from tests.helpers.nbgrader_course import Course

__all__ = ["Points", "Repository"]

Points = dict[str, "float | None"]
"""By ``<assignment>/<submission>``; None: no grade."""


class Repository(Course):
    """This repository with some submissions of the sample class, and a Python to grade them with.

    Parameters
    ----------
    place : path
        Of the copy; whatever is there is removed.
    chosen : mapping
        The submissions of each assignment, by their names in ``tests/submissions/<assignment>/``.
    python : str
        The interpreter of every command.
    """

    def __init__(self, place: Path, chosen: Mapping[str, Collection[str]], python: str) -> None:
        shutil.rmtree(place, ignore_errors=True)
        self.root, self.log = place, ""
        self.chosen, self.python = chosen, python
        unwanted = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        folders = [f"{above}/{assignment}" for above in ("source", "tests/checks") for assignment in chosen]
        for name in ("autograder", *folders):
            shutil.copytree(ROOT / name, place / name, ignore=unwanted)
        for name in ("nbgrader_config.py", "requirements.txt"):
            shutil.copy(ROOT / name, place / name)
        (place / "data").symlink_to(ROOT / "data")
        self.submitted = place / "submitted"
        build_class(ROOT / "tests/submissions", self.submitted, only=list(chosen))
        for folder in self.submitted.glob("*/*"):
            if folder.parent.name not in chosen[folder.name]:
                shutil.rmtree(folder)
        for student in self.submitted.iterdir():
            if not any(student.iterdir()):
                student.rmdir()

    @property
    def hand_ins(self) -> Iterator[tuple[str, str]]:
        """Assignment and name of each submission."""
        return ((assignment, name) for assignment, names in self.chosen.items() for name in names)

    def handed_in(self, assignment: str, name: str) -> dict[str, bytes]:
        """Return what a student handed in: contents by names."""
        folder = self.submitted / name / assignment
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }

    def earned(self) -> Points:
        """Return what nbgrader's gradebook knows: the sum of the automatic points of each submission.

        Cells that wait for a person are no part of it.
        """
        from nbgrader.api import MissingEntry

        earned: Points = {}
        with self.gradebook() as gradebook:
            for assignment, name in self.hand_ins:
                try:
                    rows = gradebook.find_submission_notebook(assignment, assignment, name).grades
                except MissingEntry:
                    rows = []
                points = [row.auto_score for row in rows if row.cell.cell_type == "code"]
                earned[f"{assignment}/{name}"] = None if None in points or not points else sum(points)
        return earned
