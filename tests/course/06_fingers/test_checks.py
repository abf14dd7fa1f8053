"""What the hidden checks of 06_fingers accept, what they refuse, and what they say then."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import io, transform

from autograder.checking.local import LocalStudent
from autograder.checking.results import CheckResult
from autograder.checking.run import run_checks
from autograder.course.assignments import ROOT, find_assignments
from autograder.course.sample import build_class

FINGERS = find_assignments()["06_fingers"]


def judge(home: Path, grade_id: str, **answers: Any) -> dict[str, CheckResult]:
    """Return the results of one grade cell's checks, by name, for functions of this process."""
    results, _ = run_checks(FINGERS, LocalStudent(answers, home), "seed", grade_id)
    return {result.name: result for result in results if result.grade_id == grade_id}


def failures(results: dict[str, CheckResult]) -> dict[str, str]:
    """Return the messages of the checks that failed; a check that broke fails the test."""
    assert {result.status for result in results.values()} <= {"passed", "failed", "skipped"}, results
    return {name: result.message for name, result in results.items() if result.status == "failed"}


LABELS: dict[str, Callable[[str], Any]] = {
    "stem": lambda name: int(Path(name).stem[-2]),
    "slice": lambda name: np.int64(name[-6]),
    "regular expression": lambda name: int(re.findall(r"_([0-5])[LR]\.png$", name)[0]),
    "float": lambda name: float(name.rsplit("_", 1)[1][0]),
}


@pytest.mark.parametrize("style", LABELS)
def test_any_way_to_read_a_label_is_right(tmp_path: Path, style: str) -> None:
    """Whole numbers of any type."""
    results = judge(tmp_path, "label-from-filename-count", label_from_filename=LABELS[style])
    assert failures(results) == {}
    assert len(results) == 4


@pytest.mark.parametrize(
    ("function", "check", "says"),
    [
        (lambda name: name[-6], "test_label_is_a_number", "conviértelo en número con int"),
        (lambda name: name[-6:-4], "test_label_of_a_bare_name", "quédate con el dígito"),
        (lambda name: int(name.split("_")[1][0]), "test_label_behind_more_underscores", "label_from_filename"),
        (lambda name: int(re.findall(r"[0-5](?=[LR])", name)[0]), "test_label_of_a_path", "las carpetas de la ruta"),
        (lambda name: int(name[-6]) + 1, "test_label_of_a_bare_name", "justo antes de la letra L o R"),
        (lambda name: None, "test_label_of_a_bare_name", "¿Falta un `return`?"),
        (lambda name: [int(name[-6]), name[-5]], "test_label_of_a_bare_name", "se pide solo la cantidad"),
        (lambda name: int("LR".index(name[-5])), "test_label_of_a_bare_name", "justo antes de la letra L o R"),
    ],
)
def test_a_wrong_label_is_explained(tmp_path: Path, function: Callable[[str], Any], check: str, says: str) -> None:
    """Text, hand and digits elsewhere in the path each get their own words."""
    found = failures(judge(tmp_path, "label-from-filename-count", label_from_filename=function))
    assert says in found[check]


def label(path: str) -> int:
    return int(path[-6])


def pictures(folder: str) -> list[str]:
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".png")]


def arrays(folder: str) -> Any:
    paths = pictures(folder)
    return np.array([io.imread(path) for path in paths]), np.array([label(path) for path in paths])


def lists(folder: str) -> Any:
    paths = pictures(folder)[::-1]
    return [np.asarray(Image.open(path)) for path in paths], [label(path) for path in paths]


def changed(change: Callable[[np.ndarray, np.ndarray], Any]) -> Callable[[str], Any]:
    return lambda folder: change(*arrays(folder))


@pytest.mark.parametrize(
    "load",
    [
        *(arrays, lists, lambda folder: list(arrays(folder))),
        changed(lambda x, y: (x.astype("float32"), y.astype("float32"))),
        changed(lambda x, y: (x.tolist(), y.tolist())),
    ],
)
def test_any_way_to_load_a_folder_is_right(tmp_path: Path, load: Callable[[str], Any]) -> None:
    """Arrays or lists, whole numbers or floats, in any order."""
    results = judge(tmp_path, "load-images-folder", load_images=load)
    assert failures(results) == {}
    assert len(results) == 4


