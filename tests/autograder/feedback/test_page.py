"""The page that gives a student's work back: what it shows, what it leaves out, and notebooks of any state."""

from __future__ import annotations

import base64
import re
import time
import zlib
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

from autograder.feedback import CellFeedback, Feedback, check_output, feedback_page, read_checks
from autograder.feedback.markdown import formula, render_markdown
from autograder.feedback.outputs import render_outputs
from autograder.feedback.sanitize import clean_html, clean_terminal, image_address
from autograder.report import Check
from tests.helpers.hostile_notebook import PNG
from tests.helpers.notebooks import nbgrader_cell

CHECKS = (
    Check("pad2d::a", "pad2d", "pad2d agranda la imagen.", "passed", 2.5, 2.5),
    Check("pad2d::b", "pad2d", "pad2d no cambia su entrada.", "failed", 0, 1.5, "La `cambió`."),
)


def rich(**data: Any) -> Any:
    return new_output("display_data", data={kind.replace("_", "/"): value for kind, value in data.items()})


def page(cells: list[Any], told: dict[str, CellFeedback] | None = None, **fields: Any) -> str:
    feedback = {"student": "ana", "assignment": "02_convolucion", "score": 2.5, "max_score": 4.0, **fields}
    return feedback_page({"cells": cells}, Feedback(cells=told or {}, **feedback))


def graded_cells(outputs: list[Any]) -> list[Any]:
    grade_cell = nbgrader_cell("### BEGIN HIDDEN TESTS\nassert secret == 4711\n### END HIDDEN TESTS", "pad2d", points=4)
    grade_cell.outputs = outputs
    return [nbgrader_cell("def pad2d(image): ...", "pad2d-code", solution=True), grade_cell]


def test_the_page_shows_what_the_student_did_and_got() -> None:
    """Code, outputs, points, messages of checks, the comment, the penalty; a link to each exercise."""
    cells = graded_cells([])
    cells[0].outputs = [new_output("stream", text="hola"), rich(image_png=PNG)]
    told = {"pad2d": CellFeedback(2.5, 4, checks=CHECKS), "pad2d-code": CellFeedback(comment="**Bien** $x_1$")}
    text = page([new_markdown_cell("# Título"), *cells], told, penalty=0.5)
    for shown in (
        "<h1>Título</h1>",
        "def</span>",
        ">hola<",
        "2,5/4",
        "La <code>cambió</code>.",
        "<strong>Bien</strong>",
    ):
        assert shown in text
    assert "<msub><mi>x</mi><mn>1</mn></msub>" in text
    assert "Descuento por entrega tardía: <strong>−0,5</strong>" in text
    assert f'src="data:image/png;base64,{PNG}"' in text
    # In the list of exercises, and in the next step.
    link, _ = re.findall(r'<a href="#([^"]+)">pad2d</a>', text)
    assert text.count(f'id="{link}"') == 1


@pytest.mark.parametrize(
    "outputs",
    [
        [],
        [check_output(CHECKS)],
        [new_output("error", ename="AssertionError", evalue="No es igual.", traceback=["assert secret == 4711"])],
    ],
)
def test_the_code_of_a_grade_cell_is_not_shown(outputs: list[Any]) -> None:
    """Nor by a traceback that quotes it."""
    text = page(graded_cells(outputs), {"pad2d": CellFeedback(0, 4)})
    assert "4711" not in text
    assert "HIDDEN" not in text
    copied = page([*graded_cells(outputs), *graded_cells(outputs)], {"pad2d": CellFeedback(0, 4)})
    assert "4711" not in copied


def test_messages_come_from_checks_that_the_notebook_holds_or_from_its_outputs() -> None:
    """In a grade cell only: elsewhere a student may have written them."""
    told = {"pad2d": CellFeedback(2.5, 4)}
    assert "La <code>cambió</code>." in page(graded_cells([check_output(CHECKS)]), told)
    failed = new_output("error", ename="AssertionError", evalue="No es igual.", traceback=[])
    assert "AssertionError: No es igual." in page(graded_cells([failed]), told)
    assert "Un mensaje" in page(graded_cells([rich(text_plain="Un mensaje")]), told)
    forged = graded_cells([])
    forged[0].outputs = [check_output(CHECKS)]
    assert "<li>" not in page(forged, told)


