"""Finding submissions, telling what they answer, and choosing the files that run beside them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.course.assignments import Assignment
from autograder.errors import IntakeError, UsageError
from autograder.intake import submissions
from autograder.intake.notebook import Cell
from autograder.intake.submissions import Submission, choose_assignment, find_submissions, support_files

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


def found(path: Path, assignments: dict[str, Assignment], wanted: str | None = None) -> list[tuple[str, str, str]]:
    """Return (name, notebook, assignment) of each submission."""
    items = find_submissions([path], assignments, wanted)
    return [
        (item.name, item.notebook.relative_to(path).as_posix() if item.notebook else "", item.assignment)
        for item in items
    ]


def test_a_notebook_of_any_name_is_a_submission(place: Path, assignments: dict[str, Assignment]) -> None:
    """It is called like its file and its folder is its own."""
    touch(place, "tp_ana.ipynb")
    [item] = find_submissions([place / "tp_ana.ipynb"], assignments)
    assert item == Submission("tp_ana", place / "tp_ana.ipynb", place, "")


def test_a_folder_with_one_notebook_is_a_submission(place: Path, assignments: dict[str, Assignment]) -> None:
    """The notebook's name says of what, the folder's name of whom."""
    touch(place, "ana/02_convolucion.ipynb")
    [item] = find_submissions([place / "ana"], assignments)
    assert item == Submission("ana", place / "ana/02_convolucion.ipynb", place / "ana", "02_convolucion")


def test_a_folder_of_many_notebooks_is_a_class(place: Path, assignments: dict[str, Assignment]) -> None:
    """None of them owns the folder."""
    touch(place, "ana.ipynb", "beto_02_convolucion.ipynb", "notes.txt", ".hidden.ipynb")
    assert found(place, assignments) == [
        ("ana", "ana.ipynb", ""),
        ("beto_02_convolucion", "beto_02_convolucion.ipynb", "02_convolucion"),
    ]
    assert {item.folder for item in find_submissions([place], assignments)} == {None}


def test_an_nbgrader_tree_is_a_class(place: Path, assignments: dict[str, Assignment]) -> None:
    """A student without a notebook is in it, too."""
    touch(place, "ana/01_imagen_digital/01_imagen_digital.ipynb", "ana/02_convolucion/02_convolucion.ipynb")
    touch(place, "beto/02_convolucion/02_convolucion.ipynb", "carla/02_convolucion/readme.txt")
    assert found(place, assignments) == [
        ("ana", "ana/01_imagen_digital/01_imagen_digital.ipynb", "01_imagen_digital"),
        ("ana", "ana/02_convolucion/02_convolucion.ipynb", "02_convolucion"),
        ("beto", "beto/02_convolucion/02_convolucion.ipynb", "02_convolucion"),
        ("carla", "", "02_convolucion"),
    ]
    assert [name for name, *_ in found(place, assignments, "01_imagen_digital")] == ["ana"]


def test_one_students_folder_of_an_nbgrader_tree(place: Path, assignments: dict[str, Assignment]) -> None:
    """And the assignment's folder in it."""
    touch(place, "ana/02_convolucion/02_convolucion.ipynb")
    assert found(place / "ana", assignments)[0][0] == "ana"
    assert found(place / "ana/02_convolucion", assignments)[0][0] == "ana"
    assert find_submissions([place / "ana/02_convolucion/02_convolucion.ipynb"], assignments)[0].name == "ana"


def test_folders_of_students_with_notebooks_of_any_name(place: Path, assignments: dict[str, Assignment]) -> None:
    """As an LMS exports them; all are taken to be of the wanted assignment."""
    touch(place, "ana/entrega.ipynb", "beto/tp.ipynb", "empty/readme.txt")
    assert found(place, assignments, "02_convolucion") == [
        ("entrega", "ana/entrega.ipynb", "02_convolucion"),
        ("tp", "beto/tp.ipynb", "02_convolucion"),
    ]


def test_checkpoints_are_no_submissions(place: Path, assignments: dict[str, Assignment]) -> None:
    """Jupyter leaves them everywhere."""
    touch(place, "ana/02_convolucion/02_convolucion.ipynb")
    touch(place, "ana/02_convolucion/.ipynb_checkpoints/02_convolucion-checkpoint.ipynb", ".ipynb_checkpoints/a.ipynb")
    assert len(found(place, assignments)) == 1


