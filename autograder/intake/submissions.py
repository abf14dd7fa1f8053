"""Finds submissions in what an instructor points at: a notebook, a folder with one, a whole ``submitted/`` tree.

Nothing that lies there vanishes: what is not taken is in `Found.left_out`, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from autograder.course.assignments import Assignment
from autograder.course.suggest import near_path
from autograder.errors import UsageError
from autograder.intake.found import Found, Submission
from autograder.intake.opening import is_link
from autograder.intake.search import Search

__all__ = ["Found", "Submission", "find_submissions", "look_for_submissions"]

_MOST_TOLD = 12


def look_for_submissions(
    paths: Iterable[Path],
    assignments: Mapping[str, Assignment],
    wanted: str | None = None,
    *,
    student_folders: bool = False,
) -> Found:
    """Return the submissions at ``paths``, and what lies there and is none.

    Parameters
    ----------
    paths : iterable of Path
        Each is a notebook, a folder with one, a folder with many, or nbgrader's ``<student>/<assignment>/`` tree.
    assignments : mapping
        The assignments of the course.
    wanted : str, optional
        Only this assignment; notebooks whose place does not name one are taken to be of it.
    student_folders : bool
        Each path is ``<student>/<assignment>/`` and one student's, whatever lies in it.

    Raises
    ------
    UsageError
        A path does not exist, or there is no submission at all; what was left out is named.
    """
    found = Found()
    search = Search(assignments, wanted)
    for path in paths:
        if not path.exists():
            hint = near_path(path)
            raise UsageError(
                f"expected a notebook or a folder with notebooks. Received: {path}, which does not exist.{hint}"
            )
        # A submission that is itself a link may be a neighbour's: what it leads to is not taken for it.
        place = path.absolute() if is_link(path) else path.resolve()
        found += search.student_folder(place) if student_folders and path.is_dir() else search.at(place)
    if wanted is not None:
        chosen = [item for item in found.submissions if item.assignment in ("", wanted)]
        found.submissions = [replace(item, assignment=wanted) for item in chosen]
    found.submissions = _with_unique_names(found.submissions)
    found.left_out = sorted({item.path: item for item in found.left_out}.values(), key=lambda item: item.path)
    if not found.submissions:
        raise UsageError(
            "expected at least one notebook (.ipynb) in the given places. Received: none"
            + (f" of {wanted}." if wanted else ".")
            + "".join(f"\nNot taken: {item.path}: {item.reason}." for item in found.left_out[:_MOST_TOLD])
        )
    return found


def find_submissions(
    paths: Iterable[Path], assignments: Mapping[str, Assignment], wanted: str | None = None
) -> list[Submission]:
    """Return the submissions at ``paths``, as `look_for_submissions` does."""
    return look_for_submissions(paths, assignments, wanted).submissions


def _with_unique_names(found: list[Submission]) -> list[Submission]:
    taken = {(item.name, item.assignment) for item in found}
    seen: set[tuple[str, str]] = set()
    unique = []
    for item in found:
        name, number = item.name, 1
        if (name, item.assignment) in seen:
            # A student may really be called like the next number.
            while (name, item.assignment) in taken:
                number += 1
                name = f"{item.name}-{number}"
        seen.add((name, item.assignment))
        taken.add((name, item.assignment))
        unique.append(replace(item, name=name))
    return unique
