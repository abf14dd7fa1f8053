"""Tells whose a hand-in is. A doubt is reported, never guessed away: a wrong name costs two students their grade."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograder.collect.handin import Clues
from autograder.course.roster import Roster, Student

__all__ = ["Match", "match"]


@dataclass(frozen=True)
class Match:
    """Whose a hand-in is.

    Parameters
    ----------
    student : str
        The student's id; empty if nobody's.
    problem : str
        Why it is nobody's; empty otherwise.
    claimed : str
        Whose it would be if no other hand-in were the same student's.
    team : str
        The student's team.
    of_team : bool
        Whether it is called after the team: then the student is but one of its members.
    shared_by : str
        Another student of the team, who handed it in.
    """

    student: str
    problem: str = ""
    claimed: str = ""
    team: str = ""
    of_team: bool = False
    shared_by: str = ""


def match(clues: Sequence[Clues], roster: Roster | None) -> list[Match]:
    """Return whose each hand-in is, in their order.

    Parameters
    ----------
    clues : sequence of Clues
    roster : Roster or None
        Without one, ids are made from GitHub logins and names.

    Returns
    -------
    list of Match
        Two hand-ins of one student are a conflict: neither is the student's.
    """
    found = [_without_roster(item) if roster is None else _in_roster(item, roster) for item in clues]
    if roster is not None:
        found = _with_teams(clues, found, roster)
    if roster is None:
        # Two of one name are two students.
        names = Counter(item.student.casefold() for item in found)
        found = [
            Match(f"{item.student}-{clue.canvas_id or clue.moodle_id}")
            if names[item.student.casefold()] > 1 and (clue.canvas_id or clue.moodle_id)
            else item
            for clue, item in zip(clues, found)
        ]
    owners = Counter(item.student.casefold() for item in found if item.student)
    return [
        Match("", f"one of {owners[item.student.casefold()]} hand-ins of this student", item.student)
        if item.student and owners[item.student.casefold()] > 1
        else item
        for item in found
    ]


def _in_roster(clues: Clues, roster: Roster) -> Match:
    if clues.problem:
        return Match("", clues.problem)
    for field, value in (
        ("id", clues.id),
        ("sis_id", clues.id),
        ("email", clues.email),
        ("github", clues.github),
        ("canvas_id", clues.canvas_id),
    ):
        if (student := roster.find(field, value)) is not None:
            return Match(student.id)
    named = roster.named(clues.name)
    if len(named) > 1:
        # A participant's number may be another assignment's: it may only decide between students of this name.
        numbered: list[Student] = [
            student for student in named if clues.moodle_id and student.moodle_id == clues.moodle_id
        ]
        named = numbered or named
    if len(named) == 1:
        return Match(named[0].id)
    if named:
        ids = ", ".join(student.id for student in named)
        return Match("", f"the roster has several students of this name ({ids})")
    if not clues.name and (student := roster.find("moodle_id", clues.moodle_id)) is not None:
        return Match(student.id)
    return Match("", "not in the roster")


def _with_teams(clues: Sequence[Clues], found: Sequence[Match], roster: Roster) -> list[Match]:
    """Return the matches with the teams of the students; what is called after a team is a member's without another."""
    owners = {item.student for item in found}
    teams = {student.id: student.team for student in roster}
    matches = []
    for clue, item in zip(clues, found):
        members = [] if item.student or clue.problem else roster.members(clue.github or clue.name)
        free = [student for student in members if student.id not in owners]
        if free:
            owners.add(free[0].id)
            matches.append(Match(free[0].id, team=free[0].team, of_team=True))
        elif members:
            matches.append(Match("", f"each of the team {members[0].team} handed in something else"))
        else:
            matches.append(replace(item, team=clue.team or teams.get(item.student, "")))
    return matches


def _without_roster(clues: Clues) -> Match:
    if clues.problem:
        return Match("", clues.problem)
    known = clues.id or clues.github or clues.name or clues.moodle_id
    letters = unicodedata.normalize("NFKD", known).casefold()
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    name = re.sub(r"[^\w.-]+", "-", plain).strip("-._")[:100]
    return Match(name) if name else Match("", "it has no name that could be an id")
