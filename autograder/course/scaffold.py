"""A new assignment that works at once: everything that one consists of, to be replaced piece by piece."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.course.assignments import ABOUT, POINTS, ROOT, find_assignments
from autograder.course.kernel_line import with_kernel_line
from autograder.course.notebooks import write_notebook
from autograder.errors import UsageError

__all__ = ["lay_out"]

_NAME = re.compile(r"[A-Za-z0-9]\w*")
_ROW = re.compile(r"^\| `[^`|]+` \|.*\n", re.MULTILINE)
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

_INTRODUCTION = """# {title}

Escribe en esta celda de qué trata la práctica y qué sabrás hacer al terminar."""
_EXERCISE = """## Ejercicio 1: `brightest` (6 puntos)

`brightest(image)` devuelve la fila y la columna del píxel más claro de una imagen en tonos de gris."""
_SOLUTION = '''def brightest(image):
    """Devuelve (fila, columna) del píxel más claro; si hay varios, el primero al leer la imagen por filas."""
    ### BEGIN SOLUTION
    row, column = np.unravel_index(np.argmax(image), np.shape(image))
    return int(row), int(column)
    ### END SOLUTION'''
_ASSERTS = """picture = np.array([[3, 1, 2], [0, 9, 4]])
assert tuple(brightest(picture)) == (1, 1), "El 9 está en la fila 1, columna 1: ¿devuelves (fila, columna)?\""""
_QUESTION = """## Pregunta (4 puntos)

¿Qué devuelve `brightest` si toda la imagen tiene el mismo tono? Explica por qué en una o dos frases."""
_ANSWER = """(0, 0): todos los píxeles son igual de claros, y vale el primero al leer por filas."""

_CHECK = '''"""Does ``brightest`` find the brightest pixel?"""

import numpy as np
import pytest

from autograder.checking import as_array, expect_that, expect_unchanged


@pytest.mark.grade("brightest-position")
def test_brightest_finds_the_pixel(student, rng):
    """brightest devuelve la fila y la columna del píxel más claro, en imágenes de cualquier forma."""
    for shape in ((5, 5), (4, 7), (1, 6), (6, 1)):
        image = rng.permutation(200)[: shape[0] * shape[1]].reshape(shape)
        row, column = (int(index[0]) for index in np.nonzero(image == image.max()))
        outcome = student.call("brightest", image)
        found = as_array(outcome.value, "lo que devuelve brightest").ravel().tolist()
        expect_that(found != [column, row] or row == column, "Devolviste (columna, fila): primero va la fila.")
        expect_that(
            found == [row, column], f"En una imagen de {shape[0]}×{shape[1]} el píxel más claro no es el de {found}."
        )
        expect_unchanged(outcome, image=image)
'''


def lay_out(name: str, title: str = "", root: Path = ROOT) -> list[Path]:
    """Write a new assignment: notebook, ``assignment.json``, a check, and its row in the README.

    Parameters
    ----------
    name : str
        ``"08_bordes"``: the name of its folders, and of its notebook.
    title : str
        The notebook's heading; made from the name unless given.
    root : Path
        The repository.

    Returns
    -------
    list of Path
        The files that were written or changed, relative to ``root``.

    Raises
    ------
    UsageError
        The name is none, or there is something of that name already.
    """
    source, checks = root / "source" / name, root / "tests" / "checks" / name
    if not _NAME.fullmatch(name):
        raise UsageError(f"expected letters, digits and underscores, such as 08_bordes. Received: {name}")
    taken = [place for place in (source, checks, root / "assignments" / name) if place.exists()]
    if taken or name in find_assignments(root):
        raise UsageError(f"expected a name that is free. Received: {name}, and there is {taken[0].relative_to(root)}/")
    title = title or re.sub(r"^\d+ ", "", name.replace("_", " ")).capitalize()
    notebook = source / f"{name}.ipynb"
    write_notebook(_notebook(name, title), notebook)
    about = {"names": ["brightest"], "datasets": [], "points": POINTS}
    (source / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    checks.mkdir(parents=True)
    check = checks / "test_brightest.py"
    check.write_text(_CHECK, encoding="utf-8")
    pages = [page for page in (root / "README.md", root / "README.es.md") if _add_row(page, name, title)]
    return [path.relative_to(root) for path in (notebook, source / ABOUT, check, *pages)]


def _notebook(name: str, title: str) -> NotebookNode:
    asked = with_kernel_line(_ASSERTS, name, "brightest-position")
    cells = [
        new_markdown_cell(_INTRODUCTION.format(title=title), id="titulo"),
        new_code_cell("import numpy as np", id="setup", metadata=_about("setup", locked=True)),
        new_markdown_cell(_EXERCISE, id="ejercicio-1"),
        new_code_cell(_SOLUTION, id="brightest", metadata=_about("brightest", solution=True)),
        new_code_cell(
            asked,
            id="brightest-position",
            metadata=_about("brightest-position", grade=True, locked=True, points=6),
        ),
        new_markdown_cell(_QUESTION, id="pregunta"),
        new_markdown_cell(
            _ANSWER, id="brightest-why", metadata=_about("brightest-why", grade=True, solution=True, points=4)
        ),
    ]
    notebook: NotebookNode = new_notebook(cells=cells, metadata=_METADATA)
    return notebook


def _about(grade_id: str, points: int = 0, **kind: bool) -> dict[str, Any]:
    flags = {flag: kind.get(flag, False) for flag in ("grade", "locked", "solution", "task")}
    about: dict[str, Any] = {"schema_version": 3, "grade_id": grade_id, **flags}
    return {"nbgrader": {**about, "points": points} if points else about}


def _add_row(page: Path, name: str, title: str) -> bool:
    """Add a row behind those of the other assignments; return whether the page has such a table."""
    if not page.is_file():
        return False
    text = page.read_text(encoding="utf-8")
    known = [row for row in _ROW.finditer(text) if row.group().split("`")[1] in find_assignments(page.parent)]
    if not known:
        return False
    end = known[-1].end()
    page.write_text(f"{text[:end]}| `{name}` | {title.replace('|', '/')} |\n{text[end:]}", encoding="utf-8")
    return True
