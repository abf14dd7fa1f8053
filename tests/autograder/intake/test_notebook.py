"""Reading notebooks in whatever state students hand them in."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import IntakeError
from autograder.intake import notebook
from autograder.intake.notebook import read_submission


def code(source: Any, **fields: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None, **fields}


def written(path: Path, cells: Any, **fields: Any) -> Path:
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **fields}))
    return path


def refusal(path: Path) -> IntakeError:
    with pytest.raises(IntakeError) as caught:
        read_submission(path)
    return caught.value


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "el archivo está vacío."),
        (b" \n\t", "el archivo está vacío."),
        (b"print(1)", "no es JSON válido."),
        (b'{"cells": [', "no es JSON válido."),
        (b"[" * 200_000, "no es JSON válido."),
        (b'{"nbformat": 4, "cells": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "no es JSON válido."),
        (b"\xff\xfe\x00", "no es texto UTF-8."),
        (b"{\xff}", "no es texto UTF-8."),
        (b"[1, 2]", "el archivo no es un cuaderno de Jupyter."),
        (b'{"cells": []}', "el archivo no es un cuaderno de Jupyter."),
        (b'{"nbformat": "4", "cells": []}', "el archivo no es un cuaderno de Jupyter."),
        (b'{"nbformat": 9, "cells": []}', "usa el formato 9, que no existe"),
        (b'{"nbformat": 4}', "no tiene una lista de celdas."),
        (b'{"nbformat": 4, "cells": {"0": 1}}', "no tiene una lista de celdas."),
        (b'{"nbformat": 3, "worksheets": 7}', "su estructura está dañada."),
    ],
)
def test_what_is_no_notebook_is_refused_with_its_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    """In words for the student, and what to do about it."""
    path = tmp_path / "tp.ipynb"
    path.write_bytes(content)
    error = refusal(path)
    assert error.kind == "unreadable"
    assert str(error).startswith(f"No pude leer el cuaderno: {reason}")
    assert str(error).endswith("Ábrelo en Jupyter, guárdalo de nuevo y vuelve a entregarlo.")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_encoding_of_json_is_read(tmp_path: Path, encoding: str) -> None:
    """PowerShell writes UTF-16; half of a surrogate pair is cleaned in any of them."""
    content = {"nbformat": 4, "metadata": {}, "cells": [code("x = 'ñ\ud800'")]}
    path = tmp_path / "tp.ipynb"
    path.write_bytes(json.dumps(content, ensure_ascii=False).encode(encoding, "surrogatepass"))
    [cell], _ = read_submission(path)
    assert cell.source == "x = 'ñ\ufffd'"


def test_a_bomb_is_counted_in_every_encoding(tmp_path: Path) -> None:
    """A character whose byte looks like a quotation mark hides nothing."""
    bomb = "[" + "[]," * notebook.MAX_PARTS + "0]"
    text = f'{{"nbformat": 4, "cells": [], "metadata": {{"x": "\u2201", "y": {bomb}, "z": "\u2201"}}}}'
    (tmp_path / "tp.ipynb").write_bytes(text.encode("utf-16"))
    assert refusal(tmp_path / "tp.ipynb").kind == "too-large"


def test_a_named_pipe_is_refused_at_once(tmp_path: Path) -> None:
    """Opening it must not wait for a writer."""
    os.mkfifo(tmp_path / "tp.ipynb")
    assert "no es un archivo común." in str(refusal(tmp_path / "tp.ipynb"))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """Even if it is called like a notebook."""
    (tmp_path / "tp.ipynb").mkdir()
    assert "no es un archivo común." in str(refusal(tmp_path / "tp.ipynb"))


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """It might show another student's notebook."""
    other = written(tmp_path / "other.ipynb", [code("secret = 1")])
    (tmp_path / "tp.ipynb").symlink_to(other)
    assert refusal(tmp_path / "tp.ipynb").kind == "unreadable"


