"""Right ways to write a cell: read from a file, and written again by program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.proving.promises import Call, Promise
from autograder.proving.styles import Variant, read_styles, variants_of

DOUBLE = Variant("double", "plain", "def double(image):\n    result = image * 2\n    return result")
PROMISES = {"double": Promise(lambda rng: Call((np.ones(2),)), lists=True), "LIMIT": Promise()}


def test_styles_are_read_by_cell_and_name(tmp_path: Path) -> None:
    """A style without a name gets a number; what stands before the first marker is a comment."""
    (tmp_path / "styles.txt").write_text("# about\n# %% double loops\nA = 1\n\n# %% double\nB = 2\n", encoding="utf-8")
    assert read_styles(tmp_path) == [Variant("double", "loops", "A = 1"), Variant("double", "style 2", "B = 2")]


def test_an_assignment_without_a_file_has_no_styles(tmp_path: Path) -> None:
    """And no error."""
    assert read_styles(tmp_path) == []


def namespace(source: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    exec(source, made)
    return made


@pytest.mark.filterwarnings("ignore")
def test_each_variant_does_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """In other words, talking, as an object, with lists for arrays."""
    found = {variant.style: namespace(variant.source)["double"] for variant in variants_of(DOUBLE, PROMISES)}
    kinds = ["plain", "plain, other names", "plain, talking", "plain, object", "plain, lists"]
    assert list(found) == kinds
    for kind, function in found.items():
        assert np.array_equal(function(np.array([1, 2])), [2, 4]), kind
    assert found["plain, lists"](np.array([1])) == [2]
    assert "double recibe 1 argumentos" in capsys.readouterr().out


def test_arguments_keep_their_names() -> None:
    """A check may pass them by name."""
    renamed = next(one for one in variants_of(DOUBLE, PROMISES) if one.style.endswith("other names"))
    assert "def double(image):" in renamed.source
    assert "result" not in renamed.source


def test_a_value_has_one_variant_only() -> None:
    """There is no function to write otherwise."""
    value = Variant("limit", "plain", "LIMIT = 3")
    assert variants_of(value, PROMISES) == [value]
