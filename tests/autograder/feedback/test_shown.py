"""The autograded notebook, from whatever a student made of the released one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from nbformat import NotebookNode, validate
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from autograder.course.release import student_version
from autograder.feedback.check_output import read_checks
from autograder.feedback.shown import shown_notebook
from autograder.report import Check

CHECKS = {"pad2d": [Check("pad2d::a", "pad2d", "pad2d agranda.", "failed", 1, 4, "Faltan ceros.")]}
NAMES = ["title", "setup", "pad2d-code", "pad2d", "kernels-code", "conv2d-stride"]
PRINTED = {"output_type": "stream", "name": "stdout", "text": "hola\n"}


@pytest.fixture
def released(notebook: NotebookNode) -> NotebookNode:
    return student_version(notebook)


def manual(source: str) -> NotebookNode:
    about = {"grade": True, "solution": True, "locked": False, "task": False, "schema_version": 3, "points": 2}
    return new_markdown_cell(source, id="explain", metadata={"nbgrader": {**about, "grade_id": "explain"}})


def show(released: NotebookNode, change: Callable[[Any], None] = lambda cells: None, **outputs: Any) -> NotebookNode:
    handed_in = copy.deepcopy(released)
    change(handed_in.cells)
    places = {cell.id: index for index, cell in enumerate(handed_in.cells)}
    shown = shown_notebook(handed_in, released, {places[name]: kept for name, kept in outputs.items()}, CHECKS)
    validate(shown)
    ids = [cell.id for cell in shown.cells]
    assert len(ids) == len(set(ids))
    graded = [cell.metadata.nbgrader.grade_id for cell in shown.cells if "nbgrader" in cell.metadata]
    assert len(graded) == len(set(graded))
    return shown


def test_an_answer_is_shown_with_its_outputs_and_a_grade_cell_with_its_messages(released: NotebookNode) -> None:
    """Nothing else changes."""

    def answer(cells: Any) -> None:
        cells[2].source = "def pad2d(image, padding): print('hola')"

    shown = show(released, answer, **{"pad2d-code": [PRINTED], "pad2d": [PRINTED]})
    assert [cell.id for cell in shown.cells] == NAMES
    assert shown.cells[2].source == "def pad2d(image, padding): print('hola')"
    assert shown.cells[2].outputs == [PRINTED]
    [message] = shown.cells[3].outputs
    assert message.data["text/plain"] == "✗ pad2d agranda.  (1/4)\n    Faltan ceros."
    assert read_checks(shown.cells[3].outputs) == CHECKS["pad2d"]
    assert shown.cells[5].outputs == []


def test_edited_locked_cells_and_metadata_are_the_instructors_again(released: NotebookNode) -> None:
    """Points, checksums, tags, the schema version and the kind of cell included."""

    def edit(cells: Any) -> None:
        for cell in cells:
            cell.metadata = {"tags": ["skip-execution"], "nbgrader": cell.metadata.get("nbgrader", {})}
            if cell.metadata["nbgrader"]:
                cell.metadata["nbgrader"].update(points=1000, schema_version=99, checksum="x", grade=True)
        cells[1].source = cells[3].source = "raise SystemExit"
        cells[3].cell_type = "markdown"

    shown = show(released, edit)
    assert [cell.metadata for cell in shown.cells] == [cell.metadata for cell in released.cells]
    assert [cell.source for cell in shown.cells] == [cell.source for cell in released.cells]
    assert [cell.cell_type for cell in shown.cells] == [cell.cell_type for cell in released.cells]


@pytest.mark.parametrize("name", ["setup", "pad2d", "conv2d-stride"])
def test_a_deleted_cell_is_back_in_its_place(released: NotebookNode, name: str) -> None:
    """A grade cell or a locked one."""
    shown = show(released, lambda cells: cells.pop(NAMES.index(name)))
    assert [cell.id for cell in shown.cells] == NAMES


def test_everything_deleted_leaves_what_is_graded(released: NotebookNode) -> None:
    """The solution cells stay away: the student's answer may be elsewhere."""
    shown = show(released, lambda cells: cells.clear())
    assert [cell.id for cell in shown.cells] == ["setup", "pad2d", "conv2d-stride"]


def test_of_a_copied_answer_the_last_counts(released: NotebookNode) -> None:
    """It ran last; a copied test is an ordinary cell, and so is one with a name that nobody gave it."""

    def copied(cells: Any) -> None:
        for index in (2, 3):
            cells.append(copy.deepcopy(cells[index]))
        cells[6].source = "def pad2d(): 'the copy'"
        cells.append(new_code_cell("x = 1", metadata={"nbgrader": {"grade": True, "grade_id": "mine", "points": 50}}))

    shown = show(released, copied)
    graded = {cell.id: cell for cell in shown.cells if "nbgrader" in cell.metadata}
    assert graded["pad2d-code"].source == "def pad2d(): 'the copy'"
    assert list(graded) == ["setup", "pad2d", "kernels-code", "conv2d-stride", "pad2d-code"]
    assert sum("Define pad2d" in cell.source for cell in shown.cells) == 2