def all_files(folder: str) -> Any:
    paths = [os.path.join(folder, name) for name in os.listdir(folder)]
    return np.array([np.asarray(Image.open(path)) for path in paths]), [label(path) for path in paths]


@pytest.mark.parametrize(
    ("load", "check", "says"),
    [
        (changed(lambda x, y: None), "reads_every_pixel", "¿Falta un `return images, labels`?"),
        (changed(lambda x, y: x), "reads_every_pixel", "debería devolver dos cosas"),
        (changed(lambda x, y: (y, x)), "reads_every_pixel", "el orden es (images, labels)"),
        (changed(lambda x, y: (x[1:], y[1:])), "reads_every_pixel", "En la carpeta hay 14 imágenes, y devolviste 13"),
        (changed(lambda x, y: (x / 255, y)), "reads_every_pixel", "divididos por 255"),
        (changed(lambda x, y: (x[..., None], y)), "reads_every_pixel", "se agrega en preprocess"),
        (changed(lambda x, y: (np.stack([x] * 3, -1), y)), "reads_every_pixel", "¿Las leíste en color?"),
        (changed(lambda x, y: (x[:, ::2, ::2], y)), "reads_every_pixel", "deberían tener forma (14, 128, 128)"),
        (changed(lambda x, y: (x.swapaxes(1, 2), y)), "reads_every_pixel", "las filas y las columnas"),
        (changed(lambda x, y: (255 - x, y)), "reads_every_pixel", "invertidos"),
        (changed(lambda x, y: (np.zeros_like(x), y)), "reads_every_pixel", "no las copias en el arreglo"),
        (changed(lambda x, y: (np.stack([x[0]] * len(x)), y)), "reads_every_pixel", "están repetidas"),
        (changed(lambda x, y: (x // 2, y)), "reads_every_pixel", "¿Lees cada archivo"),
        (changed(lambda x, y: (Path("x"), y)), "reads_every_pixel", "deben ser un arreglo o una lista"),
        (changed(lambda x, y: (x, sorted(y))), "gives_each_image_its_label", "no corresponden a sus imágenes"),
        (changed(lambda x, y: (x, y + 1)), "gives_each_image_its_label", "Hay etiquetas equivocadas"),
        (changed(lambda x, y: (x, y[1:])), "gives_each_image_its_label", "una etiqueta por imagen"),
        (changed(lambda x, y: (x, [str(one) for one in y])), "gives_each_image_its_label", "son textos"),
        (changed(lambda x, y: (x, [0] * len(y))), "works_for_any_folder", "las etiquetas no son las de los archivos"),
        (all_files, "ignores_other_files", "`load_images` se detuvo con un error"),
    ],
)
def test_a_folder_loaded_wrongly_is_explained(
    tmp_path: Path, load: Callable[[str], Any], check: str, says: str
) -> None:
    """Every usual mistake gets its own words."""
    found = failures(judge(tmp_path, "load-images-folder", load_images=load))
    assert says in found[f"test_load_images_{check}"]


def by_function(read: Callable[[str], Any]) -> dict[str, Any]:
    """Return a load_images that is right but for the label_from_filename that it calls."""

    def load(folder: str) -> Any:
        paths = pictures(folder)
        return np.array([io.imread(path) for path in paths]), np.array([read(Path(path).name) for path in paths])

    return {"load_images": load, "label_from_filename": read}


@pytest.mark.parametrize("read", [lambda name: int(name[-6]) + 1, lambda name: name[-6:-4]], ids=["off by one", "text"])
def test_labels_that_a_wrong_label_from_filename_reads_cost_nothing_here(
    tmp_path: Path, read: Callable[[str], Any]
) -> None:
    """They are charged where labels are read; here a note says so."""
    results = judge(tmp_path, "load-images-folder", **by_function(read))
    assert failures(results) == {}
    assert "ya se cuenta en otra parte" in results["test_load_images_gives_each_image_its_label"].message


def test_labels_that_are_all_alike_are_forgiven_to_nobody(tmp_path: Path) -> None:
    """A label_from_filename that reads nothing shows nothing about load_images."""
    found = failures(judge(tmp_path, "load-images-folder", **by_function(lambda name: 0)))
    assert sorted(found) == ["test_load_images_gives_each_image_its_label", "test_load_images_works_for_any_folder"]


def resized(size: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: np.stack([np.asarray(Image.fromarray(image).resize((size, size))) for image in x]) / 255


PREPARED: dict[str, Callable[[np.ndarray], Any]] = {
    "full size": lambda x: x / 255,
    "channels": lambda x: (x / 255)[..., None].astype("float32"),
    "in rows": lambda x: x.reshape(len(x), -1) / 127.5 - 1,
    "every second pixel": lambda x: x[:, ::2, ::2] / 255,
    "means": lambda x: x.reshape(-1, 32, 4, 32, 4).mean((2, 4)) / 255,
    "means in rows": lambda x: x.reshape(-1, 32, 4, 32, 4).mean((2, 4)).reshape(len(x), -1) / 255,
    "Pillow": resized(48),
    "scikit-image": lambda x: [transform.resize(image, (64, 64)) for image in x],
    "standardised": lambda x: (x[:, ::2, ::2] - 60.0) / 50,
    "by the largest": lambda x: x / x.max(),
    "largest of blocks": lambda x: x.reshape(-1, 64, 2, 64, 2).max((2, 4)) / 255,
    "middle of blocks": lambda x: np.median(x.reshape(-1, 64, 2, 64, 2), axis=(2, 4)) / 255,
    "smallest of blocks": lambda x: x.reshape(-1, 32, 4, 32, 4).min((2, 4)) / 255,
    "maxima of every second pixel": lambda x: x[:, ::2, ::2].reshape(-1, 32, 2, 32, 2).max((2, 4)) / 127.5 - 1,
    "means of maxima": lambda x: x.reshape(-1, 64, 2, 64, 2).max((2, 4)).reshape(-1, 32, 2, 32, 2).mean((2, 4)) / 255,
}


@pytest.mark.parametrize("style", PREPARED)
def test_any_way_to_prepare_images_is_right(tmp_path: Path, style: str) -> None:
    """Any size, any usual way to get there, any usual scale."""
    results = judge(tmp_path, "preprocess-pixels", preprocess=PREPARED[style])
    assert failures(results) == {}
    assert len(results) == 3


def in_place(x: np.ndarray) -> np.ndarray:
    values = x[:, ::2, ::2] / 255
    x[:] = 0
    return values


@pytest.mark.parametrize(
    ("prepare", "check", "says"),
    [
        (lambda x: x[:, ::2, ::2], "gives_small_numbers", "píxeles de 0 a 255. Divídelos por 255"),
        (lambda x: x[:, ::2, ::2] // 255, "gives_small_numbers", "¿Usaste `//`"),
        (lambda x: x[:, ::2, ::2] - 100.0, "gives_small_numbers", "demasiado grandes"),
        (lambda x: x[:, ::2, ::2] // 255.0, "keeps_every_hand_in_its_place", "solo quedan dos"),
        (lambda x: x // 255.0, "keeps_every_hand_in_its_place", "solo quedan dos"),
        (lambda x: x[:, ::2, ::2].swapaxes(1, 2) / 255, "keeps_every_hand_in_its_place", "transpuestas"),
        (lambda x: x[:, ::2, ::-2] / 255, "keeps_every_hand_in_its_place", "reflejadas de izquierda a derecha"),
        (lambda x: x[:, ::-1] / 255, "keeps_every_hand_in_its_place", "cabeza abajo"),
        (lambda x: x[::-1, ::2, ::2] / 255, "keeps_every_hand_in_its_place", "cambian de orden"),
        (
            lambda x: x[:, ::2, ::2] / 255 + np.random.default_rng().normal(size=(len(x), 64, 64)),
            "keeps_every_hand_in_its_place",
            "algo distinto cada vez",
        ),
        (lambda x: np.sin(x[:, ::2, ::2] / 9), "keeps_every_hand_in_its_place", "No reconozco lo que preprocess hace"),
        (lambda x: np.stack([x] * 3, -1) / 255, "answers_for_any_number_of_images", "un solo canal"),
        (lambda x: x[:, None] / 255, "answers_for_any_number_of_images", "va al final"),
        (lambda x: np.squeeze(x / 255), "answers_for_any_number_of_images", "¿Un `squeeze` de más?"),
        (lambda x: x[:1] / 255, "answers_for_any_number_of_images", "¿Está fija la cantidad"),
        (lambda x: np.kron(x / 255, np.ones((1, 2, 2))), "answers_for_any_number_of_images", "más grandes"),
        (lambda x: x[:, ::32, ::32] / 255, "answers_for_any_number_of_images", "demasiado pequeñas"),
        (in_place, "answers_for_any_number_of_images", "cambió `images`"),
    ],
)
def test_images_prepared_wrongly_are_explained(
    tmp_path: Path, prepare: Callable[[np.ndarray], Any], check: str, says: str
) -> None:
    """Every usual mistake gets its own words."""
    found = failures(judge(tmp_path, "preprocess-pixels", preprocess=prepare))
    assert says in found[f"test_preprocess_{check}"]


@pytest.fixture(scope="module")
def keras() -> Any:
    return pytest.importorskip("keras")


def test_raw_grey_levels_are_right_for_a_network_that_scales_them(tmp_path: Path, keras: Any) -> None:
    """A `Rescaling` layer does what ``preprocess`` left out."""

    def network() -> Any:
        return keras.Sequential([keras.Input((64, 64, 1)), keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(2, 3)])

    results = judge(tmp_path, "preprocess-pixels", preprocess=lambda x: x[:, ::2, ::2], build_cnn=network)
    assert failures(results) == {}


@pytest.mark.parametrize(
    ("size", "units", "activation", "says"),
    [
        ((32, 32, 1), 6, "softmax", ""),
        ((32, 32), 6, "softmax", ""),
        ((64, 64, 1), 6, "softmax", "de 4096 números por imagen, y preprocess da 1024"),
        ((32, 32, 3), 6, "softmax", "un solo canal"),
        ((32, 32, 1), 6, None, "no son probabilidades"),
        ((32, 32, 1), 5, "softmax", "también hay manos con 0 dedos"),
        ((32, 32, 1), 12, "softmax", "sin importar la mano"),
        ((32, 32, 1), 7, "softmax", "debería dar 6 números"),
    ],
)
def test_the_structure_of_the_network(
    tmp_path: Path, keras: Any, size: tuple[int, ...], units: int, activation: str | None, says: str
) -> None:
    """Input, output and softmax; the message names what does not fit."""
    layers = keras.layers

    def network() -> Any:
        shape = [layers.Reshape((*size, 1))] if len(size) == 2 else []
        convolution = [layers.Conv2D(2, 3, activation="relu"), layers.Flatten()]
        return keras.Sequential([keras.Input(size), *shape, *convolution, layers.Dense(units, activation)])

    answers = {"build_cnn": network, "preprocess": PREPARED["means"]}
    found = failures(judge(tmp_path, "build-cnn-structure", **answers))
    assert says in " ".join(found.values()).replace("o sea ", "de ") if says else not found


SCORES = {
    "almost": 8.533333,
    "empty": 0,
    "mistakes": 2.558333,
    "perfect": 10,
    "perfect_lists": 10,
    "spy": 2.5,
    "trained_on_test": 10,
}
"""On the real data set. The demo shows what they get where it is missing."""


@pytest.mark.slow
def test_the_sample_class_gets_what_it_deserves_on_the_real_data_set(
    tmp_path: Path, real_data: Callable[[str], Path]
) -> None:
    """Exact scores; the flag about the test set for the one that learned it, and for nobody else."""
    folder = real_data("fingers")
    answers = tmp_path / "answers"
    answers.mkdir()
    (answers / "06_fingers").symlink_to(ROOT / "tests/submissions/06_fingers")
    build_class(answers, tmp_path / "submitted")
    environment = {**os.environ, "CNN_DATA": str(folder), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", str(tmp_path / "submitted"), "--json", str(tmp_path / "r.json")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    reports = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert {report["submission"]: report["score"] for report in reports} == SCORES
    flags = {report["submission"]: {flag["kind"] for flag in report["flags"]} for report in reports}
    assert {name: kinds for name, kinds in flags.items() if kinds} == {"trained_on_test": {"memorised-test-set"}}
