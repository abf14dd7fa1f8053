"""A dismissed flag stays dismissed, with who and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.similarity.dismissed import dismiss, read_dismissals, reason


def test_a_dismissal_is_kept_with_who_and_why(tmp_path: Path) -> None:
    """In whichever order the two are named; for one assignment, or for all."""
    file = tmp_path / "d.json"
    dismiss(("zoe", "ana"), "02_convolucion", "Prof. Ruiz", "they worked as a pair", file)
    dismiss(("ana", "luz"), "", "Ruiz", "sisters, one computer", file)
    kept = read_dismissals(file)
    assert [one.submissions for one in kept] == [("ana", "zoe"), ("ana", "luz")]
    told = reason(kept, ("ana", "zoe"), "02_convolucion")
    assert told.startswith("Prof. Ruiz, 20")
    assert told.endswith(": they worked as a pair")
    assert reason(kept, ("zoe", "ana"), "03_formulas") == ""
    assert reason(kept, ("luz", "ana"), "03_formulas").endswith("sisters, one computer")


@pytest.mark.parametrize(
    ("names", "by", "why"), [(("a", "a"), "R", "x"), (("a", "b"), " ", "x"), (("a", "b"), "R", "")]
)
def test_nobody_and_nothing_dismiss_nothing(tmp_path: Path, names: tuple[str, str], by: str, why: str) -> None:
    """Two different names, a person and a reason are needed."""
    with pytest.raises(UsageError, match="expected"):
        dismiss(names, "", by, why, tmp_path / "d.json")
    assert not (tmp_path / "d.json").exists()


def test_a_damaged_file_is_told_and_kept(tmp_path: Path) -> None:
    """Decisions are not thrown away because a comma is missing."""
    file = tmp_path / "d.json"
    file.write_text('[{"submissions": ["a"', encoding="utf-8")
    with pytest.raises(UsageError, match="expected the decisions"):
        dismiss(("a", "b"), "", "R", "x", file)
    assert file.read_text(encoding="utf-8") == '[{"submissions": ["a"'
