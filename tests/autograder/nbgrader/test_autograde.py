"""``nbgrader autograde`` as this repository configures it: the class that nbgrader's own would stumble over."""

from __future__ import annotations

import copy
import os
import shutil
import sqlite3
from typing import Any

import pytest
from nbformat.v4 import new_code_cell

from autograder.course.assignments import ROOT
from autograder.course.notebooks import read_notebook, write_notebook
from autograder.course.release import release
from tests.helpers.nbgrader_course import HALF, NAME, RIGHT, Course

ATTACK = """
import os, numpy.testing
numpy.testing.assert_allclose = lambda *a, **k: None
paths = ["../../../gradebook.db", "../../../nbgrader_config.py", "../../beto/02_convolucion/02_convolucion.ipynb"]
for path in [*paths, "ROOT/gradebook.db", "ROOT/nbgrader_config.py"]:
    try:
        open(path, "w").write("ours")
    except OSError as error:
        print("no:", error)
"""


def cell(notebook: Any, name: str) -> Any:
    return next(cell for cell in notebook.cells if cell.get("id") == name)


def copied(notebook: Any) -> None:
    """The test and the answer twice."""
    for name in ("pad2d", "pad2d-code"):
        notebook.cells.append(copy.deepcopy(cell(notebook, name)))


def old_schema(notebook: Any) -> None:
    """As a notebook from another course, or a prank."""
    cell(notebook, "pad2d").metadata.nbgrader.schema_version = 1
    cell(notebook, "kernels-edges").metadata.nbgrader.schema_version = 99


def skipped(notebook: Any) -> None:
    """nbclient does not run what is tagged so, and nbgrader takes no output for full marks."""
    for one in notebook.cells:
        one.metadata["tags"] = ["skip-execution"]


def deleted(notebook: Any) -> None:
    """No tests, no metadata, the answer in a cell of one's own."""
    notebook.cells = [new_code_cell("import numpy as np"), new_code_cell(HALF)]


def edited(notebook: Any) -> None:
    """Tests that say 4, and print nothing wrong."""
    for name in ("pad2d", "kernels-edges"):
        cell(notebook, name).source = "4.0"
        cell(notebook, name).metadata.nbgrader.points = 400


def attacked(notebook: Any) -> None:
    """A neighbour that looks for the gradebook, the configuration, and other submissions."""
    notebook.cells.append(new_code_cell(ATTACK.replace("ROOT", str(ROOT))))
    cell(notebook, "explain").source = "<script>alert(1)</script>"


