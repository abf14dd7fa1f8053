"""Reports as GitHub-flavoured Markdown: a job summary, a comment, a file beside the notebook."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.render.said import said_all
from autograder.render.text import (
    MARKS,
    STATUSES,
    assignment_name,
    cell_points,
    counts,
    figures,
    plain,
    plain_line,
    score,
    submission_name,
    summarise,
)
from autograder.report import Check, Report

# As character references these are never markup. Lines never begin with a student's text, so what is markup only at the
# beginning of a line may stay.
_MARKUP = re.compile(r"[&<>`*\[\]#|~$@\\]|(?<![^\W_])_|_(?![^\W_])|:(?=\S)|(?<=www)\.", re.IGNORECASE)
# GitHub looks for @names, #numbers and addresses in the finished page: an invisible joiner keeps them from being found.
_FOUND_LATER = re.compile(r"(@(?=\w)|#(?=\d)|\bGH-(?=\d)|:(?=//)|\bwww(?=\.))", re.IGNORECASE)
_ENDED_OTHERWISE = ("skipped", "error")


def to_markdown(reports: Sequence[Report]) -> str:
    """Return the reports in Spanish, for a reader on GitHub.

    One report is shown in full. Several begin with a table, and each folds out. Nothing that a student wrote can become
    HTML, a link, an image, a mention or a further column.
    """
    reports = said_all(reports)
    if len(reports) == 1:
        return _heading(reports[0]) + "\n\n" + _report(reports[0])
    blocks = ["## Resultados", _class_table(reports), escape(str(summarise(reports)))]
    for report in reports:
        summary = f"<summary><b>{_name(report)}</b> · {_assignment(report)} · {_grade(report)}</summary>"
        blocks.append(f"<details>{summary}\n\n{_report(report)}\n</details>")
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    """Return text that Markdown shows as it is: on one line, without markup, links and mentions."""
    joined = _FOUND_LATER.sub("\\1\N{WORD JOINER}", plain(text))
    escaped = _MARKUP.sub(lambda found: f"&#{ord(found[0])};", joined)
    return "<br>".join(" ".join(line.split()) for line in escaped.split("\n"))


def inline(text: str) -> str:
    """Escape a message and show its `` `code` `` as code."""
    return re.sub("&#96;([^<]+?)&#96;", r"<code>\1</code>", escape(text))


def _heading(report: Report) -> str:
    return f"## {_assignment(report)} · {_name(report)}: {_grade(report)}"


def _class_table(reports: Sequence[Report]) -> str:
    rows = ["| Entrega | Tarea | Nota | Pruebas | Avisos |", "|---|---|--:|---|---|"]
    for report in reports:
        told = " ".join(f"{number} {MARKS[status]}" for status, number in counts(report.checks).items())
        kinds = ", ".join(dict.fromkeys(escape(plain_line(flag.get("kind", ""), 40)) for flag in report.flags))
        rows.append(f"| {_name(report)} | {_assignment(report)} | {_grade(report)} | {told} | {kinds} |")
    return "\n".join(rows)


def _report(report: Report) -> str:
    blocks = []
    if report.checks:
        rows = ["| | Prueba | Puntos |", "|:-:|---|--:|"]
        for grade_id, checks in report.by_grade_cell().items():
            rows.append(f"| | **<code>{escape(grade_id)}</code>** | **{score(*cell_points(checks))}** |")
            rows += [_check(check) for check in checks]
        blocks.append("\n".join(rows))
    if not report.graded and report.handed_in:
        blocks.append(
            "Esta entrega quedó **sin nota**. Eso no es un cero: no tienes que hacer nada, se volverá a calificar."
        )
    for flag in report.flags:
        numbers = f" ({escape(figures(flag))})" if figures(flag) else ""
        kind = escape(plain_line(flag.get("kind", ""), 40))
        blocks.append(f"> **Aviso <code>{kind}</code>:** {inline(str(flag.get('message', '')))}{numbers}")
    if report.versions:
        blocks.append(
            f"<sub>{escape(', '.join(f'{name} {version}' for name, version in report.versions.items()))}</sub>"
        )
    return "\n\n".join(blocks) + "\n"


def _check(check: Check) -> str:
    told = inline(plain_line(check.title, 400))
    if check.status in _ENDED_OTHERWISE:
        told += f" <i>({STATUSES[check.status]})</i>"
    told += f"<br>{inline(check.message)}" if check.message else ""
    worth = score(check.score, check.max_score) if check.max_score else ""
    return f"| {MARKS.get(check.status, '?')} | {told} | {worth} |"


def _name(report: Report) -> str:
    return escape(submission_name(report))


def _assignment(report: Report) -> str:
    return escape(assignment_name(report))


def _grade(report: Report) -> str:
    return score(report.score, report.max_score)
