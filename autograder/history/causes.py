"""Why a grade changed: what of all that it follows from is not as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from autograder.report import Report

__all__ = ["changed_checks", "reasons"]

UNEXPLAINED = "graded again, and nothing was changed: time limits, or chance in the student's code"
_WORDS = {
    "hand-in": "another hand-in",
    "checks": "changed checks",
    "notebook": "changed cells of the source notebook",
    "settings": "other options",
    "grader": "another version of the grader",
}


def reasons(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what is not as it was, in words.

    Parameters
    ----------
    before, after : mapping
        ``parts`` (see `autograder.grading.fingerprint`), ``points`` (by grade cell) and ``versions`` of two gradings.

    Examples
    --------
    >>> one = {"parts": {"hand-in": "a", "checks": "b", "data mnist": ""}, "points": {}, "versions": {}}
    >>> two = {"parts": {"hand-in": "a", "checks": "c", "data mnist": "d"}, "points": {}, "versions": {}}
    >>> reasons(one, two)
    ('changed checks', 'data that came: mnist')
    """
    return tuple(_reasons(before, after)) or (UNEXPLAINED,)


def _reasons(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = before["parts"], after["parts"]
    other_points = before["points"] != after["points"]
    for part, words in _WORDS.items():
        if old.get(part) == new.get(part):
            continue
        if part == "notebook" and other_points:
            yield f"changed points: {_points(before['points'], after['points'])}"
        else:
            yield words
    for part in sorted({part for part in (*old, *new) if part.startswith("data ")}):
        name, was, now = part.removeprefix("data "), old.get(part, ""), new.get(part, "")
        if was != now:
            yield f"data that came: {name}" if not was else f"data that went: {name}" if not now else f"other {name}"
    was_made_by, is_made_by = before["versions"], after["versions"]
    for program in sorted({*was_made_by, *is_made_by}):
        pair = was_made_by.get(program, "none"), is_made_by.get(program, "none")
        if pair[0] != pair[1] and program != "autograder":
            yield f"{program} {pair[0]} → {pair[1]}"


def _points(before: Mapping[str, float], after: Mapping[str, float]) -> str:
    cells = [cell for cell in {**before, **after} if before.get(cell) != after.get(cell)]
    return ", ".join(f"{cell} {_number(before.get(cell))} → {_number(after.get(cell))}" for cell in cells)


def _number(points: float | None) -> str:
    return "none" if points is None else f"{points:g}"


def changed_checks(before: Report | None, after: Report) -> tuple[tuple[str, float | None, float | None], ...]:
    """Return the checks that earned something else, as ``(id, before, after)``; None where there was no such check."""
    old = {check.id: check.score for check in before.checks} if before is not None else {}
    new = {check.id: check.score for check in after.checks}
    every = list(new) + [name for name in old if name not in new]
    return tuple((name, old.get(name), new.get(name)) for name in every if old.get(name) != new.get(name))
