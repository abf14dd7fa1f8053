"""What people changed in nbgrader's gradebook: points that they gave, extra credit, late penalties."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.history.store import Change, Key, Store

__all__ = ["note_people"]

_QUERY = """
SELECT submitted_assignment.student_id, assignment.name, submitted_notebook.id, base_cell.name, grade.auto_score,
       grade.manual_score, grade.extra_credit, submitted_notebook.late_submission_penalty,
       COALESCE(grade_cells.max_score, task_cells.max_score)
FROM grade
JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
JOIN assignment ON assignment.id = submitted_assignment.assignment_id
JOIN base_cell ON base_cell.id = grade.cell_id
LEFT JOIN grade_cells ON grade_cells.id = grade.cell_id
LEFT JOIN task_cells ON task_cells.id = grade.cell_id
"""


@dataclass
class _Row:
    """A submission in the gradebook: points by cell, and the penalties by notebook."""

    automatic: dict[str, float] = field(default_factory=dict)
    manual: dict[str, float] = field(default_factory=dict)
    extra: dict[str, float] = field(default_factory=dict)
    late: dict[str, float] = field(default_factory=dict)
    most: float = 0.0

    def total(self, manual: dict[str, float], extra: dict[str, float], late: float) -> float:
        """Return the grade as nbgrader adds it up, with what people said given."""
        points = sum({**self.automatic, **manual}.values()) + sum(extra.values())
        return round(max(0.0, points - late), 6)


def note_people(gradebook: Path, place: str) -> list[Change]:
    """Write down what people changed in a gradebook since it was last looked at.

    Parameters
    ----------
    gradebook : Path
        nbgrader's file, which stays as it is; one that is not there or cannot be read changes nothing.
    place : str
        The folder of the class, as in the history.

    Returns
    -------
    list of Change

    Raises
    ------
    HistoryUnavailable
        The history cannot be written.
    """
    rows = _read(gradebook)
    if not rows:
        return []
    changes: list[Change] = []
    with Store() as store, store.writing():
        for (student, assignment), row in rows.items():
            key = Key(place, student, assignment, "gradebook")
            earlier = store.known(key) or {"manual": {}, "extra": {}, "late": 0.0}
            now = {"manual": row.manual, "extra": row.extra, "late": sum(row.late.values())}
            changes += _changes(key, row, earlier, now)
            if earlier != now:
                store.know(key, now)
        for change in changes:
            store.add(change)
    return changes


def _changes(key: Key, row: _Row, earlier: dict[str, Any], now: dict[str, Any]) -> Iterator[Change]:
    before, after = row.total(**earlier), row.total(**now)
    if before == after:
        return
    why = [
        f"a person: {cell} {_number(earlier['manual'].get(cell, row.automatic.get(cell)))} → "
        f"{_number(now['manual'].get(cell, row.automatic.get(cell)))}"
        for cell in sorted({*earlier["manual"], *now["manual"]})
        if earlier["manual"].get(cell) != now["manual"].get(cell)
    ]
    why += [
        f"a person: extra credit for {cell} {earlier['extra'].get(cell, 0):g} → {now['extra'].get(cell, 0):g}"
        for cell in sorted({*earlier["extra"], *now["extra"]})
        if earlier["extra"].get(cell) != now["extra"].get(cell)
    ]
    if earlier["late"] != now["late"]:
        why.append(f"late penalty {earlier['late']:g} → {now['late']:g}")
    by = "a person" if any(reason.startswith("a person") for reason in why) else "nbgrader"
    yield Change(key, before, after, row.most, row.most, tuple(why), by)


def _number(points: float | None) -> str:
    return "none" if points is None else f"{points:g}"


def _read(gradebook: Path) -> dict[tuple[str, str], _Row]:
    """Return the submissions of a gradebook by student and assignment."""
    found: dict[tuple[str, str], _Row] = {}
    if not gradebook.is_file():
        return found
    with contextlib.suppress(sqlite3.Error):
        address = f"{gradebook.resolve().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=5)) as database:
            for student, assignment, notebook, cell, auto, manual, extra, late, most in database.execute(_QUERY):
                row = found.setdefault((student, assignment), _Row())
                row.automatic[cell] = auto or 0.0
                if manual is not None:
                    row.manual[cell] = manual
                if extra:
                    row.extra[cell] = extra
                if late:
                    row.late[notebook] = late
                row.most += most or 0.0
    return found
