"""The command as an instructor types it: every line of the documentation, its output, and its exit status."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.cli import main
from autograder.course.assignments import ROOT
from autograder.course.notebooks import read_notebook, write_notebook
from tests.helpers.collecting import BEFORE, NOTEBOOK, commit, git, make_repository, make_zip
from tests.helpers.github_server import TOKEN, FakeGitHub, serve

pytestmark = pytest.mark.usefixtures("in_english")

NAME = "02_convolucion"
DOCUMENT = (ROOT / "docs/collect.md").read_text(encoding="utf-8")
COMMANDS = [
    line.removeprefix("python -m autograder ")
    for block in re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("python -m autograder collect")
]
ROSTER = (
    "id,first_name,last_name,email,github\nana,Ana,Muñoz,ana@u.example,ana-gh\nbeto,Beto,Paz,beto@u.example,beto\n"
    "eva,Eva,Sol,eva@u.example,\nluz,Luz,Mar,luz@u.example,\nnil,Nil,Roca,nil@u.example,\n"
)
WORKSHEET = (
    'Identifier,"Full name","Email address","Last modified (submission)"\n'
    '"Participant 1001","Ana Muñoz",ana@u.example,"Tuesday, 24 November 2026, 7:00 PM"\n'
    '"Participant 1002","Beto Paz",beto@u.example,"Tuesday, 24 November 2026, 9:00 PM"\n'
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An instructor's folder with what the documentation's commands take, and a GitHub of its own."""
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    (folder / "grades.csv").write_text(WORKSHEET, encoding="utf-8")
    moodle = {
        "Ana Muñoz_1001_assignsubmission_file/02_convolucion.ipynb": NOTEBOOK + "ana",
        "Beto Paz_1002_assignsubmission_file/entrega.ipynb": NOTEBOOK,
        "Beto Paz_1002_assignsubmission_file/../../evil.py": "x",
        "Eva Sol_1003_assignsubmission_file/informe.pdf": "x",
        "Luz Mar_1004_assignsubmission_file/02_convolucion (1).ipynb": NOTEBOOK,
        "Otra Persona_1009_assignsubmission_file/02_convolucion.ipynb": NOTEBOOK,
    }
    make_zip(folder / "CNN-02_convolucion-77.zip", moodle)
    make_zip(folder / "submissions.zip", {"munozana_LATE_901_5001_02_convolucion.ipynb": NOTEBOOK})
    repository = make_repository(tmp_path / f"server/curso/{NAME}-ana-gh.git")
    there = commit(repository, {f"{NAME}.ipynb": NOTEBOOK}, date=BEFORE)
    rows = f"id,repository\nana,{repository}\n"
    (folder / "repositories.csv").write_text(rows, encoding="utf-8")
    clones = folder / f"cnn-{NAME}_submissions"
    clones.mkdir()
    git(tmp_path, "clone", "--quiet", str(repository), str(clones / f"cnn-{NAME}-ana-gh"))
    github = FakeGitHub(tmp_path / "server")
    github.push(f"{NAME}-ana-gh", BEFORE, "0" * 40, there)
    with serve(github):
        for name, value in (
            ("GITHUB_API_URL", f"{github.url}/api"),
            ("GITHUB_SERVER_URL", github.url),
            ("GITHUB_TOKEN", TOKEN),
            ("COLUMNS", "80"),
        ):
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(folder)
        yield folder


