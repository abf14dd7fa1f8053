"""The sample class gets the grades that it deserves, and the README shows what one really sees."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

from autograder.course.assignments import ROOT

EVERY_DAY = ("01_imagen_digital",)
"""The others take minutes: the longer proofs, and continuous integration, grade all seven."""
SCORES = {
    ("01_imagen_digital", "as_gray_for_everything"): 5,
    ("01_imagen_digital", "empty"): 0,
    ("01_imagen_digital", "mistakes"): 4.25,
    ("01_imagen_digital", "perfect_loops"): 10,
    ("01_imagen_digital", "perfect_vectorised"): 10,
    ("02_convolucion", "cell_deleted"): 10,
    ("02_convolucion", "cheat"): 0,
    ("02_convolucion", "crash"): 6.5,
    ("02_convolucion", "hardcoded_slides"): 1.291667,
    ("02_convolucion", "infinite_loop"): 7,
    ("02_convolucion", "mistakes"): 6.013095,
    ("02_convolucion", "empty"): 0,
    ("02_convolucion", "perfect_loops"): 10,
    ("02_convolucion", "perfect_scipy"): 10,
    ("02_convolucion", "perfect_vectorised"): 10,
    ("02_convolucion", "rewrites_tests"): 1,
    ("02_convolucion", "square_only"): 8.488095,
    ("03_formulas", "answers_only"): 2.5,
    ("03_formulas", "empty"): 0,
    ("03_formulas", "mistakes"): 2.675,
    ("03_formulas", "perfect_functional"): 10,
    ("03_formulas", "perfect_sequential"): 10,
    ("03_formulas", "square_only"): 2.083333,
    ("03_formulas", "wrong_models"): 8.25,
    ("04_mnist", "almost"): 9.201741,
    ("04_mnist", "copied"): 8,
    ("04_mnist", "empty"): 0,
    ("04_mnist", "hostile_model"): 1.5,
    ("04_mnist", "mistakes"): 2.041667,
    ("04_mnist", "mlp_as_cnn"): 6.833333,
    ("04_mnist", "perfect"): 10,
    ("04_mnist", "trained_on_test"): 10,
    ("04_mnist", "untrained"): 4.5,
    ("05_cifar10", "almost"): 10,
    ("05_cifar10", "channels_first"): 1.5,
    ("05_cifar10", "copied"): 10,
    ("05_cifar10", "empty"): 0,
    ("05_cifar10", "hostile"): 2,
    ("05_cifar10", "mistakes"): 0.5,
    ("05_cifar10", "mlp_as_cnn"): 1.5,
    ("05_cifar10", "perfect"): 10,
    ("05_cifar10", "trained_on_test"): 10,
    ("05_cifar10", "untrained"): 4,
    ("06_fingers", "almost"): 9.780777,
    ("06_fingers", "empty"): 0,
    ("06_fingers", "mistakes"): 2.6625,
    ("06_fingers", "perfect"): 10,
    ("06_fingers", "perfect_lists"): 10,
    ("06_fingers", "spy"): 2.5,
    ("06_fingers", "trained_on_test"): 10,
    ("07_vgg16", "almost"): 7.7,
    ("07_vgg16", "empty"): 0,
    ("07_vgg16", "hostile"): 1,
    ("07_vgg16", "mistakes"): 1.1,
    ("07_vgg16", "no_models"): 6,
    ("07_vgg16", "other_network"): 6,
    ("07_vgg16", "perfect"): 10,
    ("07_vgg16", "trained_on_test"): 10,
}
"""Without the data sets that are not embedded: their samples stand in."""
FLAGS = {
    ("02_convolucion", "cheat"): {"grade-cells-changed", "timeout"},
    ("02_convolucion", "infinite_loop"): {"timeout"},
    ("02_convolucion", "rewrites_tests"): {"grade-cells-changed"},
    ("04_mnist", "copied"): {"equal-models"},
    ("04_mnist", "perfect"): {"equal-models"},
    ("04_mnist", "trained_on_test"): {"memorised-test-set"},
    ("05_cifar10", "almost"): {"data-sample"},
    ("05_cifar10", "copied"): {"data-sample", "equal-models"},
    ("05_cifar10", "perfect"): {"data-sample", "equal-models"},
    ("05_cifar10", "trained_on_test"): {"data-sample"},
    ("06_fingers", "almost"): {"data-sample"},
    ("06_fingers", "perfect"): {"data-sample"},
    ("06_fingers", "perfect_lists"): {"data-sample"},
    ("06_fingers", "trained_on_test"): {"data-sample"},
    ("07_vgg16", "almost"): {"data-sample"},
    ("07_vgg16", "perfect"): {"data-sample"},
    ("07_vgg16", "trained_on_test"): {"data-sample"},
}


def _run(arguments: list[str], cache: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "COLUMNS": "80", "NO_COLOR": "1"}
    environment.pop("CNN_DATA", None)  # accuracies of 05 to 07 are measured on the embedded samples, and say so
    return subprocess.run(
        [sys.executable, "-m", "autograder", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The demo of one assignment, run once."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, _run(["demo", *EVERY_DAY, "--reports", str(folder / "reports")], folder / "cache")


def compare(folder: Path, assignments: Collection[str]) -> None:
    """Compare scores and flags with those that the submissions to some assignments deserve."""
    reports = json.loads((folder / "reports/reports.json").read_text(encoding="utf-8"))
    scores = {(report["assignment"], report["submission"]): report["score"] for report in reports}
    assert scores == pytest.approx({key: score for key, score in SCORES.items() if key[0] in assignments}, abs=1e-6)
    flags = {
        (report["assignment"], report["submission"]): {flag["kind"] for flag in report["flags"]} for report in reports
    }
    expected = {key: kinds for key, kinds in FLAGS.items() if key[0] in assignments}
    assert {key: kinds for key, kinds in flags.items() if kinds} == expected


@pytest.mark.timeout(500)
def test_the_demo_prints_the_table_and_says_where_the_reports_are(demo):
    """Exit status 0, the table on standard output, the files in their places."""
    folder, done = demo
    assert done.returncode == 0, done.stderr
    assert "perfect_loops" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    for name in ("reports.json", "junit.xml", "reports.md", "html/index.html"):
        assert (folder / "reports" / name).is_file()
        assert f"se escribió {folder / 'reports' / name}" in done.stderr


def test_each_submission_gets_what_it_deserves(demo):
    """Exact scores, hostile and broken submissions included, and flags for those that an instructor should look at."""
    compare(demo[0], EVERY_DAY)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_each_submission_of_the_whole_sample_class_gets_what_it_deserves(tmp_path: Path) -> None:
    """The demo as a newcomer runs it, all assignments."""
    done = _run(["demo", "--reports", str(tmp_path / "reports")], tmp_path / "cache")
    assert done.returncode == 0, done.stderr
    compare(tmp_path, {assignment for assignment, _ in SCORES})


def test_an_unknown_assignment_is_refused(tmp_path: Path) -> None:
    """Before anything is written."""
    done = _run(["demo", "02_convolution", "--reports", str(tmp_path / "reports")], tmp_path / "cache")
    assert done.returncode == 2
    assert "Recibido: 02_convolution. ¿Querías decir 02_convolucion?" in done.stderr
    assert not (tmp_path / "reports").exists()


def test_the_readme_shows_a_real_session(demo):
    """The command in the README prints what stands below it."""
    folder, _ = demo
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    command, shown = re.search(r"```console\n\$ python -m autograder (.*?)\n(.*?)```", text, re.DOTALL).groups()
    arguments = [part.replace("reports/demo", str(folder / "reports")) for part in command.split()]
    done = _run(arguments, folder / "cache")
    assert done.returncode == 0, done.stderr
    printed = [line.rstrip() for line in done.stdout.splitlines()]
    for line in shown.splitlines():
        if line.strip() and line.strip() != "…":
            assert line.rstrip() in printed
