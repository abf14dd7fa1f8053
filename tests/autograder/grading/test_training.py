"""Training cells: skipped unless asked for, then run within a budget, with their progress, and graded."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.assignments import find_assignments
from autograder.course.sample import build_class
from autograder.grading.class_run import run_class
from autograder.grading.executor import Event
from autograder.intake.submissions import find_submissions
from autograder.report import Report
from autograder.settings import Settings
from data.sandbox import sandbox_view

NAME = "04_mnist"
CODE = """
# %% preprocess
def preprocess(images):
    return images.astype("float32") / 255
# %% build-softmax
def build_softmax():
    return keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")])
# %% train-softmax
model = build_softmax()
model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="sparse_categorical_crossentropy")
for epoch in range(2):
    print("época", epoch + 1, "de 2", flush=True)
    model.fit(preprocess(x_train), y_train, batch_size=256, verbose=0)
model.save("models/softmax.keras")
# %% train-mlp
"""


def grade(folder: Path, mlp: str, settings: Settings) -> tuple[Report, str]:
    """Grade a notebook whose softmax layer trains well and whose MLP cell is ``mlp``; return what it printed, too."""
    sample = folder / "sample" / NAME
    sample.mkdir(parents=True)
    (sample / "ana.py").write_text(CODE + mlp, encoding="utf-8")
    build_class(folder / "sample", folder / "submitted")
    assignments = find_assignments()
    submissions = find_submissions([folder / "submitted"], assignments, None)
    printed: list[str] = []

    def listen(event: Event) -> None:
        printed.append(event.text)

    (result,) = run_class(submissions, assignments, settings, listen, sandbox_view(["mnist"]))
    report = result.report
    return report, "".join(printed)


def messages(report: Report) -> dict[str, tuple[str, float, str]]:
    """Return status, points and message of the accuracy checks by grade cell."""
    chosen = [check for check in report.checks if check.grade_id.endswith("-accuracy")]
    return {check.grade_id: (check.status, check.score, check.message) for check in chosen}


@pytest.mark.slow
def test_what_training_cells_train_is_graded_and_the_rest_says_why_not(tmp_path: Path) -> None:
    """The model trained here gets its points; an endless cell ends with the budget; progress and mode are told."""
    settings = Settings(train=True, train_budget=60, fresh=True)
    report, printed = grade(tmp_path, 'print("sin fin", flush=True)\nwhile True: pass\n', settings)
    found = messages(report)
    assert found["softmax-accuracy"][:2] == ("passed", 1.0)
    assert found["mlp-accuracy"][0] == "failed"
    assert "60 segundos" in found["mlp-accuracy"][2]
    assert "época 2 de 2" in printed
    assert "sin fin" in printed
    assert {flag["kind"] for flag in report.flags} == {"trained", "timeout"}


@pytest.mark.slow
def test_without_training_the_message_says_so(tmp_path: Path) -> None:
    """No model, no points for it, and the reason; nothing is trained."""
    report, printed = grade(tmp_path, "raise ValueError\n", Settings(fresh=True))
    found = messages(report)
    assert found["softmax-accuracy"][:2] == ("failed", 0)
    assert "no se ejecutan las celdas de entrenamiento" in found["softmax-accuracy"][2]
    assert not printed
    assert not report.flags
