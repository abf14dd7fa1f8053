"""What a model may cost: parameters, memory and multiplications, counted before Keras allocates anything."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.errors import ModelRejected

Shape = tuple[int, ...]

UNKNOWN_SIDE = 224  # stands for a side that the model leaves open, such as (None, None, 3)


@dataclass(frozen=True)
class ModelLimits:
    """Bounds of one model; VGG16 on 224x224 images fits with some room.

    Parameters
    ----------
    layers : int
        Layers in all, nested models included.
    depth : int
        Models within models.
    steps : int
        Layer calls for one prediction; a shared layer counts at each of its calls.
    parameters : int
        Weights in all.
    inputs : int
        Values of one sample of an input, however they are arranged.
    largest, activations : int
        Values in the largest output of a layer, and in all outputs together, for one sample.
    work : int
        Multiplications for one sample, whatever its size.
    largest_floor, largest_per_input, work_floor, work_per_input : int
        The same two relative to the input: ``max(work_floor, work_per_input * inputs)``, so that ten thousand small
        images are evaluated in minutes and in large batches, and a few large ones may cost as much as VGG16 does.
    """

    layers: int = 600
    depth: int = 4
    steps: int = 600
    parameters: int = 200_000_000
    inputs: int = 1 << 20
    largest: int = 1 << 23
    activations: int = 1 << 26
    work: int = 20_000_000_000
    largest_floor: int = 1 << 19
    largest_per_input: int = 128
    work_floor: int = 1_000_000_000
    work_per_input: int = 120_000


@dataclass
class Cost:
    """What one prediction for one sample costs so far."""

    steps: int = 0
    largest: int = 0
    activations: int = 0
    work: int = 0


class Budget:
    """Keeps account of a model and refuses what exceeds `ModelLimits`."""

    def __init__(self, limits: ModelLimits) -> None:
        self.limits = limits
        self.layers = 0
        self.parameters = 0

    def add_layer(self) -> None:
        """Count one layer."""
        self.layers += 1
        if self.layers > self.limits.layers:
            raise _too_large(f"tiene más de {self.limits.layers} capas")

    def add_parameters(self, name: str, count: int) -> None:
        """Count the weights of a layer that is about to be built."""
        self.parameters += count
        if self.parameters > self.limits.parameters:
            raise _too_large(
                f"con la capa «{name}» suma {_dotted(self.parameters)} parámetros; el máximo es "
                f"{_dotted(self.limits.parameters)}"
            )

    def add_call(self, cost: Cost, name: str, outputs: Sequence[Shape], work: int) -> None:
        """Count one call of a layer."""
        sizes = [math.prod(shape[1:]) for shape in outputs]
        self.add(cost, name, Cost(1, max(sizes), sum(sizes), work))

    def add(self, cost: Cost, name: str, more: Cost, scale: int = 1) -> None:
        """Count a call that costs ``more``, or ``scale`` times that because its input is so much larger."""
        cost.steps += more.steps
        cost.largest = max(cost.largest, more.largest * scale)
        cost.activations += more.activations * scale
        cost.work += more.work * scale
        if cost.steps > self.limits.steps:
            raise _too_large(f"aplica capas más de {self.limits.steps} veces por imagen")
        if cost.largest > self.limits.largest:
            raise _too_large(f"produce en la capa «{name}» {_dotted(cost.largest)} valores por imagen")
        if cost.activations > self.limits.activations:
            raise _too_large(
                f"necesita guardar más de {_dotted(self.limits.activations)} valores intermedios por imagen"
            )
        if cost.work > self.limits.work:
            raise _too_large(f"necesita más de {_dotted(self.limits.work)} multiplicaciones por imagen")

    def check(self, cost: Cost, inputs: Sequence[Shape]) -> None:
        """Refuse a whole model that costs too much for the size of its input."""
        size, limits = sum(math.prod(shape[1:]) for shape in inputs), self.limits
        for spent, what, floor, each in (
            (
                cost.largest,
                "produce en una sola capa {} valores por imagen",
                limits.largest_floor,
                limits.largest_per_input,
            ),
            (cost.work, "necesita {} multiplicaciones por imagen", limits.work_floor, limits.work_per_input),
        ):
            allowed = max(floor, each * size)
            if spent > allowed:
                raise _too_large(
                    f"{what.format(_dotted(spent))}, y para una entrada de {_dotted(size)} valores el máximo es "
                    f"{_dotted(allowed)}"
                )


def concrete(shape: Sequence[int | None]) -> Shape:
    """Return a shape for one sample with every open side set to a usual size."""
    return (1, *(UNKNOWN_SIDE if side is None else side for side in shape[1:]))


def _dotted(count: int) -> str:
    return f"{count:,}".replace(",", ".")


def _too_large(clause: str) -> ModelRejected:
    return ModelRejected(
        "too-large",
        f"El modelo es demasiado grande para calificarlo: {clause}. Usa menos filtros o neuronas, o reduce antes la "
        "imagen con pooling o strides.",
    )