def test_checks_survive_the_notebook() -> None:
    """What is no check is left out, and a status that no check has is none that passed."""
    output = check_output(CHECKS)
    assert tuple(read_checks([output])) == CHECKS
    assert output.data["text/plain"].split("\n") == [
        "✓ pad2d agranda la imagen.  (2,5/2,5)",
        "✗ pad2d no cambia su entrada.  (0/1,5)",
        "    La `cambió`.",
    ]
    for broken in (None, [None], [{"data": 3}], [rich(text_plain="x")], [{"data": {next(iter(output.data)): 3}}]):
        assert read_checks(broken) == []
    (check,) = read_checks([{"data": {"application/vnd.autograder.checks+json": [{"score": "x", "title": 3}, 4]}}])
    assert check == Check("", "", "", "error", 0, 0)


def test_no_grade_is_not_a_zero() -> None:
    """Of the whole, and of a cell."""
    text = page(graded_cells([]), {"pad2d": CellFeedback(None, 4)}, score=None)
    assert "todavía no tiene nota. Eso no es un cero." in text
    assert text.count("sin nota") >= 1
    assert text.count("por corregir (4)") == 2
    assert "0/4" not in text


@pytest.mark.parametrize(
    ("said", "alt"),
    [
        ("Ocho ejemplos de cada dígito.", "Ocho ejemplos de cada dígito."),
        ("<Figure size 640x480>", "Figura"),
        ("", "Figura"),
    ],
)
def test_a_picture_has_the_words_that_its_notebook_gave_it(said: str, alt: str) -> None:
    """Also where only its text was kept; what Python calls a figure says nothing."""
    assert f'alt="{alt}"' in render_outputs([rich(image_png=PNG, text_plain=said)])


def test_points_that_wait_for_a_person_stand_apart() -> None:
    """The total is of what was graded; what is not yet is named beside it."""
    text = page(graded_cells([]), {"pad2d": CellFeedback(8, 8), "why": CellFeedback(None, 2)}, score=8, max_score=10)
    assert ">8/8</span>" in text
    assert "automáticos; 2 por corregir a mano" in text
    assert "8/10" not in text


def test_an_exercise_is_called_as_in_the_notebook_and_the_next_step_comes_first() -> None:
    """What could not be checked is neither failed nor zero."""
    unchecked = (Check("cnn::a", "cnn", "La CNN acierta.", "skipped", 0, 0, "Faltan datos."),)
    told = {"pad2d": CellFeedback(2.5, 4, checks=CHECKS), "cnn": CellFeedback(0, 0, checks=unchecked)}
    text = page(graded_cells([]), told, titles={"pad2d": "Ejercicio 2 · pad2d"})
    assert text.index("El siguiente paso") < text.index("La <code>cambió</code>.") < text.index("def</span>")
    assert "<h2>Ejercicio 2 · pad2d</h2>" in text
    assert "<h2>cnn</h2><p><svg" not in text
    assert "0/0" not in text


def test_a_deleted_cell_keeps_its_points_and_comment() -> None:
    """At the end of the page."""
    text = page([], {"pad2d": CellFeedback(0, 4, "Falta la celda.", CHECKS), "x": CellFeedback()})
    assert text.index("Ejercicio") < text.index("0/4") < text.index("Falta la celda.")


