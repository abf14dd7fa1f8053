"""The pins of ``requirements.txt``, and what a notebook may import beyond them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy
import pytest

from autograder.commands.session import grade_paths
from autograder.course.assignments import ROOT, find_assignments
from autograder.course.requirements import missing_packages, pinned, pins
from autograder.errors import UsageError
from autograder.github.template import requirements
from autograder.settings import Settings

HASHED = """# Made by a program.
numpy==2.4.6 ; python_full_version >= '3.11' \\
    --hash=sha256:aa \\
    --hash=sha256:bb
six==1.17.0
"""


def test_only_what_is_not_met_is_missing() -> None:
    """By name and by version."""
    wanted = ["numpy", f"numpy=={numpy.__version__}", "numpy<1.0", "no-such-package-of-ours==1.0"]
    assert missing_packages(wanted) == ["numpy<1.0", "no-such-package-of-ours==1.0"]


def test_what_is_no_requirement_is_refused() -> None:
    """With the text that stands in the file."""
    with pytest.raises(UsageError, match=r"expected a requirement such as .* Received: not a name"):
        missing_packages(["not a name"])


def test_nothing_is_graded_without_an_assignments_packages(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook that cannot import what it may would lose points; the message has the command that helps."""
    about = {"names": ["KERNELS", "pad2d", "conv2d"], "packages": ["no-such-package-of-ours==1.0"]}
    (course / "source/02_convolucion/assignment.json").write_text(json.dumps(about))
    assignments = find_assignments(course)
    monkeypatch.setattr("autograder.commands.session.find_assignments", lambda: assignments)
    notebook = assignments["02_convolucion"].source
    with pytest.raises(UsageError, match=r"-m pip install no-such-package-of-ours==1\.0"):
        grade_paths([notebook], None, Settings())


def test_a_students_repository_asks_for_them(course: Path) -> None:
    """Behind the pins of the course."""
    about = {"names": ["KERNELS", "pad2d", "conv2d"], "packages": ["networkx==3.4.2"]}
    (course / "source/02_convolucion/assignment.json").write_text(json.dumps(about))
    assignment = find_assignments(course)["02_convolucion"]
    assignment.released.parent.mkdir(parents=True)
    assignment.released.write_bytes(assignment.source.read_bytes())
    assert requirements(assignment).splitlines()[-1] == "networkx==3.4.2"


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
