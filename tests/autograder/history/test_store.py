"""The file of the history: whole transactions, whoever is killed, and as many writers as there are graders."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from autograder.course.assignments import ROOT
from autograder.history.store import Change, HistoryUnavailable, Key, Store, history_file

KEY = Key("submitted", "ana", "02_convolucion")
CHANGE = Change(
    KEY,
    before=6.46,
    after=6.71,
    before_max=10,
    after_max=10,
    why=("changed checks",),
    by="grade",
    checks=(("conv2d::test_x", 0.0, 0.25), ("conv2d::test_new", None, 0.0)),
    versions={"python": "3.11.7"},
    earlier={"score": 6.46},
    at=datetime(2026, 11, 28, 3, 18, 14, tzinfo=timezone.utc),
)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Every field, the oldest change first; of one student and assignment where they are named."""
    other = replace(
        CHANGE, key=replace(KEY, submission="beto", assignment="01_imagen_digital"), before=None, earlier=None
    )
    with Store(tmp_path / "history.db") as store:
        with store.writing():
            store.add(CHANGE)
            store.add(other)
            store.know(KEY, {"parts": {"checks": "a"}})
            store.know(KEY, {"parts": {"checks": "b"}})
        assert store.known(KEY) == {"parts": {"checks": "b"}}
        assert store.known(replace(KEY, ledger="gradebook")) is None
    with Store(tmp_path / "history.db") as store:
        assert store.changes() == [CHANGE, other]
        assert store.changes("ana") == store.changes("ana", "02_convolucion") == [CHANGE]
        assert store.changes("ana", "01_imagen_digital") == []
    assert (CHANGE.is_first, other.is_first) == (False, True)


def test_an_error_takes_the_whole_transaction_back(tmp_path: Path) -> None:
    """Half a class in the history would be explained wrongly by the next run."""
    with Store(tmp_path / "history.db") as store:
        with contextlib.suppress(KeyError), store.writing():
            store.add(CHANGE)
            raise KeyError
        assert store.changes() == []


WRITER = """
import sys
from pathlib import Path
from dataclasses import replace
sys.path.insert(0, sys.argv[2])
from tests.autograder.history.test_store import CHANGE, KEY
from autograder.history.store import Store
for number in range(int(sys.argv[3])):
    with Store(Path(sys.argv[1])) as store, store.writing():
        for part in range(10):
            store.add(replace(CHANGE, by=f"{sys.argv[4]} {number} {part}"))
        store.know(KEY, {"count": (store.known(KEY) or {"count": 0})["count"] + 1})
"""


def writer(path: Path, times: int, name: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(ROOT), str(times), name], cwd=ROOT)


def test_two_graders_write_at_once(tmp_path: Path) -> None:
    """Each transaction sees what the other one left; nothing is lost."""
    path = tmp_path / "history.db"
    both = [writer(path, 20, name) for name in ("one", "two")]
    assert [process.wait() for process in both] == [0, 0]
    with Store(path) as store:
        assert store.known(KEY) == {"count": 40}
        assert len({change.by for change in store.changes()}) == 400


def test_a_writer_that_is_killed_leaves_whole_transactions(tmp_path: Path) -> None:
    """Wherever it was."""
    path = tmp_path / "history.db"
    killed = writer(path, 100_000, "one")
    until = time.monotonic() + 30
    while time.monotonic() < until and not (path.is_file() and _rows(path) >= 30):
        time.sleep(0.01)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    with Store(path) as store:
        rows = len(store.changes())
        assert rows >= 30
        assert store.known(KEY) == {"count": rows // 10}
        assert rows % 10 == 0
        with store.writing():
            store.add(CHANGE)
        assert len(store.changes()) == rows + 1


def _rows(path: Path) -> int:
    try:
        with sqlite3.connect(path) as database:
            return int(database.execute("SELECT count(*) FROM change").fetchone()[0])
    except sqlite3.Error:
        return 0


def test_a_file_that_is_no_history_is_told(tmp_path: Path) -> None:
    """And left as it is."""
    path = tmp_path / "history.db"
    path.write_bytes(b"no database, however long it is" * 40)
    with pytest.raises(HistoryUnavailable, match=f"history of grades in {path}. Received: file is not a database"):
        Store(path)
    assert path.read_bytes().startswith(b"no database")


def test_tables_of_another_version_are_told(tmp_path: Path) -> None:
    """A newer grader's file is not written by an older one."""
    path = tmp_path / "history.db"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version=7")
    with pytest.raises(HistoryUnavailable, match="Received: version 7 of its tables"):
        Store(path)


def test_tables_of_the_version_before_are_brought_up_to_date(tmp_path: Path) -> None:
    """What was known stays known; only its fingerprint is not, until it is graded again."""
    path, key = tmp_path / "history.db", Key("submitted", "ana", "02_convolucion")
    with Store(path) as store, store.writing():
        store.know(key, {"fingerprint": "abc", "points": {}})
    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE known DROP COLUMN fingerprint")
        database.execute("PRAGMA user_version=1")
    with Store(path) as store:
        assert store.known(key) == {"fingerprint": "abc", "points": {}}
        assert store.fingerprints() == {}
        with store.writing():
            store.know(key, {"fingerprint": "abc", "points": {}})
    with Store(path) as store:
        assert store.fingerprints() == {key: "abc"}


def test_the_file_lies_beside_the_gradebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless a variable names another place."""
    monkeypatch.delenv("CNN_HISTORY", raising=False)
    assert history_file() == ROOT / "history.db"
    monkeypatch.setenv("CNN_HISTORY", "/elsewhere/h.db")
    assert history_file() == Path("/elsewhere/h.db")
