"""Model files of a class are read in the sandbox, as data, and compared."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course.assignments import ROOT, find_assignments
from autograder.intake.submissions import look_for_submissions
from autograder.similarity.models import chain, compare_models, read_models
from autograder.similarity.works import read_works
from autograder.worker.wire import ModelParts

NAME = "04_mnist"


def test_a_copied_network_is_found_and_a_damaged_file_is_told(tmp_path: Path) -> None:
    """Of four submissions two hold one CNN; what cannot be read is named; a softmax layer is not compared."""
    for variant in ("perfect", "copied", "almost", "hostile_model"):
        place = tmp_path / "submitted" / variant / NAME
        shutil.copytree(ROOT / "tests/submissions" / NAME / variant / "models", place / "models")
        shutil.copy(ROOT / "assignments" / NAME / f"{NAME}.ipynb", place)
    assignments = find_assignments()
    works, _ = read_works(look_for_submissions([tmp_path / "submitted"], assignments).submissions, assignments)
    models, problems = read_models(works, assignments)
    assert {model.model for model in models[NAME]} == {"models/mlp.keras", "models/cnn.keras"}
    assert any(problem.startswith("hostile_model: models/softmax.keras: ") for problem in problems)
    pairs = compare_models(NAME, models[NAME])
    (copied,) = [pair for pair in pairs if pair.flagged]
    assert copied.as_dict() == {
        "kind": "model",
        "assignment": NAME,
        "submissions": ["copied", "perfect"],
        "flagged": True,
        "score": 1.0,
        "where": ["models/cnn.keras"],
    }
    assert "hold one network" in copied.why
    assert all(pair.score < 0.6 for pair in pairs if pair is not copied)


def test_nested_models_are_laid_open_and_pretrained_layers_left_out() -> None:
    """In the order of the data, with the arrays of each layer; what everybody's network has is passed over."""

    def layer(name: str) -> dict[str, Any]:
        return {"class_name": "Dense", "config": {"name": name, "units": 2}}

    inner = {"class_name": "Functional", "config": {"name": "base", "layers": [layer("a"), layer("b")]}}
    config = {"class_name": "Sequential", "config": {"name": "m", "layers": [inner, layer("c")]}}
    weights = {"base/a": [np.zeros(1)], "base/b": [np.ones(2)], "c": [np.ones(3)]}
    found = list(chain(ModelParts(json.dumps(config), weights), without=["a"]))
    assert [(name, len(arrays[0])) for name, _, arrays in found] == [("Dense", 2), ("Dense", 3)]


@pytest.mark.parametrize("config", ["[]", '{"config": 3}', '{"config": {"layers": [1]}}', "{"])
def test_a_description_that_is_none_raises_what_the_reader_expects(config: str) -> None:
    """`read_models` tells these as files that were not compared."""
    with pytest.raises((LookupError, TypeError, ValueError, AttributeError)):
        list(chain(ModelParts(config, {})))
