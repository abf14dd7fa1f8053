"""The points of a submission: each grade cell's, shared among its checks by their weights, and rounded."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.checking.results import CheckResult
from autograder.report import Check

__all__ = ["rounded", "score"]


def score(results: list[CheckResult], points: Mapping[str, float]) -> tuple[list[Check], float | None]:
    """Share each grade cell's points among its checks by their weights.

    Returns
    -------
    list of Check
        By grade cell in the order of the notebook.
    float or None
        The sum, or None if a check ended in an error of the grader.
    """
    order = {grade_id: place for place, grade_id in enumerate(points)}
    weights: dict[str, float] = {}
    for result in results:
        weights[result.grade_id] = weights.get(result.grade_id, 0.0) + result.weight
    checks = []
    for result in sorted(results, key=lambda result: order.get(result.grade_id, len(order))):
        share = result.weight / weights[result.grade_id] if weights[result.grade_id] else 0.0
        maximum = points.get(result.grade_id, 0.0) * share
        checks.append(
            Check(
                id=result.id,
                grade_id=result.grade_id,
                title=result.title,
                status=result.status,
                score=rounded(maximum * result.credit, 9),
                max_score=rounded(maximum, 9),
                message=result.message,
                seconds=round(result.seconds, 3),
            )
        )
    if any(check.status == "error" for check in checks):
        return checks, None
    exact = sum(
        points.get(result.grade_id, 0.0) * result.weight / weights[result.grade_id] * result.credit
        for result in results
        if weights[result.grade_id]
    )
    return checks, rounded(exact)


def rounded(points: float, digits: int = 6) -> float:
    """Round points; parts of a grade cell are kept more exactly, so that all of them together are all of its points."""
    return round(points, digits)
