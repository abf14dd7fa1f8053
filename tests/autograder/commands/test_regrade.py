"""``regrade``: today's checks on recorded answers, who changes first, and written only where that is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.nbgrader_course import HALF, NAME, RIGHT, Course

pytestmark = pytest.mark.usefixtures("in_english")

TWICE = "def pad2d(image, padding):\n    return np.pad(image, padding) * 2"
COUNTED = '{"schema": 1, "changes": [], "from_records": %d, "from_workers": %d}'


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A graded class of three, whose checks are then changed: one is worth less, one asks for something else."""
    course = Course(tmp_path)
    for student, pad2d in (("ana", RIGHT), ("beto", HALF), ("carla", TWICE)):
        path = course.root / f"submitted/{student}/{NAME}/{NAME}.ipynb"
        notebook = json.loads((course.root / f"source/{NAME}/{NAME}.ipynb").read_text())
        next(cell for cell in notebook["cells"] if cell["id"] == "pad2d-code")["source"] = pad2d
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook))
    course.run("autograder", "grade", "submitted")
    return course


def change_checks(course: Course) -> None:
    """Forgive what is twice as large: no new question is asked."""
    path = course.root / f"tests/checks/{NAME}/test_small.py"
    text = path.read_text(encoding="utf-8")
    new = 'received = student.pad2d(image, 2)\n    expect_array(np.sign(received), np.sign(np.pad(image, 2)), "x")'
    changed = text.replace('expect_array(student.pad2d(image, 2), np.pad(image, 2), "la imagen con padding")', new)
    assert changed != text
    path.write_text(changed, encoding="utf-8")


def regrade(course: Course, *options: str) -> tuple[str, dict[str, Any]]:
    said = course.run("autograder", "regrade", "submitted", *options, "--json", "d.json", COLUMNS="140")
    return said, json.loads((course.root / "d.json").read_text())


def test_a_changed_check_is_shown_and_then_applied(course: Course) -> None:
    """No worker is asked; the report that is replaced stays in the history; a grade is what a fresh run gives."""
    change_checks(course)
    said, found = regrade(course, "--apply")
    assert found == {
        "schema": 1,
        "changes": [
            {
                "submission": "carla",
                "assignment": NAME,
                "from": 5.0,
                "to": 8.0,
                "checks": [{"id": "pad2d::test_the_zeros", "from": 0.0, "to": 3.0}],
            }
        ],
        "from_records": 3,
        "from_workers": 0,
    }
    assert "3 submissions: 3 from records, 0 with a worker; 1 change." in said
    assert said.splitlines()[-1] == (
        "1 grade changed: carla 5 → 8 (changed checks). All of them: python -m autograder history"
    )
    course.run("autograder", "grade", "submitted", "--fresh", "--json", "fresh.json")
    fresh = {one["submission"]: one["score"] for one in json.loads((course.root / "fresh.json").read_text())}
    assert fresh == {"ana": 8.0, "beto": 5.0, "carla": 8.0}


@pytest.mark.slow
def test_what_was_never_asked_or_was_tampered_with_is_for_a_worker(course: Course) -> None:
    """Nothing is written without ``--apply``, and a record that somebody changed is told and not believed."""
    path = course.root / f"tests/checks/{NAME}/test_small.py"
    text = path.read_text(encoding="utf-8")
    records = course.root / "cache/cnn-course/records"
    assert len(list(records.iterdir())) == 3

    change_checks(course)
    said, found = regrade(course)
    assert (len(found["changes"]), found["from_records"], found["from_workers"]) == (1, 3, 0)
    assert said.splitlines()[-1] == "Nothing was written: the same command with --apply does that."
    assert regrade(course)[1] == found

    path.write_text(text.replace("np.ones((2, 3))", "np.ones((5, 3))").replace("(4, 5)", "(7, 5)"), encoding="utf-8")
    said, found = regrade(course)
    assert json.dumps(found) == COUNTED % (0, 3)

    for record in records.iterdir():
        record.write_bytes(record.read_bytes()[:-1] + b"\0")
    said, found = regrade(course, "--fresh")
    assert json.dumps(found) == COUNTED % (0, 3)
    assert said.count("The record of this submission's answers was changed since this grader wrote it") == 3
    said, found = regrade(course, "--fresh")
    assert json.dumps(found) == COUNTED % (3, 0)
    assert "was changed since" not in said

    course.run("autograder", "grade", "submitted", "--fresh", "--no-records", XDG_CACHE_HOME=str(course.root / "other"))
    assert not (course.root / "other/cnn-course/records").exists()


@pytest.mark.slow
def test_what_is_applied_stands_in_the_gradebook_too(tmp_path: Path) -> None:
    """Only who changes is written; the points of a person stay, and the same command again changes nothing."""
    course = Course(tmp_path)
    course.run("nbgrader", "generate_assignment", NAME)
    for student, pad2d in (("ana", RIGHT), ("carla", TWICE)):
        course.hand_in(student, pad2d)
    course.run("autograder", "grade", "submitted", "--gradebook")
    assert [course.points(student)["pad2d"] for student in ("ana", "carla")] == [(4, None), (1, None)]
    with course.gradebook() as gradebook:
        explain = gradebook.find_grade("explain", NAME, NAME, "carla")
        explain.manual_score = 2
        gradebook.db.commit()
    untouched = course.root / f"autograded/ana/{NAME}/{NAME}.ipynb"
    written = untouched.stat().st_mtime_ns

    change_checks(course)
    said, found = regrade(course)
    assert (len(found["changes"]), found["from_records"]) == (1, 2)
    assert course.points("carla")["pad2d"] == (1, None)

    said, found = regrade(course, "--apply")
    assert "1 grade changed: carla 5 → 8 (changed checks)" in said
    assert [course.points(student)["pad2d"] for student in ("ana", "carla")] == [(4, None), (4, None)]
    assert course.points("carla")["explain"] == (None, 2)
    assert untouched.stat().st_mtime_ns == written
    said, found = regrade(course, "--apply")
    assert found["changes"] == []
    assert said.splitlines()[-1] == "No grade changed."
