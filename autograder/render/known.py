"""What pages and tables say of a submission beyond its report: names of people and exercises, and where more lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.course.exercises import Exercises
from autograder.language import texts_of
from autograder.render.text import plain_line
from autograder.report import Report

__all__ = ["NOTHING_KNOWN", "Known", "Person"]

_ = texts_of(__name__)


@dataclass(frozen=True)
class Person:
    """A student of the roster.

    Parameters
    ----------
    name, section, email : str
        Empty where the roster does not tell.
    """

    name: str = ""
    section: str = ""
    email: str = ""


@dataclass(frozen=True)
class Known:
    """What a course knows besides reports.

    Parameters
    ----------
    exercises : mapping of str to Exercises
        By assignment.
    people : mapping of str to Person
        By submission.
    links : mapping of (str, str) to mapping of str to str
        By assignment and submission: what else there is to open, as words and an address that the pages may use.
    late : mapping of (str, str) to str
        By assignment and submission: how late it was, in words.
    when : str
        When the run ended.
    changes : mapping of (str, str) to sequence of (str, str, str)
        By assignment and submission: when a grade changed, from what to what, and why; the newest first.
    """

    exercises: Mapping[str, Exercises] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    links: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    late: Mapping[tuple[str, str], str] = field(default_factory=dict)
    when: str = ""
    changes: Mapping[tuple[str, str], Sequence[tuple[str, str, str]]] = field(default_factory=dict)

    def person(self, report: Report) -> Person:
        """Return whose a report is; a person without a name if nobody knows."""
        return self.people.get(report.submission, Person())

    def name(self, report: Report) -> str:
        """Return the student's name, or what the submission is called."""
        return plain_line(self.person(report).name or report.submission)

    def title(self, assignment: str, grade_id: str) -> str:
        """Return what the notebook calls a grade cell, or its ``grade_id``."""
        number, subject = self.number(assignment, grade_id), self.subject(assignment, grade_id)
        return _("Ejercicio {number} · {subject}").format(number=number, subject=subject) if number else subject

    def number(self, assignment: str, grade_id: str) -> str:
        """Return the number of a grade cell's exercise, ``"3.2"``; empty if it has none."""
        found = self.exercises.get(assignment, Exercises()).by_cell.get(grade_id)
        return found.number if found is not None else ""

    def subject(self, assignment: str, grade_id: str) -> str:
        """Return what a grade cell is about, or its ``grade_id``."""
        found = self.exercises.get(assignment, Exercises()).by_cell.get(grade_id)
        return plain_line(found.subject if found is not None else grade_id)

    def waiting(self, report: Report) -> float:
        """Return how many points of a submission a person has yet to give."""
        return self.exercises.get(report.assignment, Exercises()).waiting if report.handed_in else 0.0


NOTHING_KNOWN = Known()
