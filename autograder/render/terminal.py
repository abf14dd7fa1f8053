"""Reports in the terminal: a table for a class, a closer view of one submission."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.segment import Segment
from rich.style import Style
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
_ROW_STYLES = ("green", "red", "yellow", "bold magenta", "cyan", "dim")
_BAR = 10
_GAP = 2
_FLAGS = 12
_LONGEST_NAME = 30
_SHORTEST_NAME = 8


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
        shown += [Text(), heading, _Rows([known.name(report) for report in group], group)]
    return Group(*shown, Text(), Text(str(summarise(reports))))


class _Rows:
    """The submissions to one assignment: a heading, a rule, a line each.

    The columns are as wide as they need to be, so rich is spared to measure and wrap every cell: of a large class that
    is most of what a run takes in which nothing has changed.
    """

    def __init__(self, names: Sequence[str], reports: Sequence[Report]) -> None:
        self._names = names
        self._reports = reports

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        scores = [_score(report.score, report.max_score) for report in self._reports]
        found = [_counts(report.checks) for report in self._reports]
        widths = [
            max(cell_len(_("Nota")), *(cell_len(text.plain) for text in scores)),
            _BAR,
            max(cell_len(_("Pruebas")), *(cell_len(text.plain) for text in found)),
        ]
        left = options.max_width - sum(widths) - _GAP * (len(widths) + 1) - 1
        longest = max(_SHORTEST_NAME, min(_LONGEST_NAME, left - _FLAGS))
        names = shortened(self._names, longest)
        widths.insert(0, max(cell_len(_("Entrega")), *map(cell_len, names)))
        room = max(_FLAGS, options.max_width - sum(widths) - _GAP * len(widths) - 1)
        styles = {name: console.get_style(name) for name in ("bold", *_ROW_STYLES)}
        told = [_kinds(report, room) for report in self._reports]
        heads = [_("Entrega"), _("Nota").rjust(widths[1]), "", _("Pruebas")]
        last = max(cell_len(_("Avisos")), *(cell_len(line) for lines in told for line in lines))
        yield Segment("\n")
        yield Segment(" " + "".join(_filled(head, width) for head, width in zip(heads, widths)), styles["bold"])
        yield Segment(_("Avisos"), styles["bold"])
        rule = min(sum(widths) + _GAP * len(widths) + last, options.max_width - 1)
        yield Segment(f"\n {'─' * rule}\n")
        for name, score_told, report, counted, flags in zip(names, scores, self._reports, found, told):
            yield Segment(" " + _filled(name, widths[0]) + " " * (widths[1] - cell_len(score_told.plain)))
            for text, width in ((score_told, 0), (_bar(report.score, report.max_score), _BAR), (counted, widths[3])):
                yield from _segments(text, styles)
                yield Segment(" " * (max(0, width - cell_len(text.plain)) + _GAP))
            for number, line in enumerate(flags):
                if number:
                    yield Segment("\n" + " " * (1 + sum(widths) + _GAP * len(widths)))
                yield Segment(line, styles["yellow"])
            yield Segment("\n")


def _segments(text: Text, styles: Mapping[str, Style]) -> Iterator[Segment]:
    """Return a text that is one style, or parts of one style each."""
    if not text.spans:
        yield Segment(text.plain, styles[str(text.style)] if text.style else None)
    for span in text.spans:
        yield Segment(text.plain[span.start : span.end], styles[str(span.style)])


def _filled(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text) + _GAP)


def _kinds(report: Report, room: int) -> list[str]:
    """Return the kinds of a report's flags in lines of at most ``room`` cells, at least one."""
    kinds = ", ".join(dict.fromkeys(plain_line(flag.get("kind", ""), 40) for flag in report.flags))
    return textwrap.wrap(kinds, room) or [""]


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
