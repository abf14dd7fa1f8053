"""A new assignment works at once, and nothing outside its own places has to change for it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.assignments import ROOT
from autograder.course.scaffold import lay_out
from autograder.errors import UsageError

NAME = "08_bordes"
FOLDERS = ("autograder", "data", "docs", "source", "assignments", "tests/checks")
LETTERS = """
Dataset(
    name="letters",
    title="Three letters",
    source="made up",
    licence="CC0",
    files={"letters.txt": ""},
    by_hand="Write them.",
),
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of what the command line needs of this repository."""
    root = tmp_path / "course"
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in [*ROOT.glob("README*.md"), ROOT / "requirements.txt", ROOT / "requirements.in"]:
        shutil.copyfile(file, root / file.name)
    return root


def run(root: Path, *arguments: str) -> str:
    """Run the command line of the copy."""
    command = [sys.executable, "-m", *arguments]
    own = {"CNN_DATA": str(root.parent / "data"), "CNN_HISTORY": str(root.parent / "history.db")}
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(root.parent), **own}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def contents(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


@pytest.mark.slow
def test_a_new_assignment_is_released_and_graded_with_data_of_its_own(repository: Path) -> None:
    """``new``, ``lint``, ``release``, ``grade``; then a data set is added, which the notebook and its check read."""
    before = contents(repository)
    told = run(repository, "autograder", "new", NAME, "--title", "8 · Bordes")
    assert f"se escribió source/{NAME}/{NAME}.ipynb" in told
    registry = repository / "data/registry.py"
    text = registry.read_text(encoding="utf-8")
    registry.write_text(text.replace("    for dataset in (\n", "    for dataset in (\n" + LETTERS, 1), encoding="utf-8")
    (repository.parent / "data/letters").mkdir(parents=True)
    (repository.parent / "data/letters/letters.txt").write_text("abc")
    about = repository / f"source/{NAME}/assignment.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), "datasets": ["letters"]}))
    check = repository / f"tests/checks/{NAME}/test_brightest.py"
    asked = '    assert find("letters").path("letters.txt").read_text() == "abc"\n    for shape in'
    check.write_text("from data import find\n" + check.read_text().replace("    for shape in", asked, 1))
    assert run(repository, "autograder", "lint") == "source/ y tests/checks/ coinciden.\n"
    assert f"assignments/{NAME}/{NAME}.ipynb" in run(repository, "autograder", "release", NAME)
    assert not (repository / f"assignments/{NAME}/assignment.json").exists()
    source, released = (repository / f"{place}/{NAME}/{NAME}.ipynb" for place in ("source", "assignments"))
    for notebook, points in ((source, 6.0), (released, 0.0)):
        report = repository.parent / "report.json"
        arguments = ("grade", str(notebook), "--assignment", NAME, "--json", str(report))
        assert "brightest devuelve la fila y la columna" in run(repository, "autograder", *arguments)
        found = json.loads(report.read_text())
        assert (found["score"], found["max_score"]) == (points, 6.0)
    after = contents(repository)
    changed = {path for path in after if after[path] != before.get(path)}
    own = (f"source/{NAME}/", f"assignments/{NAME}/", f"tests/checks/{NAME}/", "data/")
    assert {path for path in changed if not path.startswith(own)} <= {"README.md", "README.es.md"}
    assert set(before) <= set(after)
    rows = [line for line in after["README.md"].decode().splitlines() if NAME in line]
    assert rows == [f"| `{NAME}` | 8 · Bordes |"]


def test_the_title_follows_from_the_name(course: Path) -> None:
    """Unless one is given; a course without a table of assignments gets no row."""
    written = lay_out("09_mas_bordes", root=course)
    assert [path.as_posix() for path in written] == [
        "source/09_mas_bordes/09_mas_bordes.ipynb",
        "source/09_mas_bordes/assignment.json",
        "tests/checks/09_mas_bordes/test_brightest.py",
    ]
    assert '"# Mas bordes\\n"' in (course / written[0]).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["../08", "08 bordes", "", "08/bordes", "-8"])
def test_a_name_that_makes_no_folder_is_refused(course: Path, name: str) -> None:
    """Before anything is written."""
    with pytest.raises(UsageError, match="expected letters, digits and underscores"):
        lay_out(name, root=course)


def test_what_is_there_is_left_alone(course: Path) -> None:
    """A second call must not cost an instructor a notebook."""
    before = contents(course)
    with pytest.raises(UsageError, match=r"expected a name that is free\. Received: 02_convolucion"):
        lay_out("02_convolucion", root=course)
    assert contents(course) == before
