"""Reports in the terminal: a table for a class, a closer view of one submission."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.language import texts_of
from autograder.render.known import NOTHING_KNOWN, Known
from autograder.render.said import said, said_all
from autograder.render.text import (
    MARKS,
    STATUSES,
    assignment_name,
    cell_points,
    counts,
    figures,
    fraction,
    plain,
    plain_line,
    points,
    score,
    shortened,
    summarise,
)
from autograder.report import Check, Report

_ = texts_of(__name__)

_STYLES = {"passed": "green", "failed": "red", "skipped": "yellow", "error": "bold magenta"}
_BAR = 10
_LONGEST_NAME = 30


def class_table(reports: Sequence[Report], known: Known = NOTHING_KNOWN) -> RenderableType:
    """Return the table of a class, one line per submission, for ``rich.console.Console.print``.

    The assignment stands once above its submissions. Colours only repeat what signs and words say. Text of students is
    shown as it is, never taken as markup.
    """
    reports = said_all(reports)
    assignments: dict[str, list[Report]] = {}
    for report in sorted(reports, key=lambda report: report.assignment):
        assignments.setdefault(report.assignment, []).append(report)
    shown: list[RenderableType] = []
    for group in assignments.values():
        heading = Text(assignment_name(group[0]), style="bold")
        waiting = max((known.waiting(report) for report in group), default=0.0)
        if waiting:
            told = _("automáticos; {points} por corregir a mano").format(points=points(waiting))
            heading.append(f" · {told}", "dim")
        shown += [Text(), heading, _group(group, known)]
    return Group(*shown, Text(), Text(str(summarise(reports))))


def _group(reports: Sequence[Report], known: Known) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    # rich narrows the columns that may wrap, and only those.
    table.add_column(_("Entrega"))
    table.add_column(_("Nota"), justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column(_("Pruebas"), no_wrap=True)
    table.add_column(_("Avisos"), overflow="fold")
    names = shortened([known.name(report) for report in reports], _LONGEST_NAME)
    for name, report in zip(names, reports):
        kinds = dict.fromkeys(plain_line(flag.get("kind", ""), 40) for flag in report.flags)
        table.add_row(
            Text(name, no_wrap=True),
            _score(report.score, report.max_score),
            _bar(report.score, report.max_score),
            _counts(report.checks),
            Text(", ".join(kinds), style="yellow"),
        )
    return table


def report_view(report: Report, known: Known = NOTHING_KNOWN) -> RenderableType:
    """Return the closer view of one submission: each grade cell, each check, what it said."""
    report = said(report)
    title = Text.assemble(
        (known.name(report), "bold"),
        f" · {assignment_name(report)} · ",
        _score(report.score, report.max_score),
    )
    if waiting := known.waiting(report):
        told = _("automáticos; {points} por corregir a mano").format(points=points(waiting))
        title.append(f" {told}", "dim")
    shown: list[RenderableType] = [title]
    for grade_id, checks in report.by_grade_cell().items():
        shown += [Text(), _cell(known.title(report.assignment, grade_id), checks)]
    for flag in report.flags:
        text = Text.assemble((f"{_('Aviso')} ", "bold yellow"), (plain_line(flag.get("kind", ""), 40), "bold"), ": ")
        text.append(plain(flag.get("message", "")))
        if numbers := figures(flag):
            text.append(f" ({numbers})", "dim")
        shown += [Text(), text]
    return Group(*shown)


def _cell(title_of_cell: str, checks: Sequence[Check]) -> RenderableType:
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(width=1)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_column(justify="right", no_wrap=True)
    grid.add_row("", Text(title_of_cell, style="bold"), _worth(checks))
    for check in checks:
        style = _STYLES.get(check.status, "")
        worth = score(check.score, check.max_score) if check.max_score else ""
        mark = Text(MARKS.get(check.status, "?"), style=style)
        title = Text(plain_line(check.title, 400))
        if check.status in ("skipped", "error"):
            title.append(f" ({_(STATUSES[check.status])})", style)
        grid.add_row(mark, title, Text(worth, style="dim"))
        if check.message:
            grid.add_row("", Padding(Text(plain(check.message), style=style), (0, 0, 0, 2)), "")
    return grid


def _worth(checks: Sequence[Check]) -> Text:
    earned, highest = cell_points(checks)
    return _score(earned, highest) if highest > 0 else Text(_("no evaluado"), style="yellow")


def _score(value: float | None, max_score: float) -> Text:
    if value is None:
        return Text(score(value, max_score), style="bold magenta")
    share = fraction(value, max_score)
    return Text(score(value, max_score), style="green" if share >= 0.995 else "red" if share < 0.5 else "yellow")


def _bar(value: float | None, max_score: float) -> Text:
    if value is None:
        return Text("·" * _BAR, style="dim")
    # Only all points fill the bar, and any point at all shows.
    share = fraction(value, max_score)
    filled = _BAR if share >= 1 else min(max(round(share * _BAR), int(share > 0)), _BAR - 1)
    return Text.assemble(("█" * filled, "cyan"), ("░" * (_BAR - filled), "dim"))


def _counts(checks: Sequence[Check]) -> Text:
    text = Text()
    for status, number in counts(checks).items():
        text.append(f"{' ' if text else ''}{number}{MARKS[status]}", style=_STYLES[status])
    return text
