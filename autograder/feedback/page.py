"""The page that gives a student's work back: the notebook with its outputs, points, messages of checks and comments.

Nothing of a grade cell's code is shown: it may hold hidden tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.course.notebooks import cell_about, is_grade_cell
from autograder.feedback.check_output import read_checks
from autograder.feedback.markdown import render_markdown
from autograder.feedback.outputs import error_line, joined, render_outputs, weight
from autograder.render.page import STYLE, bar, check_list, document, grade, message
from autograder.render.text import plain, plain_line, points, score
from autograder.report import Check

__all__ = ["CellFeedback", "Feedback", "feedback_page"]

_STYLE = STYLE + Path(__file__).with_name("style.css").read_text(encoding="utf-8")
_MOST_CELLS = 400
_LONGEST_CODE = 40_000
_LONGEST_PAGE = 24 << 20
_LONGEST_NOTEBOOK = 300_000
_HEAVIEST_OUTPUTS = 32 << 20
_CUT = '<p class="card">El cuaderno es muy largo: esta página muestra solo su comienzo.</p>'


@dataclass(frozen=True)
class CellFeedback:
    """What a student gets back about one cell.

    Parameters
    ----------
    score : float or None
        Points; None if the cell has no grade yet, or is none that is graded.
    max_score : float or None
        Points that can be earned; None if the cell is not graded.
    comment : str
        What the instructor wrote, in Markdown.
    checks : sequence of Check
        How the checks ended that decide the cell; if there are none, the cell's outputs tell.
    """

    score: float | None = None
    max_score: float | None = None
    comment: str = ""
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Feedback:
    """What a student gets back about one notebook.

    Parameters
    ----------
    student, assignment : str
        Shown at the top.
    score : float or None
        Points, penalty included; None if there is no grade, which is not 0.
    max_score : float
        Points that can be earned.
    penalty : float
        Points that a late submission cost.
    cells : dict of str to CellFeedback
        By the ``grade_id`` of the cell.
    note : str
        What else the student must know, in Spanish.
    """

    student: str
    assignment: str
    score: float | None
    max_score: float
    penalty: float = 0.0
    cells: dict[str, CellFeedback] = field(default_factory=dict)
    note: str = ""


def feedback_page(notebook: Mapping[str, Any], feedback: Feedback) -> str:
    """Return the page as HTML that needs no other file, runs no script and fetches nothing.

    Parameters
    ----------
    notebook : mapping
        A notebook of nbformat 4, as a student may have written it: every field may be missing or of another type.
    feedback : Feedback
    """
    name, assignment = plain_line(feedback.student), plain_line(feedback.assignment)
    blocks = [
        f'<header class="head"><div><h1>{escape(assignment)}</h1><p class="soft">{escape(name)}</p></div>'
        f'<p class="grade">{grade(feedback.score, feedback.max_score)}</p></header>',
        "<main>",
    ]
    if feedback.score is None:
        blocks.append('<p class="card">Esta entrega todavía no tiene nota. Eso no es un cero.</p>')
    if feedback.note:
        blocks.append(f'<p class="card flag message">{message(feedback.note)}</p>')
    if feedback.penalty > 0:
        blocks.append(
            f'<p class="card flag">Descuento por entrega tardía: <strong>−{points(feedback.penalty)}</strong>, '
            "ya incluido en la nota.</p>"
        )
    cells = _cells(notebook)
    places = {grade_id: f"celda-{number}" for number, (grade_id, _) in enumerate(cells) if grade_id in feedback.cells}
    blocks.append(_contents(feedback, places))
    length = written = heavy = 0
    for number, (grade_id, cell) in enumerate(cells):
        written += len(joined(cell.get("source")))
        heavy += weight(cell.get("outputs"))
        too_long = length > _LONGEST_PAGE or written > _LONGEST_NOTEBOOK or heavy > _HEAVIEST_OUTPUTS
        if number >= _MOST_CELLS or too_long:
            blocks.append(_CUT)
            break
        told = feedback.cells.get(grade_id) if places.get(grade_id) == f"celda-{number}" else None
        block = _cell(cell, grade_id, told, f"celda-{number}")
        length += len(block)
        blocks.append(block)
    blocks += [_absent(grade_id, told) for grade_id, told in feedback.cells.items() if grade_id not in places]
    blocks.append("</main>")
    return document(f"{assignment} · {name}", "\n".join(filter(None, blocks)), style=_STYLE, images=True)


def _cells(notebook: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return each cell with its ``grade_id``; of cells that were copied with it, the first keeps it."""
    listed = notebook.get("cells")
    seen: set[str] = set()
    cells = []
    for cell in listed if isinstance(listed, list) else []:
        if isinstance(cell, Mapping):
            grade_id = _grade_id(cell)
            cells.append(("" if grade_id in seen else grade_id, cell))
            seen.add(grade_id)
    return cells


