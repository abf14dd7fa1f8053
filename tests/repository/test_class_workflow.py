"""The workflow that grades a class: its own commands, from students' repositories to their issues."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.cli import build_parser, main
from autograder.commands import ci
from autograder.course.assignments import ROOT, find_assignments
from autograder.course.notebooks import notebook_text, read_notebook, write_notebook
from autograder.course.sample import build_notebook
from autograder.github.feedback import to_feedback
from autograder.github.schedule import read_schedule
from autograder.gradescope.results import to_results
from autograder.grading.class_run import run_class
from autograder.intake.submissions import Submission
from autograder.render.markdown import to_markdown
from autograder.settings import Settings
from data.errors import DataError
from tests.helpers.collecting import AFTER, BEFORE, DEADLINE, commit, make_repository
from tests.helpers.github_server import TOKEN, FakeGitHub, serve
from tests.helpers.hidden import hidden_lines
from tests.helpers.workflow_runner import Job, run_job

pytestmark = pytest.mark.usefixtures("in_english")

NAME = "02_convolucion"
WORKFLOW = ROOT / ".github/workflows/class.yml"
ROSTER = "id,first_name,last_name,github\nana,Ana,Muñoz,ana-gh\nbeto,Beto,Paz,beto-gh\nluz,Luz,Mar,luz-gh\n"


def answered(variant: str) -> str:
    answers = (ROOT / f"tests/submissions/{NAME}/{variant}.py").read_text(encoding="utf-8")
    return notebook_text(build_notebook(NAME, answers))


@dataclass
class Classroom:
    """A class at a server, and clean copies of this repository as each job checks one out."""

    folder: Path
    github: FakeGitHub

    def checkout(self, job: str) -> Path:
        """Return a copy of this repository with the class's folder, and the libraries of this interpreter."""
        copy = self.folder / job / "repo"
        shutil.copytree(
            ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "reports", "__pycache__", ".*_cache")
        )
        (copy / ".venv").symlink_to(sys.prefix)
        (copy / "class").mkdir()
        (copy / "class/roster.csv").write_text(ROSTER, encoding="utf-8")
        (copy / "class/deadlines.csv").write_text(
            f"assignment,repositories,deadline\n{NAME},curso/conv,{DEADLINE}\n", encoding="utf-8"
        )
        return copy

    def run(self, job: str, copy: Path, values: dict[str, str], skip: tuple[str, ...] = ()) -> Job:
        home = copy.parent / "home"
        home.mkdir(exist_ok=True)
        environment = {"GITHUB_API_URL": f"{self.github.url}/api", "GITHUB_SERVER_URL": self.github.url}
        return run_job(WORKFLOW, job, copy, home, values=values, skip=skip, environment=environment)


@pytest.fixture
def classroom(tmp_path: Path):
    """Ana is right but ruined it after the deadline, Beto is half right, Luz handed nothing in."""
    github = FakeGitHub(tmp_path / "server", private=True)
    for login, variant in (("ana-gh", "perfect_vectorised"), ("beto-gh", "mistakes")):
        repository = make_repository(tmp_path / f"server/curso/conv-{login}.git")
        first = commit(repository, {f"{NAME}.ipynb": answered(variant), "README.md": "# Hola"}, date=BEFORE)
        github.push(f"conv-{login}", BEFORE, "0" * 40, first)
        if login == "ana-gh":
            second = commit(repository, {f"{NAME}.ipynb": answered("empty")}, date=AFTER, parent=first)
            github.push(f"conv-{login}", AFTER, first, second)
    with serve(github):
        yield Classroom(tmp_path, github)


