"""What of a submission runs, whatever the student did to the instructor's cells."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.course.release import student_version
from autograder.intake.notebook import Cell
from autograder.intake.restore import Step, answering, changed_grade_cells, turned_cells
from autograder.intake.restore import restore as restore_released
from tests.helpers.notebooks import nbgrader_cell

ORIGINALS = {"setup": "import numpy as np", "pad2d": "assert pad2d is not None", "conv2d-stride": "assert KERNELS"}


def submission(*cells: tuple[str, str] | tuple[str, str, str]) -> list[Cell]:
    """Return code cells from (key, source[, tag])."""
    return [
        Cell(cell[0], cell[1], frozenset(cell[2:]), index=place + 1)  # cell 0 is the title
        for place, cell in enumerate(cells)
    ]


def restore(cells: list[Cell], notebook: NotebookNode) -> list[Step]:
    """Restore against what the students got of an instructor's notebook."""
    return restore_released(cells, student_version(notebook))


def sources(cells: list[Cell], notebook: NotebookNode) -> list[str]:
    return [step.source for step in restore(cells, notebook)]


HONEST = [
    ("setup", "import numpy as np"),
    ("pad2d-code", "def pad2d(): ..."),
    ("pad2d", "assert True"),
    ("kernels-code", "KERNELS = {1: 2}"),
    ("conv2d-stride", "assert True"),
]


def test_grade_cells_never_run(notebook: NotebookNode) -> None:
    """Their checks decide in the grader, whatever the student wrote into them."""
    assert sources(submission(*HONEST), notebook) == ["import numpy as np", "def pad2d(): ...", "KERNELS = {1: 2}"]


def test_each_step_knows_the_students_cell(notebook: NotebookNode) -> None:
    """For showing outputs where they belong."""
    assert [step.index for step in restore(submission(*HONEST), notebook)] == [1, 2, 4]


def test_an_edited_locked_cell_runs_as_it_was_written(notebook: NotebookNode) -> None:
    """The student's text is replaced."""
    cells = submission(("setup", "import evil"), *HONEST[1:])
    assert sources(cells, notebook)[0] == "import numpy as np"


def test_a_deleted_locked_cell_is_put_back_in_its_place(notebook: NotebookNode) -> None:
    """It has no cell of the student's."""
    steps = restore(submission(*HONEST[1:]), notebook)
    assert (steps[0].source, steps[0].index) == ("import numpy as np", None)
    assert len(steps) == 3


def test_a_locked_cell_in_the_middle_is_put_back_behind_its_predecessor(notebook: NotebookNode) -> None:
    """Not at the top, where names that it uses do not exist yet."""
    notebook.cells.insert(4, nbgrader_cell("padded = pad2d(1)", "helper"))
    assert sources(submission(*HONEST), notebook)[1:3] == ["def pad2d(): ...", "padded = pad2d(1)"]


def test_a_copied_locked_cell_runs_once(notebook: NotebookNode) -> None:
    """Where it comes first."""
    cells = submission(HONEST[0], *HONEST, HONEST[0])
    assert sources(cells, notebook).count("import numpy as np") == 1
    assert sources(cells, notebook)[0] == "import numpy as np"


def test_a_copied_solution_cell_runs_twice(notebook: NotebookNode) -> None:
    """As in Jupyter: the last definition wins."""
    cells = submission(*HONEST, ("pad2d-code", "def pad2d(): return 2"))
    assert sources(cells, notebook)[-1] == "def pad2d(): return 2"
    assert "def pad2d(): ..." in sources(cells, notebook)


def test_moved_cells_run_in_the_students_order(notebook: NotebookNode) -> None:
    """Nothing runs twice and nothing is lost."""
    cells = submission(*reversed(HONEST))
    assert sources(cells, notebook) == ["KERNELS = {1: 2}", "def pad2d(): ...", "import numpy as np"]


def test_a_solution_in_a_new_cell_runs(notebook: NotebookNode) -> None:
    """The student deleted ours and wrote another without metadata."""
    cells = submission(HONEST[0], *HONEST[2:], ("", "def pad2d(): return 3"))
    assert sources(cells, notebook) == ["import numpy as np", "KERNELS = {1: 2}", "def pad2d(): return 3"]


