"""Compares the reports of a run with the last ones, and writes down which grades changed and why."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.course.assignments import ROOT, Assignment
from autograder.course.notebooks import grade_points
from autograder.grading.fingerprint import course_parts, parts
from autograder.grading.kept import Graded
from autograder.history.causes import changed_checks, reasons
from autograder.history.store import Change, HistoryUnavailable, Key, Store, history_file
from autograder.intake.submissions import Submission
from autograder.report import Report, new_flag
from autograder.settings import Settings

__all__ = ["Noted", "changes_of", "compare", "earlier_fingerprints", "note", "place_of", "state_of"]

_FIRST = "first grade"
_MESSAGE = (
    "An earlier grading earned {before:g} of {before_max:g}, this one {after:g} of {after_max:g} ({why}): the better "
    "one stays (--keep-better)."
)


@dataclass(frozen=True)
class Noted:
    """What a run changed.

    Parameters
    ----------
    results : list of Graded
        Those of the run, or what stays in their place where the better grade is kept.
    changes : list of Change
        First grades among them.
    problem : str
        Why nothing could be written down; empty: it was.
    """

    results: list[Graded]
    changes: list[Change] = field(default_factory=list)
    problem: str = ""

    @property
    def changed(self) -> list[Change]:
        """The changes of grades that were there before."""
        return [change for change in self.changes if not change.is_first]


def note(
    results: Sequence[Graded],
    assignments: Mapping[str, Assignment],
    settings: Settings,
    by: str,
    keep_better: bool = False,
) -> Noted:
    """Write down which grades a run changed.

    Parameters
    ----------
    results : sequence of Graded
        What got no grade changes none.
    assignments : mapping
        The assignments of the course.
    settings : Settings
        Of the run.
    by : str
        The command.
    keep_better : bool
        Let an earlier grade stand where it is the better part of the same points; the report is flagged.

    Raises
    ------
    HistoryUnavailable
        With ``keep_better``, which needs to know the earlier grades. Without it the problem is only told.
    """
    graded = [(place, item) for place, item in enumerate(results) if item.report.graded and item.submission.notebook]
    noted = Noted(list(results))
    try:
        with Store() as store:
            known = store.fingerprints()
            # A report that was the last one to be noted, kept since: nothing has changed.
            graded = [
                (place, item)
                for place, item in graded
                if not (item.earlier and item.fingerprint and known.get(_key(item)) == item.fingerprint)
            ]
            if not graded:
                return noted
            # Files are read before anybody has to wait for the history, reports are put into their form one by one.
            causes = _causes([item for _, item in graded], assignments, settings)
            with store.writing():
                for (place, item), follows_from in zip(graded, causes):
                    key, now = _key(item), state_of(item, assignments, follows_from)
                    earlier = store.known(key)
                    if keep_better and earlier is not None and _is_better(earlier, now):
                        noted.results[place] = _earlier(item, earlier, now)
                        continue
                    noted.changes.extend(_changes(key, earlier, now, by))
                    store.know(key, now)
                for change in noted.changes:
                    store.add(change)
    except HistoryUnavailable as error:
        if keep_better:
            raise
        return Noted(list(results), problem=str(error))
    return noted


def compare(
    results: Sequence[Graded], assignments: Mapping[str, Assignment], settings: Settings, keep_better: bool = False
) -> list[Change]:
    """Return what `note` would write down, and write nothing.

    Raises
    ------
    HistoryUnavailable
        The earlier grades cannot be read.
    """
    changes: list[Change] = []
    with Store() as store:
        graded = [item for item in results if item.report.graded and item.submission.notebook]
        for item, follows_from in zip(graded, _causes(graded, assignments, settings)):
            earlier, now = store.known(_key(item)), state_of(item, assignments, follows_from)
            if not (keep_better and earlier is not None and _is_better(earlier, now)):
                changes.extend(_changes(_key(item), earlier, now, "regrade"))
    return changes


def changes_of(results: Sequence[Graded]) -> dict[tuple[str, str], list[Change]]:
    """Return what the history knows of submissions, by assignment and name, the newest first.

    Nothing where there is no history, or none that can be read: whoever needs to know why asks `Store`.
    """
    if not history_file().is_file():
        return {}
    keys = {
        _key(item): (item.report.assignment, item.report.submission) for item in results if item.submission.notebook
    }
    # One submission is looked up, a class is read as a whole.
    one = next(iter(keys)) if len(keys) == 1 else None
    found: dict[tuple[str, str], list[Change]] = {}
    with contextlib.suppress(HistoryUnavailable), Store() as store:
        for change in reversed(store.changes(one.submission, one.assignment) if one else store.changes()):
            if change.key in keys:
                found.setdefault(keys[change.key], []).append(change)
    return found


def earlier_fingerprints(results: Sequence[Graded]) -> list[str]:
    """Return under which fingerprints the reports that stand were kept; empty where there is none."""
    with Store() as store:
        return [(store.known(_key(item)) or {"fingerprint": ""})["fingerprint"] for item in results]


def _key(item: Graded) -> Key:
    name = item.report.assignment
    return Key(place_of(item.submission, name), item.submission.name, name)


def _causes(items: Sequence[Graded], assignments: Mapping[str, Assignment], settings: Settings) -> list[dict[str, str]]:
    """Return what reports follow from; what those of one assignment have in common is read once."""
    # Whether pictures are drawn changes no grade.
    plain = replace(settings, render=False)
    names = [item.report.assignment for item in items]
    courses = {name: course_parts(assignments[name], plain) for name in set(names)}
    return [parts(item.submission, assignments[name], plain, courses[name]) for item, name in zip(items, names)]


def state_of(item: Graded, assignments: Mapping[str, Assignment], follows_from: dict[str, str]) -> dict[str, Any]:
    """Return what the history knows of a grade: the report and what it follows from."""
    return {
        "parts": follows_from,
        "points": dict(grade_points(assignments[item.report.assignment].source)),
        "versions": item.report.versions,
        "report": item.report.as_dict(),
        "fingerprint": item.fingerprint,
    }


def place_of(submission: Submission, assignment: str) -> str:
    """Return the folder of the class: above the student's own, relative to the repository if it lies there.

    Two classes may have a student of the same name; what a student hands in next lies in the same place.
    """
    assert submission.notebook is not None
    folder = submission.folder or submission.notebook.parent
    for own in (assignment, submission.name):
        folder = folder.parent if folder.name == own else folder
    path = Path(folder).absolute()
    return (path.relative_to(ROOT) if path.is_relative_to(ROOT) else path).as_posix()


def _changes(key: Key, earlier: dict[str, Any] | None, now: dict[str, Any], by: str) -> Iterator[Change]:
    report = Report.from_dict(now["report"])
    before = Report.from_dict(earlier["report"]) if earlier is not None else None
    if before is not None and (before.score, before.max_score) == (report.score, report.max_score):
        return
    yield Change(
        key,
        before=before.score if before is not None else None,
        after=report.score,
        before_max=before.max_score if before is not None else None,
        after_max=report.max_score,
        why=reasons(earlier, now) if earlier is not None else (_FIRST,),
        by=by,
        checks=changed_checks(before, report) if before is not None else (),
        versions=report.versions,
        earlier=earlier["report"] if earlier is not None else None,
    )


def _is_better(earlier: dict[str, Any], now: dict[str, Any]) -> bool:
    """Tell whether the earlier report earned the larger part; other points for the cells cannot be compared."""
    return bool(earlier["points"] == now["points"] and _part(earlier["report"]) > _part(now["report"]))


def _part(report: dict[str, Any]) -> float:
    return float(report["score"] / report["max_score"]) if report["max_score"] else 0.0


def _earlier(item: Graded, earlier: dict[str, Any], now: dict[str, Any]) -> Graded:
    report = Report.from_dict(earlier["report"])
    message = _MESSAGE.format(
        before=report.score,
        before_max=report.max_score,
        after=item.report.score,
        after_max=item.report.max_score,
        why=", ".join(reasons(earlier, now)),
    )
    flags = [*report.flags, new_flag("kept-better", message, score=item.report.score)]
    return Graded(item.submission, replace(report, flags=flags), earlier["fingerprint"])
