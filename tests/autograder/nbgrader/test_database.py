"""The gradebook as a file that others write, too."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from autograder.nbgrader.database import GradebookUnavailable, explain, require_gradebook


@pytest.fixture
def gradebook(tmp_path: Path) -> Path:
    path = tmp_path / "gradebook.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE grade (score)")
    connection.close()
    return path


def test_one_that_is_free_or_not_there_is_fine(gradebook: Path) -> None:
    """And is not made by the look, nor changed."""
    before = gradebook.read_bytes()
    require_gradebook(f"sqlite:///{gradebook}")
    require_gradebook(f"sqlite:///{gradebook.parent / 'none.db'}")
    require_gradebook("postgresql://host/db")
    assert gradebook.read_bytes() == before
    assert [path.name for path in gradebook.parent.iterdir()] == ["gradebook.db"]


@pytest.mark.parametrize("mode", ["IMMEDIATE", "EXCLUSIVE"])
def test_one_that_somebody_else_writes_is_waited_for_and_told(gradebook: Path, mode: str) -> None:
    """In words that say what to do, and not to upgrade anything."""
    other = sqlite3.connect(gradebook, isolation_level=None)
    other.execute(f"BEGIN {mode}")
    with pytest.raises(GradebookUnavailable, match="another program writes into it") as caught:
        require_gradebook(f"sqlite:///{gradebook}", seconds=0.2)
    assert "run the same command again" in str(caught.value)
    assert "upgrade" not in str(caught.value)
    other.execute("ROLLBACK")
    other.close()
    require_gradebook(f"sqlite:///{gradebook}", seconds=0.2)


@pytest.mark.parametrize("content", [b"SQLite format 3\0" + b"x" * 4096, b"no database at all" * 100])
def test_a_damaged_one_is_told(tmp_path: Path, content: bytes) -> None:
    """Before anything is graded for it."""
    path = tmp_path / "gradebook.db"
    path.write_bytes(content)
    with pytest.raises(GradebookUnavailable, match="a file that SQLite cannot read"):
        require_gradebook(f"sqlite:///{path}")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("database is locked", "another program writes into it"),
        ("database disk image is malformed", "a file that SQLite cannot read"),
        ("attempt to write a readonly database", "Received: attempt to write a readonly database. It was not changed"),
    ],
)
def test_what_goes_wrong_later_is_told_in_the_same_words(said: str, told: str) -> None:
    """SQLAlchemy's errors end in SQLite's."""
    assert told in str(explain("sqlite:///g.db", sqlite3.OperationalError(said)))