@pytest.mark.slow
def test_a_class_is_collected_graded_apart_and_merged(classroom: Classroom) -> None:
    """Each job in a clean checkout, with the outputs and artifacts of the earlier ones and nothing else."""
    collecting = classroom.checkout("collect")
    values = {"inputs.assignment": NAME, "vars.CLASS_FOLDER": "class", "secrets.CLASS_READ_TOKEN": TOKEN}
    collected = classroom.run("collect", collecting, values)
    assert collected.status == 0, collected.printed
    assert json.loads(collected.outputs["plan.parts"]) == ["001", "002"]
    plan = json.loads(collected.outputs["plan.plan"])
    assert plan == {"001": [["ana", NAME]], "002": [["beto", NAME]]}
    assert TOKEN not in collected.printed
    artifacts = classroom.folder / "artifacts"
    for part in plan:
        grading = classroom.checkout(f"grade-{part}")
        shutil.copytree(collecting / "parts", grading / "parts")
        graded = classroom.run("grade", grading, {"matrix.part": part})
        assert graded.status == 0, graded.printed
        assert list((grading / "parts").iterdir()) == []
        shutil.copytree(grading / "reports", artifacts / f"report-{part}")
    publishing = classroom.checkout("publish")
    shutil.copytree(artifacts, publishing / "reports")
    values = {"needs.collect.outputs.plan": collected.outputs["plan.plan"], "vars.CLASS_FOLDER": "class"}
    published = classroom.run("publish", publishing, values, skip=("Give each student the report",))
    assert published.status == 0, published.printed
    reports = json.loads((publishing / "graded/reports.json").read_text(encoding="utf-8"))
    assert {report["submission"]: report["score"] for report in reports} == {"ana": 10, "beto": 6.013095}
    assert "| beto | 02_convolucion | 6,01/10 |" in published.summary
    grades = (publishing / "graded/grades.csv").read_text(encoding="utf-8").splitlines()
    assert grades[1:] == [
        f"{NAME},,,ana,Muñoz,Ana,,10,0,10,10",
        f"{NAME},,,beto,Paz,Beto,,6.01,0,6.01,10",
        f"{NAME},,,luz,Mar,Luz,,,,,10",
    ]
    # What a student can read: the feedback, which is the text of the issue.
    feedback = (publishing / f"graded/feedback/{NAME}/beto.md").read_text(encoding="utf-8")
    assert "6,01/10" in feedback
    assert [line for line in hidden_lines(NAME) if line in feedback] == []
    assert re.search(r"\bana\b", feedback) is None


def test_a_night_on_which_nothing_is_due_grades_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The matrix is empty, and the jobs behind it are skipped."""
    (tmp_path / "class").mkdir()
    (tmp_path / "class/roster.csv").write_text(ROSTER, encoding="utf-8")
    (tmp_path / "class/deadlines.csv").write_text(
        f"assignment,repositories,deadline\n{NAME},curso/conv,2020-01-01T00:00:00Z\n", encoding="utf-8"
    )
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    submitted = str(tmp_path / "submitted")
    assert main(["ci", "collect", str(tmp_path / "class"), "--into", submitted]) == 0
    assert main(["ci", "plan", submitted, str(tmp_path / "parts")]) == 0
    assert "Nothing is due." in capsys.readouterr().out
    assert (tmp_path / "output").read_text() == "parts=[]\nplan={}\n"


def test_who_has_more_time_is_collected_when_it_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not before, for the checks would tell too much; nor is what the team handed in."""
    github = FakeGitHub(tmp_path / "server")
    for name in ("ana-gh", "luz-gh", "grupo-1"):
        repository = make_repository(tmp_path / f"server/curso/conv-{name}.git")
        commit(repository, {f"{NAME}.ipynb": answered("mistakes")}, date="2019-12-31T00:00:00Z")
    (tmp_path / "class").mkdir()
    (tmp_path / "class/deadlines.csv").write_text(
        f"assignment,repositories,deadline\n{NAME},curso/conv,2020-01-01T00:00:00Z\n", encoding="utf-8"
    )
    roster = "id,github,team,extension\nana,ana-gh,,1d\nluz,luz-gh,,9999d\neva,,Grupo 1,\nnil,,Grupo 1,9999d\n"
    (tmp_path / "class/roster.csv").write_text(roster, encoding="utf-8")
    with serve(github):
        for name, value in (("GITHUB_API_URL", f"{github.url}/api"), ("GITHUB_SERVER_URL", github.url)):
            monkeypatch.setenv(name, value)
        submitted = tmp_path / "submitted"
        assert main(["ci", "collect", str(tmp_path / "class"), "--assignment", NAME, "--into", str(submitted)]) == 0
    assert sorted(path.name for path in submitted.glob("[a-z]*")) == ["ana"]
    out = capsys.readouterr().out
    assert f"Not due yet: {NAME} of luz, until 2047-05-18 00:00 +0000" in out
    assert "unmatched" not in out


