"""Data sets that are computed from others."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from data.__main__ import main
from data.errors import DataMissing
from data.prepare import is_prepared, preload, prepare
from data.registry import DATASETS, Dataset, find


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A data set ``letters`` of which ``vowels`` is made; what its module is asked is noted."""
    asked: list[str] = []
    module = ModuleType("data.vowels")
    module.is_made = lambda: (tmp_path / "made").exists()  # type: ignore[attr-defined]
    module.load = lambda: asked.append("load")  # type: ignore[attr-defined]

    def make(on_progress: object) -> None:
        asked.append("make")
        on_progress("1 of 1")  # type: ignore[operator]
        (tmp_path / "made").touch()

    module.make = make  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "data.vowels", module)
    monkeypatch.setenv("CNN_DATA", str(tmp_path / "data"))
    letters = Dataset("letters", "", "", "", {"all.txt": ""}, by_hand="Ask Ana.")
    monkeypatch.setitem(DATASETS, "letters", letters)
    monkeypatch.setitem(DATASETS, "vowels", Dataset("vowels", "", "", "", {}, made_from=("letters",)))
    (tmp_path / "data/letters").mkdir(parents=True)
    (tmp_path / "data/letters/all.txt").write_text("abc")
    return asked


def test_a_derived_data_set_is_made_once(calls: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """By the command that a grading run starts, too; its progress is printed line by line."""
    assert not is_prepared("vowels")
    assert main(["prepare", "vowels"]) == 0
    assert capsys.readouterr().out == "1 of 1\n"
    assert is_prepared("vowels")
    prepare("vowels")
    assert calls == ["make"]


def test_what_is_not_derived_needs_no_preparation(calls: list[str]) -> None:
    """Nothing is asked of it."""
    prepare("letters")
    assert is_prepared("letters")
    assert calls == []


def test_it_is_here_where_its_sources_are(calls: list[str]) -> None:
    """Else it is missing as they are, and the advice is theirs."""
    assert find("vowels").is_here
    before = find("vowels").stamp()
    find("letters").path("all.txt").write_text("abcd")
    assert find("vowels").stamp() != before
    find("letters").path("all.txt").unlink()
    assert not find("vowels").is_here
    assert find("vowels").advice == "Ask Ana."
    with pytest.raises(DataMissing):
        find("vowels").stamp()


def test_preloading_computes_nothing(calls: list[str]) -> None:
    """What is made is read; what is not, is left to the run; a source needs no benchmark of its own."""
    preload(["letters", "vowels"])
    assert calls == []
    prepare("vowels")
    preload(["letters", "vowels"])
    assert calls == ["make", "load"]
