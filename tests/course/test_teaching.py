"""What the course promises around its exercises: questions, texts for pictures, a page for the teacher."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from autograder.course.assignments import ROOT, find_assignments
from autograder.course.check_index import index_checks
from autograder.course.lint import lint
from autograder.course.notebooks import cell_id, read_notebook, write_notebook
from autograder.course.release import TEXT_STUB, student_version

ASSIGNMENTS = find_assignments()
NOTEBOOKS = {name: read_notebook(assignment.source) for name, assignment in ASSIGNMENTS.items()}
PAGE = (ROOT / "docs/assignments.md").read_text(encoding="utf-8")


def test_the_teachers_page_names_checks_that_there_are() -> None:
    """In the section of their assignment."""
    sections = re.split(r"^## (0\d).*$", PAGE, flags=re.MULTILINE)
    assert sections[1::2] == [name[:2] for name in ASSIGNMENTS]
    for assignment, text in zip(ASSIGNMENTS.values(), sections[2::2]):
        named = set(re.findall(r"`(test_\w+)`", text))
        assert len(named) >= 3
        assert named <= {check.name for check in index_checks(assignment.checks)}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_each_notebook_has_hints_answers_and_an_open_question(name: str) -> None:
    """Two hints for each exercise that has one, answers that fold, a rubric at the end; every fold is closed again."""
    text = "\n".join(cell.source for cell in NOTEBOOKS[name].cells if cell.cell_type == "markdown")
    assert text.count("<summary>Pista 1</summary>") == text.count("<summary>Pista 2</summary>") >= 3
    assert text.count("<details>") == text.count("</details>")
    assert cell_id(NOTEBOOKS[name].cells[-1]) == "pregunta-abierta"
    assert "Cómo se valora" in NOTEBOOKS[name].cells[-1].source
    first = NOTEBOOKS[name].cells[0].source
    assert re.match(rf"# {int(name[:2])}\. ", first)
    assert "**Tiempo**" in first
    assert "colab.research.google.com" in first
    assert re.search(r"\| \*\*Total\*\* \| \*\*10\*\* \|", first)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_numbers_are_written_in_one_way(name: str) -> None:
    """In what is read, not run: 1.000 and 0,5 and 97 %; a year has four digits, a section a point, Keras a comma."""
    for cell in NOTEBOOKS[name].cells:
        if cell.cell_type != "markdown":
            continue
        text = re.sub(
            r"```.*?```|`[^`]*`|\]\([^)]*\)|<[^>]*>|^#+ \d\.\d+", " ", cell.source, flags=re.DOTALL | re.MULTILINE
        )
        text = text.replace("coma: 1,000 es mil", "")
        bare = [found for found in re.findall(r"(?<![\d.,}])\d{4,}(?![\d.])", text) if not 1900 < int(found) < 2100]
        assert bare in ([], ["43264"]), "the shapes of a summary alone are as Keras prints them"
        assert not re.findall(r"(?<![\d.])\d+\.\d{1,2}(?!\d)|\d%", text)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_each_figure_has_a_text(name: str) -> None:
    """No cell of ours shows a figure without one; what the student's own function opened is theirs."""
    bare = [cell_id(cell) for cell in NOTEBOOKS[name].cells if "plt.show()" in cell.source]
    assert bare in ([], ["drawn-images", "show-channels-plot"])


def test_a_moving_picture_needs_no_script_and_has_a_still() -> None:
    """One button for each text, one rule for each frame, ids of its own each time, and the open figure as a picture."""
    cells = {cell_id(cell): cell.source for cell in NOTEBOOKS["02_convolucion"].cells}
    shown: list[dict[str, str]] = []
    names: dict[str, Any] = {"np": np, "plt": plt, "display": lambda bundle, **_: shown.append(bundle)}
    for key in ("formato", "casillas", "mover"):
        exec(cells[key], names)
    frames = {(a, b): (names["grid"](np.array([[a, b, 0.5]]), 0, 20), f"a = {a}") for a in range(2) for b in range(3)}
    for _ in range(2):
        plt.figure()
        names["moving"]("Seis dibujos.", {"A": [0, 1], "B": "xyz"}, frames, (200, 60))
    first, second = (bundle["text/html"] for bundle in shown)
    assert (first.count("<input"), first.count(" checked>"), first.count("{display: inline}")) == (5, 2, 6)
    assert not re.search(r"<script|\son\w+=|https?:", first)
    assert not set(re.findall(r'id="(\S+)"', first)) & set(re.findall(r'id="(\S+)"', second))
    assert ">0,5</text>" in first
    assert base64.b64decode(shown[0]["image/png"]).startswith(b"\x89PNG")
    assert shown[0]["text/plain"] == "Seis dibujos."


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_students_measure_on_the_test_set_once(name: str) -> None:
    """Grade cells and pictures use the validation images; one cell at the end the test set."""
    using = [cell_id(cell) for cell in NOTEBOOKS[name].cells if "x_test" in cell.source and cell.cell_type == "code"]
    assert [key for key in using if key not in ("data", "cargar-mnist", "features")] in (
        [],
        ["test-plot"],
        ["summary-plot"],
    )


def test_the_open_question_becomes_a_graded_cell_by_the_documented_edit(tmp_path: Path) -> None:
    """One cell more, a point less elsewhere; the student gets a place to write."""
    for part in ("source", "tests/checks"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("models", "__pycache__"))
    path = tmp_path / "source/02_convolucion/02_convolucion.ipynb"
    notebook: NotebookNode = read_notebook(path)
    found = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    metadata = json.loads(found[1])
    notebook.cells.append(new_markdown_cell("La respuesta.", id="open-question", metadata=metadata))
    next(cell for cell in notebook.cells if cell_id(cell) == "pad2d-zeros").metadata.nbgrader.points = 0.5
    next(cell for cell in notebook.cells if cell_id(cell) == "max-pool2d-basic").metadata.nbgrader.points = 0.5
    write_notebook(notebook, path)
    assert lint(tmp_path) == []
    assert student_version(notebook).cells[-1].source == TEXT_STUB
