"""A record answers as the submission did, and nothing that it was not asked."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest

from autograder.errors import BadReply, CallTimeout, WorkerDied
from autograder.records import record as module
from autograder.records.record import Answer, Record, question_of

CALL = {"verb": "call", "name": "load_rgb", "payload": {"list": [{"list": ["/home/x/1.png"]}, {"dict": []}]}}


def learned(*replies: Any, question: str = "q") -> Record:
    """Return a record that has heard these answers, ready to give them."""
    listening = Record()
    for reply in replies:

        def ask(reply: Any = reply) -> Any:
            if isinstance(reply, Exception):
                raise reply
            return reply

        with contextlib.suppress(WorkerDied, BadReply, CallTimeout):
            listening.asking(question, ask)
    return Record(dict(listening.answers()), replays=True)


def test_an_answer_comes_back_as_it_came() -> None:
    """Reply and buffers; a check may write into an array without changing the next one."""
    record = learned(({"status": "ok", "value": {"npy": 0}}, [b"abc"]))
    answer = record.find("q", 100)
    assert answer is not None
    reply, parts = answer.open()
    assert (reply, parts) == ({"status": "ok", "value": {"npy": 0}}, [bytearray(b"abc")])
    parts[0][0] = 0
    again = record.find("q", 100)
    assert again is not None
    assert again.open()[1] == [bytearray(b"abc")]


def test_what_was_never_asked_or_is_larger_than_it_may_be_is_for_a_worker() -> None:
    """The same bounds as for a live reply."""
    record = learned(({}, [b"abc"]))
    assert record.find("other", 100) is None
    assert record.find("q", 2) is None
    assert record.find("q", 3) is not None


def test_a_function_that_answers_differently_each_time_is_asked_again_when_its_answers_are_used_up() -> None:
    """In the order in which they came."""
    record = learned(({"n": 1}, []), ({"n": 2}, []))
    assert [record.find("q", 9).open()[0] for _ in range(2)] == [{"n": 1}, {"n": 2}]  # type: ignore[union-attr]
    assert record.find("q", 9) is None
    same = learned(({"n": 1}, []), ({"n": 1}, []))
    assert [same.find("q", 9).open()[0] for _ in range(4)] == [{"n": 1}] * 4  # type: ignore[union-attr]


def test_a_record_that_listens_answers_nothing() -> None:
    """A grading asks as often as it would without one."""
    record = Record()
    assert record.asking("q", lambda: ({"n": 1}, []))[0] == {"n": 1}
    assert record.find("q", 9) is None
    assert (record.asked, record.changed) == (True, True)


def test_deaths_and_refusals_come_back_and_what_took_too_long_does_not() -> None:
    """Time is another one on another day."""
    with pytest.raises(WorkerDied, match="usó más memoria") as death:
        learned(WorkerDied("conv2d", "usó más memoria de la permitida.")).find("q", 9).open()  # type: ignore[union-attr]
    assert death.value.name == "conv2d"
    with pytest.raises(BadReply, match="demasiado"):
        learned(BadReply("demasiado")).find("q", 9).open()  # type: ignore[union-attr]
    assert learned(CallTimeout("conv2d", 20)).find("q", 9) is None


def test_a_reply_that_is_no_json_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is one with more text than a worker may send."""
    assert Answer(b"{").open()[0] is None
    monkeypatch.setattr(module, "MOST_JSON", 10)
    assert Answer(b'{"a": "long enough"}').open()[0] is None


def test_a_record_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit is asked for again."""
    monkeypatch.setattr(module, "MOST_ANSWER", 1000)
    monkeypatch.setattr(module, "MOST_RECORD", 2000)
    listening = Record()
    for name, size in (("large", 1000), ("one", 700), ("two", 700), ("three", 700)):
        listening.asking(name, lambda size=size: ({}, [b"x" * size]))
    assert [question for question, _ in listening.answers()] == ["one", "two"]


def test_figures_are_computed_once() -> None:
    """Predictions, for example; they pass through the same parser."""
    listening = Record()
    made = {"right": np.array([True, False]), "mean": 0.5, "inner": {"n": 3}, "none": None}
    assert listening.figure("test", lambda: made) is made
    record = Record(figures={key: (tree, parts) for key, tree, parts in listening.figures()}, replays=True)
    found = record.figure("test", dict)
    assert found["right"].tolist() == [True, False]
    assert (found["mean"], found["inner"], found["none"]) == (0.5, {"n": 3}, None)
    assert record.figure("other", lambda: {"n": 1}) == {"n": 1}
    broken = Record(figures={"test": ({"npy": 7}, [])}, replays=True)
    assert broken.figure("test", lambda: {"n": 2}) == {"n": 2}


def test_a_question_is_what_is_asked_and_the_files_that_it_names() -> None:
    """Two checks may put other images under one name; files that a call does not name are none of its business."""
    one = {"1.png": ("/home/x/1.png", b"one"), "2.png": ("/home/x/2.png", b"two")}
    asked = question_of(CALL, [b"array"], one)
    assert asked == question_of(CALL, [b"array"], {**one, "2.png": ("/home/x/2.png", b"other")})
    assert asked != question_of(CALL, [b"array"], {**one, "1.png": ("/home/x/1.png", b"other")})
    assert asked != question_of(CALL, [b"arrax"], one)
    assert asked != question_of({**CALL, "name": "load_gray"}, [b"array"], one)
    folder = {**CALL, "payload": ["/home/x"]}
    assert question_of(folder, [], one) != question_of(folder, [], {**one, "2.png": ("/home/x/2.png", b"other")})
    assert question_of(CALL, [b"a", b"b"], {}) != question_of(CALL, [b"ab"], {})
