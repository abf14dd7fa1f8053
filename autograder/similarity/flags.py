"""Tells in the reports of a class whose code is that of somebody else. A flag, never a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from autograder.course.assignments import Assignment
from autograder.course.roster import Roster, fold_name
from autograder.intake.submissions import Submission
from autograder.report import Report, new_flag
from autograder.similarity.classes import by_assignment, compare_works
from autograder.similarity.dismissed import read_dismissals
from autograder.similarity.works import read_works

__all__ = ["flag_similar_code"]

_MESSAGE = (
    "The code shares {score:.0%} of its rarer parts with that of {others}, most of it in {where}. About one honest "
    "pair in 10,000 does. `python -m autograder similar` shows both side by side."
)


def flag_similar_code(
    reports: Sequence[Report],
    submissions: Sequence[Submission],
    assignments: Mapping[str, Assignment],
    roster: Roster | None = None,
) -> list[Report]:
    """Return the reports, with a flag ``similar-code`` on both of each pair that is too much alike.

    Parameters
    ----------
    reports : sequence of Report
        Of one class run; what is alone in its assignment is compared with nothing.
    submissions : sequence of Submission
        One for each report.
    assignments : mapping
    roster : Roster, optional
        Members of one team hand in one work: they are not flagged for it.
    """
    graded = [(report, item) for report, item in zip(reports, submissions) if report.assignment in assignments]
    count: dict[str, int] = {}
    for report, _ in graded:
        count[report.assignment] = count.get(report.assignment, 0) + 1
    chosen = [replace(item, assignment=report.assignment) for report, item in graded if count[report.assignment] > 1]
    works, _ = read_works(chosen, assignments)
    dismissals = read_dismissals() if works else []
    found: dict[tuple[str, str], list[tuple[str, float, tuple[str, ...]]]] = {}
    for name, members in by_assignment(works).items():
        for pair in compare_works(members, assignments[name], dismissals=dismissals).pairs:
            if pair.flagged and not _one_team(pair.submissions, roster):
                for mine, other in (pair.submissions, pair.submissions[::-1]):
                    found.setdefault((name, mine), []).append((other, pair.score, pair.where))
    return [_flagged(report, found.get((report.assignment, report.submission), [])) for report in reports]


def _flagged(report: Report, alike: Sequence[tuple[str, float, tuple[str, ...]]]) -> Report:
    if not alike:
        return report
    _, score, where = max(alike, key=lambda one: one[1])
    others = sorted(other for other, _, _ in alike)
    message = _MESSAGE.format(score=score, others=", ".join(others), where=", ".join(where))
    flag = new_flag("similar-code", message, others=others, score=score, where=list(where))
    return replace(report, flags=[*report.flags, flag])


def _one_team(names: tuple[str, str], roster: Roster | None) -> bool:
    if roster is None:
        return False
    owners = [roster.owners(name) for name in names]
    teams = [fold_name(found[0].team) if found else "" for found in owners]
    return bool(teams[0]) and teams[0] == teams[1]
