"""Answers the grader's questions about a notebook that has been run: calls, values, files, models.

It runs in the student's process. The student's code can change anything here; that is why nothing that it answers is
trusted on the other side.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from .text import clean_text
from .wire import Figure, Image, ModelParts, WireError, decode, encode

Reply = tuple[dict[str, Any], list[bytes]]
BACKEND = "module://autograder.worker.backend"


class Service:
    """Answer requests about the variables in ``namespace``.

    Parameters
    ----------
    namespace : mutable mapping
        The variables of the notebook.
    home : path
        The folder in which the notebook ran; files are read and written below it.
    """

    def __init__(self, namespace: MutableMapping[str, Any], home: str | os.PathLike[str]) -> None:
        self.namespace = namespace
        self.home = Path(home)

    def handle(self, request: dict[str, Any], buffers: list[Any]) -> Reply:
        """Answer one request.

        Parameters
        ----------
        request : dict
            ``{"verb": "ready"}``, ``{"verb": "call", "name", "payload", "parts"?}``, ``{"verb": "value", "name"}``,
            ``{"verb": "put", "name"}``, ``{"verb": "model", "path"}``, ``{"verb": "weights", "path"}`` or
            ``{"verb": "about", "path"}``: see the methods.
        buffers : list of bytes-like
            The binary parts of the request.

        Returns
        -------
        (dict, list of bytes)
            ``{"status": "ok", "value": tree}`` and its buffers, or another status with what explains it.
        """
        try:
            reply: Reply = getattr(self, "_" + request["verb"])(request, buffers)
            return reply
        except WireError as error:
            return {"status": "unsendable", "text": str(error)}, []
        except BaseException as error:  # KeyboardInterrupt and SystemExit are the student's doing, too
            return _raised(error), []

    def _call(self, request: dict[str, Any], buffers: list[Any]) -> Reply:
        """Call ``name`` with the ``[args, kwargs]`` in ``payload``; the value is ``[result, args after, figures]``.

        In place of arguments that are as they were before the call stands None.

        With ``parts``, names of functions that the grader answers in the student's place, ``payload`` also holds the
        answers so far, in order. The first question beyond them ends the call: ``{"status": "asks", "value": [name,
        args, kwargs]}``.
        """
        name = request["name"]
        if name not in self.namespace:
            return {"status": "missing", "name": name}, []
        function = self.namespace[name]
        if not callable(function):
            return {"status": "missing", "name": name, "found": type(function).__name__}, []
        arguments, keywords, *answers = _build_models(decode(request["payload"], buffers))
        are_as_sent = _watch(arguments)
        try:
            with _figures_kept_open(), _answered_elsewhere(self.namespace, request.get("parts", ()), answers):
                result = function(*arguments, **keywords)
                after = None if are_as_sent() else tuple(arguments)
                tree, parts = encode([result, after, _open_figures()], _special)
        except _Asks as question:
            tree, parts = encode(list(question.args))
            return {"status": "asks", "value": tree}, parts
        return {"status": "ok", "value": tree}, parts

    def _ready(self, request: dict[str, Any], buffers: list[Any]) -> Reply:
        """Say that requests are answered."""
        return {"status": "ok", "value": None}, []

    def _value(self, request: dict[str, Any], buffers: list[Any]) -> Reply:
        """Send the variable ``name``."""
        name = request["name"]
        if name not in self.namespace:
            return {"status": "missing", "name": name}, []
        tree, parts = encode(self.namespace[name], _special)
        return {"status": "ok", "value": tree}, parts

    def _put(self, request: dict[str, Any], buffers: list[Any]) -> Reply:
        """Write the buffer to the file ``name`` below the home folder; the value is its path."""
        path = self.home / request["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(memoryview(buffers[0])))
        return {"status": "ok", "value": str(path)}, []

    def _model(self, request: dict[str, Any], buffers: list[Any]) -> Reply:
        """Open the saved model at ``path`` and send its configuration."""
        return self._read_model(request["path"], weights=False)

    def _weights(self, request: dict[str, Any], buffers: list[Any]) -> Reply:
        """Send the weights of the saved model at ``path``, beside its configuration."""
        return self._read_model(request["path"], weights=True)

    def _about(self, request: dict[str, Any], buffers: list[Any]) -> Reply:
        """Send what the saved model at ``path`` says of itself: ``keras_version`` and ``date_saved``."""
        from .model_file import read_about

        tree, parts = encode(read_about(self.home / request["path"]))
        return {"status": "ok", "value": tree}, parts

    def _read_model(self, path: str, weights: bool) -> Reply:
        from .model_file import MAX_WEIGHT_BYTES, read_model

        parts_or_reason = read_model(self.home / path, weights)
        if isinstance(parts_or_reason, dict):
            return {"status": "rejected", **parts_or_reason}, []
        tree, parts = encode(parts_or_reason, most=MAX_WEIGHT_BYTES)
        return {"status": "ok", "value": tree}, parts


class _Asks(BaseException):
    """Raised where a function of the grader's is called whose answer is not known yet."""


