"""The sample class of 07_vgg16 on real data: a part of CIFAR-10's cats and dogs, and ImageNet's weights."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import data
from autograder.course.assignments import ROOT
from autograder.course.sample import build_class
from data.cats_and_dogs import CAT, DOG
from data.cifar import write_batches

INSTALL = ROOT.parent / "shared/data/install.py"
SCORES = {
    "empty": 0,
    "hostile": 0.5,
    "mistakes": 1.1,
    "no_models": 6,
    "other_network": 6,
    "perfect": 10,
    "trained_on_test": 10,
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not INSTALL.is_file(), reason="needs real data: ../shared/data/install.py is not there"),
]


def part(pair: data.Pair, count: int, others: int = 5) -> data.Pair:
    """Return some cats, as many dogs, and other things between them."""
    images, labels = pair
    chosen = [np.flatnonzero(labels == label)[:most] for label, most in ((CAT, count), (DOG, count), (0, others))]
    order = np.random.default_rng(0).permutation(np.concatenate(chosen))
    return images[order], labels[order]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The reports of the sample class by student, graded in the real sandbox."""
    folder = tmp_path_factory.mktemp("vgg16")
    everything = folder / "installed"
    subprocess.run([sys.executable, str(INSTALL), str(everything), "vgg16", "cifar10"], check=True, capture_output=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_DATA", str(everything))
        train, test = data.load("cifar10")
        data.load.cache_clear()
    small = folder / "data"
    write_batches(small / "cifar-10-batches-py", part(train, 40, others=150), part(test, 100))
    shutil.move(everything / "vgg16", small / "vgg16")
    samples = folder / "samples"
    shutil.copytree(ROOT / "tests/submissions/07_vgg16", samples / "07_vgg16")
    build_class(samples, folder / "submitted")
    arguments = ["grade", str(folder / "submitted"), "--json", str(folder / "reports.json")]
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=ROOT,
        env={**os.environ, "CNN_DATA": str(small), "XDG_CACHE_HOME": str(folder / "cache")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return {report["submission"]: report for report in json.loads((folder / "reports.json").read_text("utf-8"))}


@pytest.mark.timeout(600)
def test_each_submission_gets_what_it_deserves(reports: dict[str, Any]) -> None:
    """Accuracies included."""
    scores = {name: report["score"] for name, report in reports.items()}
    # On a part of the test set `almost` may reach the threshold.
    assert 5.2 <= scores.pop("almost") <= 7.7
    assert scores == pytest.approx(SCORES, abs=1e-6)
    assert {report["max_score"] for report in reports.values()} == {10}


@pytest.mark.timeout(600)
def test_who_trained_on_the_test_images_is_flagged(reports: dict[str, Any]) -> None:
    """And nobody else."""
    flagged = [
        name
        for name, report in reports.items()
        if any(flag["kind"] == "memorised-test-set" for flag in report["flags"])
    ]
    assert flagged == ["trained_on_test"]


@pytest.mark.timeout(600)
def test_only_the_check_of_the_full_weights_is_skipped(reports: dict[str, Any]) -> None:
    """It has no points, and says why it was not made."""
    skipped = [check for check in reports["perfect"]["checks"] if check["status"] == "skipped"]
    assert [check["id"] for check in skipped] == ["top-predictions-order::test_vgg16_recognises_the_photograph"]
    assert skipped[0]["max_score"] == 0
    assert "553 MB" in skipped[0]["message"]
