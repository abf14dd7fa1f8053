"""Finding submissions: whose they are, and that none vanishes."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.course.assignments import Assignment
from autograder.course.notebooks import write_notebook
from autograder.errors import UsageError
from autograder.intake.submissions import Submission, find_submissions, look_for_submissions

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
        ("ana", "ana/entrega.ipynb", "02_convolucion"),
        ("beto", "beto/tp.ipynb", "02_convolucion"),
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
    touch(place, "a/tp.ipynb", "b/tp.ipynb", "tp-2.ipynb")
    items = find_submissions([place / "a/tp.ipynb", place / "b/tp.ipynb", place / "tp-2.ipynb"], assignments)
    assert [item.name for item in items] == ["tp", "tp-3", "tp-2"]


def test_a_place_without_submissions_is_wrong_usage(place: Path, assignments: dict[str, Assignment]) -> None:
    """So is one that does not exist, with what was received."""
    with pytest.raises(UsageError, match=r"Received: none\."):
        find_submissions([place], assignments)
    with pytest.raises(UsageError, match="which does not exist"):
        find_submissions([place / "nobody"], assignments)
    touch(place, "ana/02_convolucion/02_convolucion.ipynb")
    with pytest.raises(UsageError, match=r"none of 01_imagen_digital\."):
        find_submissions([place], assignments, "01_imagen_digital")


def left_out(path: Path, assignments: dict[str, Assignment], wanted: str | None = None) -> dict[str, str]:
    """Return why each thing was not taken, by its place."""
    found = look_for_submissions([path], assignments, wanted)
    return {item.path.relative_to(path).as_posix(): item.reason for item in found.left_out}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("apuntes.ipynb", "it lies beside the students' folders, so whose it is is unknown"),
        ("02_convolucion.ipynb", "it lies beside the students' folders, so whose it is is unknown"),
        (".luz/02_convolucion/02_convolucion.ipynb", "its name begins with a dot"),
        ("ana/.viejo/02_convolucion.ipynb", "its name begins with a dot"),
        ("ana/02_convolucion/02_convolucion.ipynb.txt", "its name does not end in .ipynb"),
        ("luz/entrega/tp/02_convolucion.ipynb", "it lies deeper than <student>/<assignment>/"),
        ("luz/readme.txt", "there is no notebook in it"),
        ("ana/02_convolucion/copia.ipynb", "02_convolucion.ipynb is the notebook"),
        ("ana/02_convolucion.ipynb", "it lies beside the folders of the assignments"),
    ],
)
def test_what_is_not_taken_is_told_and_hides_nobody(
    place: Path, assignments: dict[str, Assignment], name: str, reason: str
) -> None:
    """Whatever lies beside a class."""
    touch(place, "ana/02_convolucion/02_convolucion.ipynb", "eva/02_convolucion/02_convolucion.ipynb", name)
    [(told, why)] = left_out(place, assignments).items()
    assert name.startswith(told)
    assert why.startswith(reason)
    assert [item.name for item in find_submissions([place], assignments)] == ["ana", "eva"]


@pytest.mark.parametrize(
    "name",
    [
        "luz/02_Convolucion/02_Convolucion.ipynb",
        "luz/02_convolucion/02_convolucion.IPYNB",
        "luz/02_convolucion/entrega/02_convolucion.ipynb",
        "luz/02_convolucion (1).ipynb",
        "luz/Copia de 02_convolucion.ipynb",
        "luz/tarea.ipynb",
    ],
)
def test_the_students_name_comes_from_the_tree(place: Path, assignments: dict[str, Assignment], name: str) -> None:
    """Whatever the notebook is called, and in whatever case."""
    touch(place, "ana/02_convolucion/02_convolucion.ipynb", name)
    assert ("luz", name, "02_convolucion") in found(place, assignments, "02_convolucion")
    assert left_out(place, assignments, "02_convolucion") == {}


def test_a_linked_folder_or_notebook_is_nobodys_work(place: Path, assignments: dict[str, Assignment]) -> None:
    """It may be a neighbour's: the neighbour's is taken once, under the neighbour's name."""
    touch(place, "ana/02_convolucion/02_convolucion.ipynb", "eva/readme.txt")
    (place / "luz").symlink_to("ana")
    (place / "eva/02_convolucion").symlink_to("../ana/02_convolucion")
    assert found(place, assignments) == [
        ("ana", "ana/02_convolucion/02_convolucion.ipynb", "02_convolucion"),
        ("eva", "", "02_convolucion"),
    ]
    told = left_out(place, assignments)
    assert set(told) == {"luz", "eva/02_convolucion"}
    assert told["luz"].startswith("it is a link to ")
    with pytest.raises(UsageError, match="luz: it is a link to"):
        find_submissions([place / "luz"], assignments)


def test_a_linked_disk_with_a_class_is_followed(place: Path, assignments: dict[str, Assignment]) -> None:
    """An instructor's own link, not a student's."""
    touch(place, "ana/02_convolucion/02_convolucion.ipynb", "eva/02_convolucion/02_convolucion.ipynb")
    (place.parent / "disk").symlink_to(place)
    assert [item.name for item in find_submissions([place.parent / "disk"], assignments)] == ["ana", "eva"]


def test_several_notebooks_of_any_name_are_told_apart_by_what_they_define(
    place: Path, assignments: dict[str, Assignment]
) -> None:
    """One for each assignment; what answers none is told."""
    touch(place, "ana/02_convolucion/02_convolucion.ipynb")
    for stem, source in (("tp1", "def gray_mean(): ..."), ("tp2", "def conv2d(): ..."), ("notas", "1")):
        write_notebook(new_notebook(cells=[new_code_cell(source)]), place / f"luz/{stem}.ipynb")
    assert [item for item in found(place, assignments) if item[0] == "luz"] == [
        ("luz", "luz/tp1.ipynb", "01_imagen_digital"),
        ("luz", "luz/tp2.ipynb", "02_convolucion"),
    ]
    assert left_out(place, assignments) == {"luz/notas.ipynb": "it answers no assignment"}


def test_folders_of_assignments_with_a_folder_for_each_student(place: Path, assignments: dict[str, Assignment]) -> None:
    """As some platforms export a course."""
    touch(place, "02_convolucion/ana/tp.ipynb", "02_convolucion/luz/02_convolucion (2).ipynb")
    assert [(name, assignment) for name, _, assignment in found(place, assignments)] == [
        ("ana", "02_convolucion"),
        ("luz", "02_convolucion"),
    ]
