"""``regrade`` where networks are judged: a changed threshold predicts nothing anew and asks no worker."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.same.repository import Repository

GRADED = (0, 3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("assignment", "file", "before", "after", "check"),
    [
        ("05_cifar10", "test_accuracy.py", "0.70, 0.97", "0.95, 0.97", "cnn-accuracy::test_cnn_accuracy"),
    ],
)
def test_an_accuracy_is_judged_again_from_kept_predictions(
    tmp_path: Path, assignment: str, file: str, before: str, after: str, check: str
) -> None:
    """On the embedded samples of the data; the points are those of a fresh run."""
    repository = Repository(tmp_path / "course", {assignment: ["almost"]}, sys.executable)
    repository.run("autograder", "grade", "submitted", "--json", "before.json", expect=GRADED)
    path = repository.root / f"tests/checks/{assignment}/{file}"
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")
    repository.run("autograder", "regrade", "submitted", "--json", "changes.json", expect=GRADED)
    found = json.loads((repository.root / "changes.json").read_text())
    assert (found["from_records"], found["from_workers"]) == (1, 0)
    [change] = found["changes"]
    assert [one["id"] for one in change["checks"]] == [check]
    assert change["to"] < change["from"]
    repository.run("autograder", "grade", "submitted", "--fresh", "--json", "fresh.json", expect=GRADED)
    [report] = _reports(repository.root / "fresh.json")
    assert report["score"] == pytest.approx(change["to"], abs=1e-6)


@pytest.mark.slow
def test_networks_that_are_handed_over_are_the_same_question_each_time(tmp_path: Path) -> None:
    """Their weights and names follow from nothing that changes from run to run."""
    repository = Repository(tmp_path / "course", {"07_vgg16": ["empty", "mistakes"]}, sys.executable)
    repository.run("autograder", "grade", "submitted", "--json", "before.json", expect=GRADED)
    with (repository.root / "autograder/report.py").open("a", encoding="utf-8") as stream:
        stream.write("# Another version of the grader.\n")
    repository.run("autograder", "regrade", "submitted", "--json", "changes.json", expect=GRADED)
    found = json.loads((repository.root / "changes.json").read_text())
    assert (found["from_records"], found["from_workers"], found["changes"]) == (2, 0, [])


def _reports(path: Path) -> list[dict[str, float]]:
    said = json.loads(path.read_text())
    return said if isinstance(said, list) else [said]
