"""Choosing the files that lie beside a notebook when it runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.course.assignments import Assignment
from autograder.intake import files as files_beside
from autograder.intake.files import support_files
from autograder.intake.submissions import Submission, find_submissions

NAMES = {"01_imagen_digital": ("channel", "gray_mean"), "02_convolucion": ("KERNELS", "conv2d")}


@pytest.fixture
def assignments(tmp_path: Path) -> dict[str, Assignment]:
    course = tmp_path / "course"
    return {
        name: Assignment(
            name,
            course / f"source/{name}/{name}.ipynb",
            course / f"assignments/{name}/{name}.ipynb",
            course / f"tests/checks/{name}",
            False,
            asked,
        )
        for name, asked in NAMES.items()
    }


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "submitted"
    folder.mkdir()
    return folder


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def names_of(submission: Submission, assignment: Assignment) -> list[str]:
    return [name for name, _ in support_files(submission, assignment)[0]]


def test_released_files_and_the_students_own_lie_beside_the_notebook(
    place: Path, assignments: dict[str, Assignment]
) -> None:
    """The student's own come last; no notebook, hidden file or link is among them, and links are counted."""
    assignment = assignments["02_convolucion"]
    touch(assignment.released.parent, "02_convolucion.ipynb", "taza.png")
    touch(place, "tp.ipynb", "old.ipynb", "models/cnn.keras", "taza.png", ".secret", ".git/config", "__pycache__/a.pyc")
    touch(place.parent, "outside.txt", "outer/file.txt")
    (place / "link.txt").symlink_to(place.parent / "outside.txt")
    (place / "linked").symlink_to(place.parent / "outer")
    os.mkfifo(place / "pipe")
    files, dropped = support_files(Submission("ana", place / "tp.ipynb", place, assignment.name), assignment)
    assert files == [("models/cnn.keras", place / "models/cnn.keras"), ("taza.png", place / "taza.png")]
    assert dropped == (0, 2)


def test_other_students_files_are_never_included(place: Path, assignments: dict[str, Assignment]) -> None:
    """Where notebooks share a folder, only the released files are there."""
    touch(assignments["02_convolucion"].released.parent, "taza.png")
    touch(place, "ana.ipynb", "beto.ipynb", "models/cnn.keras")
    for submission in find_submissions([place], assignments, "02_convolucion"):
        assert names_of(submission, assignments["02_convolucion"]) == ["taza.png"]
    single = find_submissions([place / "ana.ipynb"], assignments, "02_convolucion")[0]
    assert names_of(single, assignments["02_convolucion"]) == ["taza.png"]


def test_models_come_first_when_there_are_too_many_files(
    place: Path, assignments: dict[str, Assignment], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The smallest of the others follow."""
    touch(place, "tp.ipynb", "a.txt", "models/cnn.keras")
    (place / "b.txt").write_text("x" * 100)
    (place / "models/cnn.keras").write_text("x" * 500)
    submission = Submission("ana", place / "tp.ipynb", place, "02_convolucion")
    monkeypatch.setattr(files_beside, "MAX_BYTES", 550)
    files, dropped = support_files(submission, assignments["02_convolucion"])
    assert ([name for name, _ in files], dropped) == (["a.txt", "models/cnn.keras"], (1, 0))
    monkeypatch.setattr(files_beside, "MAX_FILES", 1)
    files, dropped = support_files(submission, assignments["02_convolucion"])
    assert ([name for name, _ in files], dropped) == (["models/cnn.keras"], (2, 0))