@pytest.mark.parametrize("tag", ["skip-execution", "train", "plot", "raises-exception"])
def test_tags_on_the_instructors_cells_change_nothing(notebook: NotebookNode, tag: str) -> None:
    """A student's tag must not decide what is graded."""
    tagged = [(*cell, tag) for cell in HONEST]
    assert restore(submission(*tagged), notebook) == restore(submission(*HONEST), notebook)


def test_a_tag_that_the_student_removed_still_counts(notebook: NotebookNode) -> None:
    """A training cell stays one."""
    cell = nbgrader_cell("model.fit()", "train-it", solution=True)
    cell.metadata["tags"] = ["train"]
    notebook.cells.append(cell)
    steps = restore(submission(*HONEST, ("train-it", "model.fit(epochs=3)")), notebook)
    assert (steps[-1].source, steps[-1].kind) == ("model.fit(epochs=3)", "train")


def test_a_new_training_cell_of_the_student_is_one(notebook: NotebookNode) -> None:
    """The notebook tells students that the tag exists."""
    steps = restore(submission(*HONEST, ("", "model.fit()", "train")), notebook)
    assert steps[-1].kind == "train"


def test_a_plot_cell_runs_as_a_plot_only_while_it_is_untouched(notebook: NotebookNode) -> None:
    """An edited one may define what is asked for."""
    notebook.cells.append(new_code_cell("plt.imshow(1)", id="show", metadata={"tags": ["plot"]}))
    assert restore(submission(*HONEST, ("show", "plt.imshow(1)\n")), notebook)[-1].kind == "plot"
    assert restore(submission(*HONEST, ("show", "def pad2d(): ...")), notebook)[-1].kind == "run"


def test_an_empty_submission_runs_the_locked_cells(notebook: NotebookNode) -> None:
    """Nothing fails before the checks have said what is missing."""
    assert sources([], notebook) == ["import numpy as np"]


def test_rewritten_grade_cells_are_named_once(notebook: NotebookNode) -> None:
    """For a flag; neither white space at the end of lines nor a deleted cell is a change."""
    honest = ('assert pad2d is not None, "Define pad2d."  \n', 'assert KERNELS, "Completa KERNELS."')
    released = student_version(notebook)
    assert changed_grade_cells(submission(("pad2d", honest[0]), ("conv2d-stride", honest[1])), released) == []
    assert changed_grade_cells(submission(("pad2d-code", "x"), ("setup", "y")), released) == []
    cells = submission(("pad2d", "pass"), ("pad2d", "pass"), ("conv2d-stride", honest[1]))
    assert changed_grade_cells(cells, released) == ["pad2d"]


def test_public_grade_cells_run_once_as_they_were_released(notebook: NotebookNode) -> None:
    """Edited, copied or deleted: the asserts that a student can read stay those of the instructor."""
    edited = [(key, "assert True" if key == "pad2d" else source) for key, source in HONEST if key != "conv2d-stride"]
    steps = restore_released(submission(*edited, ("pad2d", "assert True")), student_version(notebook), public=True)
    assert [(step.key, step.source, step.index) for step in steps if step.key in ("pad2d", "conv2d-stride")] == [
        ("pad2d", 'assert pad2d is not None, "Define pad2d."', 3),
        ("conv2d-stride", 'assert KERNELS, "Completa KERNELS."', None),
    ]


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_that_was_turned_into_text_is_still_code(notebook: NotebookNode, kind: str) -> None:
    """A key press in Jupyter does that; the report says so."""
    cells = submission(*HONEST)
    cells[1] = Cell("pad2d-code", "def pad2d(): ...", frozenset(), 2, kind)
    cells.append(Cell("", "Creo que está bien.", frozenset(), 6, "markdown"))
    steps = restore(answering(cells, student_version(notebook)), notebook)
    assert [(step.source, step.turned) for step in steps] == [
        ("import numpy as np", ""),
        ("def pad2d(): ...", kind),
        ("KERNELS = {1: 2}", ""),
    ]
    assert turned_cells(steps) == ["pad2d-code"]


def test_a_copy_of_an_answer_that_was_turned_into_text_stays_text(notebook: NotebookNode) -> None:
    """An earlier try beside the answer, kept to be read: the code cell counts, whatever their order."""
    cells = submission(*HONEST)
    cells.append(Cell("pad2d-code", "def pad2d(): 'vieja'", frozenset(), 6, "markdown"))
    assert answering(cells, student_version(notebook)) == cells[:-1]
