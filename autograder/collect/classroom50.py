"""Takes the clones that ``gh teacher download`` of Classroom 50 leaves in one folder.

Each is ``<classroom>-<assignment>-<login>/``; a submission is a tag ``submit/2026-06-01T14-32-05Z-a1b2c3d`` that the
classroom's workflow sets, with the time at which it ran in its name.
"""

from __future__ import annotations

import contextlib
import re
from datetime import datetime, timezone
from pathlib import Path

from autograder.collect.git import Access
from autograder.collect.handin import Clues, Source
from autograder.collect.mirror import Mirror
from autograder.collect.repositories import RepositoryHandin
from autograder.course.roster import Roster
from autograder.errors import UsageError

__all__ = ["find_clones"]

_TAG = re.compile(r"submit/(\d{4})-?(\d{2})-?(\d{2})T(\d{2})-?(\d{2})-?(\d{2})Z(?:-[0-9a-f]+)?")


def find_clones(folder: Path, accept_late: bool, roster: Roster | None) -> Source:
    """Return the clones in a folder.

    Raises
    ------
    UsageError
        It holds none.
    """
    clones = sorted(path for path in folder.iterdir() if _is_clone(path)) if folder.is_dir() else []
    if not clones:
        raise UsageError(
            "expected the folder that `gh teacher download` made, with a clone for each student. "
            f"Received: {folder}, which holds none."
        )
    access = Access(("file",))
    prefix = _common_prefix([clone.name for clone in clones])
    handins = [
        RepositoryHandin(_clues(clone.name, prefix, roster), str(clone / ".git"), access, accept_late, "", None, _times)
        for clone in clones
    ]
    return Source(str(folder), tuple(handins))


def _is_clone(path: Path) -> bool:
    """Tell whether a folder is a clone itself, and none that leads to a repository elsewhere."""
    return (path / ".git").is_dir() and not path.is_symlink() and not (path / ".git").is_symlink()


def _clues(name: str, prefix: str, roster: Roster | None) -> Clues:
    """Return whose a clone is: the longest end of its name that is a login or team of the roster, else what differs."""
    parts = name.split("-")
    if roster is not None:
        for start in range(1, len(parts)):
            login = "-".join(parts[start:])
            if roster.find("github", login) is not None or roster.members(login):
                return Clues(name, github=login)
    return Clues(name, github=name[len(prefix) :] or name)


def _common_prefix(names: list[str]) -> str:
    """Return ``<classroom>-<assignment>-``: what all names begin with, up to a hyphen."""
    shared = names[0]
    for name in names[1:]:
        while not name.startswith(shared):
            shared = shared[:-1]
    return shared[: shared.rfind("-") + 1]
    return shared[: shared.rfind("-") + 1]


def _times(mirror: Mirror) -> dict[str, tuple[str, datetime]]:
    found = {}
    for name, commit in mirror.tags().items():
        if match := _TAG.fullmatch(name):
            with contextlib.suppress(ValueError):
                time = datetime.strptime("".join(match.groups()), "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)
                found[name] = (commit, time)
    return found
