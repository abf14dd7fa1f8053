"""Compares a class, assignment by assignment: code, and what of last year's it resembles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.course.assignments import Assignment
from autograder.similarity.code import CodeClass, compare_code
from autograder.similarity.dismissed import Dismissal, reason
from autograder.similarity.pairs import Pair
from autograder.similarity.works import Work, known_sources, usual_sources

__all__ = ["Compared", "by_assignment", "compare_works"]

_WHY = (
    "{a} and {b} share {score:.0%} of the rarer code, most of it in {where}; about one honest pair in 10,000 reaches "
    "{threshold:.0%} in this class. Read both side by side and ask."
)
_NEAR = "{a} and {b} share {score:.0%} of the rarer code; a flag begins at {threshold:.0%}."


@dataclass
class Compared:
    """The code of one assignment, compared.

    Parameters
    ----------
    works : list of Work
        References of other years come last.
    result : CodeClass
    pairs : list of Pair
        The nearest first, each with its place in ``result.pairs``.
    """

    works: list[Work]
    result: CodeClass
    pairs: list[Pair] = field(default_factory=list)


def compare_works(
    works: Sequence[Work],
    assignment: Assignment,
    references: Sequence[Work] = (),
    dismissals: Sequence[Dismissal] = (),
) -> Compared:
    """Compare the code of one assignment's submissions.

    Parameters
    ----------
    works, references : sequence of Work
        Of this class, and of others: those are compared with the class, not with each other.
    assignment : Assignment
    dismissals : sequence of Dismissal
    """
    everything = [*works, *references]
    result = compare_code(
        [work.cells for work in everything], known_sources(assignment), usual_sources(assignment), len(references)
    )
    compared = Compared(everything, result)
    for pair in result.pairs:
        first, second = everything[pair.first], everything[pair.second]
        names = first.name, second.name
        told = reason(list(dismissals), names, assignment.name)
        above = pair.score >= result.threshold
        text = (_WHY if above else _NEAR).format(
            a=names[0], b=names[1], score=pair.score, where=", ".join(pair.where), threshold=result.threshold
        )
        flagged = above and not told
        compared.pairs.append(
            Pair("code", assignment.name, names, flagged, pair.score, pair.where, text, told if above else "")
        )
    return compared


def by_assignment(works: Sequence[Work]) -> Mapping[str, list[Work]]:
    """Return works by the name of their assignment."""
    found: dict[str, list[Work]] = {}
    for work in works:
        found.setdefault(work.assignment, []).append(work)
    return found