def test_a_missing_report_is_told_and_the_others_are_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 1, which the workflow takes for: publish what there is."""
    monkeypatch.setenv("PLAN", json.dumps({"001": [["ana", NAME]]}))
    (tmp_path / "reports").mkdir()
    assert main(["ci", "merge", str(tmp_path / "reports"), str(tmp_path / "class")]) == 1
    assert "::warning title=No report::part 001 (ana): expected one file 001.json" in capsys.readouterr().out
    assert json.loads((tmp_path / "class/reports.json").read_text()) == []


def test_a_data_set_that_cannot_be_had_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The submissions that do not need it are graded all the same."""
    asked = []

    def fail(name: str) -> None:
        asked.append(name)
        raise DataError("no network")

    monkeypatch.setattr("data.fetch.fetch", fail)
    ci._fetch_data({"02_convolucion", "04_mnist", "05_cifar10", "99_nada"})
    assert asked == ["cifar10"]
    assert "::warning title=No data set cifar10::no network" in capsys.readouterr().out


def test_posting_needs_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong usage, told before anything is read."""
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert main(["ci", "post", str(tmp_path / "reports.json"), str(tmp_path)]) == 2


DOCUMENT = (ROOT / "docs/github.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^python -m autograder (.+)$", DOCUMENT, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_documented_commands_exist(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those that need no class and no sandbox are run; the others are at least understood."""
    arguments = shlex.split(command)
    assert build_parser().parse_args(arguments)
    if arguments[0] in ("template", "gradescope"):
        (tmp_path / "work").mkdir()
        monkeypatch.chdir(tmp_path / "work")
        assert main(arguments) == 0
        assert "see docs/github.md" in capsys.readouterr().out


def test_the_documented_deadlines_are_read(tmp_path: Path) -> None:
    """The block in the documentation is a file that works."""
    [block] = re.findall(r"```csv\n(.*?)```", DOCUMENT, re.DOTALL)
    (tmp_path / "deadlines.csv").write_text(textwrap.dedent(block), encoding="utf-8")
    [task] = read_schedule(tmp_path / "deadlines.csv", list(find_assignments()))
    assert (task.assignment, task.repositories) == (NAME, "my-organisation/convolucion")


CANARY = "zafiro-918273645"
CHECKS = f'''"""Checks whose every secret is a canary: {CANARY}."""

import numpy as np
import pytest

from autograder.checking import expect_array, expect_number, fail

{CANARY.replace("-", "_")} = 918273645.0


@pytest.mark.grade("pad2d")
def test_values(student):
    """pad2d rodea la imagen."""
    expect_array(student.pad2d(np.ones((2, 2)), 1), np.full((4, 4), 918273645.0))


@pytest.mark.grade("conv2d-stride")
def test_number(student):
    """KERNELS tiene un número."""
    expect_number(student.KERNELS["edges"], 918273645.0)


@pytest.mark.grade("conv2d-stride")
def test_fault(student):
    """Una falla del corrector."""
    assert zafiro_918273645 == 1, "918273645 {CANARY}"
'''


@pytest.mark.slow
def test_no_secret_of_a_check_reaches_what_a_student_reads(course: Path, tmp_path: Path) -> None:
    """Expected values, names and comments of a check, neither when it fails nor when it breaks."""
    (course / f"tests/checks/{NAME}/test_convolution.py").write_text(CHECKS, encoding="utf-8")
    notebook = read_notebook(course / f"source/{NAME}/{NAME}.ipynb")
    notebook.cells[2].source = "import numpy as np\ndef pad2d(image, padding):\n    return np.zeros((4, 4))"
    notebook.cells[4].source = 'KERNELS = {"edges": 3}'
    write_notebook(notebook, tmp_path / f"handed/{NAME}.ipynb")
    submission = Submission("ana", tmp_path / f"handed/{NAME}.ipynb", tmp_path / "handed", NAME)
    [result] = run_class([submission], find_assignments(course), Settings(jobs=1, fresh=True))
    report = result.report
    statuses = {check.id: check.status for check in report.checks}
    assert statuses["pad2d::test_values"] == "failed"
    assert "error" in statuses.values()
    shown = [to_feedback(report), to_markdown([report]), json.dumps(to_results(report))]
    for text in shown:
        assert "918273645" not in text
        assert "zafiro" not in text