def test_a_huge_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its size and the way to make it smaller."""
    monkeypatch.setattr("autograder.intake.notebook.MAX_NOTEBOOK", 1 << 20)
    path = written(tmp_path / "tp.ipynb", [code("x" * (2 << 20))])
    error = refusal(path)
    assert error.kind == "too-large"
    assert "ocupa 2 MB y el límite es 1 MB." in str(error)


def test_too_many_cells_or_too_much_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both limits hold by themselves."""
    monkeypatch.setattr("autograder.intake.notebook.MAX_CELLS", 3)
    assert "tiene 4 celdas." in str(refusal(written(tmp_path / "many.ipynb", [code("1")] * 4)))
    monkeypatch.setattr("autograder.intake.notebook.MAX_SOURCE", 10)
    assert refusal(written(tmp_path / "long.ipynb", [code("x" * 11)])).kind == "too-large"
    assert len(read_submission(written(tmp_path / "fits.ipynb", [code("x" * 3)] * 3))[0]) == 3


def test_cells_of_wrong_types_are_left_out_and_the_rest_is_read(tmp_path: Path) -> None:
    """One damaged cell does not cost the others."""
    cells = [None, 7, "text", {}, {"cell_type": ["code"]}, {"cell_type": "heading", "source": "x"}, code("a = 1")]
    cells += [code(["b = 2\n", 3, None, "c = 4"]), code(5), code({"x": 1}), {"cell_type": "markdown", "source": None}]
    found, notebook = read_submission(written(tmp_path / "tp.ipynb", cells))
    assert [cell.source for cell in found] == ["a = 1", "b = 2\nc = 4", "", "", ""]
    assert [cell.index for cell in found] == [0, 1, 2, 3, 4]
    assert [cell.kind for cell in found] == ["code", "code", "code", "code", "markdown"]
    assert len(notebook.cells) == 5


@pytest.mark.parametrize(
    "metadata",
    [None, [], "x", {"nbgrader": None}, {"nbgrader": [1]}, {"nbgrader": {"grade_id": {"a": 1}}}, {"tags": "train"}],
)
def test_hostile_metadata_are_ignored(tmp_path: Path, metadata: Any) -> None:
    """The cell falls back on its id and has no tags."""
    found, _ = read_submission(written(tmp_path / "tp.ipynb", [code("a = 1", id="pad2d-code", metadata=metadata)]))
    assert [(cell.key, cell.source, cell.tags) for cell in found] == [("pad2d-code", "a = 1", frozenset())]


def test_tags_and_ids_of_wrong_types_are_dropped(tmp_path: Path) -> None:
    """Right ones beside them stay."""
    cells = [code("a", id=5, metadata={"tags": ["train", 3, None, ["x"]]}), code("b", id="i" * 500)]
    first, second = read_submission(written(tmp_path / "tp.ipynb", cells))[0]
    assert (first.key, first.tags) == ("", frozenset({"train"}))
    assert second.key == "i" * 64


def test_the_grade_id_comes_before_the_cell_id(tmp_path: Path) -> None:
    """Jupyter gives a copied cell a new id, but keeps its metadata."""
    cell = code("a", id="9f3c", metadata={"nbgrader": {"grade_id": "pad2d-code"}})
    assert read_submission(written(tmp_path / "tp.ipynb", [cell]))[0][0].key == "pad2d-code"


@pytest.mark.parametrize("metadata", [None, 3, {"kernelspec": "R"}, {"kernelspec": {"language": 7}}, {}])
def test_a_notebook_without_sound_metadata_is_read(tmp_path: Path, metadata: Any) -> None:
    """Nothing says that it is not Python."""
    assert len(read_submission(written(tmp_path / "tp.ipynb", [code("a")], metadata=metadata))[0]) == 1


