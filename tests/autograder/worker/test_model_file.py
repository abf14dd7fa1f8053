"""Reading saved models inside the sandbox: as data, within bounds, with a reason for every refusal."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
import tracemalloc
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from autograder.worker import model_archive, model_file
from autograder.worker.model_file import layer_places, read_model
from autograder.worker.wire import ModelParts
from tests.helpers.hostile_models import (
    HOSTILE,
    change_weights,
    h5_beside,
    hidden_members,
    layer,
    replace_kernel,
    saved_model_folder,
    sequential,
    weights_file,
    write,
)

SAVE = "Guarda el modelo con `model.save('models/cnn.keras')`, sin abrir ni volver a comprimir el archivo."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the model of a submission lies."""
    (tmp_path / "models").mkdir()
    return tmp_path / "models/cnn.keras"


def refusal(path: Path) -> tuple[str, str]:
    """Return kind and message of the refusal of ``path``."""
    reason = read_model(path)
    assert isinstance(reason, dict)
    return reason["kind"], reason["message"]


def arrays(path: Path) -> dict[str, list[np.ndarray]]:
    """Return the weights read from ``path``."""
    parts = read_model(path)
    assert isinstance(parts, ModelParts), parts
    assert parts.weights is not None
    return parts.weights


def test_an_honest_file_gives_its_configuration_and_weights(path):
    """The configuration crosses untouched, the weights by layer path in the layer's own order."""
    write(path)
    parts = read_model(path)
    assert isinstance(parts, ModelParts)
    with zipfile.ZipFile(path) as archive:
        assert parts.config == archive.read("config.json").decode()
    assert list(parts.weights) == ["dense"]
    kernel, bias = parts.weights["dense"]
    assert (kernel.shape, kernel.dtype, bias.shape) == ((784, 10), np.float32, (10,))
    assert np.all(kernel == np.float32(0.01))


