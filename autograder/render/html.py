"""Reports as web pages: a page for the class, a page for each submission."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape
from pathlib import Path

from autograder.render.page import bar, check_list, document, grade, message
from autograder.render.text import (
    MARKS,
    NO_GRADE,
    NOT_HANDED_IN,
    STATUSES,
    assignment_name,
    cell_points,
    counts,
    figures,
    fraction,
    plain_line,
    score,
    submission_name,
    summarise,
)
from autograder.report import Check, Report

_INDEX = "index.html"


def write_html(reports: Sequence[Report], folder: Path) -> Path:
    """Write the pages of a class and return the path of its index.

    Parameters
    ----------
    reports : sequence of Report
    folder : Path
        Made if need be. Pages of the same names are overwritten, other files stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = page_names(reports)
    for name, report in zip(names, reports):
        (folder / name).write_text(_submission_page(report), encoding="utf-8", newline="\n")
    index = folder / _INDEX
    index.write_text(_class_page(reports, names), encoding="utf-8", newline="\n")
    return index


def page_names(reports: Sequence[Report]) -> list[str]:
    """Return a file name for each report: safe on every system, whatever the submission is called, and unique."""
    taken = {_INDEX}
    names = []
    for report in reports:
        stem = f"{_slug(report.assignment) or 'tarea'}-{_slug(report.submission) or 'entrega'}"
        name, number = f"{stem}.html", 2
        while name in taken:
            name, number = f"{stem}-{number}.html", number + 1
        taken.add(name)
        names.append(name)
    return names


def _slug(text: str) -> str:
    """Reduce a name to lower-case letters, digits and hyphens: some file systems do not tell cases apart."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", letters).strip("-")[:60].strip("-")


def _class_page(reports: Sequence[Report], names: Sequence[str]) -> str:
    summary = summarise(reports)
    numbers = [("entregas", str(summary.submissions)), ("media", summary.mean or "–")]
    numbers += [(NO_GRADE, str(summary.ungraded)), ("con avisos", str(summary.flagged))]
    numbers += [(NOT_HANDED_IN, str(summary.missing))] if summary.missing else []
    cells = "".join(f"<div><dt>{label}</dt><dd>{number}</dd></div>" for label, number in numbers)
    blocks = ["<header><h1>Resultados</h1></header>", "<main>", f'<dl class="card numbers">{cells}</dl>']
    assignments: dict[str, list[tuple[Report, str]]] = {}
    for report, name in zip(reports, names):
        assignments.setdefault(assignment_name(report), []).append((report, name))
    for assignment, entries in assignments.items():
        blocks.append(f"<h2>{escape(assignment)}</h2>")
        blocks.append(_class_table(assignment, entries))
        if len(entries) > 1:
            blocks.append(_exercise_table(assignment, [report for report, _ in entries]))
    return document("Resultados", "\n".join([*blocks, "</main>"]))


def _class_table(assignment: str, entries: Sequence[tuple[Report, str]]) -> str:
    rows = []
    for report, name in entries:
        kinds = dict.fromkeys(escape(plain_line(flag.get("kind", ""), 40)) for flag in report.flags)
        rows.append(
            f'<tr><th scope="row"><a href="{escape(name)}">{escape(submission_name(report))}</a></th>'
            f'<td class="number">{grade(report.score, report.max_score)}</td>'
            f"<td>{bar(report.score, report.max_score)}</td>"
            f'<td class="counts">{_counts(report.checks)}</td><td>{", ".join(kinds)}</td></tr>'
        )
    return _table(
        f"Entregas de {assignment}", ["Entrega", "Nota", "<span class='hidden'>Barra</span>", "Pruebas", "Avisos"], rows
    )


def _exercise_table(assignment: str, reports: Sequence[Report]) -> str:
    """Show how the class did in each grade cell: what to explain again next week."""
    earned: dict[str, list[float]] = {}
    for report in reports:
        if report.graded:
            for grade_id, checks in report.by_grade_cell().items():
                earned.setdefault(grade_id, []).append(fraction(*cell_points(checks)))
    if not earned:
        return ""
    rows = []
    for grade_id, shares in earned.items():
        mean = sum(shares) / len(shares)
        full = sum(share > 0.995 for share in shares)
        rows.append(
            f'<tr><th scope="row"><code>{escape(plain_line(grade_id))}</code></th>'
            f'<td class="number">{100 * mean:.0f} %</td><td>{bar(100 * mean, 100)}</td>'
            f'<td class="number">{full} de {len(shares)}</td></tr>'
        )
    headings = ["Ejercicio", "Media", "<span class='hidden'>Barra</span>", "Con todos los puntos"]
    return _table(f"Ejercicios de {assignment}", headings, rows)


def _table(caption: str, headings: Sequence[str], rows: Sequence[str]) -> str:
    numeric = {"Nota", "Media", "Con todos los puntos"}
    head = "".join(
        f'<th scope="col"{" class=number" if text in numeric else ""}>{text}</th>'  # the words are ours
        for text in headings
    )
    return (
        f'<div class="card scroll" role="region" tabindex="0" aria-label="{escape(caption)}">'
        f"<table><caption class=hidden>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _submission_page(report: Report) -> str:
    name, assignment = escape(submission_name(report)), escape(assignment_name(report))
    blocks = [
        f'<nav><a href="{_INDEX}">← Todas las entregas</a></nav>',
        f'<header class="head"><div><h1>{name}</h1><p class="soft">{assignment}</p></div>'
        f'<p class="grade">{grade(report.score, report.max_score)}</p></header>',
        "<main>",
    ]
    if not report.graded and report.handed_in:
        told = "Esta entrega quedó sin nota. Eso no es un cero: no tienes que hacer nada, se volverá a calificar."
        blocks.append(f'<p class="card">{told}</p>')
    for flag in report.flags:
        numbers = f'<p class="soft">{escape(figures(flag))}</p>' if figures(flag) else ""
        kind = escape(plain_line(flag.get("kind", ""), 40))
        blocks.append(
            f'<aside class="card flag"><strong>Aviso <code>{kind}</code></strong>'
            f'<p class="message">{message(str(flag.get("message", "")))}</p>{numbers}</aside>'
        )
    blocks += [_cell(grade_id, checks) for grade_id, checks in report.by_grade_cell().items()]
    blocks += ["</main>", _footer(report)]
    return document(f"{submission_name(report)} · {assignment_name(report)}", "\n".join(blocks))


def _cell(grade_id: str, checks: Sequence[Check]) -> str:
    earned, highest = cell_points(checks)
    return (
        f'<section class="card"><div class="cell"><h2><code>{escape(plain_line(grade_id))}</code></h2>'
        f"<p>{bar(earned, highest)}{score(earned, highest)}</p></div>{check_list(checks)}</section>"
    )


def _footer(report: Report) -> str:
    told = [f"{plain_line(name)} {plain_line(version)}" for name, version in report.versions.items()]
    if report.seconds:
        told.append(f"{report.seconds:.1f} s")
    return f"<footer>{escape(' · '.join(told))}</footer>"


def _counts(checks: Sequence[Check]) -> str:
    return "".join(
        f'<span class="{status}">{number} <span aria-hidden="true">{MARKS[status]}</span>'
        f'<span class="hidden">{STATUSES[status]}</span></span>'
        for status, number in counts(checks).items()
    )