@pytest.mark.parametrize("metadata", [{"kernelspec": {"language": "R"}}, {"language_info": {"name": "julia"}}])
def test_a_notebook_for_another_language_is_refused(tmp_path: Path, metadata: Any) -> None:
    """The student is told how to change it."""
    error = refusal(written(tmp_path / "tp.ipynb", [code("a <- 1")], metadata=metadata))
    assert error.kind == "wrong-kernel"
    language = "R" if "kernelspec" in metadata else "julia"
    assert f"«{language}»" in str(error)
    assert "«Python 3»" in str(error)


def test_a_notebook_of_format_3_is_upgraded(tmp_path: Path) -> None:
    """Its code lies elsewhere, and its cells are called differently."""
    cells = [
        {"cell_type": "heading", "level": 1, "metadata": {}, "source": "Título"},
        {"cell_type": "code", "language": "python", "metadata": {}, "input": ["a = 1\n", "b = 2"], "outputs": []},
    ]
    path = tmp_path / "tp.ipynb"
    path.write_text(json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}))
    found, notebook = read_submission(path)
    assert [(cell.kind, cell.source) for cell in found] == [("markdown", "# Título"), ("code", "a = 1\nb = 2")]
    assert (notebook.nbformat, notebook.cells[0].source) == (4, "# Título")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """Windows editors write one."""
    path = written(tmp_path / "tp.ipynb", [code("a")])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_submission(path)[0][0].source == "a"


def test_outputs_of_the_student_are_thrown_away(tmp_path: Path) -> None:
    """Nothing that a cell once printed can reach a report."""
    path = written(tmp_path / "tp.ipynb", [code("a", outputs=[{"output_type": "stream", "text": "10/10"}])])
    assert "10/10" not in json.dumps(read_submission(path)[1])


def test_outputs_are_kept_as_texts_where_they_are_to_be_shown(tmp_path: Path) -> None:
    """Of the kinds that a page shows, with a picture's words; nothing else of any depth."""
    deep: list[object] = []
    for _ in range(200):
        deep = [deep]
    shown = [
        {"output_type": "stream", "name": "x", "text": ["a", 1, "b"]},
        {
            "output_type": "display_data",
            "data": {"image/png": "AA", "x/y": deep},
            "metadata": {"image/png": {"alt": "A cat"}},
        },
        {"output_type": "error", "ename": deep, "evalue": "x", "traceback": ["line", deep]},
        {"output_type": "execute_result", "data": deep},
        deep,
    ]
    [cell] = read_submission(written(tmp_path / "tp.ipynb", [code("a", outputs=shown)]), outputs=True)[1].cells
    assert cell.outputs == [
        {"output_type": "stream", "name": "stdout", "text": "ab"},
        {"output_type": "display_data", "data": {"image/png": "AA"}, "metadata": {"image/png": {"alt": "A cat"}}},
        {"output_type": "error", "ename": "", "evalue": "x", "traceback": ["line", ""]},
    ]


@pytest.mark.parametrize("text", ["emoji = '\ud83d'", ["a = '\ud83d", "\ude00'"]])
def test_half_characters_are_cleaned_where_they_enter(tmp_path: Path, text: Any) -> None:
    """JSON may hold half of a surrogate pair; two halves on two lines are one character."""
    cell = {"cell_type": "code", "metadata": {}, "source": text, "outputs": [], "id": "x\ud83d"}
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}))
    [read], _ = read_submission(path)
    assert read.source.encode().decode() == read.source
    assert read.source in ("emoji = '\ufffd'", "a = '\U0001f600'")
    assert read.key.encode()


def test_what_stands_in_texts_is_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long list printed in an output, with quotes and backslashes, does not make a notebook too large."""
    monkeypatch.setattr(notebook, "MAX_PARTS", 100)
    cell = {"cell_type": "code", "metadata": {}, "source": '[{,"\\' * 1000, "outputs": [], "id": "x"}
    path = tmp_path / "n.ipynb"
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    path.write_text(json.dumps(content))
    assert len(read_submission(path)[0]) == 1
    path.write_text(json.dumps({**content, "x": [[]] * 100}))
    with pytest.raises(IntakeError) as refused:
        read_submission(path)
    assert refused.value.kind == "too-large"
