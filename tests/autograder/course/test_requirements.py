"""The pins of ``requirements.txt``: each with the hashes of its files, and handed on without them."""

from __future__ import annotations

from autograder.course.assignments import ROOT
from autograder.course.requirements import pinned, pins

HASHED = """# Made by a program.
numpy==2.4.6 ; python_full_version >= '3.11' \\
    --hash=sha256:aa \\
    --hash=sha256:bb
six==1.17.0
"""


def test_pins_are_lines_without_comments_and_hashes() -> None:
    """As pip reads them one by one, and as `packaging` understands them."""
    assert pins(HASHED) == ["numpy==2.4.6 ; python_full_version >= '3.11'", "six==1.17.0"]
    assert pinned(["six"], HASHED) == ["six==1.17.0"]


def test_every_pin_of_this_repository_has_a_hash_and_no_index() -> None:
    """An index, or a mirror, can then hand out nothing but the files that were pinned."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    lines = [line for line in text.replace("\\\n", "").splitlines() if not line.startswith("#")]
    assert len(lines) == len(pins(text))
    assert [line for line in lines if "--hash=sha256:" not in line] == []
    assert "://" not in text
