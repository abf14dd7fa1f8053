"""A small course is proven: what dies where, what survives, who is hurt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.course.assignments import find_assignments
from autograder.proving.outcome import Proof
from autograder.proving.proof import prove

CHECKS = '''"""Checks."""

import numpy as np
import pytest

from autograder.checking import expect_array


@pytest.mark.grade("pad2d")
def test_padding(student, rng):
    """pad2d rodea de ceros."""
    image = rng.integers(1, 9, size=(2, 2))
    expect_array(student.pad2d(image, 1), np.pad(image, 1), "la salida")
'''
PROMISES = """import numpy as np
from autograder.proving.promises import Call, Promise

PROMISES = {
    "pad2d": Promise(
        lambda rng: Call((np.ones((int(rng.integers(1, 4)), 2)), int(rng.integers(0, 3)))), count=40, lists=True
    )
}
"""
STYLES = """# %% pad2d-code by hand
def pad2d(image, padding):
    padded = np.zeros((image.shape[0] + 2 * padding, image.shape[1] + 2 * padding))
    padded[padding : padding + image.shape[0], padding : padding + image.shape[1]] = image
    return padded
# %% pad2d-code only with one
def pad2d(image, padding):
    return np.pad(image, 1)
"""


@pytest.fixture
def proof(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Proof:
    """The proof of the course's pad2d, whose only check asks for padding 1."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    checks = course / "tests/checks/02_convolucion"
    (checks / "test_convolution.py").write_text(CHECKS, encoding="utf-8")
    (checks / "promises.py").write_text(PROMISES, encoding="utf-8")
    (checks / "styles.txt").write_text(STYLES, encoding="utf-8")
    return prove(find_assignments(course)["02_convolucion"], jobs=2)


def test_a_hole_is_shown_with_the_smallest_input_that_proves_it(proof: Proof) -> None:
    """The check asks for one padding only: a fixed one survives, and is wrong."""
    assert proof.faults == []
    left = {(one["kind"], one["difference"]) for one in proof.as_dict()["survivors"]}
    assert any(kind == "hole" and "pad2d(" in str(difference) for kind, difference in left)
    assert proof.counts["own"] > 5
    assert not proof.holds


def test_a_right_style_is_spared_and_a_wrong_one_is_found_out(proof: Proof) -> None:
    """What is called right has to keep its promise on random inputs, too."""
    hurt = {proof.variants[key].style for key in proof.hurt}
    assert "by hand" not in hurt
    assert "by hand, lists" not in hurt
    assert "only with one" in hurt


def test_a_proof_goes_on_where_it_stopped(proof: Proof, course: Path) -> None:
    """Nothing is graded twice."""
    kept = next(Path(course.parent).rglob("proofs/*.jsonl"))
    lines = kept.read_text(encoding="utf-8").splitlines()
    kept.write_text("\n".join(lines[:-3]) + "\n", encoding="utf-8")
    again = prove(find_assignments(course)["02_convolucion"], jobs=1)
    assert again.counts == proof.counts
    assert len(kept.read_text(encoding="utf-8").splitlines()) == len(lines)


def test_a_reviewed_survivor_is_none(course: Path, proof: Proof) -> None:
    """With a reason, and for that change alone."""
    key = next(key for key in proof.mutants if proof.kind(key) == "hole")
    entry = {"cell": "pad2d-code", "diff": proof.mutants[key].diff, "reason": "Se pide así."}
    file = course / "tests/checks/02_convolucion/reviewed.json"
    file.write_text(json.dumps([entry]), encoding="utf-8")
    again = prove(find_assignments(course)["02_convolucion"], jobs=1)
    assert again.kind(key) == "reviewed"
    assert again.counts["hole"] == proof.counts["hole"] - 1
    file.write_text(json.dumps([entry | {"reason": " "}]), encoding="utf-8")
    with pytest.raises(ValueError, match="expected a reason"):
        prove(find_assignments(course)["02_convolucion"], jobs=1)
