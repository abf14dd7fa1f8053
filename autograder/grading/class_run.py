"""Grades many submissions at once and survives whatever happens to any of them.

What was graded before and has not changed is not graded again: finished reports are kept (see
`autograder.grading.kept`), so a run that was killed goes on where it stopped. The rest is graded by an executor: the
processes of this machine, or many machines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.course.assignments import Assignment
from autograder.grading import kept
from autograder.grading.digests import Digests
from autograder.grading.equal_models import flag_equal_models
from autograder.grading.executor import Event, Executor, Plan
from autograder.grading.fingerprint import CourseParts, course_parts
from autograder.grading.kept import Graded
from autograder.intake.submissions import Submission
from autograder.settings import Settings

__all__ = ["run_class"]


def run_class(
    submissions: Sequence[Submission],
    assignments: Mapping[str, Assignment],
    settings: Settings,
    on_event: Callable[[Event], None] = lambda event: None,
    data: Path | None = None,
    executor: Executor | None = None,
) -> list[Graded]:
    """Grade submissions in parallel.

    Parameters
    ----------
    submissions : sequence of Submission
    assignments : mapping
        The assignments of the course.
    settings : Settings
    on_event : callable
        Told what happens, in the process and thread of the caller.
    data : path, optional
        The folder that workers may read as ``$CNN_DATA``.
    executor : Executor, optional
        Where to grade; by default the processes of this machine.

    Returns
    -------
    list of Graded
        In the order of the submissions.

    Raises
    ------
    SandboxUnavailable
        This machine cannot lock student code up; nothing was graded.
    """
    finished: dict[int, Graded] = {}
    course: dict[str, CourseParts] = {}
    digests = Digests(submission.notebook.parent for submission in submissions if submission.notebook is not None)
    for index, submission in enumerate(submissions):
        wanted = submission.notebook is not None and not settings.fresh
        known = assignments.get(submission.assignment) if wanted else None
        if known is not None and known.name not in course:
            course[known.name] = course_parts(known, settings, digests)
        earlier = kept.find(submission, known, settings, course[known.name]) if known is not None else None
        if earlier is not None:
            finished[index] = earlier
            on_event(Event("finished", index, report=earlier.report, kept=True))
    digests.keep()
    waiting = {index: submission for index, submission in enumerate(submissions) if index not in finished}
    if waiting:
        # What grades takes a second to import; a class that has not changed does without.
        from autograder.grading.local import Local

        finished |= (executor or Local()).grade(Plan(waiting, assignments, settings, on_event, data))
    results = [finished[index] for index in range(len(submissions))]
    reports = flag_equal_models([result.report for result in results])
    return [replace(result, report=report) for result, report in zip(results, reports)]
