"""An assignment from beginning to end on a real JupyterHub, with the configuration of ``docs/jupyterhub/``."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from tests.helpers.hub import ACCOUNTS, Hub, Person, reason_to_skip
from tests.helpers.nbgrader_course import HALF, NAME, RIGHT, Course, answer

ATTACK = """
import os, pathlib
print("variables:", sorted(name for name in os.environ if "JUPYTERHUB" in name or "TOKEN" in name))
for place in {places!r}:
    print("seen:", pathlib.Path(place).exists())
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every account may enter; those of pytest are root's alone."""
    folder = Path(tempfile.mkdtemp(prefix="hub-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def hand_in(student: Person, pad2d: str, attack: str = "") -> None:
    """Fetch, answer in the student's own server, and submit, as the assignment list does."""
    student.do_assignment("fetch", assignment_id=NAME)
    notebook = student.hub.home(student.name) / NAME / f"{NAME}.ipynb"
    answered = student.hub.place / f"{student.name}.ipynb"

    def change(content: Any) -> None:
        if attack:
            content.cells.append(new_code_cell(attack))

    answer(notebook, answered, pad2d, change)
    content = nbformat.read(answered, as_version=4)
    saved = student.ask(
        "PUT", f"api/contents/{NAME}/{NAME}.ipynb", json={"type": "notebook", "format": "json", "content": content}
    )
    assert saved.status_code == 200, saved.text
    student.do_assignment("submit", assignment_id=NAME)


@pytest.mark.slow
@pytest.mark.skipif(bool(reason_to_skip()), reason=reason_to_skip())
def test_a_class_on_jupyterhub(place: Path) -> None:
    """Two students, a teacher, the exchange, the formgrader; autograde with the rights of the course's account."""
    hub = Hub(place)
    folder = hub.home("grader-cnn") / "cnn-course"
    course = Course(folder)
    hub.own(hub.home("grader-cnn"), "grader-cnn")
    with hub.running():
        teacher, ana, beto = (Person(hub, name) for name in ("docente", "ana", "beto"))
        hub.wait(lambda: teacher.ask_course("GET", "api/status").ok, "the course's service")

        # Only teachers reach the formgrader; nobody else reads the course.
        shown = teacher.ask_course("GET", "formgrader/manage_assignments")
        assert shown.status_code == 200, shown.headers
        assert ana.ask_course("GET", "formgrader/api/assignments").status_code in (302, 403)
        refused = subprocess.run(
            ["cat", str(folder / f"tests/checks/{NAME}/test_small.py")], user=ACCOUNTS["ana"], capture_output=True
        )
        assert refused.returncode == 1
        assert b"Permission denied" in refused.stderr

        teacher.do(f"assignment/{NAME}/assign")
        teacher.do(f"assignment/{NAME}/release")

        for student in (ana, beto):
            student.start()
        places = [str(folder), str(place / "exchange"), str(hub.home("ana"))]
        hand_in(ana, RIGHT)
        hand_in(beto, HALF, ATTACK.format(places=places))
        inbound = place / "exchange/cnn/inbound"
        listed = subprocess.run(["ls", str(inbound)], user=ACCOUNTS["beto"], capture_output=True)
        assert listed.returncode == 2, "a student lists who handed in"

        teacher.do(f"assignment/{NAME}/collect")
        for name in ("ana", "beto"):
            teacher.do(f"submission/{NAME}/{name}/autograde")
            owner = (folder / f"autograded/{name}/{NAME}/{NAME}.ipynb").stat().st_uid
            assert owner == ACCOUNTS["grader-cnn"]
        assert {name: course.points(name)["pad2d"][0] for name in ("ana", "beto")} == {"ana": 4, "beto": 1}

        # The submission ran in the sandbox: neither the service's token nor any of the folders were there.
        shown = "".join(str(cell.get("outputs", "")) for cell in course.autograded("beto").cells)
        assert "variables: []" in shown
        assert shown.count("seen: False") == len(places)

        # The formgrader shows the points and takes a comment.
        [submission] = teacher.ask_course("GET", f"formgrader/api/submitted_notebooks/{NAME}/{NAME}").json()[:1]
        page = teacher.ask_course("GET", f"formgrader/submissions/{submission['id']}/")
        assert page.status_code == 200
        assert "pad2d agranda la imagen." in page.text

        teacher.do(f"assignment/{NAME}/generate_feedback")
        teacher.do(f"assignment/{NAME}/release_feedback")
        for student in (ana, beto):
            student.do_assignment("fetch_feedback", assignment_id=NAME)
            [html] = (hub.home(student.name) / NAME / "feedback").rglob("*.html")
            assert "pad2d agranda la imagen." in html.read_text(encoding="utf-8")
            assert html.stat().st_uid == ACCOUNTS[student.name]
