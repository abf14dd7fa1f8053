"""Submissions written as small text files."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.course.notebooks import cell_id, notebook_text, read_notebook
from autograder.course.release import student_version
from autograder.course.sample import build_class, build_notebook, describe

ANSWERS = '''"""Pads by hand and deletes a test.

More is not shown."""
# %% pad2d-code
def pad2d(image, padding):
    return image


# %% delete conv2d-stride
# %% append
print("last")
# %% first
print("first")
'''


def test_answers_replace_delete_and_add_cells(course: Path) -> None:
    """Each verb does what it says."""
    built = build_notebook("02_convolucion", ANSWERS, course)
    assert [cell_id(cell) for cell in built.cells] == [
        "first-1",
        "title",
        "setup",
        "pad2d-code",
        "pad2d",
        "kernels-code",
        "append-1",
    ]
    assert built.cells[0].source == 'print("first")'
    assert built.cells[3].source == "def pad2d(image, padding):\n    return image"
    assert built.cells[-1].source == 'print("last")'


def test_what_is_not_mentioned_stays_as_released(course: Path, notebook: NotebookNode) -> None:
    """An empty submission is the released notebook."""
    built = build_notebook("02_convolucion", '"""Nothing done."""\n', course)
    assert notebook_text(built) == notebook_text(student_version(notebook))


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ("# %% conv3d\n1", "there is no cell 'conv3d' in the notebook. Received: '# %% conv3d'"),
        ("# %% delete conv3d", "there is no cell 'conv3d' in the notebook. Received: '# %% delete conv3d'"),
        ("# %% remove pad2d", "there is no cell 'pad2d' in the notebook. Received: '# %% remove pad2d'"),
        ("# %% pad2d\n1\n# %% delete pad2d", "the cell 'pad2d' is mentioned twice"),
    ],
)
def test_a_wrong_title_is_an_error(course: Path, answers: str, message: str) -> None:
    """A typing error must not silently leave a stub in place."""
    with pytest.raises(ValueError) as error:
        build_notebook("02_convolucion", answers, course)
    assert str(error.value) == message


def test_an_unknown_assignment_is_an_error(course: Path) -> None:
    """The message lists the names there are."""
    with pytest.raises(ValueError, match=r"expected one of the assignments 02_convolucion\. Received: x"):
        build_notebook("x", "", course)


def test_a_class_is_laid_out_as_nbgrader_does(course: Path, tmp_path: Path) -> None:
    """With the files that a student handed in beside the notebook."""
    folder = tmp_path / "answers/02_convolucion"
    (folder / "good/models").mkdir(parents=True)
    (folder / "good/models/cnn.keras").write_bytes(b"zip")
    (folder / "good.py").write_text(ANSWERS)
    (folder / "empty.py").write_text('"""Nothing done."""')
    built = build_class(folder.parent, tmp_path / "submitted", course)
    assert [path.relative_to(tmp_path).as_posix() for path in built] == [
        "submitted/empty/02_convolucion/02_convolucion.ipynb",
        "submitted/good/02_convolucion/02_convolucion.ipynb",
    ]
    assert (built[1].parent / "models/cnn.keras").read_bytes() == b"zip"
    assert cell_id(read_notebook(built[1]).cells[0]) == "first-1"


def test_a_mistake_in_a_class_names_the_file(course: Path, tmp_path: Path) -> None:
    """There are many of them."""
    folder = tmp_path / "answers/02_convolucion"
    folder.mkdir(parents=True)
    (folder / "bad.py").write_text("# %% nothing")
    with pytest.raises(ValueError, match=r"bad\.py: there is no cell 'nothing'"):
        build_class(folder.parent, tmp_path / "submitted", course)


def test_a_submission_says_what_it_shows() -> None:
    """In its first line."""
    assert describe(ANSWERS) == "Pads by hand and deletes a test"
    assert describe("# %% append\n1") == ""
