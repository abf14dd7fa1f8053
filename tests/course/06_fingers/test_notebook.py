"""The notebook 06_fingers as its readers run it: finding images, the instructor's solution from beginning to end."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell
from PIL import Image
from skimage import io, transform

from autograder.course.assignments import find_assignments
from autograder.course.notebooks import cell_id, read_notebook
from autograder.grading.class_run import run_class
from autograder.intake.submissions import find_submissions
from autograder.settings import Settings
from data.fingers import image_files, write_images
from data.sandbox import sandbox_view

FINGERS = find_assignments()["06_fingers"]
SOURCES = {cell_id(cell): cell.source for cell in read_notebook(FINGERS.source).cells}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder that is also the working folder, without any images."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CNN_DATA", raising=False)
    return tmp_path


def run(*names: str) -> dict[str, Any]:
    """Run cells of the notebook in a fresh namespace and return it."""
    namespace: dict[str, Any] = {"io": io, "transform": transform, "np": np}
    exec("import os\nfrom pathlib import Path", namespace)
    for name in names:
        exec(SOURCES[name], namespace)
    return namespace


def percents(text: str) -> list[float]:
    """Return the percentages of a text, as the notebook writes them."""
    return [float(found.replace(",", ".")) for found in re.findall(r"([\d,]+) %", text)]


def make_set(folder: Path) -> None:
    for split in ("train", "test"):
        write_images(folder / split, np.zeros((2, 128, 128), np.uint8), ["0L", "5R"])


@pytest.mark.parametrize(
    "place",
    [
        "fingers",
        ".",
        ".cache/cnn-course/fingers",
        ".cache/kagglehub/datasets/koryakinp/fingers/versions/2",
        ".cache/kagglehub/datasets/koryakinp/fingers/versions/2/fingers",
    ],
)
def test_the_notebook_finds_images_where_they_usually_are(home: Path, place: str) -> None:
    """Beside it, in the course's cache, or where kagglehub puts them."""
    make_set(home / place)
    assert run("find-data")["FINGERS"].resolve() == (home / place).resolve()


def test_the_folder_that_was_chosen_comes_first(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``$CNN_DATA`` is what the sandbox sets."""
    make_set(home / "fingers")
    make_set(home / "chosen/fingers")
    monkeypatch.setenv("CNN_DATA", str(home / "chosen"))
    assert run("find-data")["FINGERS"] == home / "chosen/fingers"


def test_without_images_the_notebook_says_what_to_do(home: Path) -> None:
    """Where it looked, and how to get them."""
    with pytest.raises(FileNotFoundError, match=r"Busqué una carpeta con train/ y test/ en: .*CNN_DATA"):
        run("find-data")


def test_the_reduced_copy_becomes_the_original_layout(home: Path) -> None:
    """Folders 0 to 5 of 64x64 pixels turn into files of 128x128 once, with their names; the original stays."""
    for split in ("train", "test"):
        for count in range(6):
            folder = home / "fingers" / split / str(count)
            folder.mkdir(parents=True)
            Image.new("L", (64, 64), 30 * count).save(folder / f"img_001_{count}R.png")
    namespace = run("find-data", "reduced-copy", "label-from-filename", "load-images")
    assert namespace["FINGERS"] == Path("fingers-128")
    images, labels = namespace["load_images"](str(namespace["FINGERS"] / "train"))
    assert images.shape == (6, 128, 128)
    assert [(int(image.min()), int(image.max())) for image in images] == [(30 * label,) * 2 for label in labels]
    written = image_files(home / "fingers-128")[0].stat().st_mtime_ns
    run("find-data", "reduced-copy")
    assert image_files(home / "fingers-128")[0].stat().st_mtime_ns == written


def test_the_original_layout_stays_where_it_is(home: Path) -> None:
    """There is nothing to convert."""
    make_set(home / "fingers")
    assert run("find-data", "reduced-copy")["FINGERS"] == Path("fingers")
    assert not (home / "fingers-128").exists()


def test_augmented_images_are_moved_and_half_of_them_mirrored() -> None:
    """They are the same hands: a spot stays within the limit of its place or of its mirror image."""
    images = np.zeros((200, 128, 128), np.uint8)
    images[:, 60, 40] = 255
    augmented = run("augment")["augment"](images, np.random.default_rng(0))
    assert augmented.shape == images.shape
    assert images.sum() == 200 * 255
    _, rows, columns = np.nonzero(augmented)
    assert len(rows) == 200
    assert np.abs(rows - 60).max() == 6
    mirrored = columns > 64
    assert 70 < mirrored.sum() < 130
    assert np.abs(np.where(mirrored, 127 - columns, columns) - 40).max() == 6


@pytest.mark.slow
def test_the_solution_runs_from_beginning_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, real_data: Callable[[str], Path]
) -> None:
    """As an instructor runs it: every cell works, the network passes 98 %, within 2 GB, in a file below 500 KB."""
    monkeypatch.setenv("CNN_DATA", str(real_data("fingers")))
    notebook = read_notebook(FINGERS.source)
    for cell in notebook.cells:
        cell.source = re.sub(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", "", cell.source, flags=re.DOTALL)
    # Not ru_maxrss, which counts what the test's own process used before it became the kernel.
    peak = "print(next(int(line.split()[1]) >> 10 for line in open('/proc/self/status') if line[:5] == 'VmHWM'))"
    notebook.cells.append(new_code_cell(peak, id="peak"))
    NotebookClient(notebook, timeout=400, resources={"metadata": {"path": str(tmp_path)}}).execute()
    printed = {
        cell_id(cell): "".join(output.get("text", "") for output in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    }
    assert nbformat.validate(notebook) is None
    assert percents(printed["cnn-accuracy"])[0] >= 99
    assert percents(printed["test-plot"])[0] >= 99
    assert int(printed["peak"]) < 2000
    assert (tmp_path / "models/cnn.keras").stat().st_size < 500_000
    as_it_is, mirrored, hands, hands_mirrored = percents(printed["hands-mirrored-plot"])
    assert min(as_it_is, mirrored) > 98
    assert hands > 95
    assert hands_mirrored < 5
    # One label in five is random, one in six therefore wrong: what it learns suffers less than what it is told.
    trained, kept, trained_wrong, kept_wrong = percents(printed["wrong-labels-plot"])
    assert trained - trained_wrong > 10
    assert kept - kept_wrong < trained - trained_wrong


@pytest.mark.slow
def test_what_the_sandbox_shows_is_enough_to_train(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, real_data: Callable[[str], Path]
) -> None:
    """A notebook without a saved model that is graded with ``--train`` gets full marks."""
    monkeypatch.setenv("CNN_DATA", str(real_data("fingers")))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "submitted/ana/06_fingers"
    folder.mkdir(parents=True)
    notebook = read_notebook(FINGERS.source)
    (folder / "06_fingers.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    submissions = find_submissions([tmp_path / "submitted"], {FINGERS.name: FINGERS}, None)
    (result,) = run_class(submissions, {FINGERS.name: FINGERS}, Settings(train=True), data=sandbox_view(["fingers"]))
    report = result.report
    assert report.score == 10
    assert {flag["kind"] for flag in report.flags} == {"trained"}
