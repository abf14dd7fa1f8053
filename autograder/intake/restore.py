"""Decides what of a submission runs: the student's own cells as they are, the instructor's as they were written.

Students delete cells, copy them, move them, retag them and edit what is locked, by accident or not. Cells are matched
to the instructor's notebook by ``grade_id`` (or cell id), and:

- a grade cell never runs: its checks decide in the grader;
- a locked cell runs with the instructor's text, once; if it is missing it is put back in its place;
- a solution cell, and every cell that the student added, runs as the student wrote it; one that was turned into
  Markdown or raw text is still code, unless a code cell answers in its place;
- the tags of the instructor's cells are the instructor's.

Where only the notebook's own public asserts are asked (``public=True``), grade cells run, too,
with the instructor's text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from autograder.course.kernel_line import without_kernel_line
from autograder.course.notebooks import cell_id, is_grade_cell, is_locked
from autograder.intake.notebook import Cell

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["Step", "answering", "changed_grade_cells", "restore", "turned_cells"]


StepKind = Literal["run", "train", "plot"]
"""``train``: a training cell; ``plot``: an untouched cell that only shows things."""


@dataclass(frozen=True)
class Step:
    """One cell to run.

    Parameters
    ----------
    source : str
        The code that runs.
    index : int or None
        The place of the student's cell in the notebook; None for a locked cell that was put back.
    kind : StepKind
    key : str
        The ``grade_id`` (or cell id) of the instructor's cell that it stands for; empty for one of the student's own.
    turned : str
        ``markdown`` or ``raw`` where the student's cell is no code cell any more; else empty.
    """

    source: str
    index: int | None
    kind: StepKind = "run"
    key: str = ""
    turned: str = ""


def answering(cells: Sequence[Cell], released: NotebookNode) -> list[Cell]:
    """Return the cells that are code, or were when the student got them and no code cell has taken their place.

    A key press in Jupyter turns a cell into Markdown; its text stays what the student wrote.

    Parameters
    ----------
    cells : sequence of Cell
        All cells of the student's notebook.
    released : NotebookNode
        As for `restore`.
    """
    originals = {cell_id(cell) for cell in released.cells if cell.cell_type == "code"}
    coded = {cell.key for cell in cells if cell.kind == "code"}
    return [cell for cell in cells if cell.kind == "code" or (cell.key in originals and cell.key not in coded)]


def turned_cells(steps: Sequence[Step]) -> list[str]:
    """Return the key of each cell that the student turned into text and that runs all the same."""
    return list(dict.fromkeys(step.key for step in steps if step.turned))


def restore(cells: Sequence[Cell], released: NotebookNode, *, public: bool = False) -> list[Step]:
    """Return what runs, in order.

    Parameters
    ----------
    cells : sequence of Cell
        Those of the student's that are `answering`.
    released : NotebookNode
        The notebook that the students got: `autograder.course.release.student_version` of the instructor's.
    public : bool
        Run the grade cells, too: their asserts, which students can read, are the checks.
    """
    originals = {cell_id(cell): cell for cell in released.cells if cell.cell_type == "code"}
    steps: list[Step] = []
    anchors: dict[str, int] = {}
    seen: set[str] = set()
    for cell in cells:
        original = originals.get(cell.key) if cell.key else None
        if original is None:
            steps.append(Step(cell.source, cell.index, "train" if "train" in cell.tags else "run"))
            continue
        repeated, tags = cell.key in seen, set(original.metadata.get("tags", []))
        seen.add(cell.key)
        anchors.setdefault(cell.key, len(steps))
        if (is_grade_cell(original) and not public) or (repeated and is_locked(original)):
            continue
        text = original.source if is_locked(original) else cell.source
        untouched = _same(text, original.source)
        kind: StepKind = "train" if "train" in tags else "plot" if "plot" in tags and untouched else "run"
        turned = "" if cell.kind == "code" or is_locked(original) else cell.kind
        steps.append(Step(text, cell.index, kind, cell.key, turned))
    skipped = set() if public else {key for key, original in originals.items() if is_grade_cell(original)}
    return _put_back(steps, anchors, originals, skipped)


def changed_grade_cells(cells: Sequence[Cell], released: NotebookNode) -> list[str]:
    """Return the ``grade_id`` of each grade cell whose text is not the instructor's; deleted ones are not meant.

    Parameters
    ----------
    cells, released
        As for `restore`.
    """
    originals = {cell_id(cell): cell for cell in released.cells if cell.cell_type == "code" and is_grade_cell(cell)}
    # An instructor who hands the source notebook in changed nothing.
    changed = [
        cell.key
        for cell in cells
        if cell.key in originals and not _same(without_kernel_line(cell.source), originals[cell.key].source)
    ]
    return list(dict.fromkeys(changed))


def _same(first: str, second: str) -> bool:
    """Compare code without regard to white space at the ends of lines, which editors change."""
    return [line.rstrip() for line in first.strip().splitlines()] == [
        line.rstrip() for line in second.strip().splitlines()
    ]


def _put_back(steps: list[Step], anchors: dict[str, int], originals: dict[str, Any], skipped: set[str]) -> list[Step]:
    """Insert the locked cells that are missing, each behind the instructor's cell that comes before it."""
    insertions: list[tuple[int, Step]] = []
    place = 0
    for key, original in originals.items():
        if key in anchors:
            place = max(place, anchors[key] + (0 if key in skipped else 1))
        elif is_locked(original) and key not in skipped:
            tags = original.metadata.get("tags", [])
            if "plot" not in tags:
                kind: StepKind = "train" if "train" in tags else "run"
                insertions.append((place, Step(original.source, None, kind, key)))
    for position, step in reversed(insertions):
        steps.insert(min(position, len(steps)), step)
    return steps
