"""Records on disk: what comes back is what this grader wrote, or it is told."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from autograder.records import files
from autograder.records.files import RecordChanged, load, save
from autograder.records.place import folder, prune
from autograder.records.record import Record


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("CNN_SECRET", "one")


def written(key: str = "key") -> Path:
    record = Record(runs=[{"number": 1, "status": "ok"}], checks={"test_x": ["digest", {}, [], 0]})
    record.asking("q", lambda: ({"status": "ok"}, [b"abc", b""]))
    record.asking("r", lambda: ({"status": "missing"}, []))
    record.figure("test", lambda: {"right": np.arange(3)})
    save(key, record)
    return folder() / key


def test_a_record_is_read_as_it_was_written() -> None:
    """Answers, figures, how the cells and the checks ended."""
    written()
    record = load("key")
    assert record is not None
    found = {question: [answer.open() for answer in answers] for question, answers in record.answers()}
    assert found == {
        "q": [({"status": "ok"}, [bytearray(b"abc"), bytearray()])],
        "r": [({"status": "missing"}, [])],
    }
    assert record.figure("test", dict)["right"].tolist() == [0, 1, 2]
    assert (record.runs, record.checks) == ([{"number": 1, "status": "ok"}], {"test_x": ["digest", {}, [], 0]})
    assert (record.replays, record.changed) == (True, False)
    assert load("none") is None


@pytest.mark.parametrize("place", [0, 25, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    """In the head, the signature, the content."""
    path = written()
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(RecordChanged, match=r"as it was written\. Received: other bytes, or another key"):
        load("key")


def test_another_submissions_record_is_noticed() -> None:
    """Genuine, but under another name."""
    written("ana").rename(folder() / "beto")
    with pytest.raises(RecordChanged):
        load("beto")


def test_a_record_of_another_grader_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who does not know the secret of this one's folder signs in vain."""
    written()
    monkeypatch.setenv("CNN_SECRET", "two")
    with pytest.raises(RecordChanged):
        load("key")


def test_a_file_that_is_too_large_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody signed it."""
    path = written()
    monkeypatch.setattr(files, "MOST_RECORD", path.stat().st_size // 2 - 1)
    with pytest.raises(RecordChanged):
        load("key")


def test_old_records_go_and_then_the_oldest() -> None:
    """Until the others fit."""
    for number, name in enumerate(("old", "one", "two", "three")):
        path = written(name)
        os.utime(path, (time.time() - (10 - number) * 86400,) * 2)
    size = path.stat().st_size
    assert prune(most=100 * size, days=9.5) == 1
    assert sorted(path.name for path in folder().iterdir()) == ["one", "three", "two"]
    assert prune(most=2 * size + 10, days=100) == 1
    assert sorted(path.name for path in folder().iterdir()) == ["three", "two"]
    assert prune() == 0
