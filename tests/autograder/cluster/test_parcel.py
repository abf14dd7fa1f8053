"""A submission that crosses as bytes: the same there as here, and nothing that leads out of its folder."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from autograder.cluster.parcel import BadParcel, pack, unpack
from autograder.course.assignments import find_assignments
from autograder.grading.fingerprint import fingerprint
from autograder.intake import files
from autograder.intake.files import support_files
from autograder.intake.opening import NotHandedIn
from autograder.intake.submissions import Submission
from autograder.settings import Settings

NAME = "01_imagen_digital"
ASSIGNMENT = find_assignments()[NAME]


@pytest.fixture
def submission(tmp_path: Path) -> Submission:
    """A student's folder with a notebook, a model, a picture, another notebook, links and a hidden file."""
    folder = tmp_path / "ana" / NAME
    (folder / "models").mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_text('{"cells": []}')
    (folder / "copia.ipynb").write_text("{}")
    (folder / "models/cnn.keras").write_bytes(b"PK\x03\x04")
    (folder / "gato \udcff.png").write_bytes(bytes(range(256)))
    (folder / ".secreto").write_text("x")
    (folder / "enlace.png").symlink_to("/etc/passwd")
    (folder / "carpeta").symlink_to("/etc")
    return Submission("ana", folder / f"{NAME}.ipynb", folder, NAME)


def unpacked(submission: Submission, tmp_path: Path) -> Submission:
    (tmp_path / "there").mkdir()
    return unpack(pack(submission, ASSIGNMENT), tmp_path / "there")


def test_what_arrives_has_the_same_fingerprint_and_counts(submission: Submission, tmp_path: Path) -> None:
    """So the report is the same, its flags about links included."""
    there = unpacked(submission, tmp_path)
    settings = Settings()
    assert fingerprint(there, ASSIGNMENT, settings) == fingerprint(submission, ASSIGNMENT, settings)
    assert support_files(there, ASSIGNMENT)[1] == support_files(submission, ASSIGNMENT)[1] == (0, 2)
    assert (there.name, there.assignment) == ("ana", NAME)
    assert there.folder is not None
    assert (there.folder / "models/cnn.keras").read_bytes() == b"PK\x03\x04"
    assert not (there.folder / ".secreto").exists()


def test_a_notebook_among_others_travels_alone(submission: Submission, tmp_path: Path) -> None:
    """Its neighbours are somebody else's."""
    there = unpacked(Submission("ana", submission.notebook, None, NAME), tmp_path)
    assert there.folder is None
    assert [path.name for path in (tmp_path / "there").iterdir()] == [f"{NAME}.ipynb"]


def test_files_that_are_too_many_are_counted_and_not_sent(
    submission: Submission, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their sizes decide which they are, there as here."""
    assert submission.folder is not None
    for number in range(5):
        (submission.folder / f"{number}.txt").write_bytes(b"secreto " * 1000 * (number + 1))
    monkeypatch.setattr(files, "MAX_BYTES", 20_000)
    there = unpacked(submission, tmp_path)
    assert support_files(there, ASSIGNMENT)[1] == support_files(submission, ASSIGNMENT)[1] == (4, 2)
    assert there.folder is not None
    dropped = there.folder / "4.txt"
    assert (dropped.stat().st_size, set(dropped.read_bytes())) == (40_000, {0})


def test_a_notebook_that_is_a_link_is_not_packed(submission: Submission, tmp_path: Path) -> None:
    """It may be a neighbour's."""
    (tmp_path / "link.ipynb").symlink_to(submission.notebook or "")
    with pytest.raises(NotHandedIn, match="es un enlace"):
        pack(Submission("beto", tmp_path / "link.ipynb", None, NAME), ASSIGNMENT)


def forged(**changes: Any) -> bytes:
    about = {"notebook": ["a.ipynb", 2], "folder": True, "links": 0, "files": [], "name": "ana", "assignment": NAME}
    index = json.dumps({**about, **changes}).encode()
    return b"P" + len(index).to_bytes(4, "big") + index + b"{}"


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", "a//b", "./x", "x\0y"])
def test_names_that_lead_out_are_refused(name: str, tmp_path: Path) -> None:
    """Whoever sent them."""
    with pytest.raises(BadParcel, match="expected a name below the folder"):
        unpack(forged(files=[[name, 0, True]]), tmp_path)
    with pytest.raises(BadParcel, match="expected a name below the folder"):
        unpack(forged(notebook=[name, 2]), tmp_path)


@pytest.mark.parametrize(
    "parcel",
    [
        b"",
        b"\x80\x04N.",
        b"Z" + zlib.compress(b"x"),
        b"Z" + zlib.compress(b"x" * 100)[:-6],
        b"Zx",
        b"P\x00\x00\x00\x09[]",
        forged(files=[["a.ipynb", 0, True]]),
        forged(files=[["b", 5, True]]),
        forged(files=[["b", -5, False]]),
        forged(notebook=["a.ipynb", 1]),
        forged(files=[["b"]]),
        forged(links=1e9),
    ],
)
def test_what_is_no_parcel_is_refused(parcel: bytes, tmp_path: Path) -> None:
    """Bytes of something else, cut off, twice the same file, sizes that lie."""
    with pytest.raises(BadParcel):
        unpack(parcel, tmp_path)


def test_a_bomb_is_refused_before_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte that would be a gigabyte."""
    monkeypatch.setattr("autograder.cluster.parcel._MOST_BYTES", 1000)
    with pytest.raises(BadParcel, match="at most 0 MB"):
        unpack(b"Z" + zlib.compress(b"\0" * 100_000), tmp_path)
