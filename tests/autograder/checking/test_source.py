"""Which checks changed with the text of their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.checking.source import check_digests

TEXT = '''import pytest
LIMIT = 3

def helper():
    return LIMIT

@pytest.mark.grade("a", weight=2)
def test_one(student):
    """Uno."""
    assert helper()

@pytest.mark.grade("a")
def test_two(student):
    """Dos."""

def test_three(student):
    """Tres."""
    test_two(student)
'''


@pytest.fixture
def checks(tmp_path: Path) -> Path:
    (tmp_path / "test_a.py").write_text(TEXT)
    (tmp_path / "test_b.py").write_text("def test_four(student):\n    '''Cuatro.'''\n")
    (tmp_path / "reference.py").write_text("x = 1\n")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        ("test_a.py", "assert helper()", "assert not helper()", {"test_one"}),
        ("test_a.py", "weight=2", "weight=3", {"test_one"}),
        ("test_a.py", "LIMIT = 3", "LIMIT = 4", {"test_one", "test_two", "test_three"}),
        ("test_a.py", "Dos.", "Two.", {"test_one", "test_two", "test_three"}),
        ("test_b.py", "Cuatro", "Four", {"test_four"}),
        ("reference.py", "x = 1", "x = 2", {"test_one", "test_two", "test_three", "test_four"}),
    ],
)
def test_a_check_changes_with_what_it_may_follow_from(
    checks: Path, file: str, old: str, new: str, changed: set[str]
) -> None:
    """Its own text, its file without the other checks, helpers; a check that is called by name counts as a helper."""
    before = check_digests(checks)
    assert list(before) == ["test_one", "test_two", "test_three", "test_four"]
    path = checks / file
    path.write_text(path.read_text().replace(old, new))
    after = check_digests(checks)
    assert {name for name in after if after[name] != before[name]} == changed