@pytest.mark.parametrize(
    "notebook",
    [
        {},
        {"cells": 3},
        {"cells": [None, 3, {}, {"cell_type": "code"}, {"cell_type": [], "source": 3, "metadata": 4, "outputs": 5}]},
        {"cells": [{"cell_type": "markdown", "source": ["a", 3], "attachments": 4, "metadata": {"nbgrader": 3}}]},
        {"cells": [{"cell_type": "code", "outputs": [None, {}, {"output_type": "stream", "text": [3]}]}]},
        {"cells": [{"cell_type": "code", "outputs": [{"output_type": "error"}, {"data": {"text/html": {}}}]}]},
        {"cells": [{"cell_type": "code", "metadata": {"nbgrader": {"grade": 1, "grade_id": []}}, "source": "\ud800"}]},
    ],
)
def test_a_damaged_notebook_has_a_page(notebook: dict[str, Any]) -> None:
    """Whatever a field is."""
    assert "</html>" in feedback_page(notebook, Feedback("ana", "t", 1, 2)).encode("utf-8", "replace").decode()


def test_pictures_tables_and_colours_stay() -> None:
    """The best harmless form of each output is shown."""
    assert "<img" in render_outputs([rich(image_png=PNG, text_plain="<Figure>")])
    assert "<th>x</th>" in render_outputs([rich(text_html="<style>th {}</style><table border=1><th>x</table>")])
    assert "<strong>a</strong>" in render_outputs([rich(text_markdown="**a**")])
    assert "<mfrac>" in render_outputs([rich(text_latex=r"$\frac{a}{b}$")])
    assert '<span class="ansi-red-fg">rojo</span>' in render_outputs([new_output("stream", text="\x1b[31mrojo\x1b[0m")])


def test_what_would_run_is_replaced_by_its_text() -> None:
    """Or by a line that says what is missing."""
    svg = '<svg onload="alert(1)"/>'
    assert ">figura<" in render_outputs([rich(**{"image_svg+xml": svg, "text_plain": "figura"})])
    assert "(salida omitida: application/javascript)" in render_outputs([rich(application_javascript="alert(1)")])
    assert ">x<" in render_outputs([rich(text_html="<script>alert(1)</script>", text_plain="x")])


def test_progress_bars_overwrite_themselves() -> None:
    """As in a terminal: only the last state stays, in however many pieces it was printed."""
    pieces = [new_output("stream", text=text) for text in ("\r10 %", "\r50 %", "\r100 %\n", "1/2\b\b\b2/2\n")]
    assert re.sub(r"<[^>]*>", "", render_outputs(pieces)) == "100 %\n2/2"
    assert render_outputs(pieces).count("<pre") == 1


def test_a_picture_keeps_the_text_that_describes_it() -> None:
    """What the notebook says of it, harmless whatever it is."""
    picture = rich(image_png=PNG)
    picture["metadata"] = {"image/png": {"alt": 'Un 8 <b> "grande"'}}
    assert 'alt="Un 8 &lt;b&gt; &quot;grande&quot;"' in render_outputs([picture])
    moving = {**picture, "data": {**picture["data"], "text/html": "<style></style><input type=radio><svg></svg>"}}
    assert render_outputs([moving]) == render_outputs([picture])
    for metadata in ({}, {"image/png": 3}, {"image/png": {"alt": 3}}, []):
        assert 'alt="Figura"' in render_outputs([{**picture, "metadata": metadata}])


def test_long_outputs_are_cut() -> None:
    """And say so."""
    shown = render_outputs([new_output("stream", text="a\n" * 100_000)])
    assert len(shown) < 25_000
    assert "(la salida sigue)" in shown
    assert "y 40 salidas más" in render_outputs([rich(text_plain="x")] * 100)
    long = page([new_markdown_cell("x" * 19_000)] * 100)
    assert "muestra solo su comienzo" in long
    assert len(long) < 1_000_000
    heavy = new_code_cell("1", outputs=[rich(text_html="<script>" + "x" * 390_000)] * 50)
    assert "muestra solo su comienzo" in page([heavy] * 3)


