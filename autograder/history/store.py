"""The history of grades as a file: what is known of each grade now, and every change that led to it.

SQLite in its WAL mode: readers wait for nobody, writers for each other, and a process that is killed at any moment
leaves either all of its transaction or nothing of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal

from autograder.course.assignments import ROOT
from autograder.errors import AutograderError

__all__ = ["VARIABLE", "Change", "HistoryUnavailable", "Key", "Ledger", "Store", "history_file"]

VARIABLE = "CNN_HISTORY"
"""Another place for the file than `history_file` says."""
WAIT_SECONDS = 30.0
_VERSION = 2

_TABLES = """
CREATE TABLE IF NOT EXISTS change (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, place TEXT NOT NULL, submission TEXT NOT NULL, assignment TEXT NOT NULL,
    ledger TEXT NOT NULL, "from" REAL, "to" REAL, from_max REAL, to_max REAL, why TEXT NOT NULL, by TEXT NOT NULL,
    checks TEXT NOT NULL, versions TEXT NOT NULL, earlier BLOB
);
CREATE INDEX IF NOT EXISTS change_of ON change (submission, assignment);
CREATE TABLE IF NOT EXISTS known (
    place TEXT, submission TEXT, assignment TEXT, ledger TEXT, state BLOB NOT NULL,
    fingerprint TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (place, submission, assignment, ledger)
);
"""
_UPGRADE = "ALTER TABLE known ADD COLUMN fingerprint TEXT NOT NULL DEFAULT ''"
"""From version 1."""
_COLUMNS = (
    'at, place, submission, assignment, ledger, "from", "to", from_max, to_max, why, by, checks, versions, earlier'
)
_UNUSABLE = (
    "expected the history of grades in {path}. Received: {said}. Grades and reports are as they should be; what "
    "changed is not written down there. If the file is damaged, move it away: a new one begins with the next grades."
)

Ledger = Literal["report", "gradebook"]
"""Whose points: the report's, which checks decide, or nbgrader's gradebook's, which people change, too."""


class HistoryUnavailable(AutograderError):
    """The history can be neither read nor written now; nothing in it was changed."""


@dataclass(frozen=True)
class Key:
    """Whose grade: the place (a class), the submission, the assignment, and the ledger in which it stands."""

    place: str
    submission: str
    assignment: str
    ledger: Ledger = "report"


