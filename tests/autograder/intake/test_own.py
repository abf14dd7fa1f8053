"""Which notebook is the student's: the same answer for `grade`, nbgrader, GitHub and Gradescope."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.collect.placing import _choose_notebook
from autograder.intake.own import named_assignment, own_notebook

NAME = "02_convolucion"
OTHERS = ("01_imagen_digital", NAME, "03_formulas")


def own(folder: Path, *names: str, differ: int = 1) -> str:
    """Return the name of the notebook that is taken, or why there is none."""
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}" + " " * number * differ)
    found = own_notebook(folder, NAME, others=OTHERS)
    return found.notebook.relative_to(folder).as_posix() if found.notebook is not None else found.reason


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["02_convolucion.ipynb", "02_convolucion (1).ipynb", "notas.ipynb"], "02_convolucion.ipynb"),
        (["01_imagen_digital.ipynb", "02_convolucion (1).ipynb"], "02_convolucion (1).ipynb"),
        (["Copia de 02_convolucion.ipynb", "apuntes.ipynb"], "Copia de 02_convolucion.ipynb"),
        (["02_convolucion-Copy1.ipynb", "02_convolucion_ana.ipynb"], "02_convolucion-Copy1.ipynb"),
        (["02_Convolucion.IPYNB"], "02_Convolucion.IPYNB"),
        (["tp2.ipynb"], "tp2.ipynb"),
        (["entrega/02_convolucion.ipynb"], "entrega/02_convolucion.ipynb"),
        (["tp.ipynb", "viejo/otro.ipynb"], "tp.ipynb"),
        (["._02_convolucion.ipynb", "__MACOSX/02_convolucion.ipynb", "tp.ipynb"], "tp.ipynb"),
        ([".ipynb_checkpoints/02_convolucion-checkpoint.ipynb", "tp.ipynb"], "tp.ipynb"),
    ],
)
def test_the_best_name_is_taken(tmp_path: Path, names: list[str], expected: str) -> None:
    """And `collect`, which sees names in an archive only, takes the same."""
    assert own(tmp_path, *names) == expected
    visible = [n for n in names if "._" not in n and "MACOSX" not in n and "checkpoints" not in n and "01_" not in n]
    assert _choose_notebook(visible, NAME) == expected


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "No encontré ningún cuaderno"),
        (["a.ipynb", "b.ipynb"], "Encontré varios cuadernos que podrían ser tu entrega (a.ipynb, b.ipynb)."),
        (["03_formulas.ipynb"], "Encontré `03_formulas.ipynb`, que es de otro trabajo"),
        (["02_convolucion.ipynb.txt"], "Encontré `02_convolucion.ipynb.txt`, que no es un cuaderno por su nombre."),
        (["._02_convolucion.ipynb"], "No encontré ningún cuaderno"),
    ],
)
def test_where_there_is_none_the_student_learns_why(tmp_path: Path, names: list[str], said: str) -> None:
    """Whatever was found instead is named."""
    assert own(tmp_path, *names).startswith(said)


def test_of_equally_good_names_the_one_that_answers_counts(tmp_path: Path) -> None:
    """Looked for only where names do not tell."""
    cell = '{"cell_type": "code", "id": "%s", "metadata": {}, "source": "", "outputs": []}'
    text = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [' + cell + "]}"
    (tmp_path / "notas.ipynb").write_text(text % "mine")
    (tmp_path / "tp.ipynb").write_text(text % "pad2d-zeros")
    assert own_notebook(tmp_path, NAME, keys=lambda: ["pad2d-zeros"]).notebook == tmp_path / "tp.ipynb"


def test_of_equal_copies_it_does_not_matter_which_counts(tmp_path: Path) -> None:
    """The first one does."""
    assert own(tmp_path, "a.ipynb", "b.ipynb", differ=0) == "a.ipynb"


def test_a_link_is_taken_for_nothing_that_is_there(tmp_path: Path) -> None:
    """A file with a worse name comes before it, and a linked folder holds nothing."""
    (tmp_path / "ana").mkdir()
    (tmp_path / "ana/tp.ipynb").write_text("{}")
    (tmp_path / "luz").mkdir()
    (tmp_path / f"luz/{NAME}.ipynb").symlink_to("../ana/tp.ipynb")
    assert own(tmp_path / "luz", "tarea.ipynb") == "tarea.ipynb"
    (tmp_path / "eva").symlink_to("ana")
    found = own_notebook(tmp_path / "eva", NAME)
    assert (found.notebook, found.reason[:43]) == (None, "La carpeta de tu entrega es un enlace a otr")


def test_what_was_not_taken_is_named(tmp_path: Path) -> None:
    """With the reason, for the instructor."""
    for name in (f"{NAME}.ipynb", "copia.ipynb", "03_formulas.ipynb", f"{NAME}.ipynb.txt"):
        (tmp_path / name).write_text("{}")
    left = {item.path.name: item.reason for item in own_notebook(tmp_path, NAME, others=OTHERS).left_out}
    assert left == {
        "copia.ipynb": f"{NAME}.ipynb is the notebook",
        "03_formulas.ipynb": "its name is that of 03_formulas",
        f"{NAME}.ipynb.txt": "its name does not end in .ipynb",
    }


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("02_convolucion", NAME),
        ("Copia de 02_Convolucion (1)", NAME),
        ("copy of 02_convolucion", NAME),
        ("02_convolucion_luz_paz", NAME),
        ("2_convolucion", ""),
        ("tp", ""),
    ],
)
def test_names_of_copies_are_recognised(stem: str, expected: str) -> None:
    """Browsers, Jupyter and Colab add to them."""
    assert named_assignment(stem, OTHERS) == expected
