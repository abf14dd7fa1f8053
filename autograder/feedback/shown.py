"""The autograded notebook: the student's cells in the student's order, the instructor's as the instructor wrote them.

It is what the formgrader shows and what feedback is made of, and it mirrors what ran (see `autograder.intake.restore`):
a grade cell or a locked cell has the instructor's text, once, and is put back if it is missing; of a solution cell that
was copied the last one counts, since it ran last; everything else that claims to be nbgrader's is an ordinary cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.course.assignments import Assignment
from autograder.course.notebooks import cell_about, cell_id, is_answer, is_grade_cell, is_locked
from autograder.course.versions import course_notebooks
from autograder.feedback.borrowed import Code, Reason, borrowed
from autograder.feedback.check_output import check_output
from autograder.feedback.display import harmless_outputs, storable
from autograder.grading.kept import Graded
from autograder.grading.outputs import Outputs, is_note, text_output
from autograder.report import Check

__all__ = ["graded_notebook", "shown_notebook"]

_HANDED_IN: dict[Reason, str] = {
    "test": "[Tal como lo entregaste: esta celda usa el conjunto de prueba, que al corregir se guarda aparte.]",
    "train": "[Tal como lo entregaste: esta celda depende de un entrenamiento, y al corregir no se entrena.]",
}
_NOTHING: dict[Reason, str] = {
    "test": "[No se muestra: esta celda usa el conjunto de prueba, que al corregir se guarda aparte, y en tu cuaderno "
    "no tenía salida. Lo que acierta tu modelo está en los resultados de su ejercicio.]",
    "train": "[No se muestra: esta celda depende de un entrenamiento, al corregir no se entrena, y en tu cuaderno no "
    "tenía salida.]",
}
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def graded_notebook(result: Graded, handed_in: NotebookNode, assignment: Assignment) -> NotebookNode:
    """Return the notebook that shows a result: `shown_notebook` of what was released, what ran and how."""
    return shown_notebook(
        handed_in,
        course_notebooks(assignment)[1],
        result.outputs,
        result.report.by_grade_cell(),
        stand_ins=bool(assignment.datasets),
        trained=any(flag.get("kind") == "trained" for flag in result.report.flags),
    )


def shown_notebook(
    handed_in: NotebookNode,
    released: NotebookNode,
    outputs: Outputs,
    checks: Mapping[str, list[Check]],
    *,
    stand_ins: bool = False,
    trained: bool = True,
) -> NotebookNode:
    """Return the notebook that an instructor grades by hand and a student gets back.

    Parameters
    ----------
    handed_in : NotebookNode
        The student's notebook, as `autograder.intake.notebook.read_submission` returns it.
    released : NotebookNode
        The notebook that students got.
    outputs : mapping
        What the student's cells showed.
    checks : mapping of str to list of Check
        The results by grade cell.
    stand_ins : bool
        Whether something stood for a test set where the cells ran: what depends on it is shown as it was handed in.
    trained : bool
        Whether training cells ran; else what depends on them is shown as it was handed in, too.
    """
    originals = {cell_id(cell): cell for cell in released.cells}
    keys = _keys(handed_in, originals)
    outputs = _true_outputs(handed_in, keys, originals, outputs, stand_ins=stand_ins, trained=trained)
    last = {key: index for index, key in enumerate(keys)}
    placed: list[tuple[str, NotebookNode]] = []
    taken: set[str] = set()
    for index, (key, cell) in enumerate(zip(keys, handed_in.cells)):
        original = originals.get(key)
        about = cell_about(original)
        answered = is_answer(original)
        if original is not None and about and (last[key] == index if answered else key not in taken):
            taken.add(key)
            placed.append((key, _like(original, cell if answered else original, outputs.get(index, []))))
        else:
            tags = original.metadata.get("tags", []) if original is not None else []
            kind = original.cell_type if original is not None else cell.cell_type
            placed.append(("", _ordinary(cell, kind, tags, outputs.get(index, []))))
            if original is not None and not about and key not in taken:
                taken.add(key)
                placed[-1] = (key, placed[-1][1])
    _put_back(placed, originals)
    for key, cell in placed:
        if cell.cell_type == "code" and is_grade_cell(cell):
            cell.outputs = [check_output(checks[key])] if key in checks else []
    notebook = NotebookNode(nbformat=4, nbformat_minor=5, metadata=released.metadata, cells=[])
    used = {key for key, _ in placed}
    for number, (key, cell) in enumerate(placed):
        cell.id = key if _CELL_ID.fullmatch(key) else _new_id(f"cell-{number}", used)
        notebook.cells.append(cell)
    return notebook


def _true_outputs(
    handed_in: NotebookNode,
    keys: list[str],
    originals: Mapping[str, NotebookNode],
    outputs: Outputs,
    *,
    stand_ins: bool,
    trained: bool,
) -> Outputs:
    """Return the outputs with the student's own where what ran was not what the student has."""
    cells, places = [], []
    for index, (key, cell) in enumerate(zip(keys, handed_in.cells)):
        original = originals.get(key)
        if cell.cell_type != "code" or (original is not None and is_grade_cell(original)):
            continue
        source = original.source if original is not None and is_locked(original) else cell.source
        tags = original.metadata.get("tags", []) if original is not None else []
        cells.append(Code(source, trained or "train" not in tags))
        places.append(index)
    shown = dict(outputs)
    for index, reason in zip(places, borrowed(cells)):
        if reason is None or (reason == "test" and not stand_ins):
            continue
        ours = [output for output in outputs.get(index, []) if is_note(output)]
        theirs = list(handed_in.cells[index].get("outputs") or [])
        told = text_output((_HANDED_IN if theirs else _NOTHING)[reason])
        # Of a training cell it has been said already that it did not run.
        shown[index] = [*ours, *([] if ours and not theirs else [told]), *theirs]
    return shown