@contextlib.contextmanager
def _answered_elsewhere(
    namespace: MutableMapping[str, Any], parts: Sequence[str], answers: list[Any]
) -> Iterator[None]:
    """Let calls of these functions give one answer of the grader's after the other."""
    left = iter(answers)

    def stand_in(name: str) -> Callable[..., Any]:
        def ask(*arguments: Any, **keywords: Any) -> Any:
            for answer in left:
                return answer
            raise _Asks(name, list(arguments), keywords)

        return ask

    own = {name: namespace[name] for name in parts if name in namespace}
    namespace.update({name: stand_in(name) for name in parts})
    try:
        yield
    finally:
        for name in parts:
            namespace.pop(name, None)
        namespace.update(own)


def _watch(arguments: Sequence[Any]) -> Callable[[], bool]:
    """Return what tells whether these arguments are still as they are now; never of kinds that only `encode` knows."""
    import numpy as np

    if not all(type(part) in (int, float, bool, str, np.ndarray) or part is None for part in arguments):
        return lambda: False
    arrays = [part for part in arguments if type(part) is np.ndarray]
    before = [(part.shape, part.strides, part.dtype, part.tobytes()) for part in arrays]

    def are_as_sent() -> bool:
        return before == [(part.shape, part.strides, part.dtype, part.tobytes()) for part in arrays]

    return are_as_sent


def _special(value: Any) -> Any:
    """Reduce figures and Keras models, the two kinds of object that checks look at, to data."""
    pyplot = sys.modules.get("matplotlib.figure")
    if pyplot is not None and isinstance(value, pyplot.Figure):
        return _figure(value)
    keras = sys.modules.get("keras")
    if keras is not None and isinstance(value, keras.Model):
        return model_parts(value, weights=False)
    if keras is not None and keras.ops.is_tensor(value):
        return keras.ops.convert_to_numpy(value)
    return None


def model_parts(model: Any, weights: bool = True) -> ModelParts:
    """Take a Keras model apart.

    Parameters
    ----------
    model : keras.Model
        Any model that can describe itself as JSON.
    weights : bool
        Whether the weight arrays come along; a freshly built model is judged by its structure alone.
    """
    arrays = None
    if weights:
        arrays = {}
        for path, layer in _leaf_layers(model):
            values = [variable.numpy() for variable in layer.weights]
            if values:
                arrays[path] = values
    return ModelParts(json.dumps(json.loads(model.to_json())), arrays)


def _leaf_layers(model: Any, prefix: str = "") -> list[tuple[str, Any]]:
    leaves = []
    for layer in model.layers:
        path = prefix + layer.name
        if hasattr(layer, "layers"):
            leaves += _leaf_layers(layer, path + "/")
        else:
            leaves.append((path, layer))
    return leaves


def _build_models(value: Any) -> Any:
    """Replace each `ModelParts` among the arguments by a real model: checks may hand models to a student's function."""
    if isinstance(value, ModelParts):
        import keras

        model = keras.models.model_from_json(value.config)
        _restore_trainable(model, json.loads(value.config))
        for path, arrays in (value.weights or {}).items():
            layer = model
            for name in path.split("/"):
                layer = layer.get_layer(name)
            layer.set_weights(arrays)
        return model
    if isinstance(value, (list, tuple)):
        return type(value)(_build_models(part) for part in value)
    if isinstance(value, dict):
        return {key: _build_models(part) for key, part in value.items()}
    return value


def _restore_trainable(model: Any, entry: dict[str, Any]) -> None:
    """Set the flag that Keras forgets when it reads a ``Sequential``, without passing it on to the layers."""
    config = entry["config"]
    if not config.get("trainable", True):
        model._trainable = False
    inner = {layer.name: layer for layer in model.layers if hasattr(layer, "layers")}
    for part in config["layers"]:
        if part["config"].get("name") in inner:
            _restore_trainable(inner[part["config"]["name"]], part)


def _figure(figure: Any) -> Figure:
    import numpy as np

    images = []
    for axes in figure.axes:
        for image in axes.images:
            data = image.get_array()
            if data is not None:
                images.append(Image(np.ma.getdata(data), image.get_cmap().name))
    return Figure(images, [axes.get_title() for axes in figure.axes])


def _open_figures() -> list[Figure]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return [_figure(pyplot.figure(number)) for number in pyplot.get_fignums()[:20]] if pyplot is not None else []


@contextlib.contextmanager
def _figures_kept_open() -> Iterator[None]:
    """Start without figures and draw none: a notebook's own ``show()`` closes them before anybody can look at them."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        yield
        return
    backend = pyplot.get_backend()
    pyplot.close("all")
    if backend != BACKEND:
        pyplot.switch_backend(BACKEND)
    try:
        yield
    finally:
        pyplot.close("all")
        if pyplot.get_backend() != backend:
            pyplot.switch_backend(backend)


def _raised(error: BaseException) -> dict[str, Any]:
    kind = type(error).__name__
    try:
        text = str(error)
    except Exception:
        text = ""
    lines = "".join(traceback.format_exception(type(error), error, error.__traceback__))[-4000:]
    about = {"kind": kind[:100], "text": text[:2000], "traceback": lines}
    return {"status": "raised", **{key: clean_text(value) for key, value in about.items()}}
