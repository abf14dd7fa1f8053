"""Gathers what tables and pages say beyond reports: names of people and exercises, and links to what lies around."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from autograder.course.assignments import Assignment
from autograder.course.collected import lateness
from autograder.course.exercises import exercises_of
from autograder.course.roster import Roster
from autograder.course.times import parse_time
from autograder.grading.kept import Graded
from autograder.language import texts_of
from autograder.render.known import Known, Person
from autograder.render.text import duration

__all__ = ["ALIKE", "known_of"]

_ = texts_of(__name__)


ALIKE = Path("similar") / "index.html"
"""Where in the folder of the pages ``similar --html PAGES/similar`` writes whose work is alike."""
_ALIKE_FLAGS = {"equal-models", "similar", "similar-code"}


def known_of(
    results: Iterable[Graded],
    assignments: Mapping[str, Assignment],
    roster: Roster | None = None,
    html: Path | None = None,
    feedback: Path = Path("feedback"),
    deadline: datetime | None = None,
    originals: Path = Path("downloaded"),
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
    deadline : datetime, optional
        When everything was due; without it, who was late is what ``collect`` noted.
    originals : Path
        Where ``collect`` left its records.
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
    links = {}
    for result in results if html is not None else ():
        report = result.report
        page = feedback / report.submission / report.assignment / f"{report.assignment}.html"
        alike = (html or Path()) / ALIKE
        flagged = any(flag.get("kind") in _ALIKE_FLAGS for flag in report.flags)
        found = {
            _("cuaderno"): result.submission.notebook,
            _("devolución"): page if page.is_file() else None,
            _("parecidos"): alike if flagged and alike.is_file() else None,
        }
        links[(report.assignment, report.submission)] = {
            word: address for word, path in found.items() if path is not None and (address := _address(path, html))
        }
    when = datetime.now().astimezone().isoformat(" ", "minutes")
    late = _late(results, roster, deadline, originals)
    return Known(exercises, people, links, late, when, _changes(results) if html is not None else {})


def _late(
    results: Sequence[Graded], roster: Roster | None, deadline: datetime | None, originals: Path
) -> dict[tuple[str, str], str]:
    """Return how late submissions are: by ``timestamp.txt`` and the deadline, or as ``collect`` noted."""
    noted: dict[str, dict[str, timedelta]] = {}
    found = {}
    for result in results:
        name, student = result.report.assignment, result.report.submission
        if deadline is None:
            if name not in noted:
                noted[name] = lateness(originals / name)
            over = noted[name].get(student, timedelta(0))
        else:
            owners = roster.owners(student) if roster is not None else []
            due = max([deadline, *(owner.deadline(name, deadline) for owner in owners)])
            time = _handed_in(result)
            over = time - due if time is not None else timedelta(0)
        if over > timedelta(0):
            found[(name, student)] = duration(over)
    return found


def _handed_in(result: Graded) -> datetime | None:
    """Return what ``timestamp.txt`` beside the notebook says, as nbgrader and ``collect`` write it."""
    notebook = result.submission.notebook
    if notebook is None:
        return None
    try:
        with (notebook.parent / "timestamp.txt").open(encoding="utf-8") as file:
            text = file.read(100).strip()
    except (OSError, ValueError):
        return None
    day, _space, rest = text.removesuffix(" UTC").partition(" ")
    return parse_time(f"{day}T{rest}Z" if text.endswith(" UTC") else text)


def _changes(results: Sequence[Graded]) -> dict[tuple[str, str], list[tuple[str, str, str]]]:
    """Return what the history knows of these submissions, the newest first; nothing where there is none."""
    from autograder.history.notes import changes_of
    from autograder.history.shown import dated

    return {key: [dated(change) for change in changes] for key, changes in changes_of(results).items()}


def _address(path: Path, folder: Path | None) -> str:
    """Return the relative address of a file; nothing where there is none, as between two drives."""
    try:
        relative = Path(os.path.relpath(path.resolve(), (folder or Path()).resolve()))
    except ValueError:
        return ""
    # urllib would encode letters that browsers show; only what ends a path in an address must go.
    return relative.as_posix().replace("%", "%25").replace("#", "%23").replace("?", "%3F")
