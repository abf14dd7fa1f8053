"""The table of `make same`: any difference fails, nothing is left out in silence, what is done is not done again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.same import __main__ as same
from tests.same import pythons
from tests.same.pythons import CURRENT, Unavailable, environment
from tests.same.repository import Points, Repository
from tests.same.table import Place, differences

RIGHT: Points = {"02_convolucion/ana": 6.013095, "02_convolucion/beto": None}


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[Repository], Points]]:
    """Two ways that agree, of which a test may change one; they need no class."""
    ways: dict[str, Callable[[Repository], Points]] = {"grade": lambda _: RIGHT, "regrade": lambda _: RIGHT}
    monkeypatch.setattr(same, "WAYS", ways)
    monkeypatch.setattr(same, "Repository", lambda *arguments: arguments)
    monkeypatch.setenv("CNN_SECRET", "")
    monkeypatch.setenv("CNN_DATA", "/nowhere")
    return ways


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({**RIGHT, "02_convolucion/ana": 6.0133}, "ana: 6.0131 by grade on Python 3.11, 6.0133 by regrade"),
        ({**RIGHT, "02_convolucion/ana": None}, "ana: 6.0131 by grade on Python 3.11, no grade by regrade"),
        ({**RIGHT, "02_convolucion/beto": 0.0}, "beto: no grade by grade on Python 3.11, 0 by regrade"),
        ({"02_convolucion/beto": None}, "ana: 6.0131 by grade on Python 3.11, nothing by regrade"),
    ],
    ids=["points", "lost", "zero", "missing"],
)
def test_every_difference_is_named(other: Points, said: str) -> None:
    """Points, a grade against none, none against zero, a submission that is not there."""
    found = {Place("3.11", "grade"): RIGHT, Place("3.12", "regrade"): other}
    assert differences(found) == [f"02_convolucion/{said} on Python 3.12"]


def test_sums_that_were_rounded_elsewhere_are_the_same() -> None:
    """nbgrader keeps six decimals of each cell."""
    rounded = {**RIGHT, "02_convolucion/ana": 6.0131}
    assert differences({Place("3.11", "grade"): RIGHT, Place("3.11", "regrade"): rounded}) == []


def test_a_difference_fails_the_command(
    ways: dict[str, Callable[[Repository], Points]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the row in the table and the line below it; without one the status is 0."""
    assert same.main(["--sample", "--folder", str(tmp_path / "same")]) == 0
    assert capsys.readouterr().out.endswith(" s; 0 differ.\n")
    ways["regrade"] = lambda _: {**RIGHT, "02_convolucion/ana": 5.0}
    assert same.main(["--sample", "--folder", str(tmp_path / "other")]) == 1
    out = capsys.readouterr().out
    assert f"! 02_convolucion/ana: 6.0131 by grade on Python {CURRENT}, 5 by regrade on Python {CURRENT}" in out
    assert out.endswith(" s; 1 differ.\n")


def test_a_way_that_fails_fails_the_command_and_the_rest_is_kept(
    ways: dict[str, Callable[[Repository], Points]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same command again goes on with what is missing."""
    monkeypatch.setattr(same, "Repository", Repository)
    asked = []

    def grade(repository: Repository) -> Points:
        asked.append(sorted(path.name for path in repository.submitted.iterdir()))
        return RIGHT

    def broken(_: Repository) -> Points:
        raise AssertionError("no space left")

    ways["grade"], ways["regrade"] = grade, broken
    with pytest.raises(AssertionError, match="no space left"):
        same.main(["--sample", "--jobs", "1", "--folder", str(tmp_path)])
    ways["regrade"] = lambda _: RIGHT
    assert same.main(["--sample", "--jobs", "1", "--folder", str(tmp_path)]) == 0
    assert asked == [["crash", "mistakes"]]


def test_a_python_that_is_not_here_is_named(
    ways: dict[str, Callable[[Repository], Points]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The others are graded with."""
    monkeypatch.setattr(pythons, "_candidates", lambda version: iter(()))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    [other] = [version for version in ("3.10", "3.13") if version != CURRENT][:1]
    with pytest.raises(Unavailable, match=f"no python{other} on the PATH, with pyenv or with uv"):
        environment(other)
    options = ["--sample", "--python", other, "--python", CURRENT, "--folder", str(tmp_path / "same")]
    assert same.main(options) == 0
    out = capsys.readouterr().out
    assert f"Python {other} is left out: no python{other} on the PATH" in out
    assert [line.strip() for line in out.splitlines() if "Points on" in line] == [f"Points on Python {CURRENT}"]


def test_without_any_python_there_is_no_table(
    ways: dict[str, Callable[[Repository], Points]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing that was compared is no success."""
    monkeypatch.setattr(same, "_pythons", lambda versions: {})
    assert same.main(["--sample", "--folder", str(tmp_path)]) == 1
    assert "expected two gradings or more to compare. Received: 0" in capsys.readouterr().out
