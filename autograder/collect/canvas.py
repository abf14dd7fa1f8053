"""Takes the archive that Canvas makes of an assignment: *Download Submissions*.

All files lie side by side: ``gonzalezana_12345_67890_02_convolucion.ipynb`` is last and first name in lower case
without spaces, ``LATE`` where it came late, Canvas's number of the user, the number of the upload, and the name that
the student gave, to which Canvas adds ``-1``, ``-2`` … when it is handed in again.
"""

from __future__ import annotations

import re

from autograder.collect.handin import Clues, Delivery, Source
from autograder.collect.lms import ArchiveHandin, Download, named_members
from autograder.collect.zips import Member
from autograder.errors import UsageError

__all__ = ["find_submissions"]

_MEMBER = re.compile(
    r"(?P<name>[^/]+?)_(?:(?P<late>late)_)?(?P<user>\d+)_(?P<upload>\d+)_(?P<file>[^/]+)", re.IGNORECASE | re.DOTALL
)
_ANONYMOUS = re.compile(
    r"anon_(?:(?P<late>late)_)?(?P<user>[a-z0-9]{5})_(?P<upload>\d+)_(?P<file>[^/]+)", re.IGNORECASE | re.DOTALL
)
# A text entry or a link is a page of Canvas's own.
_PAGE = re.compile(r"[^/]+_(?:text|link)\.html", re.IGNORECASE)
_AGAIN = re.compile(r"-\d+(?=\.(?:ipynb|keras|zip)$)", re.IGNORECASE)


def find_submissions(archive: Download) -> Source:
    """Return the hand-ins of a download.

    Raises
    ------
    UsageError
        Nothing in the archive is called as Canvas calls submissions.
    """
    found: dict[tuple[str, str], list[tuple[int, str, Member]]] = {}
    late: dict[tuple[str, str], bool] = {}
    pages = unknown = 0
    for name, member in named_members(archive, lambda name: _match(name) is not None):
        anonymous = _ANONYMOUS.fullmatch(name)
        match = _match(name)
        if match:
            key = ("" if anonymous else match["name"], match["user"])
            found.setdefault(key, []).append((int(match["upload"]), match["file"], member))
            late[key] = late.get(key, False) or match["late"] is not None
        elif _PAGE.fullmatch(name):
            pages += 1
        else:
            unknown += 1
    if not found:
        raise UsageError(
            "expected files called as Canvas calls them, lastnamefirstname_12345_67890_name.ipynb. "
            f"Received: {archive.path}, which holds none."
        )
    notes = []
    if pages:
        notes.append(f"{pages} text entries or links left out: only files are collected")
    if unknown:
        notes.append(f"{unknown} files left out whose names are not Canvas's")
    handins = []
    for (name, user), files in found.items():
        members, older = _newest(files)
        clues = Clues(
            f"{name or 'anon'}_{user}",
            name,
            canvas_id=user if name else "",
            problem=""
            if name
            else "the download is anonymous; show the students' names in Canvas and download it again.",
        )
        delivery = Delivery(late=late[name, user], notes=tuple(older))
        handins.append(ArchiveHandin(clues, archive, members, delivery))
    original = archive.path if archive.path.is_file() else None
    return Source(archive.path.name, tuple(handins), original, tuple(notes))


def _match(name: str) -> re.Match[str] | None:
    return _ANONYMOUS.fullmatch(name) or _MEMBER.fullmatch(name)


def _newest(files: list[tuple[int, str, Member]]) -> tuple[list[tuple[str, Member]], list[str]]:
    """Return the newest upload of each file, under the name that the student gave, and what is left out for it."""
    chosen: dict[str, tuple[str, Member]] = {}
    older = []
    for _, name, member in sorted(files, key=lambda file: file[0], reverse=True):
        given = _AGAIN.sub("", name)
        if given.casefold() in chosen:
            older.append(f"left out {name}: {chosen[given.casefold()][1].name} was uploaded later")
        else:
            chosen[given.casefold()] = (given, member)
    return list(chosen.values()), older
