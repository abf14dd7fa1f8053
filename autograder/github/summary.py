"""The result of the public checks as a job's summary: one line a grade cell, and that it is not the grade."""

from __future__ import annotations

from autograder.language import texts_of
from autograder.render.markdown import escape, inline
from autograder.render.text import MARKS, assignment_name, plain_line, points, score
from autograder.report import Report

_ = texts_of(__name__)

__all__ = ["to_summary"]

_NOTE = (
    "Son las comprobaciones que ves en el cuaderno, con los puntos de su ejercicio: te dicen si vas bien. **La nota "
    "sale de más pruebas**, con otros tamaños, tipos y valores; pasar todas estas no asegura el máximo."
)


def to_summary(report: Report) -> str:
    """Return Markdown for the page of a run; nothing that a student wrote can become markup or a link."""
    name = escape(assignment_name(report))
    if report.score is None:
        told = _("comprobaciones públicas sin nota")
    else:
        told = _("{earned} de {most} puntos en las comprobaciones públicas").format(
            earned=points(report.score), most=points(report.max_score)
        )
    blocks = [f"## {name}: {told}"]
    if report.checks:
        rows = [_("| | Ejercicio | Celda | Puntos |"), "|:-:|---|---|--:|"]
        for check in report.checks:
            title = inline(plain_line(check.title, 200)) + (f"<br>{inline(check.message)}" if check.message else "")
            cell = f"<code>{escape(plain_line(check.grade_id))}</code>"
            rows.append(f"| {MARKS[check.status]} | {title} | {cell} | {score(check.score, check.max_score)} |")
        blocks.append("\n".join(rows))
    blocks += [f"> **{_('Atención:')}** {inline(str(flag.get('message', '')))}" for flag in report.flags]
    if report.checks:
        blocks.append(_(_NOTE))
    return "\n\n".join(blocks) + "\n"
