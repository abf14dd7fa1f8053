"""Reads a saved Keras model as data: its JSON configuration and its weight arrays, without Keras.

Inside the sandbox anything may go wrong, but not everything may take the sandbox's memory and time: sizes are bounded
here, and each refusal says what to do. Whether the model consists of permitted layers is decided by the grader, which
gets the configuration as text.

Keras 3 stores the weights of the n-th layer of its class below ``layers/<class_in_snake_case>[_n]/vars/<index>``, and a
nested model in the same way below its own group.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .model_archive import Archive, Refusal
from .wire import ModelParts

MAX_LAYERS = 1000
MAX_CHUNKS = 20_000
MAX_RATIO = 100
MAX_UNSTORED = 16 << 20
"""Bytes of arrays that go beyond `MAX_RATIO` times what the file stores of them: fill values make those of nothing."""
MAX_DEPTH = 5
MAX_ARRAYS_PER_LAYER = 8
MAX_WEIGHT_BYTES = 800_000_000
MAX_ABOUT = 40

_CONTAINERS = ("layers", "_layer_checkpoint_dependencies")  # Keras 3; tf.keras 2
_MODELS = ("Sequential", "Functional", "Model")


def read_model(path: Path, weights: bool = True) -> ModelParts | dict[str, str]:
    """Read the model saved at ``path``.

    Parameters
    ----------
    path : Path
        A ``.keras`` file, as ``model.save`` writes it.
    weights : bool
        Whether the weights are read, too.

    Returns
    -------
    ModelParts or dict
        Configuration and weights, the latter float32 or float64 by layer path; or why not, as ``{"kind": ...,
        "message": ...}`` with kind ``missing``, ``format``, ``too-large``, ``weights`` or ``config`` and a Spanish
        message.
    """
    shown = "/".join(path.parts[-2:])
    try:
        with Archive(path, shown) as archive:
            text = archive.config()
            config = _parse(text)
            if not weights:
                return ModelParts(text)
            with archive.weights() as stream:
                return ModelParts(text, _read_weights(stream, config))
    except Refusal as refusal:
        return {"kind": refusal.kind, "message": str(refusal)}


def read_about(path: Path) -> dict[str, str]:
    """Return what the file at ``path`` says of itself: ``keras_version`` and ``date_saved``, each empty if unknown."""
    found: Any = None
    try:
        with Archive(path, path.name) as archive:
            found = json.loads(archive.about() or b"{}")
    except (Refusal, ValueError, RecursionError):
        pass
    about = found if isinstance(found, dict) else {}
    return {
        name: about[name][:MAX_ABOUT] if isinstance(about.get(name), str) else ""
        for name in ("keras_version", "date_saved")
    }


def _parse(text: str) -> dict[str, Any]:
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(
            "config", "La configuración dentro del archivo del modelo no es JSON válido. Guarda el modelo de nuevo."
        ) from error
    return config if isinstance(config, dict) else {}


def _read_weights(stream: Any, config: Mapping[str, Any]) -> dict[str, list[np.ndarray]]:
    import h5py

    try:
        with h5py.File(stream, "r") as file:
            reader = _Weights(h5py)
            places = list(itertools.islice(layer_places(config), MAX_LAYERS + 1))
            if len(places) > MAX_LAYERS:
                raise Refusal("too-large", f"El modelo tiene más de {MAX_LAYERS} capas. Usa una red más pequeña.")
            return {path: arrays for path, place in places if (arrays := reader.read(file, place))}
    except Refusal:
        raise
    except Exception as error:  # h5py raises whatever the damaged bytes lead to
        raise Refusal(
            "weights",
            "No puedo leer los pesos del modelo: esa parte del archivo está dañada. Guarda el modelo de nuevo.",
        ) from error


def layer_places(
    config: Mapping[str, Any], path: str = "", place: tuple[str, ...] = (), depth: int = 0
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield ``(layer path, group names)`` for every layer that is no model, where its weights lie in the HDF5 file."""
    inner = config.get("config")
    entries = inner.get("layers") if isinstance(inner, dict) else None
    if not isinstance(entries, list) or len(entries) > MAX_LAYERS or depth > MAX_DEPTH:
        return
    if config.get("class_name") == "Sequential":
        names = unique_names([_name(entry) for entry in entries])
    else:
        names = [_name(entry) for entry in entries]
    seen: dict[str, int] = {}
    for entry, name in zip(entries, names):
        if not isinstance(entry, dict) or not isinstance(entry.get("config"), dict) or _is_operation(entry):
            continue
        class_name = entry.get("class_name")
        if not isinstance(class_name, str) or not isinstance(name, str):
            continue
        group = _snake_case("Functional" if class_name == "Model" else class_name)
        number = seen[group] = seen.get(group, -1) + 1
        here = (*place, f"{group}_{number}" if number else group)
        if class_name in _MODELS:
            yield from layer_places(entry, f"{path}{name}/", here, depth + 1)
        else:
            yield path + name, here


