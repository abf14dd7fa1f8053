"""What each submission of a class holds of its own: the text of its answers, read and never run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.course.assignments import Assignment
from autograder.course.notebooks import cell_id, is_answer, read_notebook
from autograder.course.versions import course_notebooks
from autograder.errors import IntakeError
from autograder.intake.job import Job, prepare
from autograder.intake.restore import restore
from autograder.intake.submissions import Submission

__all__ = ["MOST", "Work", "answers", "known_sources", "read_works", "usual_sources"]

MOST = 200_000
"""Characters of a submission that are compared."""


@dataclass(frozen=True)
class Work:
    """One submission.

    Parameters
    ----------
    name, assignment : str
    cells : dict of str to str
        The student's code by answer cell; cells that the student added are called by their place (``"[12]"``).
    submission : Submission
    """

    name: str
    assignment: str
    cells: Mapping[str, str]
    submission: Submission


def read_works(
    submissions: Iterable[Submission], assignments: Mapping[str, Assignment]
) -> tuple[list[Work], list[tuple[Submission, str]]]:
    """Read submissions.

    Returns
    -------
    list of Work
    list of (Submission, str)
        What could not be read, and why.
    """
    works, unread = [], []
    for submission in submissions:
        try:
            job = prepare(submission, assignments)
        except IntakeError as error:
            unread.append((submission, str(error)))
            continue
        works.append(Work(submission.name, job.assignment.name, answers(job), submission))
    return works, unread


def answers(job: Job) -> dict[str, str]:
    """Return what a student wrote, by cell."""
    _, released = course_notebooks(job.assignment)
    solutions = {cell_id(cell) for cell in released.cells if is_answer(cell)}
    mine = {cell_id(cell): cell.source for cell in released.cells if cell.cell_type == "code"}
    found: dict[str, str] = {}
    left = MOST
    for step in restore(job.cells, released):
        if step.key and step.key not in solutions:
            continue
        if step.source.strip() == mine.get(step.key, "").strip() or not step.source.strip():
            continue
        key = step.key if step.key and step.key not in found else f"[{step.index}]"
        found[key] = step.source[:left]
        left -= len(found[key])
    return found


def known_sources(assignment: Assignment) -> Sequence[str]:
    """Return what counts for nothing: the code of the released notebook, and of the instructor's with its solutions."""
    _, released = course_notebooks(assignment)
    notebooks = (released, read_notebook(assignment.source))
    return [cell.source for notebook in notebooks for cell in notebook.cells if cell.cell_type == "code"]


def usual_sources(assignment: Assignment) -> list[str]:
    """Return the right styles that lie with the checks (``styles.txt``): what many write, and so says little."""
    file = assignment.checks / "styles.txt" if assignment.checks is not None else None
    if file is None or not file.is_file():
        return []
    return re.split(r"^# %% .*$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
