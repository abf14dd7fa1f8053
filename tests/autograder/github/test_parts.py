"""A class split among machines: each gets its own submissions and sees no other's."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.github import parts as module
from autograder.github.parts import plan_parts, read_plan, take_part


@pytest.fixture
def submitted(tmp_path: Path) -> Path:
    for student in ("ana", "beto"):
        folder = tmp_path / "submitted" / student / "02_convolucion"
        (folder / "models").mkdir(parents=True)
        (folder / "02_convolucion.ipynb").write_text(student)
        (folder / "models/cnn.keras").write_bytes(b"PK")
        (folder / "link").symlink_to("/etc/passwd")
    return tmp_path / "submitted"


def test_each_submission_is_a_part(submitted: Path, tmp_path: Path) -> None:
    """Links stay behind."""
    plan = plan_parts(submitted, tmp_path / "parts")
    assert plan == {"001": [("ana", "02_convolucion")], "002": [("beto", "02_convolucion")]}
    with tarfile.open(tmp_path / "parts/002.tar") as archive:
        assert sorted(archive.getnames()) == [
            "beto/02_convolucion/02_convolucion.ipynb",
            "beto/02_convolucion/models/cnn.keras",
        ]


def test_a_machine_keeps_its_own_part_only(submitted: Path, tmp_path: Path) -> None:
    """The others are deleted before any student's code runs."""
    plan_parts(submitted, tmp_path / "parts")
    take_part(tmp_path / "parts", "002", tmp_path / "own")
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["beto"]
    assert list((tmp_path / "parts").iterdir()) == []


def test_a_large_class_shares_parts(submitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub limits the jobs of a matrix."""
    monkeypatch.setattr(module, "MAX_PARTS", 1)
    assert plan_parts(submitted, tmp_path / "parts") == {"001": [("ana", "02_convolucion"), ("beto", "02_convolucion")]}


def test_nothing_handed_in_is_an_empty_plan(tmp_path: Path) -> None:
    """The workflow then has nothing to grade."""
    assert plan_parts(tmp_path, tmp_path / "parts") == {}


@pytest.mark.parametrize("part", ["003", "../001", "", "001.tar"])
def test_an_unknown_part_is_an_error(submitted: Path, tmp_path: Path, part: str) -> None:
    """And nothing is deleted."""
    plan_parts(submitted, tmp_path / "parts")
    with pytest.raises(UsageError, match="expected a part"):
        take_part(tmp_path / "parts", part, tmp_path / "own")
    assert len(list((tmp_path / "parts").iterdir())) == 2


def test_a_plan_survives_the_workflow(submitted: Path, tmp_path: Path) -> None:
    """It goes as JSON through the output of a job."""
    plan = plan_parts(submitted, tmp_path / "parts")
    assert read_plan(json.dumps(plan)) == plan
    for text in ("", "[]", "{", '{"001": 3}', '{"001": [["ana"]]}'):
        with pytest.raises(UsageError, match="expected the plan"):
            read_plan(text)
