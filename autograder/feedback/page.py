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
from autograder.language import texts_of
from autograder.render.checks import check_list, next_step, waiting_for
from autograder.render.page import STYLE, bar, document, grade, message
from autograder.render.text import plain, plain_line, points
from autograder.report import Check

__all__ = ["CellFeedback", "Feedback", "feedback_page"]

_STYLE = STYLE + Path(__file__).with_name("style.css").read_text(encoding="utf-8")
_MOST_CELLS = 400
_LONGEST_CODE = 40_000
_LONGEST_PAGE = 24 << 20
_LONGEST_NOTEBOOK = 300_000
_HEAVIEST_OUTPUTS = 32 << 20
_ = texts_of(__name__)


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
    titles : mapping of str to str
        What the notebook calls its exercises, by ``grade_id``.
    """

    student: str
    assignment: str
    score: float | None
    max_score: float
    penalty: float = 0.0
    cells: dict[str, CellFeedback] = field(default_factory=dict)
    note: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def waiting(self) -> float:
        """The points that a person has yet to give; none while there is no grade at all."""
        if self.score is None:
            return 0.0
        return sum(cell.max_score or 0.0 for cell in self.cells.values() if cell.score is None)

    def title(self, grade_id: str) -> str:
        """Return what the notebook calls a cell, or its ``grade_id``."""
        return plain_line(self.titles.get(grade_id, grade_id))


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
        f'<div><p class="grade">{grade(feedback.score, feedback.max_score - feedback.waiting)}</p>{_waiting(feedback)}'
        "</div></header>",
        "<main>",
    ]
    if feedback.score is None:
        blocks.append(f'<p class="card">{_("Esta entrega todavía no tiene nota. Eso no es un cero.")}</p>')
    if feedback.note:
        blocks.append(f'<p class="card flag message">{message(feedback.note)}</p>')
    if feedback.penalty > 0:
        blocks.append(
            f'<p class="card flag">{_("Descuento por entrega tardía")}: <strong>−{points(feedback.penalty)}</strong>, '
            f"{_('ya incluido en la nota')}.</p>"
        )
    cells = _cells(notebook)
    places = {grade_id: f"celda-{number}" for number, (grade_id, _) in enumerate(cells) if grade_id in feedback.cells}
    blocks.append(_contents(feedback, places))
    told = _Told(feedback, places, notebook)
    blocks.append(next_step(told.checks, feedback.title, places))
    length = written = heavy = 0
    for number, (grade_id, cell) in enumerate(cells):
        written += len(joined(cell.get("source")))
        heavy += weight(cell.get("outputs"))
        too_long = length > _LONGEST_PAGE or written > _LONGEST_NOTEBOOK or heavy > _HEAVIEST_OUTPUTS
        if number >= _MOST_CELLS or too_long:
            told_of = _("El cuaderno es muy largo: esta página muestra solo su comienzo.")
            blocks.append(f'<p class="card">{told_of}</p>')
            break
        of_cell = feedback.cells.get(grade_id) if places.get(grade_id) == f"celda-{number}" else None
        block = _cell(cell, grade_id, of_cell, f"celda-{number}", told)
        length += len(block)
        blocks.append(block)
    blocks += [_absent(grade_id, cell, told) for grade_id, cell in feedback.cells.items() if grade_id not in places]
    blocks.append("</main>")
    return document(f"{assignment} · {name}", "\n".join(filter(None, blocks)), style=_STYLE, images=True)


class _Told:
    """What all cells of a page need of the others: which check waits for which, and where each exercise is."""

    def __init__(self, feedback: Feedback, places: Mapping[str, str], notebook: Mapping[str, Any]) -> None:
        self.feedback, self.places = feedback, places
        outputs = {grade_id: cell.get("outputs") for grade_id, cell in _cells(notebook) if is_grade_cell(cell)}
        self.checks = [
            check
            for grade_id, cell in feedback.cells.items()
            for check in cell.checks or read_checks(outputs.get(grade_id))
        ]
        self.waits = waiting_for(self.checks)


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
        name = escape(feedback.title(grade_id))
        if grade_id in places:
            name = f'<a href="#{places[grade_id]}">{name}</a>'
        rows.append(
            f'<tr><th scope="row">{name}</th><td>{bar(told.score, told.max_score)}</td>'
            f'<td class="number">{_worth(told)}</td></tr>'
        )
    if not rows:
        return ""
    return (
        f'<section class="card scroll contents" tabindex="0" aria-label="{_("Ejercicios")}"><table><thead><tr>'
        f'<th scope="col">{_("Ejercicio")}</th><th scope="col"><span class="hidden">{_("Barra")}</span></th>'
        f'<th scope="col" class="number">{_("Puntos")}</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></section>"
    )


def _cell(cell: Mapping[str, Any], grade_id: str, told: CellFeedback | None, place: str, page: _Told) -> str:
    if told is not None and is_grade_cell(cell) and cell.get("cell_type") == "code":
        return _results(grade_id, told, place, cell.get("outputs"), page)
    if is_grade_cell(cell):
        # A copy of a grade cell, or one that the gradebook does not know.
        return ""
    shown = "\n".join(_content(cell))
    if told is None or (told.max_score is None and not told.comment):
        return f'<section class="cell-{_kind(cell)}">{shown}</section>' if shown else ""
    head = _head(page.feedback.title(grade_id), told) if told.max_score is not None else ""
    return f'<section class="card answer" id="{place}">{head}{shown}{_comment(told)}</section>'


def _content(cell: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a cell holds: its text, or its code and outputs."""
    source = joined(cell.get("source"))
    if _kind(cell) == "markdown":
        attachments = cell.get("attachments")
        yield render_markdown(source, attachments if isinstance(attachments, Mapping) else None)
    elif source.strip():
        shown = _highlight(source) if _kind(cell) == "code" else escape(plain(source))
        yield f'<pre class="code" tabindex="0" role="group" aria-label="{_("Código")}">{shown}</pre>'
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