def test_an_answer_in_words_stays_and_a_deleted_one_is_asked_for_again(released: NotebookNode) -> None:
    """A person grades it, and sees that there is none."""
    released.cells.append(manual("ESCRIBE TU RESPUESTA AQUÍ"))

    def answer(cells: Any) -> None:
        cells[-1] = new_code_cell("Porque sí", id="explain", metadata=cells[-1].metadata)

    def draw(cells: Any) -> None:
        cells[-1].attachments = {"a.png": {"image/png": "AAAA"}}

    assert show(released, draw).cells[-1].attachments == {"a.png": {"image/png": "AAAA"}}
    shown = show(released, answer)
    assert (shown.cells[-1].cell_type, shown.cells[-1].source) == ("markdown", "Porque sí")
    assert shown.cells[-1].metadata.nbgrader.points == 2
    deleted = show(released, lambda cells: cells.pop())
    assert deleted.cells[-1] == released.cells[-1]


def test_raw_cells_are_shown_as_text(released: NotebookNode) -> None:
    """nbconvert puts them into a page as they are."""
    shown = show(released, lambda cells: cells.append(new_raw_cell("<script>\nx</script>\ud800")))
    assert (shown.cells[-1].cell_type, shown.cells[-1].source) == ("markdown", "    <script>\n    x</script>?")


@pytest.mark.parametrize("make", [new_markdown_cell, new_raw_cell])
def test_an_answer_that_was_turned_into_text_is_code_again(
    released: NotebookNode, make: Callable[..., NotebookNode]
) -> None:
    """As it ran, with what it showed; a copy that was kept as text stays text."""

    def turn(cells: Any) -> None:
        cells[2] = make("def pad2d(): ...", id="pad2d-code", metadata=cells[2].metadata)
        cells.append(make("KERNELS = {'vieja': 1}", id="copia", metadata=cells[4].metadata))

    shown = show(released, turn, **{"pad2d-code": [PRINTED]})
    assert [cell.id for cell in shown.cells[:-1]] == NAMES
    assert (shown.cells[2].cell_type, shown.cells[2].outputs) == ("code", [PRINTED])
    assert shown.cells[-1].cell_type == "markdown"


@pytest.mark.parametrize(("stand_ins", "shown"), [(True, "tal como"), (False, "0.55")])
def test_what_depends_on_the_test_set_is_shown_as_it_was_handed_in(
    released: NotebookNode, stand_ins: bool, shown: str
) -> None:
    """Where something stood for the test set in the sandbox; what the cell showed there is nowhere."""
    handed_in = copy.deepcopy(released)
    mine = {"output_type": "stream", "name": "stdout", "text": "0.99\n"}
    handed_in.cells.append(new_code_cell("print(accuracy(model, x_test, y_test))", id="mine", outputs=[mine]))
    ran = {len(handed_in.cells) - 1: [{"output_type": "stream", "name": "stdout", "text": "0.55\n"}]}
    outputs = shown_notebook(handed_in, released, ran, CHECKS, stand_ins=stand_ins).cells[-1].outputs
    texts = "".join(output.text for output in outputs)
    assert shown in texts.lower()
    assert ("0.99" in texts, "0.55" in texts) == (stand_ins, not stand_ins)
    handed_in.cells[-1].outputs = []
    [told] = shown_notebook(handed_in, released, ran, CHECKS, stand_ins=True).cells[-1].outputs
    assert told.text.startswith("[No se muestra: esta celda usa el conjunto de prueba")


def test_a_training_cell_that_did_not_run_shows_what_was_handed_in(released: NotebookNode) -> None:
    """And so does what reads its curves; an interrupted cell still says so."""
    released.cells.append(new_code_cell("history = model.fit(x, y)", id="train", metadata={"tags": ["train"]}))
    handed_in = copy.deepcopy(released)
    handed_in.cells[-1].outputs = [{"output_type": "stream", "name": "stdout", "text": "Epoch 1\n"}]
    handed_in.cells.append(new_code_cell("print(history.history)", id="mine"))
    place = len(handed_in.cells) - 2
    note = "[No se ejecutó: es una celda de entrenamiento, y se evaluó el modelo que entregaste.]\n"
    ran = {place: [{"output_type": "stream", "name": "stdout", "text": note}]}
    ran[place + 1] = [{"output_type": "error", "ename": "NameError", "evalue": "history", "traceback": []}]
    cells = shown_notebook(handed_in, released, ran, CHECKS, trained=False).cells[-2:]
    assert [output.text for output in cells[0].outputs][::2] == [note, "Epoch 1\n"]
    assert [output.text[:70] for output in cells[1].outputs] == [
        "[No se muestra: esta celda depende de un entrenamiento, al corregir no"
    ]
    kept = shown_notebook(handed_in, released, ran, CHECKS, trained=True).cells[-1].outputs
    assert [output.output_type for output in kept] == ["error"]
