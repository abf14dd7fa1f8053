"""The lines of a notebook's cells in its file."""

from __future__ import annotations

import json

import pytest

from autograder.course.assignments import find_assignments
from autograder.github.cell_lines import source_lines

CELLS = [
    {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Título\n", "texto"]},
    {"cell_type": "code", "id": "b", "metadata": {"x": {"source": "no"}}, "outputs": [], "source": "x = 1\ny = 2"},
    {"cell_type": "code", "id": "c", "metadata": {}, "outputs": [], "source": []},
]


@pytest.mark.parametrize("indent", [0, 1, 2, 4])
def test_the_line_holds_the_first_piece_of_the_source(indent: int) -> None:
    """However the notebook is indented."""
    text = json.dumps({"metadata": {"cells": [1]}, "cells": CELLS, "nbformat": 4}, indent=indent, ensure_ascii=False)
    lines = text.split("\n")
    first, second, third = source_lines(text)
    assert '"# Título' in lines[first - 1]
    assert '"source": "x = 1' in lines[second - 1]
    assert '"source": [' in lines[third - 1]


def test_a_notebook_on_one_line_has_every_cell_on_it() -> None:
    """Some programs write no line ends at all."""
    assert source_lines(json.dumps({"cells": CELLS})) == [1, 1, 1]


def test_the_lines_of_a_released_notebook_are_those_of_its_cells() -> None:
    """The first line of each cell of a real one, escapes and accents included."""
    text = find_assignments()["02_convolucion"].released.read_text(encoding="utf-8")
    lines, cells = text.split("\n"), json.loads(text)["cells"]
    found = source_lines(text)
    assert len(found) == len(cells) > 40
    for line, cell in zip(found, cells):
        assert json.loads(lines[line - 1].strip().rstrip(",")) == cell["source"][0]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"cells": 3}', '{"cells": [1]}', '{"cells": [{]}', '{"cells"; []}'])
def test_what_is_no_notebook_has_no_lines(text: str) -> None:
    """A student's file may be anything."""
    assert source_lines(text) == []
