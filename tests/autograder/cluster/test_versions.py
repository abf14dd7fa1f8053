"""What a machine grades with, and who is refused for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.cluster import versions
from autograder.cluster.versions import Versions, our_versions
from autograder.course.assignments import Assignment, find_assignments

NAME = "02_convolucion"


@pytest.fixture
def assignment(course: Path) -> Assignment:
    return find_assignments(course)[NAME]


def seal(assignment: Assignment) -> str:
    return our_versions({assignment.name: assignment}).seal(assignment.name)


def _check(course: Path) -> None:
    (course / "tests/checks" / NAME / "test_more.py").write_text("")


def _notebook(course: Path) -> None:
    (course / "source" / NAME / f"{NAME}.ipynb").write_text("{}")


def _released(course: Path) -> None:
    (course / "assignments" / NAME).mkdir(parents=True, exist_ok=True)
    (course / "assignments" / NAME / "gato.png").write_bytes(b"x")


@pytest.mark.parametrize("change", [_check, _notebook, _released])
def test_whatever_points_follow_from_breaks_the_seal(
    course: Path, assignment: Assignment, change: Callable[[Path], None]
) -> None:
    """And nothing else does."""
    before = seal(assignment)
    assert seal(assignment) == before
    change(course)
    assert seal(assignment) != before


def test_another_python_grader_package_data_set_or_secret_breaks_it(
    assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each by itself; the data set's contents count, not its times."""
    assignment = replace(assignment, datasets=("mnist",))
    seen = [seal(assignment)]
    for name, value in (
        ("platform.python_version", lambda: "3.99.0"),
        ("code_digest", lambda: "0" * 64),
        ("importlib.metadata.version", lambda name: "9"),
        ("contents_digest", lambda name: "0" * 64),
        ("secret_number", lambda: 7),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(f"{versions.__name__}.{name}", value)
            seen.append(seal(assignment))
    assert len(set(seen)) == 6


def test_differences_name_both_sides() -> None:
    """Of what both have; an assignment that the other does not grade is no difference."""
    ours = Versions("1.0 (code a)", "3.11.7", {"one": {"checks": "aa", "numpy": "2"}, "two": {"checks": "b"}})
    theirs = Versions("1.1 (code b)", "3.12.1", {"one": {"checks": "cc", "numpy": "2"}})
    assert ours.differences(ours) == []
    assert ours.differences(theirs) == [
        "grader here 1.0 (code a), there 1.1 (code b)",
        "Python here 3.11.7, there 3.12.1",
        "checks of one here aa, there cc",
    ]


def test_the_seal_of_any_assignment_covers_all() -> None:
    """A place that does not say which assignment it is may be graded only where all are the same."""
    both = Versions("1", "3", {"one": {"checks": "a"}, "two": {"checks": "b"}})
    other = replace(both, assignments={**both.assignments, "two": {"checks": "c"}})
    assert both.seal("one") == other.seal("one")
    assert both.seal("") != other.seal("")


@pytest.mark.parametrize("text", ["", "[]", '{"grader": "1"}', '{"grader": 1, "python": 1, "assignments": 1}', None])
def test_versions_of_another_form_are_none(text: str | None) -> None:
    """A machine may say anything."""
    with pytest.raises(ValueError, match="expected the versions of a machine"):
        Versions.from_json(text)
    assert Versions.from_json(Versions("1", "3", {}).to_json()) == Versions("1", "3", {})
