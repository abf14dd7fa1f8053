"""``grade --cluster --gradebook``: nobody twice in nbgrader's gradebook, also after a killed worker."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from benchmarks.cluster import Scene, wait_for_slots
from tests.helpers.nbgrader_course import HALF, NAME, RIGHT, Course

POINTS = {f"student{number}": 8 if number % 2 else 5 for number in range(8)}


@pytest.mark.slow
def test_a_class_on_a_cluster_is_in_the_gradebook_once(tmp_path: Path) -> None:
    """One of two workers is killed while it grades and started again; the same command again changes nothing."""
    course = Course(tmp_path / "course")
    course.run("nbgrader", "generate_assignment", NAME)
    for student, points in POINTS.items():
        course.hand_in(student, RIGHT if points == 8 else HALF)
        _make_another(course, student)
    folder = tmp_path / "cluster"
    folder.mkdir()
    with Scene(2, folder, hosts=False, assignments=[NAME], root=course.root) as scene:
        wait_for_slots(scene)
        command = ("autograder", "grade", "submitted", "--gradebook", "--cluster", scene.address, "--json", "r.json")
        killed = threading.Thread(target=_kill_in_the_midst, args=(course, scene))
        killed.start()
        course.run(*command)
        killed.join()
        first = _rows(course)
        reports = json.loads((course.root / "r.json").read_text())
        course.run(*command)
    assert {report["submission"]: report["score"] for report in reports} == POINTS
    assert len(reports) == len(POINTS)
    assert first == [(student, float(points)) for student, points in sorted(POINTS.items())]
    assert _rows(course) == first
    assert _history(course) == {student: [[None, float(points)]] for student, points in POINTS.items()}


def _make_another(course: Course, student: str) -> None:
    """Let every notebook be another one, so that each has to be graded."""
    path = course.root / f"submitted/{student}/{NAME}/{NAME}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    next(cell for cell in notebook["cells"] if cell["id"] == "pad2d-code")["source"] += f"\n# {student}"
    path.write_text(json.dumps(notebook), encoding="utf-8")


def _kill_in_the_midst(course: Course, scene: Scene) -> None:
    reports = course.root / "cache/cnn-course/reports"
    while not reports.is_dir() or not list(reports.glob("*.json")):
        time.sleep(0.05)
    scene.kill("w1")
    scene.start("w1")


def _rows(course: Course) -> list[tuple[str, float]]:
    with course.gradebook() as gradebook:
        return sorted((one.student.id, one.score) for one in gradebook.assignment_submissions(NAME))


def _history(course: Course) -> dict[str, list[list[float | None]]]:
    course.run("autograder", "history", "--csv", "history.csv")
    import csv

    found: dict[str, list[list[float | None]]] = {}
    with (course.root / "history.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            before, after = (float(row[name]) if row[name] else None for name in ("from", "to"))
            found.setdefault(row["submission"], []).append([before, after])
    return found
