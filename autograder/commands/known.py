"""Gathers what tables and pages say beyond reports: names of people and exercises, and links to what lies around."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from autograder.course.assignments import Assignment
from autograder.course.exercises import exercises_of
from autograder.course.roster import Roster
from autograder.grading.kept import Graded
from autograder.language import texts_of
from autograder.render.known import Known, Person

__all__ = ["known_of"]

_ = texts_of(__name__)


def known_of(
    results: Iterable[Graded],
    assignments: Mapping[str, Assignment],
    roster: Roster | None = None,
    html: Path | None = None,
    feedback: Path = Path("feedback"),
) -> Known:
    """Return what is known of a run.

    Parameters
    ----------
    results : iterable of Graded
    assignments : mapping
        The assignments of the course.
    roster : Roster, optional
        Who the students are.
    html : Path, optional
        The folder of the pages: links lead from there to notebooks and feedback pages.
    feedback : Path
        Where feedback pages lie; one that is not there gets no link.
    """
    results = list(results)
    names = {result.report.assignment for result in results}
    exercises = {name: exercises_of(assignments[name]) for name in sorted(names & set(assignments))}
    people = {}
    for name in {result.report.submission for result in results} if roster is not None else ():
        if owners := roster.owners(name) if roster is not None else []:
            people[name] = Person(
                ", ".join(student.name for student in owners),
                ", ".join(dict.fromkeys(student.section for student in owners if student.section)),
                ", ".join(student.email for student in owners if student.email),
            )
    links: dict[tuple[str, str], dict[str, str]] = {}
    for result in results if html is not None else ():
        report = result.report
        page = feedback / report.submission / report.assignment / f"{report.assignment}.html"
        found = {_("cuaderno"): result.submission.notebook, _("devolución"): page if page.is_file() else None}
        links[(report.assignment, report.submission)] = {
            word: address for word, path in found.items() if path is not None and (address := _address(path, html))
        }
    when = datetime.now().astimezone().isoformat(" ", "minutes")
    return Known(exercises, people, links, when=when)


def _address(path: Path, folder: Path | None) -> str:
    """Return the relative address of a file; nothing where there is none, as between two drives."""
    try:
        relative = Path(os.path.relpath(path.resolve(), (folder or Path()).resolve()))
    except ValueError:
        return ""
    # urllib would encode letters that browsers show; only what ends a path in an address must go.
    return relative.as_posix().replace("%", "%25").replace("#", "%23").replace("?", "%3F")