def _like(original: NotebookNode, cell: NotebookNode, outputs: list[Any]) -> Any:
    """Return what a cell holds as the instructor's cell: a student may have changed its kind and its metadata."""
    metadata = NotebookNode(original.metadata)
    if original.cell_type == "code":
        return new_code_cell(storable(cell.source), metadata=metadata, outputs=_nodes(outputs))
    return new_markdown_cell(storable(cell.source), metadata=metadata, **_pictures(cell))


def _keys(handed_in: NotebookNode, originals: Mapping[str, NotebookNode]) -> list[str]:
    """Return which of the instructor's cells each cell stands for; empty for one of the student's own.

    A cell that was turned into text stands for a code cell unless there is a code cell that does.
    """
    keys = [cell_id(cell) for cell in handed_in.cells]
    coded = {key for key, cell in zip(keys, handed_in.cells) if cell.cell_type == "code"}
    coded = {key for key in coded if key in originals and originals[key].cell_type == "code"}
    return ["" if key in coded and cell.cell_type != "code" else key for key, cell in zip(keys, handed_in.cells)]


def _ordinary(cell: NotebookNode, kind: str, tags: list[str], outputs: list[Any]) -> Any:
    metadata = {"tags": list(tags)} if tags else {}
    source = storable(cell.source)
    if "code" in (kind, cell.cell_type):
        return new_code_cell(source, metadata=metadata, outputs=_nodes(outputs))
    if cell.cell_type == "raw":
        # nbconvert puts raw cells into its pages as they are.
        source = "\n".join(f"    {line}" for line in source.split("\n"))
    return new_markdown_cell(source, metadata=metadata, **_pictures(cell))


def _pictures(cell: NotebookNode) -> dict[str, Any]:
    return {"attachments": cell.attachments} if "attachments" in cell else {}


def _put_back(placed: list[tuple[str, NotebookNode]], originals: Mapping[str, NotebookNode]) -> None:
    """Insert what is missing of the instructor's graded and locked cells, each behind the cell that comes before it."""
    present = {key for key, _ in placed if key}
    before: str | None = None
    for key, original in originals.items():
        about = cell_about(original)
        if key not in present and (about.get("grade") or about.get("task") or about.get("locked")):
            place = next((index for index, (other, _) in enumerate(placed) if other == before), -1) if before else -1
            placed.insert(place + 1, (key, _like(original, original, [])))
            present.add(key)
        if key in present:
            before = key


def _nodes(outputs: list[Any]) -> list[NotebookNode]:
    return [NotebookNode(output) for output in harmless_outputs(outputs)]


def _new_id(name: str, used: set[str]) -> str:
    while name in used:
        name += "-"
    used.add(name)
    return name
