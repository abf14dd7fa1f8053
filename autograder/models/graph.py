"""Builds a Keras model from its untrusted configuration: ``Sequential`` here, functional graphs in `wiring`.

Keras's own deserialisation is never called: a configuration can only choose among the classes in
`autograder.models.layers.LAYERS`, and `autograder.models.cost` is asked before every layer is built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograder.errors import ModelRejected
from autograder.models.blocks import Block, Builder, any_resizes, is_builtin, read
from autograder.models.config import boolean, model_name_of
from autograder.models.cost import Cost
from autograder.models.refusals import unknown_model
from autograder.models.wiring import wire
from autograder.worker.model_file import unique_names

SEQUENTIAL = ("Sequential",)
FUNCTIONAL = ("Functional", "Model")


def build_model(builder: Builder, node: Mapping[str, Any], depth: int = 0) -> Block:
    """Build the ``Sequential`` or functional model that ``node`` describes, nested models included.

    Raises
    ------
    ModelRejected
        The model is not made of built-in layers that fit together, or is too large.
    """
    class_name, config = node.get("class_name"), node.get("config")
    if class_name not in SEQUENTIAL + FUNCTIONAL or not is_builtin(node, class_name):
        raise unknown_model(node)
    if depth > builder.limits.depth:
        raise ModelRejected("config", "El modelo contiene modelos dentro de modelos, con demasiados niveles.")
    if not isinstance(config, dict) or not isinstance(config.get("layers"), list) or not config["layers"]:
        raise ModelRejected("config", "La configuración del modelo no tiene una lista de capas.")
    name = read("modelo", "name", model_name_of, config.get("name", "model"))
    entries = config["layers"]
    if not all(isinstance(entry, dict) and isinstance(entry.get("config"), dict) for entry in entries):
        raise ModelRejected("config", f"El modelo «{name}» tiene una capa sin configuración.")
    if class_name in SEQUENTIAL:
        block = _sequential(builder, name, config, depth)
    else:
        block = wire(builder, name, config, lambda entry: _block(builder, entry, depth))
    block.trainable = read(name, "trainable", boolean, config.get("trainable", True))
    return block


def _block(builder: Builder, entry: Mapping[str, Any], depth: int) -> Block:
    if entry.get("class_name") in SEQUENTIAL + FUNCTIONAL:
        builder.budget.add_layer()
        return build_model(builder, entry, depth + 1)
    return builder.layer(entry)


def _sequential(builder: Builder, name: str, config: Mapping[str, Any], depth: int) -> Block:
    entries = _with_unique_names(config["layers"])
    explicit = entries[0].get("class_name") == "InputLayer" and is_builtin(entries[0], "InputLayer")
    blocks = [_block(builder, entry, depth) for entry in entries[explicit:]]
    first, shape = builder.input(entries[0] if explicit else _implied_input(name, blocks, config))
    cost, shapes = Cost(), [shape]
    for block in blocks:
        shapes = builder.price(block, shapes, cost)
    layers = [first, *(block.layer for block in blocks)]
    model = builder.attempt(f"el modelo «{name}»", lambda: builder.keras.Sequential(layers, name=name))
    if not model.built:
        builder.attempt(f"el modelo «{name}»", lambda: model.build(first.batch_shape))
    return Block(name, model, cost=cost, inputs=[shape], parts=blocks, resizes_in_training=any_resizes(blocks))


def _with_unique_names(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the layers of a ``Sequential`` names of their own, the same that the reader of the weights gives them.

    A layer that was renamed may be called like another one: nothing in a ``Sequential`` is found by its name.
    """
    names = [entry["config"].get("name", entry.get("name")) for entry in entries]
    renamed = []
    for entry, old, new in zip(entries, names, unique_names(names)):
        if new != old:
            entry = {**entry, "name": new, "config": {**entry["config"], "name": new}}
        renamed.append(entry)
    return renamed


def _implied_input(name: str, blocks: Sequence[Block], config: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the input of a ``Sequential`` without ``InputLayer``: what it was built with, or its first layer's."""
    shape = config.get("build_input_shape") or config["layers"][0]["config"].get("batch_input_shape")
    if shape is None and blocks and blocks[0].spec is None:
        shape = list(blocks[0].layer.input_shape)
    if shape is None:
        raise ModelRejected(
            "config",
            f"El modelo «{name}» no dice qué tamaño de entrada espera. Ponle `keras.Input(shape=(28, 28, 1))` (con "
            "el tamaño de tus imágenes) como primera capa.",
        )
    return {"config": {"name": f"{name[:90]}_input", "batch_shape": shape}}
