"""The result of one submission: what the student reads, what the gradebook stores."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

SCHEMA = 1

CheckStatus = Literal["passed", "failed", "skipped", "error"]
"""How a check ends; ``error`` is the grader's fault and costs nobody a point."""

FlagKind = Literal[
    "audited",
    "cells-turned",
    "data-missing",
    "data-sample",
    "equal-models",
    "files-dropped",
    "grade-cells-changed",
    "grader-error",
    "kept-better",
    "links-ignored",
    "memorised-test-set",
    "missing",
    "model-date",
    "model-fingerprint",
    "model-version",
    "not-reproduced",
    "other-architecture",
    "other-assignment",
    "record-changed",
    "similar-code",
    "timeout",
    "too-large",
    "trained",
    "unknown-assignment",
    "unreadable",
    "wrong-kernel",
]
"""What the grader itself tells the instructor of a submission, every `autograder.errors.IntakeKind` among it; a check's
author may add kinds (``docs/report.md``)."""

DATA_SAMPLE: FlagKind = "data-sample"
"""Its ``grade_id`` names the grade cell whose points rest on a sample."""

PROVISIONAL: frozenset[FlagKind] = frozenset(("data-missing", "data-sample", "timeout"))
"""The report is not the last word: another machine, or a quieter one, may find other points. It is not kept."""


def new_flag(kind: FlagKind, message: str, **figures: Any) -> dict[str, Any]:
    """Return a flag for the instructor: a sentence in English, and the figures behind it."""
    return {"kind": kind, "message": message, **figures}


@dataclass(frozen=True)
class Check:
    """How one check ended.

    Parameters
    ----------
    id : str
        ``grade_id::test_name``.
    grade_id : str
        The grade cell that it helps to decide.
    title : str
        What is checked, in Spanish.
    status : CheckStatus
    score, max_score : float
        Points; the points of a grade cell are shared by the weights of its checks.
    message : str
        Spanish, for the student; empty if passed.
    seconds : float
        Wall time.
    """

    id: str
    grade_id: str
    title: str
    status: CheckStatus
    score: float
    max_score: float
    message: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Report:
    """The result of one submission.

    Parameters
    ----------
    assignment : str
        Name of the assignment, ``"02_convolucion"``; empty where it could not be told.
    submission : str
        Whose it is: the student's name in an nbgrader tree, else the name of the notebook or its folder.
    score : float or None
        Points earned, or None if the submission got no grade: it could not be read, or the grader failed.
    max_score : float
        Points that can be earned.
    checks : list of Check
    flags : list of dict
        What the instructor should look at, each ``{"kind", "message", ...figures}``; a flag changes no grade.
    seconds : float
        Wall time.
    versions : dict of str to str
        What graded it.
    """

    assignment: str
    submission: str
    score: float | None
    max_score: float
    checks: list[Check] = field(default_factory=list)
    flags: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def graded(self) -> bool:
        """Whether the submission got a grade."""
        return self.score is not None

    @property
    def handed_in(self) -> bool:
        """Whether there was anything to grade: a roster knows students of whom there was not."""
        nothing = not self.graded and not self.checks
        return not (nothing and any(flag.get("kind") == "missing" for flag in self.flags))

    def by_grade_cell(self) -> dict[str, list[Check]]:
        """Return the checks by the grade cell that they decide, in the order of the notebook."""
        cells: dict[str, list[Check]] = {}
        for check in self.checks:
            cells.setdefault(check.grade_id, []).append(check)
        return cells

    def as_dict(self) -> dict[str, Any]:
        """Return the report in its JSON form (``docs/report.md``)."""
        parts = {"checks": [dict(vars(check)) for check in self.checks], "flags": [dict(flag) for flag in self.flags]}
        return {"schema": SCHEMA, **vars(self), **parts, "versions": dict(self.versions)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Report:
        """Read the JSON form back.

        Raises
        ------
        ValueError
            The data has another schema.
        """
        if data.get("schema") != SCHEMA:
            raise ValueError(f"expected a report of schema {SCHEMA}. Received: {data.get('schema')!r}")
        fields = {key: value for key, value in data.items() if key != "schema"}
        return cls(**{**fields, "checks": [_check(**check) for check in fields["checks"]]})


def _check(**fields: Any) -> Check:
    """Return a check; in a class most are somebody else's, too, so a report costs a list of pointers."""
    try:
        return _shared_check(**fields)
    except TypeError:
        # Another machine's may hold anything: who reads it says what is wrong with it.
        return Check(**fields)


_shared_check = lru_cache(maxsize=1 << 14, typed=True)(Check)


def to_json(reports: list[Report], indent: int | None = 2) -> str:
    """Return the JSON text of one report, or of a list if there are several."""
    data = [report.as_dict() for report in reports]
    text = json.dumps(data[0] if len(data) == 1 else data, ensure_ascii=False, indent=indent)
    # Half a surrogate pair, which a student's text may hold, cannot be written as UTF-8, but it can as a JSON escape.
    return text.encode("utf-8", "backslashreplace").decode()
