"""A submission as bytes: what of it the grader looks at, and nothing else.

A parcel is an index in JSON and the contents of files one after the other. It is never a pickle, and what is unpacked
is as the machine that packed it saw it: files that are too many or too large are there by name and size only, and
links lead nowhere, so that both machines count the same.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from pathlib import Path

from autograder.course.assignments import Assignment
from autograder.intake.files import files_in, support_files
from autograder.intake.notebook import MAX_NOTEBOOK
from autograder.intake.opening import NotHandedIn, open_handed_in
from autograder.intake.submissions import Submission

__all__ = ["BadParcel", "pack", "unpack"]

_MOST_BYTES = 400 << 20
"""More than a notebook and all files beside it may have."""
_MOST_ENTRIES = 100_000
_FEW_BYTES = 8 << 20
"""Up to here a parcel is compressed; what is larger is models, which are compressed already."""
_PLAIN, _COMPRESSED = b"P", b"Z"


class BadParcel(ValueError):
    """What came is no parcel."""


def pack(submission: Submission, assignment: Assignment) -> bytes:
    """Return a submission as bytes.

    Parameters
    ----------
    submission : Submission
        With a notebook.
    assignment : Assignment
        Any of those that it may be: what is taken of a student's files does not depend on it.

    Raises
    ------
    NotHandedIn
        The notebook is no file that a student handed in.
    """
    notebook, folder = submission.notebook, submission.folder
    if notebook is None:
        raise NotHandedIn("no notebook")
    entries: list[tuple[str, int, bool]] = []
    contents: list[bytes] = []
    links = 0
    name = notebook.name
    if folder is not None:
        wanted = {path for _, path in support_files(submission, assignment)[0]}
        listed, links = files_in(folder)
        name = notebook.relative_to(folder).as_posix()
        for place, path in listed:
            if place == name:
                continue
            content = _read(path) if path in wanted else None
            if content is not None:
                contents.append(content)
            entries.append((place, len(content) if content is not None else _size(path), content is not None))
    with open_handed_in(notebook) as file:
        own = file.read(MAX_NOTEBOOK + 1)
    about = {"notebook": [name, len(own)], "folder": folder is not None, "links": links, "files": entries}
    about |= {"name": submission.name, "assignment": submission.assignment}
    index = json.dumps(about).encode()
    whole = b"".join([len(index).to_bytes(4, "big"), index, own, *contents])
    return _COMPRESSED + zlib.compress(whole, 1) if len(whole) <= _FEW_BYTES else _PLAIN + whole


def unpack(parcel: bytes, place: Path) -> Submission:
    """Lay a submission out in an empty folder.

    Raises
    ------
    BadParcel
        The bytes are no parcel, or a name in it leads out of the folder.
    """
    whole = memoryview(_opened(parcel))
    size = int.from_bytes(whole[:4], "big")
    try:
        about = json.loads(bytes(whole[4 : 4 + size]))
        name, length = about["notebook"]
        files = [(name, length, True), *((str(place), int(count), bool(here)) for place, count, here in about["files"])]
        links, has_folder, student = int(about["links"]), bool(about["folder"]), str(about["name"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadParcel(f"expected an index of files. Received: {error}") from error
    if len(files) + links > _MOST_ENTRIES:
        raise BadParcel(f"expected at most {_MOST_ENTRIES} files. Received: {len(files) + links}")
    rest = whole[4 + size :]
    for count, (file, length, here) in enumerate(files):
        target = place / _inside(file)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() or length < 0 or (here and length > len(rest)):
            raise BadParcel(f"expected each file once and whole. Received: number {count} twice, or not all of it")
        with target.open("xb") as stream:
            if here:
                stream.write(rest[:length])
                rest = rest[length:]
            else:
                stream.truncate(length)
    for number in range(links):
        (place / f"link-{number}").symlink_to("/nonexistent/left-out")
    if len(rest):
        raise BadParcel(f"expected the end. Received: {len(rest)} more bytes")
    return Submission(student, place / name, place if has_folder else None, str(about.get("assignment", "")))


def _opened(parcel: bytes) -> bytes:
    if parcel[:1] == _PLAIN:
        return parcel[1:]
    if parcel[:1] != _COMPRESSED:
        raise BadParcel("expected a parcel. Received: other bytes")
    engine = zlib.decompressobj()
    try:
        whole = engine.decompress(parcel[1:], _MOST_BYTES)
    except zlib.error as error:
        raise BadParcel(f"expected a compressed parcel. Received: {error}") from error
    if engine.unconsumed_tail or not engine.eof:
        raise BadParcel(f"expected at most {_MOST_BYTES >> 20} MB, and all of them. Received: more, or only a part")
    return whole


def _inside(name: str) -> str:
    """Return a name below a folder; one that leads out of it is refused."""
    parts = name.split("/")
    if "\0" in name or any(part in ("", ".", "..") for part in parts):
        raise BadParcel(f"expected a name below the folder. Received: {name[:200]!r}")
    return os.sep.join(parts)


def _read(path: Path) -> bytes | None:
    with contextlib.suppress(NotHandedIn, OSError), open_handed_in(path) as file:
        return file.read()
    return None


def _size(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.lstat().st_size
    return 0
