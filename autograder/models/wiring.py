"""Wires the graph of a functional model: shared layers, branches that meet, nested models, simple arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.errors import ModelRejected
from autograder.models.blocks import Block, Builder, any_resizes, is_builtin
from autograder.models.config import Unfit, show
from autograder.models.cost import Cost, Shape
from autograder.models.operations import Operation, constant, is_operation, read_operation
from autograder.models.refusals import misfit

MAX_INDEX = 10_000
MAX_INPUTS = 256  # of one call; layers that join branches join few


@dataclass(frozen=True)
class Reference:
    """One output of one call of a layer."""

    layer: str
    call: int
    output: int


@dataclass(frozen=True)
class Call:
    """One call of a layer: a tensor, a list of tensors, or tensors and numbers for an operation."""

    arguments: tuple[Any, ...]
    listed: bool

    @property
    def references(self) -> list[Reference]:
        return [argument for argument in self.arguments if isinstance(argument, Reference)]


@dataclass(frozen=True)
class Wire:
    """A symbolic tensor and its shape for one sample."""

    tensor: Any
    shape: Shape


def wire(builder: Builder, name: str, config: Mapping[str, Any], build: Callable[[Mapping[str, Any]], Block]) -> Block:
    """Build the functional model ``name`` and return it as a block; ``build`` makes each of its layers."""
    graph = _Graph(builder, name)
    for entry in config["layers"]:
        graph.add(entry, build)
    inputs = graph.references(config.get("input_layers"))
    outputs = graph.references(config.get("output_layers"))
    graph.align([*inputs, *outputs])
    for reference in inputs:
        if reference.layer not in graph.inputs:
            raise graph.refuse(f"su entrada «{show(reference.layer)}» no es una capa InputLayer")
    if len(set(inputs)) != len(inputs):
        raise graph.refuse("repite una entrada")
    graph.run()
    ends = [graph.wires(reference) for reference in inputs], [graph.wires(reference) for reference in outputs]
    first, last = ([end.tensor for end in side] for side in ends)

    def unwrap(tensors: list[Any], written: Any) -> Any:
        return tensors[0] if isinstance(written[0], str) else tensors

    model = builder.attempt(
        f"el modelo «{name}»",
        lambda: builder.keras.Model(
            unwrap(first, config["input_layers"]), unwrap(last, config["output_layers"]), name=name
        ),
    )
    kept = {id(layer) for layer in model.layers}
    blocks = [block for block in graph.blocks.values() if id(block.layer) in kept]
    shapes = [end.shape for end in ends[0]]
    return Block(name, model, cost=graph.cost, inputs=shapes, parts=blocks, resizes_in_training=any_resizes(blocks))


class _Graph:
    """The layers of one functional model, their calls, and what the calls have given so far."""

    def __init__(self, builder: Builder, name: str) -> None:
        self._builder = builder
        self._name = name
        self._order: list[str] = []
        self._calls: dict[str, list[Call]] = {}
        self._first_call: dict[str, int] = {}
        self._pending = 0
        self._made: dict[tuple[str, int], list[Wire]] = {}
        self._operations: dict[str, Operation] = {}
        self.inputs: set[str] = set()
        self.blocks: dict[str, Block] = {}
        self.cost = Cost()

    def refuse(self, clause: str) -> ModelRejected:
        return misfit(f"el modelo «{self._name}»", clause)

    def add(self, entry: Mapping[str, Any], build: Callable[[Mapping[str, Any]], Block]) -> None:
        """Take in one entry of the list of layers."""
        name = self._builder.name(entry)
        if name in self._calls:
            raise self.refuse(f"dos capas se llaman «{name}»")
        nodes, class_name = entry.get("inbound_nodes", []), entry.get("class_name")
        if not isinstance(nodes, list):
            raise self.refuse(f"la capa «{name}» no dice con qué está conectada")
        if class_name == "InputLayer" and is_builtin(entry, class_name):
            if nodes:
                raise self.refuse(f"la entrada «{name}» recibe datos de otra capa")
            layer, shape = self._builder.input(entry)
            self.inputs.add(name)
            self._made[name, 0] = [Wire(layer.output, shape)]
        elif is_operation(entry):
            self._builder.budget.add_layer()
            self._operations[name] = read_operation(name, entry)
        else:
            self.blocks[name] = build(entry)
        self._order.append(name)
        self._calls[name] = [self._call(name, node) for node in nodes]
        self._pending += len(nodes)
        if self._pending > self._builder.limits.steps:
            raise self.refuse(f"aplica capas más de {self._builder.limits.steps} veces")

    def references(self, written: Any) -> list[Reference]:
        """Read ``input_layers`` or ``output_layers``: one ``[name, call, output]`` or a list of them."""
        if isinstance(written, list) and written and isinstance(written[0], str):
            written = [written]
        if not isinstance(written, list) or not 0 < len(written) <= 64:
            raise self.refuse("no dice cuáles son sus entradas y salidas")
        return [self._reference(item) for item in written]

    def align(self, ends: Sequence[Reference]) -> None:
        """Find out from where the calls of each nested model are counted.

        Keras counts the calls of a nested functional model from 1, because 0 is the model itself; every other layer
        is counted from 0. All calls in a configuration are used, so the highest one used tells which it is.
        """
        highest: dict[str, int] = {}
        for reference in [
            *ends,
            *(item for calls in self._calls.values() for call in calls for item in call.references),
        ]:
            highest[reference.layer] = max(highest.get(reference.layer, 0), reference.call)
        for name, block in self.blocks.items():
            nested = block.spec is None
            self._first_call[name] = int(nested and highest.get(name, 0) == len(self._calls[name]))

    def run(self) -> None:
        """Make every call once what it takes has been made."""
        waiting = [(name, index) for name in self._order for index in range(len(self._calls[name]))]
        while waiting:
            left = []
            for name, index in waiting:
                call = self._calls[name][index]
                if all(self._key(reference) in self._made for reference in call.references):
                    self._made[name, index] = self._make(name, call)
                else:
                    left.append((name, index))
            if len(left) == len(waiting):
                raise self.refuse(f"la capa «{left[0][0]}» depende de sí misma o de una capa que no existe")
            waiting = left

    def wires(self, reference: Reference) -> Wire:
        """Return what a reference stands for."""
        made = self._made.get(self._key(reference), [])
        if reference.output >= len(made):
            raise self.refuse(f"usa una salida de «{show(reference.layer)}» que no existe")
        return made[reference.output]

    def _key(self, reference: Reference) -> tuple[str, int]:
        return reference.layer, reference.call - self._first_call.get(reference.layer, 0)

    def _make(self, name: str, call: Call) -> list[Wire]:
        if name in self._operations:
            return self._operate(self._operations[name], call)
        block = self.blocks[name]
        wires = [self.wires(reference) for reference in call.references]
        if len(wires) != len(call.arguments) or not wires:
            raise self.refuse(f"la capa «{name}» recibe algo que no es la salida de otra capa")
        shapes = self._builder.price(block, [item.shape for item in wires], self.cost)
        tensors = [item.tensor for item in wires]
        listed = call.listed or len(tensors) > 1
        given = self._builder.attempt(
            f"la capa «{name}» ({type(block.layer).__name__})",
            lambda: block.layer(tensors if listed else tensors[0]),
        )
        outputs = given if isinstance(given, (list, tuple)) else [given]
        if len(outputs) != len(shapes):
            raise self.refuse(f"la capa «{name}» da {len(outputs)} salidas")
        return [Wire(tensor, shape) for tensor, shape in zip(outputs, shapes)]

    def _operate(self, operation: Operation, call: Call) -> list[Wire]:
        arguments: list[Any] = []
        shapes: list[tuple[int, ...]] = []
        for argument in call.arguments:
            if isinstance(argument, Reference):
                found = self.wires(argument)
                shapes.append(found.shape)
                arguments.append(found.tensor)
            else:
                arguments.append(argument)
        try:
            shapes += [np.shape(value) for value in call.arguments if not isinstance(value, Reference)]
            shape = tuple(int(side) for side in np.broadcast_shapes(*shapes))
        except ValueError as error:
            raise self.refuse(f"la operación «{operation.name}» junta tamaños que no encajan") from error
        if not call.references or len(call.arguments) > 2:
            raise self.refuse(f"la operación «{operation.name}» no recibe la salida de una capa")
        self._builder.budget.add_call(self.cost, operation.name, [shape], math.prod(shape))
        function = getattr(self._builder.keras.ops, operation.function)
        given = self._builder.attempt(
            f"la operación «{operation.name}»", lambda: function(*arguments, **operation.arguments)
        )
        return [Wire(given, shape)]

    def _call(self, name: str, node: Any) -> Call:
        """Read one call, in the form of Keras 3 (``args`` and ``kwargs``) or of Keras 2 (a list of references)."""
        if isinstance(node, dict):
            given, keywords = node.get("args"), node.get("kwargs", {})
            if not isinstance(given, list) or not isinstance(keywords, dict):
                raise self.refuse(f"la capa «{name}» no dice con qué está conectada")
            for key, value in keywords.items():
                # Evaluation decides by itself whether it is training; a mask does not exist for images.
                if key != "training" and value is not None:
                    raise self.refuse(f"la capa «{name}» recibe el argumento `{show(key)}`")
            listed = len(given) == 1 and isinstance(given[0], list)
            items = given[0] if listed else given
            if len(items) > MAX_INPUTS:
                raise self.refuse(f"la capa «{name}» une más de {MAX_INPUTS} entradas")
            return Call(tuple(self._argument(name, item) for item in items), listed)
        if isinstance(node, list) and len(node) <= MAX_INPUTS:
            old = [node] if node and isinstance(node[0], str) else node
            return Call(tuple(self._old_reference(name, item) for item in old), len(old) > 1)
        raise self.refuse(f"la capa «{name}» no dice con qué está conectada")

    def _argument(self, name: str, written: Any) -> Any:
        if isinstance(written, dict) and written.get("class_name") == "__keras_tensor__":
            config = written.get("config")
            return self._reference(config.get("keras_history") if isinstance(config, dict) else None)
        try:
            return constant(written)
        except Unfit as error:
            raise self.refuse(f"la capa «{name}» recibe algo que no es la salida de otra capa") from error

    def _old_reference(self, name: str, written: Any) -> Reference:
        if isinstance(written, list) and len(written) == 4 and isinstance(written[3], dict):
            extra = {key: value for key, value in written[3].items() if key not in ("training", "mask")}
            if not any(value is not None for value in extra.values()):
                return self._reference(written[:3])
            raise self.refuse(f"la capa «{name}» recibe el argumento `{show(next(iter(extra)))}`")
        return self._reference(written)

    def _reference(self, written: Any) -> Reference:
        if (
            isinstance(written, list)
            and len(written) == 3
            and isinstance(written[0], str)
            and all(type(index) is int and 0 <= index < MAX_INDEX for index in written[1:])
        ):
            return Reference(written[0], written[1], written[2])
        raise self.refuse("una conexión no nombra capa, llamada y salida")
