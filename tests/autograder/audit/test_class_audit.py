"""A class is audited: in the sandbox, within a budget, and what was audited is not audited again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.audit.class_audit import Wanted, audit_class, audited, with_file_flags
from autograder.course.assignments import ROOT, find_assignments
from autograder.course.sample import build_class
from autograder.grading.executor import Event
from autograder.grading.kept import Graded
from autograder.intake.submissions import find_submissions
from autograder.report import Report
from autograder.settings import Settings
from data.sandbox import sandbox_view

NAME = "04_mnist"
SAMPLES = ROOT / "tests/submissions" / NAME
SOFTMAX = """# %% preprocess
def preprocess(images):
    return images.astype("float32")[..., np.newaxis] / 255
# %% build-softmax
def build_softmax():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10, activation="softmax")])
# %% build-cnn
def build_cnn():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(1, 28), layers.Flatten(), layers.Dense(10)])
# %% train-softmax
model = build_softmax()
model.compile(loss="sparse_categorical_crossentropy")
model.fit(preprocess(x_train[:500]), y_train[:500], verbose=0)
model.save("models/softmax.keras")
"""
MLP = """# %% preprocess
def preprocess(images):
    return images.astype("float32").reshape(-1, 784) / 255
# %% build-mlp
def build_mlp():
    return keras.Sequential([
        keras.Input((784,)), layers.Dense(UNITS, activation="relu"), layers.Dense(10, activation="softmax")
    ])
# %% train-softmax
# %% train-mlp
keras.utils.set_random_seed(SEED)
model = build_mlp()
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
model.fit(preprocess(x_train[:6000]), y_train[:6000], epochs=EPOCHS, batch_size=64, verbose=0)
model.save("models/mlp.keras")
"""
HEAD = """import keras, data
from keras import layers
(x_train, y_train), _ = data.load("mnist")
"""


class Class:
    """A class whose reports are empty, and what an audit of it says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "sample" / NAME).mkdir(parents=True)
        self.assignments = find_assignments()
        self.events: list[Event] = []

    def add(self, name: str, answers: str, models: Path) -> None:
        """Hand in answers with the models of a folder."""
        (self.folder / "sample" / NAME / f"{name}.py").write_text(answers, encoding="utf-8")
        shutil.copytree(models, self.folder / "sample" / NAME / name / "models")

    def audit(self, wanted: Wanted) -> dict[str, list[dict[str, Any]]]:
        """Return the flags by submission."""
        if not (self.folder / "submitted").exists():
            build_class(self.folder / "sample", self.folder / "submitted")
        submissions = find_submissions([self.folder / "submitted"], self.assignments)
        results = [Graded(one, Report(NAME, one.name, 1.0, 10.0)) for one in submissions]
        places = audited([one.report for one in results], submissions, self.assignments, wanted)
        settings = wanted.settings(Settings(jobs=2))
        results = audit_class(results, places, self.assignments, settings, self.events.append, sandbox_view(["mnist"]))
        return {one.submission.name: one.report.flags for one in results}


@pytest.mark.slow
def test_an_audit_tells_what_its_notebook_does_not_train_and_is_kept(tmp_path: Path) -> None:
    """A softmax layer that learned from 500 images cannot do what was handed in; no cell trains the other."""
    some = Class(tmp_path)
    some.add("ana", SOFTMAX, SAMPLES / "perfect/models")
    models = tmp_path / "sample" / NAME / "ana/models"
    (models / "mlp.keras").unlink()
    shutil.copy(models / "softmax.keras", models / "cnn.keras")  # which is measured faster than a CNN
    wanted = Wanted(1.0, budget=60, trainings=1)
    flags = some.audit(wanted)["ana"]
    assert [(flag["kind"], flag.get("model")) for flag in flags] == [
        ("not-reproduced", "models/cnn.keras"),
        ("not-reproduced", "models/softmax.keras"),
        ("audited", None),
    ]
    assert flags[0]["reasons"] == ["no cell of the notebook leaves a model there"]
    assert flags[1]["accuracy"] == 0.9266
    assert flags[1]["trained"][0] < flags[1]["interval"][1] < 0.9266
    assert 0 < flags[2]["seconds"] < 60
    some.events.clear()
    assert some.audit(wanted)["ana"] == flags
    assert [(event.kind, event.kept) for event in some.events] == [("finished", True)]


