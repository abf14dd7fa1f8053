"""Takes the archive that Moodle makes of an assignment: *Download all submissions*.

Each student's files lie in ``Full Name_12345_assignsubmission_file_/`` (newer versions leave the last underscore out)
or, where *Download submissions in folders* is off, are called ``Full Name_12345_assignsubmission_file_NAME``. The
number is the participant's in this assignment alone, so that the name decides; in a blind assignment the name is
``Participant``. The grading worksheet (*Download grading worksheet*) says who is which participant, and when each
handed in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.collect.handin import Clues, Delivery, Source
from autograder.collect.lms import ArchiveHandin, Download, named_members
from autograder.collect.worksheet import Worksheet
from autograder.collect.zips import Member
from autograder.course.roster import Roster
from autograder.errors import UsageError

__all__ = ["find_submissions"]

_MEMBER = re.compile(r"(?P<name>[^/]+?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_?/|_)(?P<file>.+)", re.DOTALL)
_BLIND = re.compile(r"particip\w*", re.IGNORECASE)


def find_submissions(archive: Download, worksheet: Worksheet | None = None, roster: Roster | None = None) -> Source:
    """Return the hand-ins of a download.

    Where groups hand in, each member has a folder with the group's files, ``Group-Full Name_12345_…``.

    Parameters
    ----------
    archive : Download
    worksheet : Worksheet, optional
        Who is which participant, and when each handed in.
    roster : Roster, optional
        Tells what is a group's name and what the student's.

    Raises
    ------
    UsageError
        Nothing in the archive is called as Moodle calls submissions.
    """
    found: dict[tuple[str, str], list[tuple[str, Member]]] = {}
    texts = unknown = 0
    for name, member in named_members(archive, lambda name: _MEMBER.fullmatch(name) is not None):
        match = _MEMBER.fullmatch(name)
        if match and match["kind"] == "file":
            found.setdefault((match["name"], match["id"]), []).append((match["file"], member))
        elif match:
            texts += 1
        else:
            unknown += 1
    if not found:
        raise UsageError(
            "expected files called as Moodle calls them, Full Name_12345_assignsubmission_file_/…. "
            f"Received: {archive.path}, which holds none."
        )
    notes = list(worksheet.notes) if worksheet is not None else []
    if texts:
        notes.append(f"{texts} online texts or comments left out: only files are collected")
    if unknown:
        notes.append(f"{unknown} files left out whose names are not Moodle's")
    handins = []
    teams = _teams([name for name, _ in found], roster) if roster is not None else {}
    for (name, number), members in found.items():
        row = worksheet.participants.get(number) if worksheet is not None else None
        blind = _BLIND.fullmatch(name.strip()) is not None
        team, own_name = teams.get(name, ("", "" if blind else name))
        clues = Clues(
            f"{name}_{number}",
            name=(row.name if row else "") or own_name,
            moodle_id=number,
            email=row.email if row else "",
            id=row.id if row else "",
            team=(row.team if row else "") or team,
        )
        time = row.time if row else None
        # Whose time nobody knows is never late, and the instructor should know.
        silent = worksheet is not None and time is None
        told = ("the worksheet does not say when it was handed in",) if silent else ()
        extension = row.extension if row else None
        delivery = Delivery(time, "worksheet" if time else "", notes=told, extension=extension)
        handins.append(ArchiveHandin(clues, archive, members, delivery))
    original = archive.path if archive.path.is_file() else None
    return Source(archive.path.name, tuple(handins), original, tuple(notes))


def _teams(names: Sequence[str], roster: Roster) -> dict[str, tuple[str, str]]:
    """Return group and student of the names in a download of groups; empty if it is none.

    There every name begins with a group's. One that does, among others, is a student's who is called so.
    """
    if not all("-" in name for name in names) or any(roster.named(name) for name in names):
        return {}
    found = {}
    for name in names:
        parts = name.split("-")
        for place in range(1, len(parts)):
            student = "-".join(parts[place:])
            if roster.named(student):
                found[name] = ("-".join(parts[:place]), student)
                break
    return found