def test_a_compressed_file_is_read_too(path):
    """Some tools compress what Keras stores; nothing is wrong with that."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", weights_file())
    assert arrays(path) == {}


@pytest.mark.parametrize("name", [name for name, item in HOSTILE.items() if item.outcome.startswith("sandbox")])
def test_a_hostile_file_is_refused_in_the_sandbox(name, path, tmp_path):
    """Each refusal has its kind, a Spanish sentence with what to do, and no payload runs."""
    marker = tmp_path / "marker"
    HOSTILE[name].build(path, marker)
    kind, message = refusal(path)
    assert f"sandbox: {kind}" == HOSTILE[name].outcome
    assert re.search(r"[Gg]u[aá]rda|red más pequeña", message)
    assert not marker.exists()


@pytest.mark.slow
def test_a_million_members_behind_a_comment_are_not_read(path):
    """The comment is as long as it can be, so that the record in front of it is easily overlooked."""
    path.write_bytes(hidden_members(1_000_000))
    started = time.monotonic()
    assert refusal(path)[0] == "too-large"
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("name", ["fill-value", "chunks-of-one-value", "nested-hard-links"])
def test_what_keeps_the_reader_busy_is_refused_at_once(name, path):
    """Before anything is read or allocated."""
    HOSTILE[name].build(path, path.with_name("marker"))
    tracemalloc.start()
    started = time.monotonic()
    refusal(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.monotonic() - started < 3
    assert peak < 10 << 20


def test_a_missing_file_names_its_path_and_the_way(path):
    """The message says that training is skipped, and where the model must lie."""
    kind, message = refusal(path)
    assert kind == "missing"
    assert message == (
        "No encuentro `models/cnn.keras`. Al corregir no se ejecutan las celdas de entrenamiento (salvo con "
        "`--train`): entrena el modelo en tu cuaderno, guárdalo con `model.save('models/cnn.keras')` y entrega el "
        "archivo junto con el cuaderno, en esa misma carpeta."
    )


def test_a_missing_file_mentions_the_h5_file_beside_it(path, tmp_path):
    """Who saved in the old format reads so."""
    h5_beside(path, tmp_path / "marker")
    assert refusal(path)[1].endswith("Sí encuentro `cnn.h5`, que es un formato antiguo: guárdalo como `.keras`.")


def test_an_h5_file_and_a_saved_model_are_called_by_their_names(path, tmp_path):
    """The message names the format that was handed in."""
    HOSTILE["h5-named-keras"].build(path, tmp_path / "marker")
    assert refusal(path) == (
        "format",
        "`models/cnn.keras` no es un modelo `.keras` que pueda leer. Es un archivo HDF5 (el formato antiguo `.h5`), "
        f"aunque termine en `.keras`. {SAVE}",
    )
    path.unlink()
    saved_model_folder(path, tmp_path / "marker")
    assert refusal(path) == (
        "format",
        "`models/cnn.keras` es un SavedModel, el formato antiguo de TensorFlow, y debe ser un archivo `.keras`. "
        + SAVE,
    )


def test_a_file_beyond_the_limit_is_not_opened(path, monkeypatch):
    """The size is asked before anything is read."""
    monkeypatch.setattr(model_archive, "MAX_FILE", 1000)
    write(path)
    kind, message = refusal(path)
    assert kind == "too-large"
    assert "el máximo es" in message


def test_members_may_not_add_up_beyond_the_limit(path, monkeypatch):
    """Many members, each within the limit, are bounded together."""
    write(path)
    monkeypatch.setattr(model_archive, "MAX_FILE", path.stat().st_size)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("assets/zeros", bytes(20_000))
    monkeypatch.setattr(model_archive, "MAX_FILE", path.stat().st_size + 100)
    assert refusal(path)[0] == "too-large"


def test_weights_may_not_add_up_beyond_the_limit(path, monkeypatch):
    """Data sets, each within the limit, are bounded together."""
    write(path)
    monkeypatch.setattr(model_file, "MAX_WEIGHT_BYTES", 784 * 10 * 4)
    assert refusal(path)[0] == "too-large"


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_half_precision_becomes_float32(path, dtype):
    """Weights saved in half precision cross as what they are evaluated in."""
    change_weights(path, lambda file: replace_kernel(file, data=np.full((784, 10), 0.5, dtype)))
    assert arrays(path)["dense"][0].dtype == np.float32


def test_bfloat16_is_read_from_its_bits(path):
    """HDF5 knows no bfloat16; Keras stores its bits as whole numbers and says so in an attribute."""

    def change(file: h5py.File) -> None:
        replace_kernel(file, data=np.full((784, 10), 0x3FC0, np.uint16))
        file["layers/dense/vars/0"].attrs["dtype"] = "bfloat16"

    change_weights(path, change)
    kernel = arrays(path)["dense"][0]
    assert kernel.dtype == np.float32
    assert np.all(kernel == 1.5)


def test_places_follow_class_and_position_not_the_name():
    """Keras counts the layers of each class, within each nested model anew, and leaves arithmetic out."""
    inner = sequential(layer("Conv2D", "c"), layer("PReLU", "p"), name="base")
    operation = layer("Add", "plus", module="keras.src.ops.numpy")
    model = sequential(
        layer("Conv2D", "a"), operation, layer("Add", "add"), layer("Conv2D", "b"), inner, layer("DepthwiseConv2D", "d")
    )
    assert dict(layer_places(model)) == {
        "a": ("conv2d",),
        "add": ("add",),
        "b": ("conv2d_1",),
        "base/c": ("sequential", "conv2d"),
        "base/p": ("sequential", "p_re_lu"),
        "d": ("depthwise_conv2d",),
    }


def test_damaged_bytes_never_raise(path):
    """Whatever a byte is changed to in the directory and the configuration, the answer is parts or a reason."""
    write(path)
    honest, rng = path.read_bytes(), np.random.default_rng(1)
    # The weights in the middle are left alone: damage there is for the HDF5 library, in its own process.
    start, end = honest.index(b"\x89HDF"), honest.rindex(b"PK\x01\x02") - 400
    for _ in range(300):
        damaged = bytearray(honest)
        for _ in range(rng.integers(1, 4)):
            place = int(rng.integers(len(honest) - (end - start)))
            damaged[place if place < start else place + end - start] = rng.integers(256)
        path.write_bytes(damaged)
        reason = read_model(path)
        assert isinstance(reason, ModelParts) or set(reason) == {"kind", "message"}


def test_reading_leaves_no_open_file(path):
    """A refusal closes what it opened."""
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("needs /proc")
    write(path)
    before = len(list(descriptors.iterdir()))
    for name in ("truncated", "traversal", "deep-json", "soft-link"):
        HOSTILE[name].build(path, path.with_name("marker"))
        refusal(path)
    assert len(list(descriptors.iterdir())) == before


def test_the_folder_of_the_sandbox_is_enough(path, tmp_path):
    """The sandbox mounts `autograder/worker` alone: nothing else of the grader is imported."""
    write(path)
    shutil.copytree(Path(model_file.__file__).parent, tmp_path / "worker")
    code = (
        "import pathlib, worker.model_file as m; print(m.read_model(pathlib.Path('models/cnn.keras')).weights.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "dict_keys(['dense'])\n"
