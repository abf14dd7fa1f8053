"""Tells in the reports of a class whose code is that of somebody else. A flag, never a point."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from autograder.course.assignments import Assignment
from autograder.course.roster import Roster, fold_name
from autograder.grading import kept
from autograder.grading.kept import Graded
from autograder.report import Report, new_flag
from autograder.similarity.dismissed import Dismissal, read_dismissals

__all__ = ["flag_similar_code"]

_MESSAGE = (
    "The code shares {score:.0%} of its rarer parts with that of {others}, most of it in {where}. About one honest "
    "pair in 10,000 does. `python -m autograder similar` shows both side by side."
)


def flag_similar_code(
    results: Sequence[Graded], assignments: Mapping[str, Assignment], roster: Roster | None = None
) -> list[Graded]:
    """Return the results of a class, with a flag ``similar-code`` on both of each pair that is too much alike.

    What was compared before and has not changed is not read again.

    Parameters
    ----------
    results : sequence of Graded
        What is alone in its assignment is compared with nothing.
    assignments : mapping
    roster : Roster, optional
        Members of one team hand in one work: they are not flagged for it.
    """
    known = [result for result in results if result.report.assignment in assignments]
    count = Counter(result.report.assignment for result in known)
    chosen = [result for result in known if count[result.report.assignment] > 1]
    if not chosen:
        return list(results)
    dismissals = read_dismissals()
    key = _key(chosen, dismissals, roster)
    found = kept.load_alike(key) if key else None
    if found is None:
        found = _alike(chosen, assignments, dismissals, roster)
        if key:
            kept.store_alike(key, found)
    by_work: dict[tuple[str, str], list[kept.Alike]] = {}
    for pair in found:
        by_work.setdefault((pair.assignment, pair.submission), []).append(pair)
    return [
        replace(result, report=_flagged(result.report, alike))
        if (alike := by_work.get((result.report.assignment, result.report.submission)))
        else result
        for result in results
    ]


def _key(chosen: Sequence[Graded], dismissals: Sequence[Dismissal], roster: Roster | None) -> str:
    """Return a SHA-256 of all that the comparison follows from; empty where something could not be read."""
    if not all(result.fingerprint for result in chosen):
        return ""
    works = sorted((one.report.assignment, one.report.submission, one.fingerprint) for one in chosen)
    decided = sorted((one.assignment, *one.submissions) for one in dismissals)
    teams = sorted((one.report.submission, _team(one.report.submission, roster)) for one in chosen) if roster else []
    return hashlib.sha256(json.dumps([works, decided, teams]).encode()).hexdigest()


def _alike(
    chosen: Sequence[Graded],
    assignments: Mapping[str, Assignment],
    dismissals: Sequence[Dismissal],
    roster: Roster | None,
) -> list[kept.Alike]:
    """Compare the code of submissions, and return what is too much alike, from each one's side."""
    # Reading and comparing code takes a second to import; a class that has not changed does without.
    from autograder.similarity.classes import by_assignment, compare_works
    from autograder.similarity.works import read_works

    works, _ = read_works([replace(one.submission, assignment=one.report.assignment) for one in chosen], assignments)
    found = []
    for name, members in by_assignment(works).items():
        for pair in compare_works(members, assignments[name], dismissals=dismissals).pairs:
            if pair.flagged and not _one_team(pair.submissions, roster):
                for mine, other in (pair.submissions, pair.submissions[::-1]):
                    found.append(kept.Alike(name, mine, other, pair.score, list(pair.where)))
    return found


def _flagged(report: Report, alike: Sequence[kept.Alike]) -> Report:
    nearest = max(alike, key=lambda one: one.score)
    others = sorted(one.other for one in alike)
    message = _MESSAGE.format(score=nearest.score, others=", ".join(others), where=", ".join(nearest.where))
    flag = new_flag("similar-code", message, others=others, score=nearest.score, where=nearest.where)
    return replace(report, flags=[*report.flags, flag])


def _one_team(names: tuple[str, str], roster: Roster | None) -> bool:
    teams = [_team(name, roster) for name in names]
    return bool(teams[0]) and teams[0] == teams[1]


def _team(name: str, roster: Roster | None) -> str:
    owners = roster.owners(name) if roster is not None else []
    return fold_name(owners[0].team) if owners else ""
