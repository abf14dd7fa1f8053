"""The student's version of a notebook is made once per machine, and again when what it follows from changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.course.assignments import find_assignments
from autograder.course.notebooks import read_notebook
from autograder.course.release import student_version
from autograder.course.versions import _course_notebooks, course_notebooks


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    _course_notebooks.cache_clear()
    return tmp_path / "cache"


def test_what_is_kept_is_what_is_made(course: Path, cache: Path) -> None:
    """In this process, in the next one, and where the file that is kept is damaged."""
    (assignment,) = find_assignments(course).values()
    made = student_version(read_notebook(assignment.source))
    for damage in (None, None, "{"):
        if damage is not None:
            next(cache.rglob("*.ipynb")).write_text(damage, encoding="utf-8")
        _course_notebooks.cache_clear()
        assert course_notebooks(assignment) == (read_notebook(assignment.source), made)
    assert len(list(cache.rglob("*"))) == 3


def test_another_notebook_has_another_version(course: Path) -> None:
    """Its text is part of the name under which its version is kept."""
    (assignment,) = find_assignments(course).values()
    before = course_notebooks(assignment)[1]
    notebook = json.loads(assignment.source.read_text(encoding="utf-8"))
    notebook["cells"][0]["source"] = "# Otra cosa"
    assignment.source.write_text(json.dumps(notebook), encoding="utf-8")
    after = course_notebooks(assignment)[1]
    assert (before.cells[0].source, after.cells[0].source) == ("# Convolución", "# Otra cosa")
