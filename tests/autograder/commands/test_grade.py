"""``grade`` on a class in which every kind of hand-in lies that once vanished, hid others or earned what it had not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.course.assignments import ROOT
from autograder.course.sample import build_notebook

pytestmark = pytest.mark.usefixtures("in_english")

NAME = "02_convolucion"
ANSWERS = (ROOT / f"tests/submissions/{NAME}/perfect_vectorised.py").read_text(encoding="utf-8")


def right() -> dict[str, Any]:
    """Return a notebook with right answers."""
    notebook: dict[str, Any] = json.loads(nbformat.writes(build_notebook(NAME, ANSWERS)))
    return notebook


def cell(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(cell for cell in notebook["cells"] if cell.get("id") == name)
    return found


def hand_in(place: Path, name: str, notebook: dict[str, Any]) -> None:
    path = place / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def grade(place: Path, *options: str, **streams: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder", "grade", str(place), *options]
    environment = {**os.environ, "XDG_CACHE_HOME": str(place.parent / "cache"), "COLUMNS": "200"}
    environment |= streams.pop("variables", {})
    streams = {"stdout": subprocess.PIPE, **streams}
    return subprocess.run(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, check=False, **streams)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class: what each hand-in is stands behind its student."""
    place = tmp_path_factory.mktemp("class") / "submitted"
    hand_in(place, f"ana/{NAME}/{NAME}.ipynb", right())
    hand_in(place, f"beto/{NAME} (1).ipynb", right())
    hand_in(place, f"carla/{NAME}.IPYNB", right())
    turned = right()
    for name, kind in (("conv2d", "markdown"), ("pad2d", "raw")):
        cell(turned, name)["cell_type"] = kind
    hand_in(place, f"dora/{NAME}/{NAME}.ipynb", turned)
    failing = right()
    cell(failing, "conv2d")["source"] = "import cv2\n" + "".join(cell(failing, "conv2d")["source"])
    hand_in(place, f"eva/{NAME}/{NAME}.ipynb", failing)
    other = json.loads((ROOT / "assignments/03_formulas/03_formulas.ipynb").read_text(encoding="utf-8"))
    hand_in(place, f"fede/{NAME}/{NAME}.ipynb", other)
    (place / "gil").symlink_to("ana")
    (place / f"hugo/{NAME}").mkdir(parents=True)
    (place / f"hugo/{NAME}/{NAME}.ipynb").symlink_to(f"../../ana/{NAME}/{NAME}.ipynb")
    hand_in(place, "apuntes.ipynb", right())
    hand_in(place, f".ines/{NAME}/{NAME}.ipynb", right())
    hand_in(place, f"juan/{NAME}.ipynb.txt", right())
    return place


@pytest.fixture(scope="module")
def graded(place: Path) -> tuple[subprocess.CompletedProcess[str], dict[str, dict[str, Any]]]:
    """The class, graded."""
    done = grade(place, "--assignment", NAME, "--json", str(place.parent / "reports.json"))
    assert (done.returncode, "Traceback" in done.stdout + done.stderr) == (3, False), done.stderr
    reports = json.loads((place.parent / "reports.json").read_text(encoding="utf-8"))
    return done, {report["submission"]: report for report in reports}


def test_everybody_has_the_points_that_the_own_work_earns(graded: Any) -> None:
    """Under the name of the tree; a link, another assignment's notebook and a renamed download have none."""
    scores = {name: report["score"] for name, report in graded[1].items()}
    assert scores.pop("eva") < 10
    assert scores == {"ana": 10, "beto": 10, "carla": 10, "dora": 10, "fede": None, "hugo": None, "juan": None}


@pytest.mark.parametrize(
    ("student", "kind", "said"),
    [
        ("dora", "cells-turned", "ran as code: pad2d, conv2d"),
        ("fede", "other-assignment", "Este cuaderno es el de 03_formulas"),
        ("hugo", "unreadable", "es un enlace a otro lugar"),
        ("juan", "missing", f"Encontré `{NAME}.ipynb.txt`"),
    ],
)
def test_what_happened_is_in_the_report(graded: Any, student: str, kind: str, said: str) -> None:
    """As a flag, with words for whom it concerns."""
    [flag] = graded[1][student]["flags"]
    assert flag["kind"] == kind
    assert said in flag["message"]


def test_a_failed_import_is_named_where_the_function_is_missed(graded: Any) -> None:
    """With the packages that there are."""
    messages = [check["message"] for check in graded[1]["eva"]["checks"] if "No encuentro `conv2d`" in check["message"]]
    assert messages
    assert all("ModuleNotFoundError: No module named 'cv2'" in message for message in messages)
    assert all("puedes usar numpy" in message for message in messages)


def test_what_was_not_taken_is_named_in_the_end(graded: Any, place: Path) -> None:
    """On stderr, behind everything else, in the course's language."""
    told = dict(line.removeprefix("no se tomó: ").split(": ", 1) for line in graded[0].stderr.splitlines()[-4:])
    assert {str(Path(path).relative_to(place)): reason for path, reason in told.items()} == {
        ".ines": "su nombre empieza con un punto",
        "apuntes.ipynb": "está junto a las carpetas de los estudiantes, así que no se sabe de quién es",
        "gil": f"es un enlace a {place / 'ana'}",
        f"juan/{NAME}.ipynb.txt": "su nombre no termina en .ipynb",
    }


def test_again_and_on_a_screen_that_takes_nothing_the_reports_are_the_same(place: Path, graded: Any) -> None:
    """Files are written before anything is printed, and what is kept is found for nobody else, through no link."""
    target = place.parent / "again.json"
    with open("/dev/full", "w") as full:
        done = grade(place, "--assignment", NAME, "--json", str(target), stdout=full)
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)
    again = json.loads(target.read_text(encoding="utf-8"))
    assert {report["submission"]: report["score"] for report in again} == {
        name: report["score"] for name, report in graded[1].items()
    }


@pytest.mark.parametrize(
    ("options", "variables", "said"),
    [
        (["--json", "/proc/r.json"], {}, "expected a place that can be written. Received: /proc/r.json"),
        (["--fresh"], {"TMPDIR": "/tmp/" + "x" * 90}, "expected a folder for temporary files"),
    ],
)
def test_what_cannot_work_is_told_before_anything_is_graded(
    place: Path, options: list[str], variables: dict[str, str], said: str
) -> None:
    """As wrong usage, with status 2."""
    for folder in variables.values():
        Path(folder).mkdir(exist_ok=True)
    done = grade(place, *options, variables=variables)
    for folder in variables.values():
        Path(folder).rmdir()
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
