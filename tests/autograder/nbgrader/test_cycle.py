"""An assignment from beginning to end, by the commands of ``docs/nbgrader.md``, with two students and an archive."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell

from autograder.course.assignments import ROOT
from tests.helpers.nbgrader_course import HALF, NAME, RIGHT, Course, answer

ATTACK = """
from IPython.display import HTML, Javascript, display
display(HTML("<img src=x onerror=alert(1)>"), Javascript("alert(1)"))
open("../../../gradebook.db", "w").write("")
"""


def blocks() -> list[list[str]]:
    """Return the commands of the page, block by block."""
    page = (ROOT / "docs/nbgrader.md").read_text(encoding="utf-8")
    return [block.strip().splitlines() for block in re.findall(r"^```sh\n(.*?)^```", page, re.DOTALL | re.MULTILINE)]


def words(command: str) -> list[str]:
    return command.removeprefix("python -m ").split()


def attacked(notebook: Any) -> None:
    notebook.cells.append(new_code_cell(ATTACK))


class Student:
    """Somebody with a folder and a cache of their own; all of them are one user of this machine."""

    def __init__(self, course: Course, place: Path, name: str) -> None:
        self._course, self.folder, self.name = course, place / name, name
        self.folder.mkdir()

    def run(self, command: str) -> str:
        named = ("--student", self.name) if "submit" in command or "feedback" in command else ()
        data = str(self.folder / ".jupyter-data")
        return self._course.run(*words(command), *named, folder=self.folder, JUPYTER_DATA_DIR=data)


@pytest.mark.slow
def test_the_commands_of_the_page(tmp_path: Path) -> None:
    """Released, fetched, validated, handed in, collected, graded, given back, exported."""
    course = Course(tmp_path / "course")
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    (course.root / "jupyter").mkdir()
    settings = f'c.Exchange.root = "{exchange}"\nc.CourseDirectory.course_id = "cnn"\n'
    (course.root / "jupyter/nbgrader_config.py").write_text(f"c = get_config()\n{settings}")
    release, work, collect, give_back, read, whole_class = blocks()

    assert NAME in [course.run(*words(command)) for command in release][-1]

    students = [Student(course, tmp_path, name) for name in ("ana", "atacante")]
    for student in students:
        assert NAME in student.run(work[0])
        student.run(work[1])
        notebook = student.folder / NAME / f"{NAME}.ipynb"
        assert "autograder" not in notebook.read_text(encoding="utf-8")
        assert (student.folder / NAME / "taza.png").exists()
        assert "VALIDATION FAILED" in student.run(work[2])
        mine = (RIGHT, lambda notebook: None) if student.name == "ana" else (HALF, attacked)
        answer(notebook, notebook, *mine)
        assert student.name == "atacante" or "Success" in student.run(work[2])
        student.run(work[3])

    archive = course.root / f"downloaded/{NAME}/archive/entregas.zip"
    answer(course.root / f"assignments/{NAME}/{NAME}.ipynb", tmp_path / "carla.ipynb")
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as file:
        file.write(tmp_path / "carla.ipynb", f"Carla Díaz_4711_assignsubmission_file_/{NAME}.ipynb")
    for command in collect:
        course.run(*words(command))
    names = ["Carla Díaz", "ana", "atacante"]
    assert sorted(path.name for path in (course.root / "submitted").iterdir()) == names

    for command in give_back:
        course.run(*words(command))
    assert {name: course.points(name)["pad2d"][0] for name in names} == {"Carla Díaz": 4, "ana": 4, "atacante": 1}
    with (course.root / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: row["score"] for row in csv.DictReader(file)}
    # An answer in words waits for a person: until then there is no grade.
    assert rows == dict.fromkeys(names, "")

    for student in students:
        student.run(read[0])
        [page] = (student.folder / NAME / "feedback").rglob("*.html")
        html = page.read_text(encoding="utf-8")
        assert "pad2d agranda la imagen." in html
        assert "<img src=x" not in html
        assert "<script" not in html
        assert ("atacante" in html) == (student.name == "atacante")

    changed = {path: path.stat().st_mtime_ns for path in (course.root / "autograded").rglob("*.ipynb")}
    assert len(changed) == 3
    assert "ana" in course.run(*words(whole_class[0]))
    assert changed == {path: path.stat().st_mtime_ns for path in (course.root / "autograded").rglob("*.ipynb")}


@pytest.mark.slow
def test_late_work_and_points_of_another_day(tmp_path: Path) -> None:
    """Penalties are nbgrader's; points that `source/` has and the gradebook has not are refused, not mixed."""
    course = Course(tmp_path / "course")
    course.run("nbgrader", "generate_assignment", NAME)
    course.run("nbgrader", "db", "assignment", "add", NAME, "--duedate", "2026-03-01 12:00 UTC")
    for student, day in (("ana", "2026-02-28"), ("beto", "2026-03-02")):
        (course.hand_in(student).parent / "timestamp.txt").write_text(f"{day} 12:00:00 UTC")
    course.run("nbgrader", "autograde", NAME, "--LateSubmissionPlugin.penalty_method=zero")
    with course.gradebook() as gradebook:
        late = {name: gradebook.find_submission_notebook(NAME, NAME, name) for name in ("ana", "beto")}
        assert [(row.score, row.late_submission_penalty) for row in late.values()] == [(8, None), (8, 8)]

    source = course.root / f"source/{NAME}/{NAME}.ipynb"
    source.write_text(source.read_text(encoding="utf-8").replace('"points": 4', '"points": 3'), encoding="utf-8")
    assert f"Run: nbgrader generate_assignment {NAME}" in course.run("nbgrader", "autograde", NAME, "--force", expect=1)
    assert course.points("ana")["pad2d"] == (4, None)
    course.run("nbgrader", "generate_assignment", NAME)
    said = course.run("nbgrader", "autograde", NAME, "--force")
    assert "3 grades changed: ana 8/8 → 6/6, beto 8/8 → 6/6, beto 0 → 6. Why: " in said
    assert course.points("ana")["pad2d"] == (3, None)

    refused = course.run("nbgrader", "autograde", NAME, "--force", "--SubmissionExporter.sandbox=house", expect=1)
    assert "The grader could not start (exit status 2)" in refused
    assert ": house." in refused
    assert course.points("ana")["pad2d"] == (3, None)