def test_the_named_notebook_of_several_is_the_students(place: Path, assignments: dict[str, Assignment]) -> None:
    """Copies beside it are left alone, and it keeps its folder."""
    touch(place, "ana/02_convolucion/02_convolucion.ipynb", "ana/02_convolucion/copy.ipynb")
    [item] = find_submissions([place], assignments)
    assert (item.notebook, item.folder) == (
        place / "ana/02_convolucion/02_convolucion.ipynb",
        place / "ana/02_convolucion",
    )


def test_names_are_unique(place: Path, assignments: dict[str, Assignment]) -> None:
    """Even where a student is really called like a number that we would add."""
    touch(place, "a/tp.ipynb", "b/tp.ipynb", "c/tp-2.ipynb")
    names = [name for name, *_ in found(place, assignments)]
    assert names == ["tp", "tp-3", "tp-2"]


def test_a_place_without_submissions_is_wrong_usage(place: Path, assignments: dict[str, Assignment]) -> None:
    """So is one that does not exist, with what was received."""
    with pytest.raises(UsageError, match=r"Received: none\."):
        find_submissions([place], assignments)
    with pytest.raises(UsageError, match="which does not exist"):
        find_submissions([place / "nobody"], assignments)
    touch(place, "ana/02_convolucion/02_convolucion.ipynb")
    with pytest.raises(UsageError, match=r"none of 01_imagen_digital\."):
        find_submissions([place], assignments, "01_imagen_digital")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def conv2d(image, kernel): ...\nKERNELS = {}", "02_convolucion"),
        ("def gray_mean(image): ...", "01_imagen_digital"),
        ("KERNELS={}", "02_convolucion"),
    ],
)
def test_the_assignment_follows_from_what_is_defined(
    assignments: dict[str, Assignment], source: str, expected: str
) -> None:
    """Where neither place nor name tell it."""
    submission = Submission("ana", Path("tp.ipynb"), None)
    assert choose_assignment(submission, [Cell("", source, frozenset(), 0)], assignments) == expected


def test_a_notebook_that_defines_nothing_of_ours_is_refused(assignments: dict[str, Assignment]) -> None:
    """Calling a function is not defining it."""
    cells = [Cell("", "conv2d(1)\n# def conv2d(): ...\nmy_KERNELS = 1", frozenset(), 0)]
    with pytest.raises(IntakeError) as caught:
        choose_assignment(Submission("ana", Path("tp.ipynb"), None), cells, assignments)
    assert caught.value.kind == "unknown-assignment"
    assert "01_imagen_digital.ipynb" in str(caught.value)


def names_of(submission: Submission, assignment: Assignment) -> list[str]:
    return [name for name, _ in support_files(submission, assignment)[0]]


def test_released_files_and_the_students_own_lie_beside_the_notebook(
    place: Path, assignments: dict[str, Assignment]
) -> None:
    """The student's own come last; no notebook, hidden file or link is among them."""
    assignment = assignments["02_convolucion"]
    touch(assignment.released.parent, "02_convolucion.ipynb", "taza.png")
    touch(place, "tp.ipynb", "old.ipynb", "models/cnn.keras", "taza.png", ".secret", ".git/config", "__pycache__/a.pyc")
    touch(place.parent, "outside.txt", "outer/file.txt")
    (place / "link.txt").symlink_to(place.parent / "outside.txt")
    (place / "linked").symlink_to(place.parent / "outer")
    os.mkfifo(place / "pipe")
    files, dropped = support_files(Submission("ana", place / "tp.ipynb", place, assignment.name), assignment)
    assert files == [("models/cnn.keras", place / "models/cnn.keras"), ("taza.png", place / "taza.png")]
    assert dropped == 0


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
    monkeypatch.setattr(submissions, "MAX_BYTES", 550)
    files, dropped = support_files(submission, assignments["02_convolucion"])
    assert ([name for name, _ in files], dropped) == (["a.txt", "models/cnn.keras"], 1)
    monkeypatch.setattr(submissions, "MAX_FILES", 1)
    files, dropped = support_files(submission, assignments["02_convolucion"])
    assert ([name for name, _ in files], dropped) == (["models/cnn.keras"], 2)
