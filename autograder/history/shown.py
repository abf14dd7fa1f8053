"""Changes of grades as people read them: the line at the end of a run, a table, CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.table import Table
from rich.text import Text

from autograder.history.store import Change
from autograder.language import counted, number
from autograder.render.phrases import say
from autograder.render.text import dotted, plain_line, points

__all__ = ["COLUMNS", "HEADS", "change_table", "csv_rows", "dated", "one_change", "summary"]

_MOST_NAMED = 8
HEADS = ("When (UTC)", "Class", "Submission", "Assignment", "In", "Points", "Why")
COLUMNS = [
    "time",
    "class",
    "submission",
    "assignment",
    "in",
    "from",
    "to",
    "max_score",
    "why",
    "by",
    "checks",
    "versions",
]


def summary(changed: Sequence[Change]) -> str:
    """Return the last line of a run, ``"3 grades changed: …"``; empty if none changed."""
    if not changed:
        return ""
    named = [
        f"{_who(change, changed)} {one_change(change, points)} ({'; '.join(map(say, change.why))})"
        for change in changed[:_MOST_NAMED]
    ]
    named += [say(f"and {number(len(changed) - _MOST_NAMED)} more")] if len(changed) > _MOST_NAMED else []
    head = f"{say(counted(len(changed), 'grade'))} {say('changed')}"
    return f"{head}: {', '.join(named)}. {say('All of them')}: python -m autograder history"


def one_change(change: Change, write: Callable[[float | None], str] = dotted) -> str:
    """Return ``"6.46 → 6.71"``, with the points that could be earned where those changed."""
    if change.before is None:
        return f"– → {write(change.after)}"
    if change.before_max == change.after_max or change.before_max is None or change.after_max is None:
        return f"{write(change.before)} → {write(change.after)}"
    return f"{write(change.before)}/{write(change.before_max)} → {write(change.after)}/{write(change.after_max)}"


def dated(change: Change) -> tuple[str, str, str]:
    """Return when a grade changed, from what to what, and why, for pages."""
    return f"{change.at:%Y-%m-%d %H:%M} UTC", one_change(change, points), "; ".join(map(say, change.why))


def change_table(changes: Sequence[Change], times: bool = True) -> Table:
    """Return changes as a table, with a line for each check that earned something else; ``times``: when and where."""
    table = Table(box=None, pad_edge=False)
    places = len({change.key.place for change in changes}) > 1
    left_out = {*(() if times else ("When (UTC)", "In")), *(() if places else ("Class",))}
    for title in (title for title in HEADS if title not in left_out):
        table.add_column(say(title), overflow="fold")
    for change in changes:
        reasons = [_line(say(reason)) for reason in change.why]
        why = "\n".join([*reasons, *(f"  {_check(*check, points)}" for check in change.checks)])
        cells = [
            *((f"{change.at:%Y-%m-%d %H:%M:%S}",) if times else ()),
            *((plain_line(change.key.place, 300),) if places else ()),
            plain_line(change.key.submission),
            plain_line(change.key.assignment),
            *((change.key.ledger,) if times else ()),
            one_change(change, points),
            why,
        ]
        table.add_row(*map(Text, cells))
    return table


def csv_rows(changes: Sequence[Change]) -> Iterator[list[str | float | None]]:
    """Yield `COLUMNS` and a row for each change."""
    yield list(COLUMNS)
    for change in changes:
        yield [
            change.at.isoformat(),
            change.key.place,
            change.key.submission,
            change.key.assignment,
            change.key.ledger,
            change.before,
            change.after,
            change.after_max,
            "; ".join(change.why),
            change.by,
            "; ".join(_check(*check) for check in change.checks),
            ", ".join(f"{program} {version}" for program, version in sorted(change.versions.items())),
        ]


def _who(change: Change, among: Sequence[Change]) -> str:
    several = len({other.key.assignment for other in among}) > 1
    name = plain_line(change.key.submission)
    return f"{name} · {plain_line(change.key.assignment)}" if several else name


def _check(name: str, before: float | None, after: float | None, write: Callable[[float | None], str] = dotted) -> str:
    new, gone = ("new", "gone") if write is dotted else (say("new"), say("gone"))
    return f"{_line(name)} {new if before is None else write(before)} → {gone if after is None else write(after)}"


def _line(text: str) -> str:
    return plain_line(text, 500)
