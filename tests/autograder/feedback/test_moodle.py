"""Feedback pages in the archive that Moodle takes back."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.feedback.moodle import find_pages, write_moodle_zip

pytestmark = pytest.mark.usefixtures("in_english")

NAME = "02_convolucion"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the pages of three students and the record of a collect."""
    for student in ("ana", "luz_paz", "zoe"):
        page = tmp_path / f"feedback/{student}/{NAME}/{NAME}.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"<p>{student}", encoding="utf-8")
        (page.parent / "taza.html").write_text("no page")
    write_record(tmp_path, {"ana": "101", "luz_paz": "102", "zoe": ""})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_record(desk: Path, numbers: dict[str, str]) -> None:
    students = {student: {"status": "new", "participant": number} for student, number in numbers.items()}
    path = desk / f"downloaded/{NAME}/collected.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"schema": 1, "students": students}))


def as_moodle_reads(name: str) -> tuple[str, str, str, str]:
    """Return participant, kind and name of the plugin, and file, as Moodle's importziplib.php splits a name."""
    _, participant, kind, plugin, file = name.split("_", 4)
    return participant, kind, plugin, file


def test_moodle_finds_each_page_s_student(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the participant's number; who has none is told, and the status says so."""
    assert main(["feedback", "--moodle"]) == 3
    with zipfile.ZipFile(desk / f"feedback/{NAME}-moodle.zip") as archive:
        found = {as_moodle_reads(name): archive.read(name).decode() for name in archive.namelist()}
    assert found == {
        ("101", "assignfeedback", "file", f"{NAME}.html"): "<p>ana",
        ("102", "assignfeedback", "file", f"{NAME}.html"): "<p>luz_paz",
    }
    told = capsys.readouterr().err
    assert f"wrote feedback/{NAME}-moodle.zip" in told
    assert f"not in {NAME}-moodle.zip, for Moodle's number is not known: zoe" in told


def test_the_same_pages_make_the_same_archive(desk: Path) -> None:
    """And everybody in it is status 0."""
    write_record(desk, {"ana": "101", "luz_paz": "102", "zoe": "103"})
    path = desk / f"feedback/{NAME}-moodle.zip"
    archives = []
    for _ in range(2):
        assert main(["feedback", "--moodle", "--assignment", NAME]) == 0
        archives.append(path.read_bytes())
    assert archives[0] == archives[1]


@pytest.mark.parametrize("student", ["..x", "~x", ".", "a/b_c", "ñandú"])
def test_no_id_hides_a_page_or_shifts_its_number(tmp_path: Path, student: str) -> None:
    """Moodle passes over files that begin with a dot or a tilde, and counts underscores."""
    page = tmp_path / "p.html"
    page.write_text("x")
    assert write_moodle_zip({student: page}, {student: ["7"]}, tmp_path / "m.zip") == []
    [name] = zipfile.ZipFile(tmp_path / "m.zip").namelist()
    assert re.fullmatch(r"[^._~/][^_/]*_7_assignfeedback_file_p\.html", name)


def test_only_pages_are_packed(desk: Path) -> None:
    """No link, nothing else that lies there."""
    (desk / "feedback/eva" / NAME).mkdir(parents=True)
    (desk / f"feedback/eva/{NAME}/{NAME}.html").symlink_to("/etc/passwd")
    assert set(find_pages(desk / "feedback")) == {NAME}
    assert set(find_pages(desk / "feedback")[NAME]) == {"ana", "luz_paz", "zoe"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "expected a PATH to grade, or --moodle"),
        (["--moodle", "--originals", "elsewhere"], "in elsewhere/ASSIGNMENT/collected.json say. Received: none"),
        (["--moodle", "--output", "empty"], "expected pages in empty"),
        (["--moodle", "--assignment", "01_imagen_digital"], "Received: none"),
    ],
)
def test_nothing_to_pack_is_wrong_usage(
    desk: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 2, and what was looked for."""
    assert main(["feedback", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not list(desk.rglob("*.zip"))
