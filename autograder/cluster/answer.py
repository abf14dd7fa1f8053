"""What a machine answers, as bytes of JSON: a report, or why there is none.

A machine of ours decides about points, so it is believed in that; everything else of its answer is read as if a
stranger had sent it: bounded, never unpickled, and with the form of a report or not at all.
"""

from __future__ import annotations

import json
import math
import zlib
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from autograder.grading.outputs import Outputs
from autograder.report import CheckStatus, Report

__all__ = ["Answer", "BadAnswer", "read", "write"]

_MOST_BYTES = 256 << 20
_MOST_CHECKS = 10_000
_KINDS = ("report", "kept", "fault", "refused")


class BadAnswer(ValueError):
    """What came is no answer to what was asked."""


@dataclass(frozen=True)
class Answer:
    """How a machine ended with one submission.

    Parameters
    ----------
    kind : {"report", "kept", "fault", "refused"}
        ``refused``: it has other versions than was asked for.
    report : Report or None
    outputs : dict or None
        What the student's cells showed, if that was asked for.
    text : str
        For ``fault``, the reason; for ``refused``, its `Versions` as JSON.
    machine : str
        Its name.
    """

    kind: Literal["report", "kept", "fault", "refused"]
    report: Report | None = None
    outputs: Outputs | None = None
    text: str = ""
    machine: str = ""


def write(answer: Answer) -> bytes:
    """Return an answer as bytes."""
    said = {
        "kind": answer.kind,
        "report": answer.report.as_dict() if answer.report is not None else None,
        "outputs": answer.outputs,
        "text": answer.text,
        "machine": answer.machine,
    }
    return zlib.compress(json.dumps(said).encode(), 1)


def read(content: Any, submission: str, assignment: str, seconds: float) -> tuple[Answer, bool]:
    """Read an answer.

    Parameters
    ----------
    content : bytes
    submission : str
        Whose report it is, whatever the answer says.
    assignment : str
        Of which assignment it must be; ``""`` if nobody knows yet.
    seconds : float
        How long it took, measured here.

    Returns
    -------
    Answer
        Its report has a time that is possible.
    bool
        Whether the machine told the truth about the time: neither less than nothing nor more than it took.

    Raises
    ------
    BadAnswer
        It is none, or one to another question.
    """
    said = _opened(content)
    kind, text, machine = said.get("kind"), said.get("text"), said.get("machine")
    if kind not in _KINDS or not isinstance(text, str) or not isinstance(machine, str):
        raise BadAnswer(f"expected an answer of kind {', '.join(_KINDS)}. Received: {str(kind)[:80]!r}")
    if kind in ("fault", "refused"):
        return Answer(kind, text=text[:20_000], machine=machine[:200]), True
    report = _report(said.get("report"))
    if assignment and report.assignment != assignment:
        raise BadAnswer(f"expected a report of {assignment}. Received: one of {report.assignment[:80]!r}")
    honest = 0 <= report.seconds <= seconds + 1 or kind == "kept"
    report = replace(report, submission=submission, seconds=report.seconds if honest else round(seconds, 3))
    return Answer(kind, report, _outputs(said.get("outputs")), machine=machine[:200]), honest


def _opened(content: Any) -> dict[str, Any]:
    if not isinstance(content, bytes):
        raise BadAnswer(f"expected bytes. Received: {type(content).__name__}")
    engine = zlib.decompressobj()
    try:
        text = engine.decompress(content, _MOST_BYTES)
        if engine.unconsumed_tail or not engine.eof:
            raise BadAnswer(f"expected at most {_MOST_BYTES >> 20} MB, and all of them. Received: more, or only a part")
        said = json.loads(text)
    except (zlib.error, ValueError, RecursionError) as error:
        raise BadAnswer(f"expected compressed JSON. Received: {error}") from error
    if not isinstance(said, dict):
        raise BadAnswer(f"expected an object. Received: {type(said).__name__}")
    return said


def _report(data: Any) -> Report:
    try:
        report = Report.from_dict(data)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadAnswer(f"expected a report. Received: {str(error)[:200]}") from error
    numbers = [report.max_score, report.seconds, *([] if report.score is None else [report.score])]
    texts = [report.assignment, report.submission]
    if not (isinstance(report.checks, list) and len(report.checks) <= _MOST_CHECKS and isinstance(report.flags, list)):
        raise BadAnswer("expected lists of checks and flags. Received: something else")
    for check in report.checks:
        numbers += [check.score, check.max_score, check.seconds]
        texts += [check.id, check.grade_id, check.title, check.message]
        if check.status not in get_args(CheckStatus):
            raise BadAnswer(f"expected a status of {get_args(CheckStatus)}. Received: {str(check.status)[:80]!r}")
    if not all(type(number) in (int, float) and math.isfinite(number) for number in numbers):
        raise BadAnswer("expected numbers where a report has them. Received: something else")
    if not all(isinstance(text, str) for text in texts) or not isinstance(report.versions, dict):
        raise BadAnswer("expected texts where a report has them. Received: something else")
    if not all(isinstance(flag, dict) and isinstance(flag.get("kind"), str) for flag in report.flags):
        raise BadAnswer("expected flags with a kind. Received: something else")
    if report.score is not None and not 0 <= report.score <= report.max_score + 1e-6:
        raise BadAnswer(f"expected 0 to {report.max_score} points. Received: {report.score}")
    return report


def _outputs(said: Any) -> Outputs | None:
    if said is None:
        return None
    try:
        return {int(index): [dict(output) for output in outputs] for index, outputs in said.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise BadAnswer(f"expected the outputs of cells. Received: {str(error)[:200]}") from error