CLASS: dict[str, tuple[str, Any]] = {
    "ana": (RIGHT, copied),
    "atacante": (HALF, attacked),
    "beto": (RIGHT, old_schema),
    "carla": (HALF, skipped),
    "dora": (HALF, deleted),
    "eva": (HALF, edited),
    "fede": ("def pad2d(image, padding): import os; os._exit(1)", lambda notebook: None),
}
RENAMED = {
    "aaron": "a.ipynb",
    "copia": f"Copia de {NAME} (2).ipynb",
    "hondo": f"entrega/{NAME}.ipynb",
    "lugar": f"../{NAME}.ipynb",
    "mayor": f"{NAME}.IPYNB",
    "texto": f"{NAME}.ipynb.txt",
}
POINTS = {
    "ana": (4, 4),
    "atacante": (1, 4),
    "beto": (4, 4),
    "carla": (1, 4),
    "dora": (1, 0),
    "eva": (1, 4),
    "fede": (0, 4),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course whose class is graded; one submission cannot be read, and one is no file at all."""
    course = Course(tmp_path_factory.mktemp("course"))
    course.run("nbgrader", "generate_assignment", NAME)
    for student, (pad2d, change) in CLASS.items():
        course.hand_in(student, pad2d, change)
    course.hand_in("roto").write_text('{"cells": [')
    for student, name in RENAMED.items():
        named = course.hand_in(student, RIGHT)
        place = named.parent / name
        place.parent.mkdir(parents=True, exist_ok=True)
        named.rename(place)
        if student == "lugar":
            named.parent.rmdir()
    shutil.copy(course.root / f"submitted/aaron/{NAME}/a.ipynb", course.root / f"submitted/aaron/{NAME}/b.ipynb")
    with (course.root / f"submitted/aaron/{NAME}/b.ipynb").open("a") as file:
        file.write("\n")
    odd = course.root / f"submitted/copia/{NAME}"
    (odd / "ajeno.txt").symlink_to(course.root / "gradebook.db")
    os.mkfifo(odd / "[tubo].txt")
    (odd / "datos.txt").write_text("1 2 3")
    gone = course.hand_in("zoe")
    gone.unlink()
    gone.symlink_to("nowhere.ipynb")
    (course.hand_in("reloj").parent / "timestamp.txt").write_text("mañana")
    (course.root / "submitted/enlace").symlink_to("ana")
    (course.root / "submitted/prestado").mkdir()
    (course.root / f"submitted/prestado/{NAME}").symlink_to(f"../ana/{NAME}")
    pipe = course.hand_in("tubo")
    pipe.unlink()
    os.mkfifo(pipe)
    course.log = course.run("nbgrader", "autograde", NAME, expect=1)
    return course


def test_what_students_get_is_what_release_gives(course: Course) -> None:
    """Byte for byte, and without the hidden line."""
    assert release(check=True, root=course.root) == []
    assert "autograder" not in (course.root / f"assignments/{NAME}/{NAME}.ipynb").read_text()


@pytest.mark.parametrize("student", CLASS)
def test_points_come_from_the_checks_alone(course: Course, student: str) -> None:
    """Whatever was done to the notebook, and whoever sits beside it."""
    pad2d, kernels = POINTS[student]
    grades = course.grades(student)
    assert grades["pad2d"] == (pad2d, None, False)
    assert grades["kernels-edges"] == (kernels, None, False)
    assert grades["explain"][1:] == (None, student != "dora")


def test_an_answer_in_words_waits_for_a_person_and_none_is_0(course: Course) -> None:
    """As nbgrader does it."""
    assert course.grades("ana")["explain"] == (None, None, True)
    assert course.grades("dora")["explain"] == (0, None, False)
    with course.gradebook() as gradebook:
        said = {name: gradebook.find_comment("explain", NAME, NAME, name).comment for name in ("ana", "dora")}
    assert said == {"ana": None, "dora": "Sin respuesta."}


def test_the_autograded_notebook_shows_outputs_and_messages(course: Course) -> None:
    """The student's own, pictures included, and what the checks say in each grade cell."""
    cells = {cell.id: cell for cell in course.autograded("eva").cells}
    assert [output.text for output in cells["kernels-code"].outputs] == ["mi salida\n"]
    assert any("image/png" in output.get("data", {}) for output in cells["plot"].outputs)
    [message] = cells["pad2d"].outputs
    said = "✓ pad2d agranda la imagen.  (1/1)\n✗ pad2d rodea la imagen de ceros.  (0/3)\n    "
    assert message.data["text/plain"].startswith(said)
    assert "assert callable(pad2d)" in cells["pad2d"].source


@pytest.mark.parametrize("student", ["copia", "hondo", "mayor"])
def test_a_notebook_of_another_name_is_found_as_everywhere(course: Course, student: str) -> None:
    """And nothing is left in the student's folder for it."""
    assert course.points(student)["pad2d"] == (4, None)
    files = [path for path in (course.root / f"submitted/{student}").rglob("*.[iI]*") if not path.is_dir()]
    assert [path.name for path in files] == [RENAMED[student].rpartition("/")[2]]


def test_nbgrader_copies_files_and_nothing_else(course: Course) -> None:
    """No link, which may lead to a neighbour's work or the gradebook, and no pipe, which never ends."""
    copied = {path.name for path in (course.root / f"autograded/copia/{NAME}").iterdir()}
    assert copied == {f"{NAME}.ipynb", "datos.txt", "taza.png"}


def test_what_lies_where_nbgrader_does_not_look_is_named(course: Course) -> None:
    """With the reason, as is what only almost is a notebook."""
    submitted = course.root / "submitted"
    elsewhere = f"it does not lie in <student>/{NAME}/, where nbgrader looks."
    assert f"Not taken: {submitted}/lugar/{NAME}.ipynb: {elsewhere}" in course.log
    text = f"{submitted}/texto/{NAME}/{NAME}.ipynb.txt"
    assert f"Not taken: {text}: its name does not end in .ipynb." in course.log
    assert f"NoGrade: texto handed in no {NAME}.ipynb. Encontré `{NAME}.ipynb.txt`, que no es un cuaderno" in course.log
    assert "NoGrade: aaron handed in no" in course.log


def test_submissions_without_a_grade_stop_nobody(course: Course) -> None:
    """They are named in the end, with the reason, and have no row of zeros."""
    for student in ("aaron", "enlace", "prestado", "reloj", "roto", "texto", "tubo", "zoe"):
        assert f"There was an error processing assignment '{NAME}' for student '{student}'" in course.log
    for student in ("aaron", "enlace", "prestado", "roto", "texto", "tubo"):
        assert {points for points, _ in course.points(student).values()} == {None}
    assert "no es JSON válido" in course.log
    assert "no es un archivo común" in course.log
    for link in ("enlace", f"prestado/{NAME}"):
        assert f"submitted/{link} is a link, maybe to a neighbour's work" in course.log


def test_an_attacker_changes_nothing_of_the_course(course: Course) -> None:
    """The files that nbgrader trusts are not there for student code."""
    config = (course.root / "nbgrader_config.py").read_text()
    assert config == (ROOT / "nbgrader_config.py").read_text()
    assert (course.root / "gradebook.db").read_bytes().startswith(b"SQLite format 3")
    printed = "".join(output.get("text", "") for output in course.autograded("atacante").cells[-1].outputs)
    assert printed.count("no:") == 5


@pytest.mark.usefixtures("in_english")
def test_the_class_run_writes_what_changed_and_nothing_else(course: Course) -> None:
    """A stale grade does not survive deleted tests, an unreadable resubmission keeps the earlier grade, and what a
    person wrote stays."""
    with course.gradebook() as gradebook:
        gradebook.find_grade("explain", NAME, NAME, "ana").manual_score = 1.5
        gradebook.find_grade("explain", NAME, NAME, "carla").manual_score = 2
        for student in ("ana", "carla"):
            gradebook.find_grade("explain", NAME, NAME, student).needs_manual_grade = False
            gradebook.find_comment("pad2d-code", NAME, NAME, student).manual_comment = "Bien."
        gradebook.db.commit()
    course.hand_in("ana", HALF, deleted)
    course.hand_in("beto").write_text("{")
    before = {student: written(course, student) for student in CLASS}
    said = course.run("autograder", "grade", "submitted", "--gradebook", expect=3)
    assert f"not in the gradebook, see above: lugar (not in {course.root}/submitted/lugar/{NAME}), reloj/{NAME}" in said
    assert said.splitlines()[-1] == (
        "3 grades changed: ana 8 → 1 (another hand-in), ana 1 → 2.5 (a person: explain 0 → 1.5), "
        "carla 5 → 7 (a person: explain 0 → 2). All of them: python -m autograder history"
    )
    assert course.points("ana") == {"pad2d": (1, None), "kernels-edges": (0, None), "explain": (0, 1.5)}
    assert course.grades("ana")["explain"][2]
    assert course.grades("carla")["explain"] == (None, 2, False)
    assert course.points("beto")["pad2d"] == (4, None)
    assert {student for student in CLASS if written(course, student) != before[student]} == {"ana"}
    with course.gradebook() as gradebook:
        assert gradebook.find_comment("pad2d-code", NAME, NAME, "ana").comment == "Bien."
    [message] = next(cell for cell in course.autograded("ana").cells if cell.id == "pad2d").outputs
    assert "(0/3)" in message.data["text/plain"]


def test_a_new_grade_cell_after_grading_is_refused_before_anything_is_deleted(course: Course) -> None:
    """With the ways that work, and the released folder as it was."""
    source = course.root / f"source/{NAME}/{NAME}.ipynb"
    before = source.read_text(encoding="utf-8")
    notebook = read_notebook(source)
    extra = copy.deepcopy(cell(notebook, "pad2d"))
    extra.id = extra.metadata.nbgrader.grade_id = "pad2d-extra"
    notebook.cells.append(extra)
    write_notebook(notebook, source)
    try:
        said = course.run("nbgrader", "generate_assignment", NAME, expect=1)
    finally:
        source.write_text(before, encoding="utf-8")
    assert "Received from source/: pad2d-extra is new." in said
    assert f"nbgrader db assignment remove {NAME} --force" in said
    assert "Traceback" not in said
    assert release(check=True, root=course.root) == []


@pytest.mark.usefixtures("in_english")
def test_other_points_than_the_gradebook_knows_are_refused_before_anything_is_graded(course: Course) -> None:
    """With the cells and the command that works, and before a table says that it is done."""
    source = course.root / f"source/{NAME}/{NAME}.ipynb"
    before = source.read_text(encoding="utf-8")
    source.write_text(before.replace('"points": 4', '"points": 3', 1), encoding="utf-8")
    try:
        said = course.run("autograder", "grade", "submitted/carla", "--gradebook", expect=2)
    finally:
        source.write_text(before, encoding="utf-8")
    assert said == (
        f"autograder: expected the points of {NAME} that the gradebook knows. Received from source/: pad2d 4 → 3. "
        f"Nothing was graded, nothing was changed. Run: nbgrader generate_assignment {NAME}. Then the same command "
        f"again: every grade of {NAME} is counted anew.\n"
    )
    assert course.points("carla")["pad2d"] == (1, None)


@pytest.mark.slow
def test_a_locked_gradebook_is_told_before_anything_is_graded(course: Course) -> None:
    """By nbgrader's own command, too, after waiting for it."""
    other = sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        for command in (("nbgrader", "autograde", NAME), ("autograder", "grade", "submitted", "--gradebook")):
            said = course.run(*command, expect=1 if command[0] == "nbgrader" else 3, AUTOGRADER_GRADEBOOK_SECONDS="0.2")
            assert "another program writes into it" in said
            assert "Traceback" not in said
    finally:
        other.close()


def written(course: Course, student: str) -> int:
    return (course.root / f"autograded/{student}/{NAME}/{NAME}.ipynb").stat().st_mtime_ns