def unique_names(names: Sequence[Any]) -> list[Any]:
    """Return names with a number behind each that stands for a second layer; what is no text stays as it is."""
    taken = {name for name in names if isinstance(name, str)}
    unique: list[Any] = []
    seen: set[str] = set()
    for name in names:
        if isinstance(name, str) and name in seen:
            number = 1
            while f"{name}_{number}" in taken:
                number += 1
            name = f"{name}_{number}"
            taken.add(name)
        if isinstance(name, str):
            seen.add(name)
        unique.append(name)
    return unique


def _name(entry: Any) -> Any:
    """Return the name of an entry in a list of layers, whatever the entry is."""
    inner = entry.get("config") if isinstance(entry, dict) else None
    return inner.get("name", entry.get("name")) if isinstance(inner, dict) else None


def _is_operation(entry: Mapping[str, Any]) -> bool:
    """Tell whether an entry of a functional model is plain arithmetic, which Keras does not count as a layer."""
    return isinstance(entry.get("module"), str) and entry["module"].startswith("keras.src.ops")


def _snake_case(name: str) -> str:
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


class _Weights:
    """Reads arrays below one HDF5 file and keeps account of their size; follows no link."""

    def __init__(self, h5py: Any) -> None:
        self._h5py = h5py
        self._bytes = 0
        self._chunks = 0
        self._unstored = 0
        self._read: set[tuple[int, int]] = set()

    def read(self, file: Any, place: tuple[str, ...]) -> list[np.ndarray]:
        """Return the arrays of the layer at ``place``: none if the file holds none there."""
        group = file
        for name in place:
            container = next((found for key in _CONTAINERS if (found := self._child(group, key)) is not None), None)
            group = None if container is None else self._child(container, name)
            if group is None:
                return []
        variables = self._child(group, "vars")
        if variables is None:
            return []
        if len(variables) > MAX_ARRAYS_PER_LAYER:
            raise Refusal("weights", f"La capa «{place[-1]}» trae {len(variables)} arreglos de pesos; son demasiados.")
        return [self._array(variables, str(index)) for index in range(len(variables))]

    def _child(self, group: Any, name: str) -> Any:
        found = self._get(group, name)
        if found is not None and not isinstance(found, self._h5py.Group):
            raise _odd("tiene datos donde debería haber un grupo")
        return found

    def _get(self, group: Any, name: str) -> Any:
        link = group.get(name, getlink=True)
        if link is None:
            return None
        if not isinstance(link, self._h5py.HardLink):
            raise _odd("contiene enlaces a otros datos o archivos")
        return group[name]

    def _array(self, variables: Any, name: str) -> np.ndarray:
        data = self._get(variables, name)
        if not isinstance(data, self._h5py.Dataset):
            raise _odd("no guarda los pesos como arreglos")
        if data.is_virtual or data.external:
            raise _odd("toma los pesos de otros archivos")
        if data.shape is None or data.dtype.kind not in "fiub":
            raise _odd("guarda algo que no son números")
        self._bytes += math.prod(data.shape) * max(4, data.dtype.itemsize)
        if self._bytes > MAX_WEIGHT_BYTES:
            raise Refusal(
                "too-large",
                f"Los pesos del modelo ocuparían más de {MAX_WEIGHT_BYTES / 1e6:,.0f} MB. Usa una red más pequeña.",
            )
        self._check_stored(data)
        array = np.asarray(data[()])
        if array.dtype == np.uint16 and data.attrs.get("dtype") == "bfloat16":
            return (array.astype(np.uint32) << 16).view(np.float32)
        return array.astype(np.float32) if array.dtype == np.float16 else array

    def _check_stored(self, data: Any) -> None:
        """Hold an array against what the file stores of it, and refuse what only keeps the reader busy."""
        about = self._h5py.h5o.get_info(data.id)
        place = (about.fileno, about.addr)
        if place in self._read:
            raise _odd("nombra los mismos datos más de una vez")
        self._read.add(place)
        if data.chunks is not None:
            self._chunks += math.prod(-(-side // chunk) for side, chunk in zip(data.shape, data.chunks, strict=True))
            if self._chunks > MAX_CHUNKS:
                raise _odd(f"está cortado en más de {MAX_CHUNKS} trozos")
        self._unstored += max(0, data.nbytes - MAX_RATIO * data.id.get_storage_size())
        if self._unstored > MAX_UNSTORED:
            raise Refusal(
                "too-large",
                f"Los pesos del modelo ocuparían más de {MAX_RATIO} veces lo que guarda el archivo. Guárdalo con "
                "`model.save(...)`.",
            )


def _odd(clause: str) -> Refusal:
    return Refusal(
        "weights", f"No leo los pesos de este modelo: su archivo {clause}. Guarda el modelo con `model.save(...)`."
    )