def _results(grade_id: str, told: CellFeedback, place: str, outputs: object, page: _Told) -> str:
    """Return a grade cell: how its checks ended, without its code."""
    checks = list(told.checks) or read_checks(outputs)
    shown = check_list(checks, page.waits, page.places) if checks else _messages(outputs)
    head = _head(page.feedback.title(grade_id), told)
    return f'<section class="card results" id="{place}">{head}{shown}{_comment(told)}</section>'


def _messages(outputs: object) -> str:
    """Return what a grade cell says that was run by other means: no traceback, which quotes the cell's code."""
    shown = []
    for output in outputs if isinstance(outputs, list) else []:
        if isinstance(output, Mapping) and output.get("output_type") == "error":
            shown.append(f'<p class="message failed"><span>{message(error_line(output))}</span></p>')
        elif isinstance(output, Mapping):
            shown.append(render_outputs([output]))
    return "".join(shown)


def _head(title: str, told: CellFeedback) -> str:
    return (
        f'<div class="cell"><h2>{escape(title)}</h2><p>{bar(told.score, told.max_score or 0.0)}{_worth(told)}</p></div>'
    )


def _worth(told: CellFeedback) -> str:
    """Return the points of a cell; what nobody could check has none, and neither has what waits for a person."""
    highest = told.max_score or 0.0
    if told.score is None and not told.checks and highest:
        return f'<span class="skipped">{_("por corregir")} ({points(highest)})</span>'
    return grade(told.score, highest) if highest > 0 else f'<span class="skipped">{_("no evaluado")}</span>'


def _waiting(feedback: Feedback) -> str:
    """Return how many points a person has yet to give, below the grade."""
    if not feedback.waiting:
        return ""
    told = _("automáticos; {points} por corregir a mano").format(points=points(feedback.waiting))
    return f'<p class="soft">{told}</p>'


def _comment(told: CellFeedback) -> str:
    if not told.comment.strip():
        return ""
    return f'<aside class="comment"><h3>{_("Comentario")}</h3>{render_markdown(told.comment)}</aside>'


def _absent(grade_id: str, told: CellFeedback, page: _Told) -> str:
    """Return what there is to say about a cell that the notebook lacks."""
    if told.max_score is None and not told.comment:
        return ""
    checks = check_list(told.checks, page.waits, page.places) if told.checks else ""
    return (
        f'<section class="card results">{_head(page.feedback.title(grade_id), told)}{checks}{_comment(told)}</section>'
    )
