"""``prove`` on the screen, in a file, and as an exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import main
from autograder.proving import proof as proving
from autograder.proving.judge import Verdict
from autograder.proving.mutate import Mutant
from autograder.proving.outcome import Proof
from autograder.proving.styles import Variant

pytestmark = pytest.mark.usefixtures("in_english")

MUTANT = Mutant("pad2d", "solution", "off by one", 2, "return image", "return image + 1")
KILLED = Mutant("pad2d", "solution", "constant", 2, "return image", "return 0")


def made(assignment: str, *verdicts: Verdict, fault: str = "") -> Proof:
    """Return a proof of two mutants and a right variant with these verdicts."""
    killed = Verdict(KILLED.id, failed={"pad2d-zeros::test_zeros": "No."}, lost={"pad2d-zeros": 1.0})
    known = {one.id: one for one in (killed, Verdict("right"), *verdicts)}
    mutants = {one.id: one for one in (MUTANT, KILLED)}
    variants = {"right": Variant("pad2d", "loops", "")}
    checks = ["pad2d-zeros::test_zeros", "pad2d-zeros::test_shape"]
    return Proof(assignment, mutants, known, {"pad2d": ("pad2d",)}, variants, [], checks, 1.0, [fault] if fault else [])


HOLE = Verdict(MUTANT.id, difference="pad2d(np.array([[1]]), 0) → [[2]]")
SPILL = Verdict(MUTANT.id, failed={"conv2d-slide::test": "No."}, lost={"conv2d-slide": 0.5})
DEAD = Verdict(MUTANT.id, failed={"pad2d-zeros::test_zeros": "No."}, lost={"pad2d-zeros": 1.0})
HURT = Verdict("right", failed={"pad2d-zeros::test_zeros": "No va."}, lost={"pad2d-zeros": 1.0})


def prove(monkeypatch: pytest.MonkeyPatch, proof: Proof, *arguments: str) -> int:
    monkeypatch.setattr(proving, "prove", lambda assignment, **options: proof)
    return main(["prove", "02_convolucion", *arguments])


@pytest.mark.parametrize(
    ("verdicts", "fault", "says"),
    [
        ((HOLE,), "", "survives, and is wrong: pad2d(np.array([[1]]), 0) → [[2]]"),
        ((Verdict(MUTANT.id),), "", "no random input tells it from the solution. Review it."),
        ((SPILL,), "", "costs points only elsewhere: conv2d-slide"),
        ((DEAD, HURT), "", "pad2d (loops) is right, and is hurt."),
        ((DEAD,), "baseline: Traceback", "the grader failed. baseline: Traceback"),
    ],
)
def test_whatever_is_left_is_shown_and_ends_with_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verdicts: Any, fault: str, says: str
) -> None:
    """A hole, an unreviewed survivor, a spill without a kill, a right answer that is hurt, a fault of the grader."""
    assert prove(monkeypatch, made("02_convolucion", *verdicts, fault=fault)) == 1
    assert says in capsys.readouterr().out


def test_checks_that_hold_end_with_zero_and_a_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the checks that no mutant needs are named, but not where only a sample was asked."""
    assert prove(monkeypatch, made("02_convolucion", DEAD)) == 0
    printed = capsys.readouterr().out
    assert ["02_convolucion", "2", "2", "0", "0", "0", "0", "1", "0", "1"] in [
        line.split() for line in printed.splitlines()
    ]
    assert "no mutant needs pad2d-zeros::test_shape." in printed
    assert prove(monkeypatch, made("02_convolucion", DEAD), "--sample", "2") == 0
    assert "no mutant needs" not in capsys.readouterr().out


def test_the_file_holds_everything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The survivors with their diff and the input that tells them apart, the counts, who was hurt."""
    file = tmp_path / "proof.json"
    assert prove(monkeypatch, made("02_convolucion", HOLE, HURT), "--json", str(file)) == 1
    [told] = json.loads(file.read_text(encoding="utf-8"))
    assert (told["assignment"], told["holds"], told["mutants"]) == ("02_convolucion", False, 2)
    assert told["counts"] == {"hole": 1, "own": 1}
    [survivor] = told["survivors"]
    assert survivor["diff"] == "-return image\n+return image + 1"
    assert (survivor["kind"], survivor["difference"]) == ("hole", HOLE.difference)
    assert [one["style"] for one in told["hurt"]] == ["loops"]


@pytest.mark.parametrize("arguments", [["09_nada"], ["--sample", "0"], ["--jobs", "x"], ["--json", "."]])
def test_wrong_usage_ends_with_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is proven."""
    try:
        status = main(["prove", *arguments])
    except SystemExit as error:
        status = error.code  # type: ignore[assignment]
    assert status == 2
    assert "eceived" in capsys.readouterr().err
