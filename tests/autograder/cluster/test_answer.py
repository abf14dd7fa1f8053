"""What a machine answers is read as if a stranger had sent it."""

from __future__ import annotations

import json
import pickle
import zlib
from dataclasses import replace
from typing import Any

import pytest

from autograder.cluster.answer import Answer, BadAnswer, read, write
from tests.helpers.fake_cluster import ASSIGNMENT, a_report


def test_an_answer_comes_back_in_the_name_that_asked() -> None:
    """With what the cells showed, and the machine's name."""
    shown = {3: [{"output_type": "stream", "name": "stdout", "text": "hola"}]}
    sent = write(Answer("report", a_report(7.5, 1.25), shown, machine="ada"))
    answer, honest = read(sent, "ana", ASSIGNMENT, 2.0)
    assert answer == Answer("report", replace(a_report(7.5, 1.25), submission="ana"), shown, machine="ada")
    assert honest


def test_a_fault_and_a_refusal_come_back_with_their_text() -> None:
    """They have no report."""
    for kind in ("fault", "refused"):
        answer, _ = read(write(Answer(kind, text="why", machine="ada")), "ana", ASSIGNMENT, 1.0)
        assert (answer.kind, answer.text, answer.report) == (kind, "why", None)


@pytest.mark.parametrize(("seconds", "honest"), [(2.9, True), (3.5, False), (-0.1, False), (1e12, False)])
def test_a_time_that_is_impossible_is_replaced(seconds: float, honest: bool) -> None:
    """By the one that was measured here; a second is given for clocks."""
    answer, told = read(write(Answer("report", a_report(1, seconds))), "ana", ASSIGNMENT, 2.0)
    assert told is honest
    assert answer.report is not None
    assert answer.report.seconds == (seconds if honest else 2.0)


def test_a_kept_report_has_the_time_of_then() -> None:
    """It may be longer than the answer took."""
    answer, honest = read(write(Answer("kept", a_report(1, 90))), "ana", ASSIGNMENT, 0.1)
    assert answer.report is not None
    assert (honest, answer.report.seconds) == (True, 90)


def forged(**changes: Any) -> bytes:
    said = json.loads(zlib.decompress(write(Answer("report", a_report()))))
    said["report"] |= changes
    return zlib.compress(json.dumps(said).encode())


@pytest.mark.parametrize(
    "changes",
    [
        {"score": 11},
        {"score": -1},
        {"score": float("nan")},
        {"score": "10"},
        {"score": True},
        {"max_score": float("inf")},
        {"seconds": None},
        {"schema": 2},
        {"assignment": "02_convolucion"},
        {"assignment": 1},
        {"checks": None},
        {"checks": [{"id": "a"}]},
        {"checks": [{**a_report().as_dict()["checks"][0], "status": "won"}]},
        {"checks": [{**a_report().as_dict()["checks"][0], "message": ["x"]}]},
        {"flags": ["x"]},
        {"flags": {}},
        {"versions": []},
        {"more": 1},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_report_of_another_form_is_none(changes: dict[str, Any]) -> None:
    """Points beyond what can be earned, numbers that are none, another assignment, unknown words."""
    assert read(forged(), "ana", ASSIGNMENT, 1.0)[0].report is not None
    with pytest.raises(BadAnswer):
        read(forged(**changes), "ana", ASSIGNMENT, 1.0)


@pytest.mark.parametrize(
    "content",
    [None, "x", b"", pickle.dumps({"kind": "report"}), zlib.compress(b"["), zlib.compress(b"[]"), zlib.compress(b"{}")],
)
def test_what_is_no_answer_is_refused(content: Any) -> None:
    """A pickle among it, which nobody opens."""
    with pytest.raises(BadAnswer):
        read(content, "ana", ASSIGNMENT, 1.0)


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is whole."""
    monkeypatch.setattr("autograder.cluster.answer._MOST_BYTES", 1000)
    with pytest.raises(BadAnswer, match="at most"):
        read(zlib.compress(b" " * 100_000), "ana", ASSIGNMENT, 1.0)
