"""The grades of a class as a table: students down, assignments across."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from autograder.course.roster import Roster, Student

__all__ = ["Assignment", "Entry", "GradeTable", "with_roster"]


@dataclass(frozen=True)
class Assignment:
    """A column of the table.

    Parameters
    ----------
    name : str
    title : str
        What the learning system calls it.
    max_score : float
        Points that can be earned.
    duedate : datetime or None
        UTC, without an extension that a student may have.
    """

    name: str
    title: str
    max_score: float
    duedate: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """What one student earned for one assignment that was handed in.

    Parameters
    ----------
    score : float or None
        Points, late penalty included and never below 0; None if there is no grade.
    raw_score : float or None
        Points without the penalty.
    penalty : float
        Points that a late submission cost.
    timestamp : datetime or None
        When it was handed in, UTC.
    seconds_late : float
    """

    score: float | None
    raw_score: float | None
    penalty: float = 0.0
    timestamp: datetime | None = None
    seconds_late: float = 0.0


@dataclass(frozen=True)
class GradeTable:
    """The grades of a class.

    Parameters
    ----------
    assignments : tuple of Assignment
    students : tuple of Student
        Also those who handed nothing in.
    entries : dict
        By the student's id and the assignment's name; what was not handed in is not there.
    problems : tuple of str
        What is not in the table though somebody may look for it, a sentence each.
    """

    assignments: tuple[Assignment, ...]
    students: tuple[Student, ...]
    entries: Mapping[tuple[str, str], Entry]
    problems: tuple[str, ...] = ()

    def entry(self, student: Student, assignment: Assignment) -> Entry | None:
        """Return what a student handed in for an assignment; None if nothing."""
        return self.entries.get((student.id, assignment.name))

    def score(self, student: Student, assignment: Assignment) -> float | None:
        """Return a student's points; None if there is no grade, which is not 0."""
        entry = self.entry(student, assignment)
        return entry.score if entry is not None else None

    def only(self, names: Iterable[str]) -> GradeTable:
        """Return the table with these assignments only."""
        chosen = set(names)
        return replace(
            self,
            assignments=tuple(item for item in self.assignments if item.name in chosen),
            entries={key: entry for key, entry in self.entries.items() if key[1] in chosen},
        )

    def of(self, students: Iterable[str]) -> GradeTable:
        """Return the table with the students of these ids only."""
        chosen = set(students)
        return replace(
            self,
            students=tuple(student for student in self.students if student.id in chosen),
            entries={key: entry for key, entry in self.entries.items() if key[0] in chosen},
        )

    def titled(self, titles: Mapping[str, str]) -> GradeTable:
        """Return the table with other titles for the assignments of these names."""
        return replace(
            self,
            assignments=tuple(replace(item, title=titles.get(item.name, item.title)) for item in self.assignments),
        )

    def without(self, students: Iterable[Student], reason: str) -> GradeTable:
        """Return the table without some students, and with a problem for each who has a grade."""
        left_out = {student.id for student in students}
        graded = {student for (student, _), entry in self.entries.items() if entry.score is not None}
        told = [f"{student} {reason}" for student in sorted(left_out & graded)]
        kept = tuple(student for student in self.students if student.id not in left_out)
        return replace(self, students=kept, problems=(*self.problems, *told))


def with_roster(table: GradeTable, roster: Roster) -> GradeTable:
    """Return the table for exactly the students of a roster, with their names and numbers.

    A submission belongs to whom `Roster.owners` names; one of a team gives its points to each member who has none of
    their own. Submissions of nobody, and two of the same student for one assignment, are left out and told.
    """
    owners = {student.id: roster.owners(student.id) for student in table.students}
    entries: dict[tuple[str, str], Entry] = {}
    problems = list(table.problems)
    twice = set()
    # What is called after a team comes last.
    for (name, assignment), entry in sorted(table.entries.items(), key=lambda item: len(owners[item[0][0]]) > 1):
        if not owners[name]:
            problems.append(f"{name} ({assignment}) is not in the roster.")
        for owner in owners[name]:
            key = (owner.id, assignment)
            if key in entries and entry.score is not None and entries[key].score is not None:
                twice |= {key} if len(owners[name]) == 1 else set()
            if key not in entries or entries[key].score is None:
                entries[key] = entry
    for student, assignment in sorted(twice):
        del entries[student, assignment]
        problems.append(f"{student} has two grades for {assignment}: none was taken.")
    return replace(table, students=roster.students, entries=entries, problems=tuple(problems))
