"""pytest as a door to the checks: plain ``pytest tests/checks/…``, in processes of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.course.assignments import ROOT, find_assignments
from autograder.course.sample import build_class

CLASS = ROOT / "tests" / "submissions"
_POINTS = re.compile(r"^(\S+) · (\S+) · (.+)$", re.MULTILINE)


def door(*arguments: object, status: int = 0) -> str:
    """Run plain pytest, from the repository as a newcomer would, and return what it printed."""
    command = [str(Path(sys.executable).with_name("pytest")), "-p", "no:cacheprovider", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == status, done.stdout[-3000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample class, with a ``conftest.py`` beside one student's notebook."""
    folder = tmp_path_factory.mktemp("class") / "submitted"
    build_class(CLASS, folder)
    hostile = folder / "mistakes/01_imagen_digital"
    (hostile / "conftest.py").write_text(f"open({str(folder.parent / 'hacked')!r}, 'w').close()\n")
    (hostile / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    return folder


def points(printed: str) -> dict[tuple[str, str], str]:
    """Return what the last lines say of each submission and assignment."""
    return {(student, name): told for student, name, told in _POINTS.findall(printed)}


def graded(folder: Path, name: str, place: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return what ``grade`` gives to each submission of an assignment, as ``points`` writes it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    main(["grade", str(folder), "--assignment", name, "--json", str(place)])
    reports = [report for report in json.loads(place.read_text()) if report["score"] is not None]
    return {report["submission"]: f"{report['score']:g}/{report['max_score']:g}" for report in reports}


@pytest.mark.parametrize("name", ["01_imagen_digital"])
@pytest.mark.slow
def test_the_last_lines_give_the_points_of_grade(
    handed_in: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For every submission of an assignment; and nothing of what lies beside a notebook is loaded."""
    printed = door(f"tests/checks/{name}", "--submission", handed_in, "-q", "--tb=no", status=1)
    found = {student: told for (student, assignment), told in points(printed).items() if assignment == name}
    wanted = graded(handed_in, name, tmp_path / "reports.json", tmp_path / "cache", monkeypatch)
    assert len(wanted) >= 5
    assert found == wanted
    assert not (handed_in.parent / "hacked").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in find_assignments() if name != "01_imagen_digital"])
def test_the_last_lines_give_the_points_of_grade_in_every_assignment(
    handed_in: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the rest of the sample class."""
    printed = door(f"tests/checks/{name}", "--submission", handed_in, "-q", "--tb=no", status=1)
    found = {student: told for (student, assignment), told in points(printed).items() if assignment == name}
    wanted = graded(handed_in, name, tmp_path / "reports.json", tmp_path / "cache", monkeypatch)
    assert {student: told for student, told in found.items() if not told.startswith("no grade")} == wanted


@pytest.mark.slow
def test_without_a_submission_the_solution_is_checked(tmp_path: Path) -> None:
    """With the options that pytest users know: a choice, JUnit, a stop at the first failure."""
    printed = door("tests/checks/03_formulas", "-k", "output_size", "-x", f"--junit-xml={tmp_path / 'r.xml'}")
    assert re.search(r"^solution · 03_formulas · \d+ of \d+ checks ran: no points$", printed, re.MULTILINE)
    [suite] = ElementTree.parse(tmp_path / "r.xml").getroot()
    assert int(suite.get("tests", "0")) >= 3
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")


def test_a_failed_check_shows_where_and_why(handed_in: Path) -> None:
    """The line of the check in pytest's own form, with the message that the student gets."""
    wrong = handed_in / "mistakes/01_imagen_digital/01_imagen_digital.ipynb"
    printed = door("tests/checks/01_imagen_digital", "--submission", wrong, "-k", "reads_every_pixel", status=1)
    assert "autograder.errors.CheckFailure: La imagen leída no es lo esperado" in printed
    assert "expect_array(" in printed
    assert "def test_" in printed


def test_a_failed_check_ends_with_the_line_to_paste(handed_in: Path) -> None:
    """As in the report: below pytest's own lines stands what the student reads."""
    wrong = handed_in / "square_only/02_convolucion/02_convolucion.ipynb"
    printed = door("tests/checks/02_convolucion", "--submission", wrong, "-k", "rectang", status=1)
    told = printed.split("what the student reads")[1]
    assert re.search(r"^Pruébalo en tu cuaderno: `conv2d\(.*\)` ", told, re.MULTILINE)


def test_what_does_not_exist_is_wrong_usage() -> None:
    """Before anything runs."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("pytest")), "tests/checks/01_imagen_digital", "--submission", "nope"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 4
    assert "expected a notebook or a folder. Received: nope" in done.stderr