def test_the_documentation_shows_every_source() -> None:
    """And options that exist."""
    assert {command.split()[1] for command in COMMANDS} == {"moodle", "canvas", "github", "classroom50"}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_documented_commands_collect(desk: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Ana's notebook is in its place, a second run changes nothing, and the record says where it came from."""
    statuses = []
    for _ in range(2):
        # What is nobody's, or no notebook, is in the way of a clean end, as documented.
        assert main(shlex.split(command)) == (3 if "moodle" in command else 0), capsys.readouterr().err
        record = json.loads((desk / f"downloaded/{NAME}/collected.json").read_text(encoding="utf-8"))
        statuses.append(record["students"]["ana"]["status"])
    assert statuses == ["new", "unchanged"]
    folder = desk / "submitted/ana" / NAME
    assert (folder / f"{NAME}.ipynb").read_text().startswith(NOTEBOOK)
    assert (folder / "timestamp.txt").exists() == ("--deadline" in command)
    assert not list(desk.parent.rglob("evil.py"))


@pytest.mark.parametrize(("page", "lang"), [("docs/collect.md", "en"), ("docs/es/collect.md", "es")])
def test_the_documented_session_is_a_real_one(
    page: str, lang: str, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Line by line, in both languages."""
    main([*shlex.split(COMMANDS[0]), "--lang", lang])
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    [shown] = re.findall(r"```console\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    assert [line for line in printed if line] == [line.rstrip() for line in shown.splitlines() if line.strip()]


def test_late_is_shown(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the zone of the deadline."""
    main(shlex.split(COMMANDS[1]))
    out = capsys.readouterr().out
    assert re.search(r"beto +new · late +2026-11-24 21:00:00 \(worksheet\)", out)
    assert "1 late" in out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            "collect moodle nothing-02_convolucion.zip",
            "no such file or folder. Did you mean CNN-02_convolucion-77.zip?",
        ),
        ("collect canvas submissions.zip", "expected --assignment"),
        ("collect canvas submissions.zip --assignment 99_nada", "Received: 99_nada"),
        ("collect canvas submissions.zip --assignment 02_convolucion --deadline tomorrow", "with its time zone"),
        ("collect moodle CNN-02_convolucion-77.zip --worksheet grades.csv", "expected --deadline with --worksheet"),
        ("collect moodle CNN-02_convolucion-77.zip --roster nobody.csv", "expected a roster"),
        ("collect github curso --assignment 02_convolucion", "expected ORG/PREFIX"),
        ("collect github curso/02_convolucion/x", "expected ORG/PREFIX"),
        ("collect github roster.csv --assignment 02_convolucion", "a column repository"),
        ("collect classroom50 .  --assignment 02_convolucion", "gh teacher download"),
    ],
)
def test_wrong_usage_says_what_was_expected(
    desk: Path, command: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 2, and nothing is written."""
    assert main(shlex.split(command)) == 2
    assert said in capsys.readouterr().err
    assert not (desk / "submitted").exists()


def test_an_error_of_the_api_is_no_traceback(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status 3: nobody was collected."""
    monkeypatch.setenv("GITHUB_TOKEN", "expired")
    assert main(["collect", "github", f"curso/{NAME}"]) == 3
    assert "the token in GITHUB_TOKEN or GH_TOKEN is refused" in capsys.readouterr().err


def test_a_local_folder_in_a_roster_needs_to_be_allowed(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A student may have typed the instructor's."""
    assert main(["collect", "github", "repositories.csv", "--assignment", NAME]) == 3
    assert not (desk / "submitted/ana").exists()
    assert "refused" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.timeout(170)
def test_nbgrader_grades_what_was_collected_and_sees_that_it_is_late(
    desk: Path, course: Path, notebook: NotebookNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the real nbgrader: its own notebook name, its own clock, its own penalty."""
    from nbgrader.api import Gradebook

    answers = read_notebook(course / f"source/{NAME}/{NAME}.ipynb")
    write_notebook(answers, desk / "handed-in.ipynb")
    content = (desk / "handed-in.ipynb").read_text(encoding="utf-8")
    late = {f"munozana_LATE_901_5001_{NAME}.ipynb": content, f"pazbeto_902_5002_{NAME}.ipynb": content}
    make_zip(desk / "submissions.zip", late)
    deadline = "2026-11-24T20:00:00-03:00"
    command = f"collect canvas submissions.zip --assignment {NAME} --roster roster.csv --deadline {deadline} --into"
    assert main([*command.split(), str(course / "submitted")]) == 0
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'course'\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
    )
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{Path(shutil.which('git') or '').parent}:/usr/bin:/bin")

    def nbgrader(*arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments], cwd=course, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    nbgrader("generate_assignment", NAME)
    with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2026-11-24 23:00:00 UTC")
    nbgrader("autograde", NAME)
    with Gradebook(f"sqlite:///{course}/gradebook.db", "course") as gradebook:
        found = {item.student_id: item for item in gradebook.assignment_submissions(NAME)}
        assert {name: item.total_seconds_late for name, item in found.items()} == {"ana": 1, "beto": 0}
        assert found["ana"].late_submission_penalty == found["ana"].score
        assert not found["beto"].late_submission_penalty
