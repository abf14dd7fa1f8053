"""The samples of 05_cifar10 get what they deserve on the real images; `test_demo` grades them without any."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course.assignments import ROOT
from autograder.course.sample import build_class

NAME = "05_cifar10"
SAMPLES = ROOT / "tests" / "submissions"
SCORES = {
    "almost": 5.728,
    "channels_first": 1.5,
    "copied": 10,
    "empty": 0,
    "hostile": 2,
    "mistakes": 0.5,
    "mlp_as_cnn": 1.5,
    "perfect": 10,
    "trained_on_test": 10,
    "untrained": 4,
}


def grade(folder: Path, data: Path) -> dict[str, dict[str, Any]]:
    """Grade the samples as an instructor does, with ``data`` as ``$CNN_DATA``; return the reports by name."""
    (folder / "samples").mkdir()
    (folder / "samples" / NAME).symlink_to(SAMPLES / NAME)
    build_class(folder / "samples", folder / "submitted")
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "CNN_DATA": str(data)}
    command = [sys.executable, "-m", "autograder", "grade", str(folder / "submitted"), "--json", str(folder / "r.json")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {report["submission"]: report for report in json.loads((folder / "r.json").read_text(encoding="utf-8"))}


def accuracy_check(report: dict[str, Any]) -> dict[str, Any]:
    """Return the check of the saved model."""
    (check,) = (check for check in report["checks"] if check["grade_id"] == "cnn-accuracy")
    return check


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_each_sample_gets_what_it_deserves(tmp_path: Path, real_data: Callable[[str], Path]) -> None:
    """On the official test images; models that know them, or each other's weights, are flagged."""
    reports = grade(tmp_path, real_data("cifar10"))
    scores = {name: report["score"] for name, report in reports.items()}
    assert scores == pytest.approx(SCORES, abs=0.05)
    assert {report["max_score"] for report in reports.values()} == {10}
    flags = {name: sorted(flag["kind"] for flag in report["flags"]) for name, report in reports.items()}
    assert {name: kinds for name, kinds in flags.items() if kinds} == {
        "perfect": ["equal-models"],
        "copied": ["equal-models"],
        "trained_on_test": ["memorised-test-set"],
    }
    assert "de las imágenes de prueba oficiales; se pide el 70%" in accuracy_check(reports["almost"])["message"]
    assert "no es una CNN" in accuracy_check(reports["mlp_as_cnn"])["message"]