def test_links_are_kept_for_a_click_and_pictures_must_be_in_the_page() -> None:
    """Nothing is fetched when the page is opened."""
    html = clean_html(
        '<a href="https://x.example" onclick="y">a</a><a href="javascript:y">b</a><img src="z.png" alt="gato">'
    )
    assert html == (
        '<a href="https://x.example" rel="noopener noreferrer nofollow">a</a>'
        '<a rel="noopener noreferrer nofollow">b</a>(imagen: gato)'
    )
    assert clean_html(f'<img src="data:image/png;base64,{PNG}">') == f'<img src="data:image/png;base64,{PNG}">'
    assert clean_html('<img src="data:image/svg+xml;base64,PHN2Zz4=">') == "(imagen)"


def test_students_cannot_dress_as_the_page() -> None:
    """No class, no id, no style."""
    assert clean_html('<p class="grade" id="celda-1" style="position: fixed">10/10</p>') == "<p>10/10</p>"
    assert clean_terminal('\x1b[31;1mx\x1b[0m<b class="grade">') == (
        '<span class="ansi-red-intense-fg ansi-bold">x</span>&lt;b class="grade"&gt;'
    )


@pytest.mark.parametrize(
    "encoded", ["", "no base64!", "PHN2Zz48L3N2Zz4=", PNG[:20], PNG + '"', None, 3, "A" * 20_000_000]
)
def test_what_is_no_picture_is_none(encoded: object) -> None:
    """Judged by its content, not by what it says it is."""
    assert image_address(encoded) == ""
    assert image_address(PNG) == f"data:image/png;base64,{PNG}"


def test_a_picture_that_would_fill_the_memory_is_none() -> None:
    """The header of a PNG of 60,000 by 60,000 pixels is small."""
    header = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    bomb = b"\x89PNG\r\n\x1a\n\x00\x00\x00\r" + header + zlib.crc32(header).to_bytes(4, "big")
    assert image_address(base64.b64encode(bomb).decode()) == ""


def test_formulas_become_mathml() -> None:
    """Also over several lines; prices and what cannot be read stay text."""
    assert "<mfrac>" in render_markdown("$$\n\\frac{n + 2p - k}{s}\n$$")
    assert formula(r"\begin{aligned} a &= b \\ c &= d \end{aligned}").count("<mtr>") == 2
    assert "<math" not in render_markdown("cuesta $5 y $6, o 5 $ y 6 $, `$x$`")
    assert formula("{" * 50) == f"<code>{'{' * 50}</code>"
    assert "<script" not in formula(r"\text{<script>alert(1)</script>}")


def test_attached_pictures_are_shown() -> None:
    """Jupyter keeps what is dropped into a Markdown cell there."""
    shown = render_markdown("![gato](attachment:a.png) ![no](attachment:b.png)", {"a.png": {"image/png": PNG}})
    assert f'<img src="data:image/png;base64,{PNG}" alt="gato">' in shown
    assert "(imagen: no)" in shown


SLOW = (
    "<div>" * 80_000,
    "[" * 20_000,
    "*a_ " * 5_000,
    "$a " * 7_000,
    "|a" * 999 + "\n" + "|-" * 999,
    "<b><i>" * 60_000,
)


@pytest.mark.parametrize("text", SLOW, ids=["depth", "brackets", "stars", "dollars", "table", "format"])
def test_hostile_text_costs_little_time(text: str) -> None:
    """Deep nesting and half-open brackets: well below the seconds that grading takes."""
    started = time.process_time()
    clean_html(text)
    render_markdown(text)
    assert time.process_time() - started < 5


def test_raw_cells_and_other_cells_of_the_instructor_are_text() -> None:
    """nbconvert would copy a raw cell into the page."""
    assert "&lt;script&gt;" in page([new_raw_cell("<script>alert(1)</script>")])
    assert "&lt;b&gt;" in page([new_code_cell('"<b>"')])


def test_the_same_notebook_gives_the_same_bytes() -> None:
    """Pages can be compared."""
    cells = [new_markdown_cell("$x$ $y$"), new_code_cell("1")]
    assert page(cells) == page(cells)
