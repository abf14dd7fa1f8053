"""The page of a submission: the next step, then each exercise with what its checks say."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from autograder.language import number, texts_of
from autograder.render.checks import check_list, next_step, waiting_for
from autograder.render.flags import meaning
from autograder.render.known import Known
from autograder.render.page import bar, document, grade, message
from autograder.render.text import assignment_name, cell_points, figures, plain_line, points, score
from autograder.report import Check, Report

__all__ = ["submission_page"]

_ = texts_of(__name__)


def submission_page(report: Report, known: Known, *, home: str) -> str:
    """Return the page of a submission.

    Parameters
    ----------
    report : Report
    known : Known
    home : str
        The address of the class page.
    """
    name, assignment = known.name(report), escape(assignment_name(report))
    person, key = known.person(report), (report.assignment, report.submission)
    about = [assignment, *(escape(plain_line(part)) for part in (person.section, person.email) if part)]
    about += [escape(plain_line(report.submission))] if person.name else []
    links = [f'<a href="{home}">← {_("Todas las entregas")}</a>']
    links += [f'<a href="{escape(where)}">{escape(word)}</a>' for word, where in known.links.get(key, {}).items()]
    waiting = known.waiting(report)
    more = ""
    if waiting:
        more = f'<p class="soft">{_("automáticos; {points} por corregir a mano").format(points=points(waiting))}</p>'
    blocks = [
        f"<nav>{' · '.join(links)}</nav>",
        f'<header class="head"><div><h1>{escape(name)}</h1><p class="soft">{" · ".join(about)}</p></div>'
        f'<div><p class="grade">{grade(report.score, report.max_score)}</p>{more}</div></header>',
        "<main>",
    ]
    if late := known.late.get(key):
        blocks.append(f'<p class="card">{escape(_("Se entregó tarde: {time}.").format(time=late))}</p>')
    if not report.graded and report.handed_in:
        told = _("Esta entrega quedó sin nota. Eso no es un cero: no tienes que hacer nada, se volverá a calificar.")
        blocks.append(f'<p class="card">{told}</p>')
    blocks += [_flag(flag) for flag in report.flags]
    cells = report.by_grade_cell()
    places = {grade_id: f"e{place}" for place, grade_id in enumerate(cells)}
    blocks.append(next_step(report.checks, lambda key: known.title(report.assignment, key), places))
    waits = waiting_for(report.checks)
    for grade_id, checks in cells.items():
        title = known.title(report.assignment, grade_id)
        blocks.append(_cell(title, places[grade_id], checks, check_list(checks, waits, places)))
    blocks += [_history(known.changes.get(key, ())), "</main>", _footer(report, known)]
    return document(f"{name} · {assignment_name(report)}", "\n".join(filter(None, blocks)))


def _flag(flag: dict[str, object]) -> str:
    kind = plain_line(flag.get("kind", ""), 40)
    told = meaning(kind)
    numbers = f'<p class="soft">{escape(figures(flag))}</p>' if figures(flag) else ""
    explained = f"<p>{message(told)}</p>" if told else ""
    return (
        f'<aside class="card flag" aria-label="{_("Aviso")}: {escape(kind)}"><strong>{_("Aviso")} '
        f"<code>{escape(kind)}</code></strong>{explained}"
        f'<p class="message">{message(str(flag.get("message", "")))}</p>{numbers}</aside>'
    )


def _cell(title: str, place: str, checks: Sequence[Check], shown: str) -> str:
    earned, highest = cell_points(checks)
    told = f"{bar(earned, highest)}{score(earned, highest)}" if highest > 0 else _("no evaluado")
    head = f'<div class="cell"><h2>{escape(title)}</h2><p>{told}</p></div>'
    return f'<section class="card" id="{place}">{head}{shown}</section>'


def _history(changes: Sequence[tuple[str, str, str]]) -> str:
    """Return what changed the grade, the newest first; nothing if nothing is known."""
    if not changes:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(when)}</th><td class="number">{escape(points)}</td><td>{escape(why)}</td></tr>'
        for when, points, why in changes
    )
    head = "".join(f'<th scope="col">{word}</th>' for word in (_("Cuándo"), _("Nota"), _("Por qué")))
    return (
        f'<section class="card" id="history"><h2 id="history-title">{_("Historia de la nota")}</h2>'
        '<div class="scroll" role="region" tabindex="0" aria-labelledby="history-title">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _footer(report: Report, known: Known) -> str:
    told = [known.when] if known.when else []
    told += [f"{plain_line(name)} {plain_line(version)}" for name, version in report.versions.items()]
    if report.seconds:
        told.append(f"{number(report.seconds, 1)} s")
    return f"<footer>{escape(' · '.join(told))}</footer>"
