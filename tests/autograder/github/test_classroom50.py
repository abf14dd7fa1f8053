"""The autograder for Classroom 50, run as its runner runs it, and held against its contract."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.course.assignments import ROOT
from autograder.course.notebooks import write_notebook
from autograder.course.sample import build_notebook
from autograder.github.classroom50 import to_result
from autograder.github.template import write_classroom50, write_template
from autograder.report import Check, Report

NAME = "02_convolucion"
SITE = "https://github.example/curso/visual-conv-ana"
ENVIRONMENT = {
    "CLASSROOM": "visual",
    "ASSIGNMENT": "conv",
    "SUBMISSION_TAG": "submit/2026-11-24T14-32-05Z-a1b2c3d",
    "OWNER": "ana",
    "USERNAME": "ana",
    "ASSIGNMENT_TYPE": "individual",
    "COMMIT_URL": f"{SITE}/commit/a1b2c3d",
    "RELEASE_URL": f"{SITE}/releases/tag/submit%2F2026",
    "REVIEW_URL": f"{SITE}/compare/1...2",
}


def assert_contract(result: dict[str, Any]) -> None:
    """Check a result against the table in the wiki's page Advanced Autograding."""
    assert result["schema"] == "classroom50/result/v1"
    for name in ("classroom", "assignment", "owner", "submission", "commit", "release", "review", "datetime"):
        assert isinstance(result[name], str), name
        assert result[name], name
    assert result["assignment_type"] in ("individual", "group")
    assert result["submission"].startswith("submit/")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", result["datetime"])
    for item in [result, *result["tests"]]:
        assert type(item["score"]) is int
        assert type(item["max-score"]) is int
        assert 0 <= item["score"] <= item["max-score"]
    for test in result["tests"]:
        assert isinstance(test["test-name"], str)
        assert test["test-name"]
        assert type(test["passed"]) is bool
    for name in ("score", "max-score"):
        assert result[name] == sum(test[name] for test in result["tests"])


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("classroom50") / "02"
    write_classroom50(NAME, folder)
    return folder


def submit(bundle: Path, folder: Path, variant: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Start autograder.py in a student's checkout, as the runner does; the libraries are those of this interpreter."""
    checkout, temporary = folder / "checkout", folder / "temp"
    write_template(NAME, checkout)
    answers = (ROOT / f"tests/submissions/{NAME}/{variant}.py").read_text(encoding="utf-8")
    write_notebook(build_notebook(NAME, answers), checkout / f"{NAME}.ipynb")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "a", "--date", "2001-01-01T00:00:00Z"]):
        subprocess.run(
            [*git, *arguments], cwd=checkout, check=True, env={**os.environ, "GIT_COMMITTER_DATE": "1700000000 +0000"}
        )
    temporary.mkdir()
    (temporary / "venv-cnn").symlink_to(sys.prefix)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "RUNNER_TEMP": str(temporary), **ENVIRONMENT}
    command = [sys.executable, str(bundle / "autograder.py")]
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True), checkout


def test_a_submission_gets_a_result_by_the_contract(bundle: Path, tmp_path: Path) -> None:
    """Exit status 0 although checks fail; points count in halves, because the contract wants whole numbers."""
    done, checkout = submit(bundle, tmp_path, "mistakes")
    assert done.returncode == 0, done.stderr
    result = json.loads((checkout / "result.json").read_text(encoding="utf-8"))
    assert_contract(result)
    assert (result["score"], result["max-score"], len(result["tests"])) == (6, 20, 13)
    assert result["datetime"] == "2023-11-14T22:13:20Z"
    assert {key: result[key] for key in ("classroom", "assignment", "owner", "submission")} == {
        "classroom": "visual",
        "assignment": "conv",
        "owner": "ana",
        "submission": ENVIRONMENT["SUBMISSION_TAG"],
    }
    [pad2d] = [test for test in result["tests"] if test["test-name"].startswith("pad2d-zeros")]
    assert (pad2d["passed"], pad2d["score"], pad2d["max-score"]) == (False, 0, 2)
    assert "la imagen de 5×5 pasa a 7×7" in pad2d["message"]
    body = (checkout / "release-body.md").read_text(encoding="utf-8")
    assert body.startswith("## 02_convolucion: 3 de 10 puntos en las comprobaciones públicas")


def test_the_bundle_is_small_and_whole(bundle: Path) -> None:
    """The runner takes no bundle above 10 MB; the entry and its siblings are all it needs."""
    files = [path for path in bundle.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert sum(path.stat().st_size for path in files) < 1 << 20
    assert {"autograder.py", "requirements.txt", "grader"} == {path.name for path in bundle.iterdir()}


@pytest.mark.parametrize(
    ("points", "score", "most"),
    [
        ({"a": 1, "b": 2}, 1, 3),
        ({"a": 0.5, "b": 2}, 1, 5),
        ({"a": 0.25, "b": 0.5}, 1, 3),
        ({"a": 0.3, "b": 0.1}, 3, 4),
        ({"a": 1 / 3, "b": 1}, 33, 133),
    ],
)
def test_points_become_whole_numbers(points: dict[str, float], score: int, most: int) -> None:
    """As small ones as the assignment's points allow."""
    report = Report("x", "ana", points["a"], sum(points.values()), [Check("a::p", "a", "T", "passed", points["a"], 1)])
    result = to_result(report, points, ENVIRONMENT)
    assert_contract(result)
    assert (result["score"], result["max-score"]) == (score, most)


def test_a_notebook_that_cannot_be_read_has_only_failed_tests() -> None:
    """The reason stands in the release's text."""
    result = to_result(Report("x", "ana", None, 3), {"a": 1, "b": 2}, ENVIRONMENT)
    assert_contract(result)
    assert (result["score"], result["max-score"]) == (0, 3)
    assert not any(test["passed"] for test in result["tests"])