def _grade_id(cell: Mapping[str, Any]) -> str:
    grade_id = cell_about(cell).get("grade_id")
    return grade_id if isinstance(grade_id, str) else ""


def _contents(feedback: Feedback, places: Mapping[str, str]) -> str:
    """Return the table of graded cells, with a link to each."""
    rows = []
    for grade_id, told in feedback.cells.items():
        if told.max_score is None:
            continue
        name = f"<code>{escape(plain_line(grade_id))}</code>"
        if grade_id in places:
            name = f'<a href="#{places[grade_id]}">{name}</a>'
        rows.append(
            f'<tr><th scope="row">{name}</th><td>{bar(told.score, told.max_score)}</td>'
            f'<td class="number">{grade(told.score, told.max_score)}</td></tr>'
        )
    if not rows:
        return ""
    return (
        '<section class="card scroll contents" aria-label="Ejercicios"><table><thead><tr><th scope="col">Ejercicio</th>'
        '<th scope="col"><span class="hidden">Barra</span></th><th scope="col" class="number">Puntos</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></section>"
    )


def _cell(cell: Mapping[str, Any], grade_id: str, told: CellFeedback | None, place: str) -> str:
    if told is not None and is_grade_cell(cell) and cell.get("cell_type") == "code":
        return _results(grade_id, told, place, cell.get("outputs"))
    if is_grade_cell(cell):
        # A copy of a grade cell, or one that the gradebook does not know.
        return ""
    shown = "\n".join(_content(cell))
    if told is None or (told.max_score is None and not told.comment):
        return f'<section class="cell-{_kind(cell)}">{shown}</section>' if shown else ""
    head = _head(grade_id, told) if told.max_score is not None else ""
    return f'<section class="card answer" id="{place}">{head}{shown}{_comment(told)}</section>'


def _content(cell: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a cell holds: its text, or its code and outputs."""
    source = joined(cell.get("source"))
    if _kind(cell) == "markdown":
        attachments = cell.get("attachments")
        yield render_markdown(source, attachments if isinstance(attachments, Mapping) else None)
    elif source.strip():
        yield f'<pre class="code">{_highlight(source) if _kind(cell) == "code" else escape(plain(source))}</pre>'
    if _kind(cell) == "code":
        outputs = render_outputs(cell.get("outputs"))
        if outputs:
            yield f'<div class="outputs">{outputs}</div>'


def _kind(cell: Mapping[str, Any]) -> str:
    kind = cell.get("cell_type")
    return kind if kind in ("code", "markdown") else "raw"


def _highlight(source: str) -> str:
    code = plain(source, _LONGEST_CODE)
    return str(highlight(code, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))).rstrip("\n")


def _results(grade_id: str, told: CellFeedback, place: str, outputs: object) -> str:
    """Return a grade cell: how its checks ended, without its code."""
    checks = list(told.checks) or read_checks(outputs)
    shown = check_list(checks) if checks else _messages(outputs)
    return f'<section class="card results" id="{place}">{_head(grade_id, told)}{shown}{_comment(told)}</section>'


def _messages(outputs: object) -> str:
    """Return what a grade cell says that was run by other means: no traceback, which quotes the cell's code."""
    shown = []
    for output in outputs if isinstance(outputs, list) else []:
        if isinstance(output, Mapping) and output.get("output_type") == "error":
            shown.append(f'<p class="message failed"><span>{message(error_line(output))}</span></p>')
        elif isinstance(output, Mapping):
            shown.append(render_outputs([output]))
    return "".join(shown)


def _head(grade_id: str, told: CellFeedback) -> str:
    highest = told.max_score or 0.0
    return (
        f'<div class="cell"><h2><code>{escape(plain_line(grade_id))}</code></h2>'
        f"<p>{bar(told.score, highest)}{score(told.score, highest)}</p></div>"
    )


def _comment(told: CellFeedback) -> str:
    if not told.comment.strip():
        return ""
    return f'<aside class="comment"><h3>Comentario</h3>{render_markdown(told.comment)}</aside>'


def _absent(grade_id: str, told: CellFeedback) -> str:
    """Return what there is to say about a cell that the notebook lacks."""
    if told.max_score is None and not told.comment:
        return ""
    checks = check_list(told.checks) if told.checks else ""
    return f'<section class="card results">{_head(grade_id, told)}{checks}{_comment(told)}</section>'