@pytest.mark.slow
def test_an_honest_model_is_held_and_anothers_is_not(tmp_path: Path) -> None:
    """The same layers from another seed, other layers, and a training that does not end in its time."""
    recipes = {"ana": (32, 1, 3), "beto": (32, 2, 3), "carla": (48, 3, 3)}
    for name, (units, seed, epochs) in recipes.items():
        trained = tmp_path / "trained" / name / "models"
        trained.mkdir(parents=True)
        code = HEAD + "import numpy as np\n" + written(units, seed, epochs).replace("# %%", "#")
        command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"]
        subprocess.run(command, cwd=trained.parent, check=True, capture_output=True)
    some = Class(tmp_path)
    some.add("honest", written(32, 1, 3), tmp_path / "trained/ana/models")
    some.add("swapped", written(32, 1, 3), tmp_path / "trained/beto/models")
    some.add("larger", written(32, 1, 3), tmp_path / "trained/carla/models")
    some.add(
        "endless", written(32, 1, 3).replace("model.fit", "while True: model.fit"), tmp_path / "trained/ana/models"
    )
    found = some.audit(Wanted(1.0, budget=90, trainings=2))
    assert [flag["kind"] for flag in found["honest"]] == ["audited"]
    assert "units match with a cosine of 0.9" in found["honest"][0]["message"]
    assert [flag["kind"] for flag in found["swapped"]] == ["not-reproduced", "audited"]
    assert found["swapped"][0]["reasons"][-1].startswith("it did not begin with the weights")
    assert [flag["kind"] for flag in found["larger"]] == ["not-reproduced", "other-architecture", "audited"]
    assert [flag["kind"] for flag in found["endless"]] == ["audited"]
    assert "did not end in the 90 seconds" in found["endless"][0]["message"]
    some.events.clear()
    again = some.audit(Wanted(1.0, budget=90, trainings=2))
    assert again["honest"] == found["honest"]
    assert {event.index for event in some.events if event.kind == "started"} == {0}  # the endless one was not kept


def written(units: int, seed: int, epochs: int) -> str:
    """Return a notebook that trains an MLP in this way."""
    return MLP.replace("UNITS", str(units)).replace("SEED", str(seed)).replace("EPOCHS", str(epochs))


def test_only_those_who_handed_in_models_are_chosen(tmp_path: Path) -> None:
    """A share of them, and nobody without a grade."""
    some = Class(tmp_path)
    for name in ("ana", "beto", "carla"):
        some.add(name, SOFTMAX, SAMPLES / "perfect/models")
    (tmp_path / "sample" / NAME / "nothing.py").write_text(SOFTMAX, encoding="utf-8")
    build_class(tmp_path / "sample", tmp_path / "submitted")
    submissions = find_submissions([tmp_path / "submitted"], some.assignments)
    reports = [Report(NAME, one.name, None if one.name == "carla" else 1.0, 10.0) for one in submissions]
    names = [submissions[place].name for place in audited(reports, submissions, some.assignments, Wanted(1.0))]
    assert names == ["ana", "beto"]
    assert len(audited(reports, submissions, some.assignments, Wanted(0.1))) == 1


def test_an_audit_that_fails_blames_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report stays as it is, and the reason is told."""
    from autograder.grading.local import Local
    from autograder.report import new_flag

    some = Class(tmp_path)
    some.add("ana", SOFTMAX, SAMPLES / "perfect/models")

    def fail(self: Local, plan: Any) -> dict[int, Graded]:
        flag = new_flag("grader-error", "x", reason="the disk is full")
        return {0: Graded(plan.waiting[0], Report(NAME, "ana", None, 10.0, flags=[flag]))}

    monkeypatch.setattr(Local, "grade", fail)
    (flag,) = some.audit(Wanted(1.0))["ana"]
    assert (flag["kind"], flag["reason"]) == ("audited", "the disk is full")


def test_flags_about_files_reach_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By assignment and submission, whoever is audited."""
    from autograder.audit import files

    some = Class(tmp_path)
    some.add("ana", SOFTMAX, SAMPLES / "perfect/models")
    build_class(tmp_path / "sample", tmp_path / "submitted")
    flag = {"kind": "model-version", "message": "x"}
    monkeypatch.setattr(files, "read_files", lambda submissions, assignments, settings: list(submissions))
    monkeypatch.setattr(files, "file_flags", lambda found, opens: {(found[0].assignment, found[0].name): [flag]})
    results = [
        Graded(one, Report(NAME, one.name, 1.0, 10.0))
        for one in find_submissions([tmp_path / "submitted"], some.assignments)
    ]
    (result,) = with_file_flags(results, some.assignments, Settings())
    assert result.report.flags == [flag]