@pytest.mark.slow
def test_who_has_more_time_pays_no_penalty(tmp_path: Path) -> None:
    """By nbgrader's own command and by ours, which notices that only the record or the roster has changed."""
    course = Course(tmp_path / "course")
    settings = course.root / "nbgrader_config.py"
    settings.write_text(f"{settings.read_text()}c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    course.run("nbgrader", "generate_assignment", NAME)
    course.run("nbgrader", "db", "assignment", "add", NAME, "--duedate", "2026-03-01 12:00 UTC")
    for student in ("ana", "beto", "luz"):
        (course.hand_in(student).parent / "timestamp.txt").write_text("2026-03-02 12:00:00 UTC")
    granted = {"status": "new", "extension": "2026-03-03T12:00:00+00:00"}
    record = course.root / f"downloaded/{NAME}/collected.json"
    record.parent.mkdir(parents=True)

    def penalties() -> list[float | None]:
        with course.gradebook() as gradebook:
            found = [gradebook.find_submission_notebook(NAME, NAME, name) for name in ("ana", "beto", "luz")]
            return [row.late_submission_penalty for row in found]

    record.write_text(json.dumps({"schema": 1, "students": {"ana": granted}}))
    course.run("nbgrader", "autograde", NAME)
    assert penalties() == [None, 8, 8]
    record.write_text(json.dumps({"schema": 1, "students": {"ana": granted, "beto": granted}}))
    course.run("autograder", "grade", "submitted", "--gradebook")
    assert penalties() == [None, None, 8]
    (course.root / "roster.csv").write_text("id,extension\nana,\nbeto,\nluz,1 day\n", encoding="utf-8")
    course.run("autograder", "grade", "submitted", "--gradebook", "--roster", "roster.csv")
    assert penalties() == [None, None, None]
