"""How collecting ended for each student: a table for the terminal, a record for later."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.render.phrases import say
from autograder.render.text import plain_line

__all__ = ["FAILURES", "Outcome", "record", "summary_table"]

FAILURES = frozenset({"refused", "unmatched", "conflict", "unreachable"})
"""Statuses of what is there and yet was not collected."""

_STYLES = {"new": "green", "updated": "cyan", "unchanged": "dim", "missing": "yellow", "not on time": "yellow"}
_WORDS = (
    "new",
    "updated",
    "unchanged",
    "missing",
    "not on time",
    "conflict",
    "unmatched",
    "refused",
    "unreachable",
    "late",
)
"""What stands in the table of a run, to be said in another language."""
_SHOWN_NOTES = 3


@dataclass(frozen=True)
class Outcome:
    """How it ended for one student, or one hand-in that is nobody's.

    Parameters
    ----------
    student : str
        The student's id, or what the source calls a hand-in that is nobody's.
    status : str
        ``new``, ``updated``, ``unchanged``; ``missing``, ``not on time``; one of `FAILURES`.
    time : datetime or None
        When it was handed in.
    clock : str
        Who says so, as in `autograder.collect.handin.Delivery`.
    late : bool or None
        None if that is not known.
    origin : str
        What exactly was taken.
    notes : tuple of str
    participant : str
        The student's number in this assignment of Moodle.
    deadline : datetime or None
        The student's own, where it is later than the others'.
    team : str
        The team that handed in.
    """

    student: str
    status: str
    time: datetime | None = None
    clock: str = ""
    late: bool | None = None
    origin: str = ""
    notes: tuple[str, ...] = ()
    participant: str = ""
    deadline: datetime | None = None
    team: str = ""

    @property
    def collected(self) -> bool:
        """Whether the student's folder holds what was handed in."""
        return self.status in ("new", "updated", "unchanged")


def summary_table(outcomes: Sequence[Outcome], zone: tzinfo | None) -> RenderableType:
    """Return the table of a run, for ``rich.console.Console.print``.

    Parameters
    ----------
    outcomes : sequence of Outcome
    zone : tzinfo or None
        The time zone of the deadline; UTC if there is none.
    """
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(say("Student"), overflow="fold")
    table.add_column(say("Result"), no_wrap=True)
    table.add_column(say("Handed in"), no_wrap=True)
    table.add_column(say("Notes"), overflow="fold", ratio=1)
    for outcome in outcomes:
        style = _STYLES.get(outcome.status, "bold red")
        result = Text(say(outcome.status), style=style)
        if outcome.late and outcome.collected:
            result.append(f" · {say('late')}", style="yellow")
        notes = [plain_line(say(note), 300) for note in outcome.notes[:_SHOWN_NOTES]]
        if len(outcome.notes) > _SHOWN_NOTES:
            notes.append(say(f"and {len(outcome.notes) - _SHOWN_NOTES} more"))
        table.add_row(Text(plain_line(outcome.student, 60)), result, _time(outcome, zone), Text("\n".join(notes)))
    return Group(table, Text(f" {_counts(outcomes)}"))


def record(outcomes: Sequence[Outcome], path: Path, source: str, deadline: datetime | None) -> None:
    """Write the outcomes to a JSON file, beside those of students that earlier runs collected and this one did not.

    Parameters
    ----------
    outcomes : sequence of Outcome
    path : Path
    source : str
        Where this run collected from.
    deadline : datetime or None
    """
    try:
        students = json.loads(path.read_text(encoding="utf-8"))["students"]
        # What failed before and is not here any more has another name now: it found its student.
        students = {
            name: entry
            for name, entry in students.items()
            if entry["status"] not in FAILURES or entry["source"] != source
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        students = {}
    for outcome in outcomes:
        if outcome.status == "missing" and outcome.student in students:
            continue
        students[outcome.student] = {
            "status": outcome.status,
            "time": outcome.time.astimezone(timezone.utc).isoformat() if outcome.time else None,
            "clock": outcome.clock,
            "late": outcome.late,
            "origin": outcome.origin,
            "notes": list(outcome.notes),
            "participant": outcome.participant,
            "team": outcome.team,
            "source": source,
            "deadline": deadline.isoformat() if deadline else None,
            "extension": outcome.deadline.isoformat() if outcome.deadline else None,
        }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"schema": 1, "students": students}, indent=1, ensure_ascii=False), encoding="utf-8")
    os.replace(part, path)


def _time(outcome: Outcome, zone: tzinfo | None) -> Text:
    if outcome.time is None:
        return Text("–", style="dim")
    local = outcome.time.astimezone(zone or timezone.utc)
    text = Text(f"{local:%Y-%m-%d %H:%M:%S}")
    if outcome.clock:
        text.append(f" ({outcome.clock})", style="dim")
    return text


def _counts(outcomes: Sequence[Outcome]) -> str:
    counted = Counter(outcome.status for outcome in outcomes)
    if late := sum(bool(outcome.late and outcome.collected) for outcome in outcomes):
        counted["late"] = late
    return " · ".join(f"{number} {_said(status)}" for status, number in counted.items())


def _said(word: str) -> str:
    """Return a word in the reader's language, with the one that the record and programs have beside it."""
    said = say(word)
    return said if said == word else f"{said} ({word})"
