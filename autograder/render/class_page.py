"""The page of a class: how it went, who needs a look, what was hard, and what was misunderstood."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from autograder.language import number, percent, texts_of
from autograder.render.flags import meaning
from autograder.render.known import Known
from autograder.render.page import document, message
from autograder.render.plots import histogram_plot, interval_plot
from autograder.render.statistics import Item, histogram, items_of, middle, often_said
from autograder.render.text import (
    assignment_name,
    cell_points,
    plain_line,
    points,
    score,
    summarise,
)
from autograder.report import Check, Report

__all__ = ["class_page", "numbers"]

_ = texts_of(__name__)

_SCRIPT = Path(__file__).with_name("class.js").read_text(encoding="utf-8")
_MOST_SAID = 20
_MOST_NAMED = 30
_Entry = tuple[Report, str]


def class_page(assignment: str, entries: Sequence[_Entry], known: Known, *, sheet: str = "", home: str = "") -> str:
    """Return the page of a class in one assignment.

    Parameters
    ----------
    assignment : str
    entries : sequence of (Report, str)
        Each report with the address of its page.
    known : Known
    sheet : str
        The address of the same as CSV.
    home : str
        The address of the page that leads here.
    """
    reports = [report for report, _address in entries]
    name = assignment_name(reports[0])
    blocks = [
        f'<nav><a href="{home}">← {_("Todas las prácticas")}</a></nav>' if home else "",
        f"<header><h1>{escape(name)}</h1></header>",
        "<main>",
        numbers(reports, known),
        _distribution(reports),
        _flags(entries, known),
        _students(assignment, entries, known),
    ]
    if len(reports) > 1:
        blocks += [_exercises(assignment, reports, known), _misunderstood(assignment, entries, known)]
    blocks += ["</main>", _footer(reports, known, sheet), _words()]
    return document(name, "\n".join(filter(None, blocks)), kind="class", script=_SCRIPT)


def numbers(reports: Sequence[Report], known: Known) -> str:
    """Return the class in a few numbers."""
    summary = summarise(reports)
    told = [(_("entregas"), number(summary.submissions)), (_("media"), summary.mean or "–")]
    highest = {report.max_score for report in reports if report.graded}
    half = middle(reports)
    if half is not None and len(highest) == 1:
        told.append((_("mediana"), score(half, highest.pop())))
    if summary.ungraded:
        told.append((_("sin nota"), number(summary.ungraded)))
    if summary.missing:
        told.append((_("sin entrega"), number(summary.missing)))
    late = sum((report.assignment, report.submission) in known.late for report in reports)
    if late:
        told.append((_("tarde"), number(late)))
    told.append((_("con avisos"), number(summary.flagged)))
    waiting = max((known.waiting(report) for report in reports), default=0.0)
    if waiting:
        told.append((_("puntos por corregir a mano, de cada una"), points(waiting)))
    cells = "".join(f"<div><dt>{label}</dt><dd>{value}</dd></div>" for label, value in told)
    return f'<dl class="card numbers">{cells}</dl>'


def _distribution(reports: Sequence[Report]) -> str:
    graded = [report for report in reports if report.score is not None]
    if len(graded) < 2:
        return ""
    counted, half = histogram(graded), middle(graded)
    highest = max(report.max_score for report in graded)
    same = len({report.max_score for report in graded}) == 1
    scale = highest if same else 100.0
    parts = [
        f"{number(scale * place / len(counted))}–{number(scale * (place + 1) / len(counted))}: {count}"
        for place, count in enumerate(counted)
        if count
    ]
    label = _("Cuántas entregas hay por nota. {parts}.").format(parts="; ".join(parts))
    plot = histogram_plot(counted, scale, half if same else None, label)
    told = _("Cada columna cuenta entregas; la línea es la mediana.") if same else _("En porcentaje de los puntos.")
    return f'<figure class="card"><figcaption class="soft">{told}</figcaption>{plot}</figure>'


def _flags(entries: Sequence[_Entry], known: Known) -> str:
    """Return what needs a look: each kind of flag in a sentence, with whose it is."""
    found: dict[str, list[_Entry]] = {}
    for entry in entries:
        for kind in dict.fromkeys(plain_line(flag.get("kind", ""), 40) for flag in entry[0].flags):
            found.setdefault(kind, []).append(entry)
    rows = []
    for kind, who in found.items():
        told = meaning(kind) or _first_message(kind, who[0][0])
        rows.append(
            f"<li><details><summary><code>{escape(kind)}</code> · {number(len(who))}<br>"
            f'<span class="message">{message(told)}</span></summary>{_names(who, known)}</details></li>'
        )
    if not rows:
        return ""
    return f'<h2>{_("Lo que conviene mirar")}</h2><ul class="card plain">{"".join(rows)}</ul>'


def _first_message(kind: str, report: Report) -> str:
    """Return what a flag itself says, of a kind that only its author knows."""
    flags = (flag for flag in report.flags if plain_line(flag.get("kind", ""), 40) == kind)
    return plain_line(next(flags).get("message", ""), 400)


def _names(entries: Sequence[_Entry], known: Known) -> str:
    shown = [f'<a href="{address}">{escape(known.name(report))}</a>' for report, address in entries[:_MOST_NAMED]]
    if len(entries) > _MOST_NAMED:
        shown.append(_("y {count} más").format(count=number(len(entries) - _MOST_NAMED)))
    return f'<p class="names">{" · ".join(shown)}</p>'


def _students(assignment: str, entries: Sequence[_Entry], known: Known) -> str:
    """Return the table of students by exercises, in signs that colours repeat."""
    grade_ids = list(dict.fromkeys(grade_id for report, _address in entries for grade_id in report.by_grade_cell()))
    head = [f'<th scope="col">{_("Entrega")}</th><th scope="col" class="number">{_("Nota")}</th>']
    for place, grade_id in enumerate(grade_ids):
        short = known.number(assignment, grade_id) or str(place + 1)
        title = escape(known.title(assignment, grade_id))
        head.append(f'<th scope="col" class="x" title="{title}">{escape(short)}</th>')
    head.append(f'<th scope="col">{_("Más")}</th>')
    rows = "".join(_student(entry, grade_ids, known) for entry in entries)
    legend = (
        f'<p class="soft legend"><span class="x f">✓</span> {_("todos los puntos")} '
        f'<span class="x p">60</span> {_("ese porcentaje")} <span class="x n">✗</span> {_("ninguno")} '
        f'<span class="x s">–</span> {_("no evaluado")} <span class="x e">!</span> {_("falla del corrector")}</p>'
    )
    return (
        f'<h2 id="h">{_("Estudiantes y ejercicios")}</h2>{legend}<div id="tools" class="tools"></div>'
        '<div class="card scroll" role="region" tabindex="0" aria-labelledby="h">'
        f'<table id="students" class="matrix sortable"><thead><tr>{"".join(head)}</tr></thead>\n'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _student(entry: _Entry, grade_ids: Sequence[str], known: Known) -> str:
    report, address = entry
    person, key = known.person(report), (report.assignment, report.submission)
    kinds = list(dict.fromkeys(plain_line(flag.get("kind", ""), 40) for flag in report.flags))
    late = known.late.get(key, "")
    marks = "w" * bool(kinds) + "u" * (report.handed_in and not report.graded) + "m" * (not report.handed_in)
    marks += "l" * bool(late)
    told = [f'<a href="{escape(where)}">{escape(word)}</a>' for word, where in known.links.get(key, {}).items()]
    told += [f'<a href="{address}#history">{_("historia")}</a>'] if known.changes.get(key) else []
    told += [escape(_("tarde: {time}").format(time=late))] if late else []
    told += [escape(kind) for kind in kinds if kind != "missing"]
    section = f' data-s="{escape(person.section)}"' if person.section else ""
    share = f' data-v="{report.score / report.max_score:.4f}"' if report.score is not None and report.max_score else ""
    worth = score(report.score, report.max_score) if report.handed_in else _("sin entrega")
    more = f' <span class="soft">{escape(plain_line(person.section, 30))}</span>' if person.section else ""
    cells = report.by_grade_cell()
    return (
        f'<tr{section}{f" data-k={marks}" if marks else ""}><th scope="row"><a href="{address}">'
        f'{escape(known.name(report))}</a>{more}</th><td class="number"{share or " data-v=-1"}>{worth}</td>'
        f"{''.join(_sign(report, cells.get(grade_id)) for grade_id in grade_ids)}<td>{' · '.join(told)}</td></tr>"
    )


def _sign(report: Report, checks: Sequence[Check] | None) -> str:
    """Return how a grade cell ended, in one cell of the table."""
    if not checks:
        return '<td class="x"></td>'
    earned, highest = cell_points(checks)
    if any(check.status == "error" for check in checks):
        return '<td class="x e">!</td>'
    if highest <= 0:
        return '<td class="x s">–</td>'
    share = earned / highest
    if share > 0.995:
        return '<td class="x f">✓</td>'
    return f'<td class="x p">{min(max(round(100 * share), 1), 99)}</td>' if share > 0 else '<td class="x n">✗</td>'


def _exercises(assignment: str, reports: Sequence[Report], known: Known) -> str:
    """Return how hard each exercise and each check was, and how well it tells students apart."""
    items, checks = items_of(reports), items_of(reports, by_check=True)
    titles = {check.id: check.title for report in reports for check in report.checks}
    owners = {check.id: check.grade_id for report in reports for check in report.checks}
    if not items:
        return ""
    head = (
        f'<tr><th scope="col">{_("Ejercicio")}</th><th scope="col" class="number">{_("Facilidad")}</th>'
        f'<th scope="col"><span class="hidden">{_("Intervalo")}</span></th>'
        f'<th scope="col" class="number">{_("Con todos los puntos")}</th>'
        f'<th scope="col" class="number">{_("Discriminación")}</th></tr>'
    )
    rows = "".join(_item(escape(known.title(assignment, key)), item) for key, item in items.items())
    blocks = [
        f'<h2 id="e">{_("Qué fue difícil")}</h2>',
        '<p class="soft">'
        + _(
            "Facilidad: la parte de los puntos que se ganó en promedio. Discriminación: su correlación con los demás "
            "puntos; cerca de 0, la prueba no distingue a quien sabe más. Entre paréntesis, el intervalo del 95 %: con "
            "30 entregas es ancho. Lo que no se pudo evaluar no cuenta."
        )
        + "</p>",
        f'<div class="card scroll" role="region" tabindex="0" aria-labelledby="e"><table class="sortable"><thead>{head}'
        f"</thead><tbody>{rows}</tbody></table></div>",
    ]
    if len(checks) > len(items):
        rows = "".join(
            _item(
                f'<span class="soft">{escape(known.number(assignment, owners[key]) or plain_line(owners[key]))}</span> '
                f"{message(plain_line(titles[key], 400))}",
                item,
            )
            for key, item in sorted(checks.items(), key=lambda pair: pair[1].facility)
        )
        blocks.append(
            f'<details class="card"><summary>{_("Prueba por prueba, de la más difícil a la más fácil")}</summary>'
            f'<div class="scroll" role="region" tabindex="0" aria-label="{_("Pruebas")}"><table class="sortable">'
            f"<thead>{head}</thead><tbody>{rows}</tbody></table></div></details>"
        )
    return "".join(blocks)


def _item(title: str, item: Item) -> str:
    low, high = item.between
    apart = ""
    if item.discrimination is not None and item.apart is not None:
        ends = "; ".join(number(end, 2) for end in item.apart)
        apart = f'{number(item.discrimination, 2)} <span class="soft">({ends})</span>'
    return (
        f'<tr><th scope="row">{title}</th><td class="number" data-v="{item.facility:.4f}">{percent(item.facility)} '
        f'<span class="soft">({number(100 * low, 0)}–{number(100 * high, 0)})</span></td>'
        f"<td>{interval_plot(item.facility, item.between)}</td>"
        f'<td class="number" data-v="{item.full}">{_("{part} de {all}").format(part=item.full, all=item.count)}</td>'
        f'<td class="number" data-v="{-2 if item.discrimination is None else round(item.discrimination, 4)}">'
        f"{apart or '–'}</td></tr>"
    )


def _misunderstood(assignment: str, entries: Sequence[_Entry], known: Known) -> str:
    """Return what students were told most often, with whom."""
    addresses = {id(report): address for report, address in entries}
    said = often_said([report for report, _address in entries])
    if not said:
        return ""
    rows = [
        f"<li><details><summary><strong>{number(len(one.who))}</strong> · "
        f"{escape(known.title(assignment, one.grade_id))}"
        f'<br><span class="message">{message(plain_line(one.message, 400))}</span></summary>'
        f"{_names([(report, addresses[id(report)]) for report in one.who], known)}</details></li>"
        for one in said[:_MOST_SAID]
    ]
    return f'<h2>{_("Qué se entendió mal")}</h2><ul class="card plain">{"".join(rows)}</ul>'


def _footer(reports: Sequence[Report], known: Known, sheet: str) -> str:
    told = [escape(known.when)] if known.when else []
    versions = {name: version for report in reports for name, version in report.versions.items()}
    told += [escape(f"{plain_line(name)} {plain_line(version)}") for name, version in versions.items()]
    seconds = [report.seconds for report in reports if report.seconds]
    if seconds:
        told.append(_("{seconds} s por entrega").format(seconds=number(sum(seconds) / len(seconds))))
    link = f'<p><a href="{sheet}" download>{_("Esta tabla como CSV")}</a></p>' if sheet else ""
    return f"<footer>{link}{' · '.join(told)}</footer>"


def _words() -> str:
    """Return what the script says, as data."""
    said = {
        "search": _("Buscar"),
        "filter": _("Mostrar"),
        "all": _("todas"),
        "flagged": _("con avisos"),
        "ungraded": _("sin nota"),
        "missing": _("sin entrega"),
        "late": _("tarde"),
        "shown": _("{shown} de {all}"),
    }
    text = json.dumps(said, ensure_ascii=True).replace("<", "\\u003c")
    return f'<script type="application/json" id="words">{text}</script>'
