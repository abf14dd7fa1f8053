"""Reports of those who handed in nothing: a roster knows who they are, a folder of submissions does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.course.assignments import Assignment
from autograder.course.notebooks import grade_cells, read_notebook
from autograder.course.roster import Roster
from autograder.report import Report, new_flag

__all__ = ["missing_reports", "strangers"]

_MESSAGE = "The student handed in nothing."


def missing_reports(
    reports: Sequence[Report], roster: Roster, assignments: Mapping[str, Assignment], wanted: str | None = None
) -> list[Report]:
    """Return a report for each student of a roster and each assignment that nothing was handed in for.

    Parameters
    ----------
    reports : sequence of Report
        Those of a run. An assignment of which there is none is not asked for, unless it is ``wanted``.
    roster : Roster
    assignments : mapping
        The assignments of the course.
    wanted : str, optional
        An assignment.

    Returns
    -------
    list of Report
        Without a score, which is not 0, and without checks, for none ran; by assignment, in the order of the roster.
    """
    names = {report.assignment for report in reports if report.assignment in assignments}
    names |= {wanted} if wanted is not None else set()
    missing = []
    for name in sorted(names):
        of_it = [report for report in reports if report.assignment == name]
        there = {student.id for report in of_it for student in roster.owners(report.submission)}
        points = sum(grade_cells(read_notebook(assignments[name].source)).values())
        # Where a data set was missing, all of the class has fewer points.
        highest = max((report.max_score for report in of_it if report.graded), default=points)
        missing += [
            Report(name, student.id, None, highest, flags=[new_flag("missing", _MESSAGE)])
            for student in roster
            if student.id not in there
        ]
    return missing


def strangers(reports: Sequence[Report], roster: Roster) -> list[str]:
    """Return the submissions that are nobody's of a roster."""
    return sorted({report.submission for report in reports if not roster.owners(report.submission)})
