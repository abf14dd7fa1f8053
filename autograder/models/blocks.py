"""Builds single layers from a validated configuration and prices their calls.

Keras's own deserialisation is never called: a configuration can only choose among the classes in
`autograder.models.layers.LAYERS`, and `autograder.models.cost` is asked before every layer is built.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.errors import ModelRejected
from autograder.models.config import Unfit, batch_shape, boolean, dtype_name, name_of, show
from autograder.models.cost import Budget, Cost, Shape, concrete
from autograder.models.layers import DROPPED, DROPPED_ENDINGS, LAYERS, LayerSpec
from autograder.models.refusals import misfit, unknown_argument, unknown_layer

ACTIVATION_LAYERS = ("ELU", "LeakyReLU", "ReLU", "Softmax")


@dataclass
class Block:
    """A built layer or nested model, with what is needed to price its calls."""

    name: str
    layer: Any
    spec: LayerSpec | None = None
    arguments: Mapping[str, Any] | None = None
    cost: Cost = field(default_factory=Cost)
    inputs: Sequence[Shape] = ()
    trainable: bool = True
    parts: Sequence[Block] = ()
    priced: bool = False
    resizes_in_training: bool = False


class Builder:
    """Builds layers within one budget.

    Parameters
    ----------
    budget : Budget
        Keeps account of every layer built.
    """

    def __init__(self, budget: Budget) -> None:
        import keras

        self.keras = keras
        self.limits = budget.limits
        self.budget = budget

    def layer(self, entry: Mapping[str, Any]) -> Block:
        """Build the layer of one entry in a list of layers."""
        self.budget.add_layer()
        class_name, config = entry.get("class_name"), entry["config"]
        if not isinstance(class_name, str) or class_name not in LAYERS or not is_builtin(entry, class_name):
            raise unknown_layer(entry)
        name, spec = self.name(entry), LAYERS[class_name]
        arguments = self._arguments(name, class_name, spec, config)
        trainable = read(name, "trainable", boolean, config.get("trainable", True))
        dtype = read(name, "dtype", dtype_name, config.get("dtype"))
        layer = self.attempt(
            f"la capa «{name}» ({class_name})",
            lambda: getattr(self.keras.layers, class_name)(name=name, dtype=dtype, **arguments, **spec.fixed),
        )
        layer.trainable = trainable  # not every layer takes it as an argument
        return Block(name, layer, spec, arguments, trainable=trainable)

    def input(self, entry: Mapping[str, Any]) -> tuple[Any, Shape]:
        """Build an ``InputLayer`` and return it with its shape for one sample."""
        self.budget.add_layer()
        name, config = self.name(entry), entry["config"]
        if config.get("sparse") or config.get("ragged"):
            raise ModelRejected("config", f"La entrada «{name}» es dispersa o irregular; usa arreglos normales.")
        shape = read(
            name,
            "shape",
            batch_shape(self.limits.inputs),
            config.get("batch_shape", config.get("batch_input_shape")),
        )
        dtype = read(name, "dtype", dtype_name, config.get("dtype"))
        size = math.prod(concrete(shape))
        if size > self.limits.inputs:
            raise ModelRejected(
                "too-large",
                f"La entrada «{name}» tiene {size:,} valores por imagen, y el máximo es "
                f"{self.limits.inputs:,}. Reduce las imágenes antes.",
            )
        layer = self.attempt(
            f"la entrada «{name}»",
            lambda: self.keras.layers.InputLayer(batch_shape=shape, dtype=dtype, name=name),
        )
        return layer, concrete(shape)

    def name(self, entry: Mapping[str, Any]) -> str:
        """Return the name of an entry; both places that hold one must agree."""
        name: str = read("capa", "name", name_of, entry["config"].get("name", entry.get("name")))
        if entry.get("name", name) != name:
            raise ModelRejected("config", f"La capa «{show(name)}» tiene dos nombres distintos.")
        return name

    def price(self, block: Block, shapes: Sequence[Shape], cost: Cost) -> list[Shape]:
        """Charge one call of ``block`` on inputs of the given shapes and return the shapes of its outputs."""
        title = f"la capa «{block.name}» ({type(block.layer).__name__})"
        if block.spec is None:
            if len(shapes) != len(block.inputs):
                raise misfit(title, f"espera {len(block.inputs)} entradas y recibe {len(shapes)}")
        elif not block.spec.merges and len(shapes) != 1:
            raise misfit(title, f"espera una entrada y recibe {len(shapes)}")
        elif block.spec.merges and len(shapes) < 2:
            raise misfit(title, "une varias entradas y recibe una sola")
        elif block.spec.rank is not None and len(shapes[0]) != block.spec.rank:
            raise misfit(title, f"espera (alto, ancho, canales) y recibe {shapes[0][1:]}")
        outputs = self._output_shapes(title, block, shapes)
        if block.spec is not None and block.spec.idle:
            outputs = self._without_training(block, shapes, outputs)
        elif block.spec is None and block.resizes_in_training:
            raise misfit(title, "contiene un RandomCrop que cambia el tamaño; ponlo fuera, al comienzo del modelo")
        if any(side < 1 for shape in outputs for side in shape):
            raise misfit(title, f"no deja nada de una entrada de {shapes[0][1:]}: la ventana es mayor que la imagen")
        if block.spec is None:
            before = sum(map(math.prod, block.inputs))
            scale = max(1, math.ceil(sum(map(math.prod, shapes)) / before))
            self.budget.add(cost, block.name, block.cost, scale)
        else:
            arguments = block.arguments or {}
            try:
                parameters = block.spec.weights(arguments, shapes[0])
                work = sum(block.spec.work(arguments, shape, outputs[0]) for shape in shapes)
            except IndexError as error:
                raise misfit(title, f"no encuentra el eje que pide en una entrada de {shapes[0][1:]}") from error
            if not block.priced:
                self.budget.add_parameters(block.name, parameters)
                block.priced = True
            self.budget.add_call(cost, block.name, outputs, work)
        return outputs

    def _without_training(self, block: Block, shapes: Sequence[Shape], outputs: Sequence[Shape]) -> list[Shape]:
        """Return the shapes that a layer gives when it is idle: `RandomCrop` promises its own and lets all pass."""
        real = [tuple(max(sides) for sides in zip(*pair)) for pair in zip(shapes, outputs)]
        block.resizes_in_training = block.resizes_in_training or real != list(outputs)
        return real

    def attempt(self, title: str, action: Callable[[], Any]) -> Any:
        """Let Keras do something with validated values and turn its refusal into ours."""
        try:
            return action()
        except Exception as error:
            raise misfit(title, f"Keras dice: {show(str(error), 200)}") from error

    def _output_shapes(self, title: str, block: Block, shapes: Sequence[Shape]) -> list[Shape]:
        one = (block.spec is not None and not block.spec.merges) or len(shapes) == 1
        found = self.attempt(title, lambda: block.layer.compute_output_shape(shapes[0] if one else list(shapes)))
        several = isinstance(found, list) and bool(found) and isinstance(found[0], (tuple, list))
        outputs = [tuple(shape) for shape in (found if several else [found])]
        if not all(isinstance(side, int) for shape in outputs for side in shape):
            raise misfit(title, f"no tiene un tamaño de salida fijo para una entrada de {shapes[0][1:]}")
        return outputs

    def _arguments(self, name: str, class_name: str, spec: LayerSpec, config: Mapping[str, Any]) -> dict[str, Any]:
        arguments: dict[str, Any] = {}
        for written, value in config.items():
            if written in ("name", "trainable", "dtype"):
                continue
            key = spec.renamed.get(written, written)
            reader = spec.arguments.get(key)
            if reader is None:
                dropped = spec.idle or key in DROPPED or key.endswith(DROPPED_ENDINGS)
                # Keras 2 writes `groups` for layers that have none, always 1.
                if dropped or value is None or value is False or (key == "groups" and value == 1):
                    continue
                raise unknown_argument(f"La capa «{name}» ({class_name})", key)
            if key == "activation" and isinstance(value, dict) and value.get("class_name") in ACTIVATION_LAYERS:
                arguments[key] = self._activation_layer(name, value)
            else:
                arguments[key] = read(name, key, reader, value)
        return arguments

    def _activation_layer(self, name: str, entry: Mapping[str, Any]) -> Any:
        if not is_builtin(entry, entry["class_name"]) or not isinstance(entry.get("config"), dict):
            raise unknown_layer(entry)
        inner = self._arguments(name, entry["class_name"], LAYERS[entry["class_name"]], entry["config"])
        return self.attempt(
            f"la activación de «{name}»", lambda: getattr(self.keras.layers, entry["class_name"])(**inner)
        )


def any_resizes(blocks: Sequence[Block]) -> bool:
    """Return whether one of the layers has another size in training than in a prediction."""
    return any(block.resizes_in_training for block in blocks)


def is_builtin(entry: Mapping[str, Any], class_name: str) -> bool:
    """Tell whether an entry claims to be Keras's own class of that name (files of older versions name no module)."""
    module, registered = entry.get("module", "keras.layers"), entry.get("registered_name")
    return (
        isinstance(module, str)
        and (module == "keras" or module.startswith(("keras.", "tf_keras.")))
        and registered in (None, class_name)
    )


def read(name: str, key: str, reader: Callable[[Any], Any], value: Any) -> Any:
    try:
        return reader(value)
    except Unfit as error:
        kind = "layer" if key == "activation" else "config"
        raise ModelRejected(kind, f"En la capa «{show(name)}», `{key}` {error}.") from error
