"""Answers are fetched one at a time, and only the machine that the scheduler names is blamed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from autograder.cluster import engine
from autograder.cluster.engine import Engine, Undelivered


class _Scheduler:
    """Answers what a test wants, one reply after the other."""

    def __init__(self, *replies: Any) -> None:
        self.replies = list(replies)
        self.asked: list[list[str]] = []

    async def gather(self, keys: list[str]) -> Any:
        self.asked.append(keys)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def who_has(self, keys: list[str]) -> Any:
        return {key: ["tcp://ada:1"] for key in keys}


class _Future:
    key = "grade-1"

    def __init__(self, error: Exception | None = None, cancelled: bool = False) -> None:
        self._error, self._cancelled = error, cancelled

    async def exception(self) -> Exception | None:
        return self._error

    def cancelled(self) -> bool:
        return self._cancelled


def fetched(scheduler: _Scheduler, future: _Future | None = None) -> Any:
    client = type("Client", (), {"scheduler": scheduler})()
    return asyncio.run(Engine(client).fetch(future or _Future()))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_PAUSES", (0.0, 0.0, 0.0))


def test_an_answer_is_asked_for_alone() -> None:
    """Never with the key of another submission, in whose place it could fail."""
    scheduler = _Scheduler({"status": "OK", "data": {"grade-1": b"answer"}})
    assert fetched(scheduler) == b"answer"
    assert scheduler.asked == [["grade-1"]]


def test_an_answer_that_is_no_bytes_is_blamed_on_who_holds_it() -> None:
    """By the scheduler's word, in the first line of what the engine says."""
    with pytest.raises(Undelivered, match=r"^Could not serialize") as error:
        fetched(_Scheduler(TypeError("Could not serialize object\nTraceback …")))
    assert error.value.address == "tcp://ada:1"


def test_an_answer_that_is_kept_back_is_given_up() -> None:
    """After a few tries: the scheduler says that it is there."""
    scheduler = _Scheduler({"status": "error", "keys": ["grade-1"]})
    with pytest.raises(Undelivered, match="it does not hand it over") as error:
        fetched(scheduler)
    assert (error.value.address, len(scheduler.asked)) == ("tcp://ada:1", 3)


def test_an_answer_that_comes_late_is_an_answer() -> None:
    """A machine that went, and another that made it again."""
    assert (
        fetched(_Scheduler({"status": "error", "keys": []}, {"status": "OK", "data": {"grade-1": b"late"}})) == b"late"
    )


def test_what_ended_instead_of_an_answer_is_raised() -> None:
    """A task's error, a scheduler that is gone, a task that nobody knows any more."""
    reply = {"status": "OK", "data": {"grade-1": b""}}
    with pytest.raises(RuntimeError, match="no machine"):
        fetched(_Scheduler(reply), _Future(RuntimeError("no machine")))
    with pytest.raises(asyncio.CancelledError):
        fetched(_Scheduler(reply), _Future(cancelled=True))
    with pytest.raises(OSError, match="gone"):
        fetched(_Scheduler(OSError("gone")))
