"""What students handed in is read again exactly when it may have changed."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from autograder.grading import digests
from autograder.grading.digests import Digests, digest_of


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file that was handed in; nothing is known yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "ana" / "02.ipynb"
    path.parent.mkdir()
    path.write_text("answer 1")
    return path


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a list of the files that are read from now on, a minute later."""
    found: list[Path] = []

    def read(path: Path) -> str:
        found.append(path)
        return digest_of(path)

    monkeypatch.setattr(digests, "digest_of", read)
    later = time.time_ns() + 60 * 10**9
    monkeypatch.setattr(digests.time, "time_ns", lambda: later)
    return found


def run(*paths: Path) -> list[str]:
    """Return what one run learns of files."""
    known = Digests(path.parent for path in paths)
    found = [known.of(path) for path in paths]
    known.keep()
    return found


def test_a_file_that_is_as_it_was_is_read_once(work: Path, reads: list[Path]) -> None:
    """In the next run, too, and beside others."""
    expected = hashlib.sha256(b"answer 1").hexdigest()
    assert run(work) == run(work) == [expected]
    assert reads == [work]
    other = work.parent.parent / "beto" / "02.ipynb"
    other.parent.mkdir()
    other.write_text("answer 2")
    assert run(work, other) == run(work, other) == [expected, hashlib.sha256(b"answer 2").hexdigest()]


def test_another_content_of_the_same_size_and_time_is_read(work: Path, reads: list[Path]) -> None:
    """Whoever sets a file's time cannot set when its entry was changed."""
    [before] = run(work)
    about = work.stat()
    work.write_text("answer 9")
    os.utime(work, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert run(work) == [hashlib.sha256(b"answer 9").hexdigest()] != [before]
    assert len(reads) == 2


def test_a_file_put_in_its_place_is_read(work: Path, reads: list[Path]) -> None:
    """Whatever its times say."""
    run(work)
    about = work.stat()
    other = work.with_name("new")
    other.write_text("answer 9")
    os.utime(other, ns=(about.st_atime_ns, about.st_mtime_ns))
    other.rename(work)
    assert run(work) == [hashlib.sha256(b"answer 9").hexdigest()]


def test_what_changed_just_now_may_change_again_in_the_same_tick(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its digest is not kept."""
    now = work.stat().st_ctime_ns
    monkeypatch.setattr(digests.time, "time_ns", lambda: now + 10**9)
    run(work)
    assert not (digests.kept_folder("digests")).exists()


def test_a_link_is_looked_at_each_time(work: Path, reads: list[Path]) -> None:
    """It has no content, and no digest is kept of it."""
    link = work.with_name("link.ipynb")
    link.symlink_to(work)
    assert run(link) == run(link) == ["not handed in: es un enlace a otro lugar. Entrega el archivo mismo."]
    assert len(reads) == 2


@pytest.mark.parametrize("content", ["", "[]", "{", '{"x": 1}', "[[1]]"])
def test_damage_counts_as_nothing_known(content: str, work: Path, reads: list[Path]) -> None:
    """Everything is read again."""
    [expected] = run(work)
    [kept] = digests.kept_folder("digests").iterdir()
    kept.write_text(content)
    assert run(work) == [expected]
    assert len(reads) == 2


def test_a_run_that_asks_nothing_forgets_nothing(work: Path, reads: list[Path]) -> None:
    """As one with ``--fresh``."""
    run(work)
    Digests([work.parent]).keep()
    run(work)
    assert len(reads) == 1
