"""What the grading process takes of memory and time, whatever it is sent: one row for each input, with its limit."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.sample import build_class
from autograder.intake.submissions import Submission
from autograder.settings import Settings
from tests.helpers.greedy_notebooks import MEMORY, MODELS, TIME, greedy_notebook
from tests.helpers.hostile_models import HOSTILE
from tests.helpers.long_run import Progress
from tests.helpers.peaks import grade_measured

__all__ = ["Budget", "measure_budgets", "measure_neighbours"]

PLAIN, WITH_MODELS = "02_convolucion", "04_mnist"
SAVED = ("softmax", "mlp", "cnn")
LIMITS = {PLAIN: 1000.0, WITH_MODELS: 2560.0}
"""MB of memory that a grading process may have, by assignment: 1 GB, and 2.5 GB with TensorFlow."""
NEIGHBOURS = {
    "one that computes on all processors": """
# %% append
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
""",
    "one that fills its memory in every call": """
# %% append
def pad2d(*arguments):
    return [bytearray(1 << 20) for _ in range(1 << 20)]
""",
    "one that calls its time away": TIME["calls of eighteen seconds"],
}
SECONDS = Settings().total_seconds + 60
"""Seconds in which there is a verdict."""


@dataclass(frozen=True)
class Budget:
    """What one input took."""

    name: str
    assignment: str
    score: float | None
    kinds: str
    peak: float
    seconds: float

    def __str__(self) -> str:
        points = "no grade" if self.score is None else f"{self.score:g} points"
        return f"| {self.name} | {self.peak:.0f} | {self.seconds:.0f} | {points}{self.kinds and ', '}{self.kinds} |"


def measure_budgets(progress: Progress, jobs: int = 1) -> list[str]:
    """Grade each greedy notebook and each hostile model file, print what it took, and return what took too much.

    ``jobs`` submissions that only sleep are graded at the same time.
    """
    problems = []
    rows = [Budget(**row) for name in _pieces() for row in progress.piece(f"budget-{name}", _measure, name, jobs)]
    print("| what is sent | MB | seconds | verdict |\n|---|---:|---:|---|")
    for row in rows:
        print(row, flush=True)
        if row.peak >= LIMITS[row.assignment] or row.seconds >= SECONDS or "grader-error" in row.kinds:
            problems.append(f"too much, or a fault: {row}")
    return problems


def measure_neighbours(progress: Progress) -> list[str]:
    """Grade ten honest notebooks alone and beside one hostile one, two at a time; print when all ten had a verdict.

    Returns
    -------
    list of str
        Whose points changed.
    """
    problems: list[str] = []
    print("| beside ten honest notebooks | seconds until the ten | seconds until all |\n|---|---:|---:|")
    for name, text in {"nobody": "", **NEIGHBOURS}.items():
        ten, everybody, scores = progress.piece(f"beside-{name.replace(' ', '-')}", _beside, text)
        print(f"| {name} | {ten:.0f} | {everybody:.0f} |", flush=True)
        problems += [f"beside {name}: {scores}"] if set(scores) != {10.0} else []
    return problems


def _beside(folder: Path, text: str) -> tuple[float, float, list[float | None]]:
    shutil.rmtree(folder, ignore_errors=True)
    hostile = json.dumps(greedy_notebook("", text=text))
    texts = {"hostile": hostile} if text else {}
    texts |= {
        f"honest-{number}": json.dumps(greedy_notebook("", text=f"# %% append\n{number}")) for number in range(10)
    }
    verdicts = grade_measured(_handed_in(folder, PLAIN, list(texts.values())), folder, Settings(jobs=2))
    honest = verdicts[len(texts) - 10 :]
    scores = [verdict.report.score for verdict in honest]
    return max(verdict.at for verdict in honest), max(verdict.at for verdict in verdicts), scores


def _pieces() -> list[str]:
    return ["memory", "notebook", "memory-with-models", "files", "time"]


def _measure(folder: Path, piece: str, jobs: int) -> list[dict[str, Any]]:
    shutil.rmtree(folder, ignore_errors=True)
    if piece == "files":
        rows = _of_files(folder)
    elif piece == "notebook":
        rows = _graded(folder, PLAIN, {"20 MB of empty lists in a notebook's metadata": _bomb()}, 1)
    elif piece == "time":
        rows = _graded(folder, PLAIN, {name: json.dumps(greedy_notebook(name)) for name in TIME}, max(jobs, len(TIME)))
    else:
        assignment = PLAIN if piece == "memory" else WITH_MODELS
        names = ["nothing", *MEMORY, *(MODELS if assignment == WITH_MODELS else ())]
        rows = _graded(folder, assignment, {name: json.dumps(greedy_notebook(name, assignment)) for name in names}, 1)
    return [vars(row) for row in rows]


def _bomb() -> str:
    notebook = greedy_notebook("")
    notebook["metadata"]["bomb"] = "BOMB"
    return json.dumps(notebook).replace('"BOMB"', "[" + "[]," * 7_000_000 + "0]")


def _graded(folder: Path, assignment: str, texts: dict[str, str], jobs: int) -> list[Budget]:
    return _rows(_handed_in(folder, assignment, list(texts.values())), list(texts), folder, jobs)


def _handed_in(folder: Path, assignment: str, texts: list[str]) -> list[Submission]:
    submissions = []
    for number, text in enumerate(texts):
        path = folder / "submitted" / f"student-{number}" / assignment / f"{assignment}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        submissions.append(Submission(f"student-{number}", path, path.parent, assignment))
    return submissions


def _of_files(folder: Path) -> list[Budget]:
    """Grade every hostile model file of ``docs/models.md``, as each of the three models of a right submission."""
    root, names = folder / "submitted", list(HOSTILE)
    build_class(_samples(folder), root)
    marker = folder / "marker"
    submissions = []
    for number, name in enumerate(names):
        place = root / f"student-{number}" / WITH_MODELS
        shutil.copytree(root / "perfect" / WITH_MODELS, place)
        shutil.rmtree(place / "models", ignore_errors=True)
        (place / "models").mkdir()
        for saved in SAVED:
            HOSTILE[name].build(place / "models" / f"{saved}.keras", marker)
        submissions.append(Submission(f"student-{number}", place / f"{WITH_MODELS}.ipynb", place, WITH_MODELS))
    rows = _rows(submissions, [f"a model file: {name}" for name in names], folder, 1)
    assert not marker.exists(), "a model file ran code in the grader"
    return rows


def _samples(folder: Path) -> Path:
    """Return a folder with the one sample submission that the model files are put into."""
    from autograder.course.assignments import ROOT

    place = folder / "answers" / WITH_MODELS
    place.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "submissions" / WITH_MODELS / "perfect.py", place)
    return place.parent


def _rows(submissions: list[Submission], titles: list[str], folder: Path, jobs: int) -> list[Budget]:
    verdicts = grade_measured(submissions, folder, Settings(jobs=jobs))
    return [
        Budget(
            title,
            verdict.report.assignment,
            verdict.report.score,
            ", ".join(flag["kind"] for flag in verdict.report.flags),
            round(verdict.peak, 1),
            round(verdict.seconds, 1),
        )
        for title, verdict in zip(titles, verdicts)
    ]
