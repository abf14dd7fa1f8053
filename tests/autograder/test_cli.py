"""The command line: exit codes, files, and what is printed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.cli import build_parser, main
from autograder.course.assignments import ROOT, find_assignments

pytestmark = pytest.mark.usefixtures("in_english")

REPORT_KEYS = {
    "schema",
    "assignment",
    "submission",
    "score",
    "max_score",
    "checks",
    "flags",
    "seconds",
    "versions",
}
CHECK_KEYS = {"id", "grade_id", "title", "status", "score", "max_score", "message", "seconds"}


@pytest.fixture(autouse=True)
def own_archive(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cli-cache"))


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def handed_in(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return Path(shutil.copy(find_assignments()["02_convolucion"].source, folder / "02_convolucion.ipynb"))


def verbs() -> list[str]:
    [action] = [action for action in build_parser()._actions if action.dest == "==SUPPRESS==" and action.choices] or [
        action for action in build_parser()._actions if isinstance(action.choices, dict)
    ]
    return sorted(action.choices or {})


def test_the_verbs_of_the_course_exist() -> None:
    """Those that the documentation promises."""
    assert set(verbs()) >= {"demo", "doctor", "grade", "lint", "release"}


@pytest.mark.parametrize("verb", [*verbs(), ""])
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """On stdout, with status 0."""
    with pytest.raises(SystemExit) as ended:
        main([*([verb] if verb else []), "--help"])
    assert ended.value.code == 0
    assert f"usage: python -m autograder {verb}".rstrip() in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [[], ["grade"], ["mark"], ["grade", "x", "--jobs", "0"], ["grade", "x", "--jobs", "many"]]
)
def test_wrong_arguments_are_wrong_usage(arguments: list[str]) -> None:
    """Status 2, as argparse does."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_wrong_names_and_places_are_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2 and one line that says what was expected and received."""
    for arguments, said in [
        (["grade", str(tmp_path), "--assignment", "99_nada"], "Received: 99_nada"),
        (["grade", str(tmp_path)], "Received: none."),
        (["grade", str(tmp_path / "nobody")], "which does not exist"),
        (["grade", str(tmp_path), "--json", str(tmp_path)], "which is a folder"),
    ]:
        assert main(arguments) == 2
        assert said in capsys.readouterr().err


def test_one_notebook_gives_one_report(tmp_path: Path) -> None:
    """Status 0 and exactly the fields of the contract."""
    handed_in(tmp_path / "ana")
    done = run("grade", tmp_path / "ana", "--json", tmp_path / "out/report.json")
    assert (done.returncode, "Traceback" in done.stdout + done.stderr) == (0, False)
    report = json.loads((tmp_path / "out/report.json").read_text(encoding="utf-8"))
    assert set(report) == REPORT_KEYS
    assert {frozenset(check) for check in report["checks"]} == {frozenset(CHECK_KEYS)}
    assert (report["schema"], report["submission"], report["score"], report["max_score"]) == (1, "ana", 10, 10)
    assert report["flags"] == []


def test_a_broken_notebook_leaves_the_others_unchanged(tmp_path: Path) -> None:
    """Status 3, a list of reports in every form, and no traceback anywhere."""
    place = tmp_path / "submitted"
    handed_in(place / "ana/02_convolucion")
    handed_in(place / "beto/02_convolucion").write_bytes(b"\x00\xff")
    files = {form: tmp_path / f"out/report.{form}" for form in ("json", "junit", "markdown", "html")}
    done = run("grade", place, *[part for form, path in files.items() for part in (f"--{form}", path)])
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    reports = json.loads(files["json"].read_text(encoding="utf-8"))
    assert [(report["submission"], report["score"]) for report in reports] == [("ana", 10), ("beto", None)]
    assert "<testsuite" in files["junit"].read_text(encoding="utf-8")
    assert "ana" in files["markdown"].read_text(encoding="utf-8")
    assert list(files["html"].glob("**/*.html"))
    assert done.stderr.count("wrote ") == 4


def test_a_roster_adds_who_handed_in_nothing(tmp_path: Path) -> None:
    """To the table and every form of report; nothing failed, so that the status stays 0."""
    handed_in(tmp_path / "submitted/ana/02_convolucion")
    (tmp_path / "roster.csv").write_text("id,first_name\nana,Ana\nluz,Luz\n", encoding="utf-8")
    files = {form: tmp_path / f"out/report.{form}" for form in ("json", "junit", "markdown", "html")}
    asked = [part for form, path in files.items() for part in (f"--{form}", path)]
    done = run("grade", tmp_path / "submitted", "--roster", tmp_path / "roster.csv", *asked)
    assert done.returncode == 0, done.stderr
    assert "1 submission · mean 10/10 · 1 not handed in" in done.stdout
    reports = json.loads(files["json"].read_text(encoding="utf-8"))
    assert [(report["submission"], report["score"]) for report in reports] == [("ana", 10), ("luz", None)]
    assert set(reports[1]) == REPORT_KEYS
    assert 'errors="0" skipped="1"' in files["junit"].read_text(encoding="utf-8")
    assert "The student handed in nothing." in files["markdown"].read_text(encoding="utf-8")
    page = files["html"] / "02-convolucion-luz.html"
    assert "The student handed in nothing." in page.read_text(encoding="utf-8")
    assert "hay que corregirla de nuevo" not in page.read_text(encoding="utf-8")


def test_a_command_starts_without_compiling_grammars() -> None:
    """Importing one that nobody needs would take longer than everything else together."""
    code = "import sys, autograder.__main__; print('lark' in sys.modules, 'tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_command_imports_its_own_verb_only() -> None:
    """Seventeen verbs would take longer than a small class that has not changed."""
    code = (
        "import sys; from autograder.cli import build_parser; build_parser().parse_args(['release', '--check']);"
        "from autograder.commands import VERBS;"
        "print(*[name for name in VERBS if f'autograder.commands.{name}' in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["release"]