@dataclass(frozen=True)
class Change:
    """One change of one grade.

    Parameters
    ----------
    key : Key
    before, after : float or None
        Points; None: there was no grade.
    before_max, after_max : float or None
        The points that could be earned.
    why : tuple of str
        What changed, in words: ``"another hand-in"``.
    by : str
        The command, ``"grade"``; or ``"a person"``.
    checks : tuple of (id, before, after)
        The checks whose points changed; None for a check that was not there.
    versions : dict of str to str
        What graded it.
    earlier : dict or None
        The report that was replaced.
    at : datetime
        With a zone.
    """

    key: Key
    before: float | None
    after: float | None
    before_max: float | None
    after_max: float | None
    why: tuple[str, ...]
    by: str
    checks: tuple[tuple[str, float | None, float | None], ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    earlier: dict[str, Any] | None = None
    at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    @property
    def is_first(self) -> bool:
        """Whether there was no grade before, so that nothing of a grade changed."""
        return self.before is None


def history_file() -> Path:
    """Return ``$CNN_HISTORY``, or history.db beside nbgrader's gradebook, in the repository."""
    return Path(os.environ.get(VARIABLE) or ROOT / "history.db")


class Store:
    """The open history. What is written within ``writing`` is written whole.

    Parameters
    ----------
    path : Path, optional
        Default: `history_file`.

    Raises
    ------
    HistoryUnavailable
        The file cannot be used.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or history_file()
        with self._told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            version = self._database.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, 1, _VERSION):
                raise HistoryUnavailable(_UNUSABLE.format(path=self.path, said=f"version {version} of its tables"))
            if version != _VERSION:
                self._bring_up_to_date()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def _bring_up_to_date(self) -> None:
        with self.writing():
            # Another program may have done it meanwhile.
            version = self._database.execute("PRAGMA user_version").fetchone()[0]
            if version != _VERSION:
                for statement in (_UPGRADE,) if version else filter(str.strip, _TABLES.split(";")):
                    self._database.execute(statement)
                self._database.execute(f"PRAGMA user_version={_VERSION}")

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the file for oneself; what was written stays if the block ends, and is gone if it is left by an error.

        Raises
        ------
        HistoryUnavailable
            Another program held it for longer than `WAIT_SECONDS`, or the disk is full.
        """
        with self._told():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def known(self, key: Key) -> dict[str, Any] | None:
        """Return what was noted of a grade when it was last looked at, or None."""
        with self._told():
            row = self._database.execute(
                "SELECT state FROM known WHERE place=? AND submission=? AND assignment=? AND ledger=?", _fields(key)
            ).fetchone()
        return _unpacked(row[0]) if row is not None else None

    def fingerprints(self) -> dict[Key, str]:
        """Return under which fingerprint the report of each grade was kept when it was last looked at."""
        with self._told():
            rows = self._database.execute(
                "SELECT place, submission, assignment, ledger, fingerprint FROM known WHERE fingerprint != ''"
            ).fetchall()
        return {Key(*row[:4]): row[4] for row in rows}

    def know(self, key: Key, state: dict[str, Any]) -> None:
        """Note what a grade is now, in place of what it was."""
        row = (*_fields(key), _packed(state), state.get("fingerprint", ""))
        self._database.execute("INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?, ?, ?)", row)

    def add(self, change: Change) -> None:
        """Write a change down."""
        row = (
            change.at.astimezone(timezone.utc).isoformat(timespec="seconds"),
            *_fields(change.key),
            *(change.before, change.after, change.before_max, change.after_max),
            *(json.dumps(change.why), change.by, json.dumps(change.checks), json.dumps(change.versions)),
            _packed(change.earlier) if change.earlier is not None else None,
        )
        self._database.execute(f"INSERT INTO change ({_COLUMNS}) VALUES ({', '.join('?' * len(row))})", row)

    def changes(self, submission: str = "", assignment: str = "") -> list[Change]:
        """Return the changes of a student's grades, or everybody's, the oldest first."""
        with self._told():
            rows = self._database.execute(
                f"SELECT {_COLUMNS} FROM change WHERE (?1 = '' OR submission = ?1) AND (?2 = '' OR assignment = ?2) "
                "ORDER BY id",
                (_storable(submission), _storable(assignment)),
            ).fetchall()
        return [_change(row) for row in rows]

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise HistoryUnavailable(_UNUSABLE.format(path=self.path, said=error)) from error


def _fields(key: Key) -> tuple[str, str, str, str]:
    return _storable(key.place), _storable(key.submission), _storable(key.assignment), key.ledger


def _storable(text: str) -> str:
    """Return text that SQLite can hold: folders may have names that are no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def _change(row: tuple[Any, ...]) -> Change:
    at, place, submission, assignment, ledger, before, after, before_max, after_max, *others = row
    why, by, checks, versions, earlier = others
    return Change(
        Key(place, submission, assignment, ledger),
        before=before,
        after=after,
        before_max=before_max,
        after_max=after_max,
        why=tuple(json.loads(why)),
        by=by,
        checks=tuple((name, before, after) for name, before, after in json.loads(checks)),
        versions=json.loads(versions),
        earlier=_unpacked(earlier) if earlier is not None else None,
        at=datetime.fromisoformat(at),
    )


def _packed(content: Any) -> bytes:
    return zlib.compress(json.dumps(content).encode(), 3)


def _unpacked(content: bytes) -> Any:
    return json.loads(zlib.decompress(content))
