"""What an audit runs: training cells wherever they are, under other seeds."""

from __future__ import annotations

import types

import numpy as np
import pytest

from autograder.audit.steps import seeds_itself, steps_of, trains_anyway
from autograder.intake.restore import Step

TRAIN = Step('keras.utils.set_random_seed(2)\nmodel.fit(x)\nmodel.save("models/cnn.keras")', 3, "train")


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("history = model.fit(\n    x, y,\n)", "train"),
        ("for epoch in range(3):\n    model.fit(x, y)", "train"),
        ('model.save("models/cnn.keras")', "train"),
        ("def train(model):\n    model.fit(x, y)", "run"),
        ("print(model)", "run"),
    ],
)
def test_cells_of_the_students_own_that_train_have_the_time_for_it(source: str, kind: str) -> None:
    """A function that would train does not yet."""
    (step,) = steps_of([Step(source, 0)], 0)
    assert (step.kind, step.source) == (kind, source)
    assert trains_anyway([Step(source, 0)]) is (kind == "train")


def test_a_second_training_has_other_seeds_in_every_way_to_set_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one has the notebook's; the cells stay as they are."""
    calls: list[int] = []
    utils = types.SimpleNamespace(set_random_seed=calls.append)
    random = types.SimpleNamespace(set_seed=calls.append)
    for name, module in (
        ("keras", types.SimpleNamespace(utils=utils)),
        ("keras.utils", utils),
        ("tensorflow", types.SimpleNamespace(random=random)),
    ):
        monkeypatch.setitem(__import__("sys").modules, name, module)
    assert steps_of([TRAIN], 0) == [TRAIN]
    first, second = steps_of([TRAIN], 1)
    assert second == TRAIN
    exec(first.source, {})
    utils.set_random_seed(2)
    random.set_seed(np.int64(2))
    assert calls == [1_000_005, 1_000_005]


def test_a_seed_is_evidence_only_where_the_cell_that_saves_sets_it() -> None:
    """Otherwise the order in which cells ran decides."""
    unseeded = Step('model.fit(x)\nmodel.save("models/mlp.keras")', 4, "train")
    assert seeds_itself([TRAIN, unseeded], "models/cnn.keras")
    assert not seeds_itself([TRAIN, unseeded], "models/mlp.keras")
    assert not seeds_itself([TRAIN], "models/softmax.keras")
