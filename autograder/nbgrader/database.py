"""nbgrader's gradebook as a file: whether it can be written now, before anything hangs on it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from autograder.errors import AutograderError

__all__ = ["GradebookUnavailable", "database_file", "explain", "require_gradebook"]

WAIT_SECONDS = 20.0
VARIABLE = "AUTOGRADER_GRADEBOOK_SECONDS"
"""How long to wait for other programs, instead of `WAIT_SECONDS`."""

_PREFIX = "sqlite:///"
_LOCKED = (
    "expected to write into {path}. Received: another program writes into it, and did for {seconds:g} seconds "
    "(formgrader, another `grade --gradebook` or `nbgrader autograde`). Wait for it or close it, and run the same "
    "command again: what is graded is kept, only the gradebook is written."
)
_DAMAGED = (
    "expected nbgrader's gradebook in {path}. Received: a file that SQLite cannot read ({said}). Put your last copy of "
    "it back. Without one, move the file away: the same command makes a new gradebook, in which points and comments "
    "that people gave are missing."
)


class GradebookUnavailable(AutograderError):
    """The gradebook cannot be written now; nothing in it was changed."""


def require_gradebook(url: str, seconds: float | None = None) -> None:
    """Wait until the gradebook can be written.

    Parameters
    ----------
    url : str
        nbgrader's ``db_url``; only SQLite's files are looked at, and one that is not there yet is fine.
    seconds : float, optional
        How long to wait for other programs.

    Raises
    ------
    GradebookUnavailable
        Somebody else holds it, or it is damaged.
    """
    path = Path(url.removeprefix(_PREFIX))
    if not url.startswith(_PREFIX) or not path.is_file():
        return
    patience = float(os.environ.get(VARIABLE) or WAIT_SECONDS) if seconds is None else seconds
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=patience, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("SELECT name FROM sqlite_master").fetchall()
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise GradebookUnavailable(_LOCKED.format(path=path, seconds=patience)) from error
        raise GradebookUnavailable(_unwritable(path, error)) from error
    except sqlite3.DatabaseError as error:
        raise GradebookUnavailable(_DAMAGED.format(path=path, said=error)) from error


def database_file(url: str) -> Path:
    """Return the file of nbgrader's ``db_url``; one of another engine than SQLite leads to none that is there."""
    return Path(url.removeprefix(_PREFIX))


def explain(url: str, error: Exception) -> GradebookUnavailable:
    """Return the exception that says in plain words why SQLAlchemy could not use the gradebook."""
    path = Path(url.removeprefix(_PREFIX))
    said = str(getattr(error, "orig", error))
    if "locked" in said or "busy" in said:
        return GradebookUnavailable(_LOCKED.format(path=path, seconds=5))
    if "malformed" in said or "not a database" in said:
        return GradebookUnavailable(_DAMAGED.format(path=path, said=said))
    return GradebookUnavailable(_unwritable(path, said))


def _unwritable(path: Path, said: object) -> str:
    return f"expected to write into {path}. Received: {said}. It was not changed; what is graded is kept."
