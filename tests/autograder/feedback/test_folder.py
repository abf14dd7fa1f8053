"""`autograder feedback`: pages without nbgrader, in the real sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell

from autograder.cli import main
from autograder.course.assignments import ROOT
from autograder.course.notebooks import write_notebook
from autograder.course.sample import build_notebook

NAME = "01_imagen_digital"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The feedback of a student with mistakes who attacks, and of one whose notebook cannot be read."""
    place = tmp_path_factory.mktemp("feedback")
    answers = (ROOT / f"tests/submissions/{NAME}/mistakes.py").read_text(encoding="utf-8")
    notebook = build_notebook(NAME, answers)
    shown = 'from IPython.display import HTML, display\ndisplay(HTML("<b>hola</b><script>alert(1)</script>"))'
    notebook.cells.append(new_code_cell(shown, id="mine"))
    notebook.cells.append(new_code_cell("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()", id="figure"))
    write_notebook(notebook, place / f"submitted/ana/{NAME}/{NAME}.ipynb")
    broken = place / f"submitted/beto/{NAME}/{NAME}.ipynb"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"\x00")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(place / "cache"))
        assert main(["feedback", str(place / "submitted"), "--output", str(place / "pages")]) == 3
        assert main(["feedback", str(place / "submitted"), "--assignment", "99"]) == 2
    return place / "pages"


def test_every_student_has_a_page_where_nbgrader_would_write_it(pages: Path) -> None:
    """And nothing else lies there."""
    files = sorted(path.relative_to(pages).as_posix() for path in pages.rglob("*") if path.is_file())
    assert files == [f"ana/{NAME}/{NAME}.html", f"beto/{NAME}/{NAME}.html"]


def test_the_page_shows_what_ran_and_what_it_earned(pages: Path) -> None:
    """Outputs of the sandbox, not those that the notebook came with; points and messages of the report."""
    text = (pages / f"ana/{NAME}/{NAME}.html").read_text(encoding="utf-8")
    assert "4,25/10" in text
    assert "La imagen leída no es lo esperado: está en escala 0–1" in text
    assert "<b>hola</b></div>" in text
    assert '<img class="figure" src="data:image/png;base64,' in text
    assert "<script" not in text


def test_a_notebook_that_cannot_be_read_gets_the_reason(pages: Path) -> None:
    """For the student, and no zero."""
    text = (pages / f"beto/{NAME}/{NAME}.html").read_text(encoding="utf-8")
    assert "No pude leer el cuaderno" in text
    assert "Eso no es un cero." in text
    assert "0/10" not in text
