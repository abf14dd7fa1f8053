"""`nbgrader generate_feedback` with this repository's configuration: safe pages from a gradebook."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader.utils import notebook_hash

from autograder.course.assignments import ROOT
from autograder.feedback import check_output
from autograder.report import Check
from tests.helpers.hostile_notebook import MARK, hostile_notebook
from tests.helpers.notebooks import NOTEBOOK_METADATA, nbgrader_cell

# nbgrader's add_submission makes SQLAlchemy say so.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Object of type <Submitted")]

NAME = "02_convolucion"
CHECKS = [Check("pad2d::size", "pad2d", "pad2d agranda la imagen.", "failed", 1, 4, "Falta una fila.")]


def graded_notebook() -> Any:
    """Return an autograded notebook: an exercise, its grade cell, an answer in words, and a copied grade cell."""
    grade_cell = nbgrader_cell("### BEGIN HIDDEN TESTS\nassert secret == 4711\n### END HIDDEN TESTS", "pad2d", points=4)
    grade_cell.outputs = [check_output(CHECKS)]
    words = new_markdown_cell(
        "Porque **sí**.", metadata=dict(nbgrader_cell("", "why", points=6, solution=True).metadata)
    )
    unknown = nbgrader_cell("assert secret == 4711", "unknown", points=4)
    code = nbgrader_cell("def pad2d(image): ...", "pad2d-code", solution=True)
    code.outputs = [new_output("stream", text="hola\n")]
    copied = nbformat.from_dict({**grade_cell, "id": "copied"})
    cells = [new_code_cell("1", id="plain"), code, grade_cell, copied, unknown, words]
    return new_notebook(cells=cells, metadata=NOTEBOOK_METADATA)


def new_gradebook(place: Path, patch: pytest.MonkeyPatch) -> str:
    """Return the address of a gradebook that is not there yet: nbgrader asks the program alembic for its version."""
    patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    return f"sqlite:///{place}/gradebook.db"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which Ana is graded, Beto waits for a person, Eva is late and attacks; their feedback is made."""
    place = tmp_path_factory.mktemp("course")
    (place / "nbgrader_config.py").write_bytes((ROOT / "nbgrader_config.py").read_bytes())
    # The grader writes autograded notebooks: whatever they hold, their form is nbformat's.
    hostile = graded_notebook()
    for number, cell in enumerate(hostile_notebook("http://127.0.0.1:9/")["cells"]):
        if cell["cell_type"] == "markdown":
            hostile.cells.append(new_markdown_cell(cell["source"], id=f"cell-{number}"))
    with pytest.MonkeyPatch.context() as patch, Gradebook(new_gradebook(place, patch)) as gradebook:
        gradebook.add_assignment(NAME)
        gradebook.add_notebook(NAME, NAME)
        gradebook.add_grade_cell("pad2d", NAME, NAME, max_score=4, cell_type="code")
        gradebook.add_grade_cell("why", NAME, NAME, max_score=6, cell_type="markdown")
        for cell in ("pad2d-code", "why"):
            gradebook.add_solution_cell(cell, NAME, NAME)
        for student, notebook, why in (
            ("ana", graded_notebook(), 5),
            ("beto", graded_notebook(), None),
            ("eva", hostile, 0),
        ):
            folder = place / "autograded" / student / NAME
            folder.mkdir(parents=True)
            (folder / "timestamp.txt").write_text("2026-11-01 12:00:00 UTC")
            if student == "ana":
                (folder / "submission_secret.txt").write_text("secret")
            (folder / "more.HTML").write_text("<script>alert(1)</script>")
            (folder / "notas.txt").write_text("x")
            (folder / f"{NAME}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
            gradebook.add_student(student)
            submission = gradebook.add_submission(NAME, student)
            submission.timestamp = datetime(2026, 11, 1)
            gradebook.find_grade("pad2d", NAME, NAME, student).auto_score = 1
            gradebook.find_grade("why", NAME, NAME, student).manual_score = why
            gradebook.find_comment("why", NAME, NAME, student).manual_comment = "Bien. <script>alert(1)</script> $x_1$"
        gradebook.find_submission_notebook(NAME, NAME, "eva").late_submission_penalty = 3
        gradebook.db.commit()
    (place / "exchange").mkdir(mode=0o777)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(place), "JUPYTER_NO_CONFIG": "1"}
    for verb in ("generate_feedback", "release_feedback"):
        command = [sys.executable, "-m", "nbgrader", verb, NAME, f"--Exchange.root={place}/exchange"]
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
    assert "beto/02_convolucion is not released: it was not handed in through the exchange." in done.stderr
    return place


def text_of(course: Path, student: str) -> str:
    return (course / f"feedback/{student}/{NAME}/{NAME}.html").read_text(encoding="utf-8")


def test_the_page_holds_what_the_gradebook_says(course: Path) -> None:
    """Points, messages of checks, the comment as Markdown, the student's outputs."""
    text = text_of(course, "ana")
    for shown in ("6/10", "1/4", "5/6", "Falta una fila.", "Bien.", "<mi>x</mi>", ">hola<", "<strong>sí</strong>"):
        assert shown in text
    # As the next step, and in its exercise.
    assert text.count("Falta una fila.") == 2


def test_hidden_tests_are_not_in_the_page(course: Path) -> None:
    """Not of a copied grade cell, nor of one that the gradebook does not know."""
    for student in ("ana", "beto", "eva"):
        assert "4711" not in text_of(course, student)


def test_what_waits_for_a_person_has_no_grade(course: Path) -> None:
    """Which is not 0, and is not in the total."""
    assert text_of(course, "beto").count("por corregir (6)") == 2
    assert "automáticos; 6 por corregir a mano" in text_of(course, "beto")
    assert "0/6" not in text_of(course, "beto")


def test_a_late_submission_says_what_that_cost(course: Path) -> None:
    """And a grade is never below 0."""
    text = text_of(course, "eva")
    assert "Descuento por entrega tardía: <strong>−3</strong>" in text
    assert '<p class="grade"><span>0/10</span>' in text


def test_nothing_of_a_hostile_notebook_is_markup(course: Path) -> None:
    """The browser's test is `test_feedback_browser`: here nbgrader's own way to the page."""
    for student in ("ana", "beto", "eva"):
        text = text_of(course, student)
        assert "<script" not in text.lower()
        assert "Content-Security-Policy" in text
    assert MARK in text_of(course, "eva")


def test_pages_that_a_student_handed_in_are_not_among_the_feedback(course: Path) -> None:
    """`nbgrader release_feedback` would hand them out as ours."""
    names = {path.name for path in (course / f"feedback/eva/{NAME}").iterdir()}
    assert names == {f"{NAME}.html", "timestamp.txt", "notas.txt"}


def test_those_who_handed_in_through_the_exchange_find_their_page_there(course: Path) -> None:
    """nbgrader's own release_feedback stops at the first who did not."""
    (page,) = (course / "exchange/cnn/feedback").iterdir()
    assert page.name == f"{notebook_hash(secret='secret', notebook_id=NAME)}.html"
    assert page.read_text(encoding="utf-8") == text_of(course, "ana")


def test_the_documentation_names_the_configuration_and_the_commands() -> None:
    """docs/feedback.md shows the lines of `nbgrader_config.py` as they are, and the command that was run above."""
    text = (ROOT / "docs/feedback.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert lines in (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    assert f"nbgrader generate_feedback {NAME}\nnbgrader release_feedback {NAME}\n" in text
    for path in re.findall(r"`(tests/\w+\.py)`", text):
        assert (ROOT / path).is_file()
