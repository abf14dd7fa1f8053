"""What model files say of themselves: when they were written and by which Keras. A student may have forged either."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from statistics import median
from typing import Any

from autograder.audit.child import model_files
from autograder.course.assignments import Assignment
from autograder.course.times import parse_time
from autograder.errors import AutograderError
from autograder.intake.opening import NotHandedIn, open_handed_in
from autograder.intake.submissions import Submission
from autograder.report import new_flag
from autograder.sandbox.box import Sandbox
from autograder.sandbox.launch import pack
from autograder.sandbox.remote import RemoteStudent
from autograder.settings import Settings

__all__ = ["Written", "file_flags", "read_files"]

ENOUGH = 5
"""Files of a class from which on it says what is usual."""
USUAL = 0.6
"""Such a part of the files has the usual version."""
OLDER = timedelta(days=60)
"""So much older than half of the class's files is told, where nobody knows when the assignment began."""
ZONES = timedelta(hours=14)
"""Files tell the time of the machine that wrote them, without its zone."""

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)@(\d\d:\d\d:\d\d)")
_VERSION = re.compile(r"(\d{1,3}\.\d{1,3})(?:\.\w{1,10})*")
_TIMESTAMP = "timestamp.txt"

_OLD = "{path} was written on {date:%Y-%m-%d}, {than}. Ask whose work it is: an earlier year's, perhaps."
_LATE = (
    "{path} was written on {date:%Y-%m-%d %H:%M}, after it was handed in ({at:%Y-%m-%d %H:%M}). Ask what replaced it."
)
_VERSION_TEXT = "{path} was written by Keras {mine}, {others}. Ask on which machine it was trained."


@dataclass(frozen=True)
class Written:
    """What one model file says of itself.

    Parameters
    ----------
    submission, assignment, path : str
    version : str
        ``3.15``, or empty.
    date : datetime or None
        Taken as if it were UTC.
    handed_in : datetime or None
        When the submission was handed in, as collecting wrote it.
    """

    submission: str
    assignment: str
    path: str
    version: str = ""
    date: datetime | None = None
    handed_in: datetime | None = None


def read_files(
    submissions: Sequence[Submission], assignments: Mapping[str, Assignment], settings: Settings
) -> list[Written]:
    """Read what the model files of a class say of themselves, each submission's in a worker of its own.

    Parameters
    ----------
    submissions : sequence of Submission
        With the assignment's name.
    assignments : mapping
    settings : Settings

    Raises
    ------
    SandboxUnavailable
        This machine cannot lock hostile files up.
    """
    todo = [(one, model_files(one, assignments[one.assignment])) for one in submissions]
    todo = [(one, files) for one, files in todo if files]
    found: list[Written] = []
    if not todo:
        return found
    plain = Settings(sandbox=settings.sandbox)
    with Sandbox(tensorflow=False, kind=settings.sandbox) as box:
        box.wait_until_ready()
        for submission, files in todo:
            at = _handed_in(submission)
            with contextlib.closing(pack(files)) as archive:
                student = RemoteStudent(box.address, archive, [], plain, plain.limits(False), models=False)
                with contextlib.closing(student):
                    for path, _ in files:
                        about: Mapping[str, str] = {}
                        with contextlib.suppress(AutograderError):
                            about = student.model_about(path)
                        version = _VERSION.fullmatch(about.get("keras_version", ""))
                        date = _moment(about.get("date_saved", ""))
                        found.append(
                            Written(
                                submission.name, submission.assignment, path, version[1] if version else "", date, at
                            )
                        )
    return found


def file_flags(
    written: Sequence[Written], opens: Mapping[str, datetime | None]
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return flags ``model-date`` and ``model-version`` by ``(assignment, submission)``.

    Parameters
    ----------
    written : sequence of Written
        Of a whole class.
    opens : mapping of str to datetime or None
        When each assignment began.
    """
    flags: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for assignment in dict.fromkeys(one.assignment for one in written):
        mine = [one for one in written if one.assignment == assignment]
        dates = [one.date.timestamp() for one in mine if one.date is not None]
        middle = datetime.fromtimestamp(median(dates), timezone.utc) if len(dates) >= ENOUGH else None
        versions = Counter(one.version for one in mine if one.version)
        usual, count = versions.most_common(1)[0] if versions else ("", 0)
        known = usual if sum(versions.values()) >= ENOUGH and count >= USUAL * sum(versions.values()) else ""
        for one in mine:
            others = {other.version for other in mine if other.submission == one.submission and other.version}
            told = [*_dated(one, opens.get(assignment), middle), *_versioned(one, known, others)]
            if told:
                flags.setdefault((assignment, one.submission), []).extend(told)
    return flags


def _dated(one: Written, opens: datetime | None, middle: datetime | None) -> list[dict[str, Any]]:
    if one.date is None:
        return []
    date = one.date.isoformat()
    if opens is not None and one.date < opens - ZONES:
        message = _OLD.format(path=one.path, date=one.date, than=f"before the assignment began ({opens:%Y-%m-%d})")
        return [new_flag("model-date", message, model=one.path, date=date)]
    if opens is None and middle is not None and one.date < middle - OLDER:
        message = _OLD.format(path=one.path, date=one.date, than=f"half of the class's after {middle:%Y-%m-%d}")
        return [new_flag("model-date", message, model=one.path, date=date)]
    if one.handed_in is not None and one.date > one.handed_in + ZONES:
        message = _LATE.format(path=one.path, date=one.date, at=one.handed_in)
        return [new_flag("model-date", message, model=one.path, date=date)]
    return []


def _versioned(one: Written, usual: str, own: set[str]) -> list[dict[str, Any]]:
    others = []
    if usual and one.version and one.version != usual:
        others.append(f"the class's by {usual}")
    if one.version and len(own) > 1:
        others.append(f"other models of the same student by {', '.join(sorted(own - {one.version}))}")
    if not others:
        return []
    message = _VERSION_TEXT.format(path=one.path, mine=one.version, others=" and ".join(others))
    return [new_flag("model-version", message, model=one.path, version=one.version)]


def _moment(text: str) -> datetime | None:
    found = _DATE.fullmatch(text)
    return parse_time(f"{found[1]}T{found[2]}Z") if found else None


def _handed_in(submission: Submission) -> datetime | None:
    """Return the time that `collect`, or nbgrader, wrote beside the notebook."""
    if submission.folder is None:
        return None
    try:
        with open_handed_in(submission.folder / _TIMESTAMP) as file:
            text = file.read(200).decode(errors="replace")
    except (NotHandedIn, OSError):
        return None
    return parse_time(text.strip().replace("UTC", "Z"))
