"""The lecture's three Keras models, whatever the style in which they were built.

A model is read as a chain of steps: layers that only adapt the input or act in training are left out, and an activation
layer or function belongs to the step before it. An activation is what it does to a few numbers, not how it was written.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from autograder.checking import describe, fail
from autograder.judging.architecture import acts_only_in_training, flat_operations, is_activation

CONV = {"filters": 64, "kernel_size": (3, 3), "activation": "relu"}
POOL = {"pool_size": (2, 2)}
HIDDEN = {"units": 15, "activation": "tanh"}
OUTPUT = {"units": 10, "activation": "softmax"}

CONV_NET = [("Conv2D", CONV), ("Flatten", {}), ("Dense", OUTPUT)]
HIDDEN_NET = [("Conv2D", CONV), ("Flatten", {}), ("Dense", HIDDEN), ("Dense", OUTPUT)]
POOL_NET = [("Conv2D", CONV), ("MaxPooling2D", POOL), ("Flatten", {}), ("Dense", HIDDEN), ("Dense", OUTPUT)]

ADAPTERS = ("Rescaling", "Normalization", "Reshape", "TrueDivide", "Multiply", "Subtract", "Add")
PROBE = np.array([[-3.0, -0.4, 0.0, 0.3, 1.5, 9.0]], dtype="float32")


@dataclass
class Step:
    """A layer that computes something, and the activations that follow it."""

    kind: str
    layer: Any
    activations: list[Callable[[Any], Any]] = field(default_factory=list)


def read_steps(model: Any) -> list[Step]:
    """Read the model as a chain of steps."""
    steps: list[Step] = []
    for layer in flat_operations(model):
        kind = type(layer).__name__
        if kind == "InputLayer" or acts_only_in_training(layer) or (kind in ADAPTERS and not steps):
            continue
        if kind == "Reshape" and len(layer.output.shape) == 2:
            kind = "Flatten"
        if is_activation(layer) and steps:
            steps[-1].activations.append(layer.activation if kind == "Activation" else layer)
            continue
        activation = getattr(layer, "activation", None)
        steps.append(Step(kind, layer, [activation] if callable(activation) else []))
    return steps


def activation_name(step: Step) -> str:
    """Name what the step's activations do together: a name of Keras, or how they call themselves."""
    values = PROBE
    for function in step.activations:
        values = np.asarray(function(values))
    powers = np.exp(PROBE - PROBE.max())
    known = {
        "linear": PROBE,
        "relu": np.maximum(PROBE, 0),
        "tanh": np.tanh(PROBE),
        "softmax": powers / powers.sum(),
        "sigmoid": 1 / (1 + np.exp(-PROBE)),
    }
    for name, right in known.items():
        if values.shape == right.shape and np.allclose(values, right, atol=1e-5):
            return name
    names = [getattr(function, "__name__", type(function).__name__) for function in step.activations]
    return " y ".join(name for name in names if name != "linear")


def build(student: Any, name: str) -> Any:
    """Call the student's function and return the model that it built."""
    model = student.call(name).value
    if model is None:
        fail(f"`{name}()` devolvió None. ¿Falta `return model`?")
    if not hasattr(model, "count_params"):
        fail(f"`{name}()` debería devolver un modelo de Keras y devolvió {describe(model)}.")
    if not model.built:
        fail(
            f"El modelo de `{name}()` no sabe qué forma tiene su entrada. Declárala con `Input(shape=(28, 28, 1))` "
            "como primera capa."
        )
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        fail(f"El modelo de `{name}()` debería tener una sola entrada y una sola salida.")
    return model


def expect_layers(student: Any, name: str, network: list[tuple[str, dict[str, Any]]]) -> None:
    """The layers are those of the lecture, in order."""
    received = [step.kind for step in read_steps(build(student, name))]
    wanted = [kind for kind, _ in network]
    if received == wanted:
        return
    shown = f"Las capas de `{name}()` son {' → '.join(received) or 'ninguna'}."
    missing = [kind for kind in dict.fromkeys(wanted) if kind not in received]
    unknown = [kind for kind in dict.fromkeys(received) if kind not in wanted]
    if missing == ["MaxPooling2D"] and "AveragePooling2D" in unknown:
        fail(f"{shown} La red de las diapositivas toma el máximo de cada ventana, no el promedio.")
    if missing == ["Flatten"] and any(kind.startswith("Global") for kind in unknown):
        fail(
            f"{shown} Un pooling global resume cada mapa en un número; la red de las diapositivas aplana todos los "
            "valores."
        )
    if missing:
        fail(f"{shown} Falta {', '.join(missing)}. Compáralas con el esquema de la red.")
    if unknown:
        fail(f"{shown} La red de las diapositivas no tiene {', '.join(unknown)}.")
    for kind in dict.fromkeys(wanted):
        have, need = received.count(kind), wanted.count(kind)
        if kind == "Dense" and have < need:
            fail(f"{shown} Falta una capa densa. ¿Olvidaste la capa oculta, o la de salida?")
        if have != need:
            fail(f"{shown} La cantidad de capas {kind} no es la de la red de las diapositivas.")
    fail(f"{shown} Son las capas de las diapositivas, pero en otro orden.")


def expect_settings(student: Any, name: str, network: list[tuple[str, dict[str, Any]]]) -> None:
    """Filters, kernel, window, neurons and activations are those of the lecture."""
    steps = read_steps(build(student, name))
    if len(steps) != len(network):
        fail(f"La cantidad de capas de `{name}()` no es la de la red de las diapositivas.")
    for number, (step, (kind, settings)) in enumerate(zip(steps, network), start=1):
        where = f"En la capa {number} de `{name}()` ({step.kind})"
        if step.kind != kind:
            fail(f"En el lugar {number} la red de las diapositivas tiene `{kind}`, y la de `{name}()`, `{step.kind}`.")
        if kind == "Conv2D":
            expect_plain_convolution(step.layer, where)
        if kind == "MaxPooling2D" and tuple(step.layer.strides) != tuple(step.layer.pool_size):
            fail(f"{where} el paso debería ser igual al tamaño de la ventana (lo es si no indicas `strides`).")
        if not getattr(step.layer, "use_bias", True):
            fail(f"{where} falta el sesgo: no uses `use_bias=False`.")
        for setting, value in settings.items():
            if setting == "activation":
                expect_activation(activation_name(step), value, where, is_output=step is steps[-1])
            elif getattr(step.layer, setting) != value:
                fail(
                    f"{where} el valor de `{setting}` no es el de la red de las diapositivas: "
                    f"{getattr(step.layer, setting)}."
                )
        if "activation" not in settings and activation_name(step) != "linear":
            fail(
                f"{where} hay una activación ({activation_name(step)}) donde la red de las diapositivas no tiene "
                "ninguna."
            )


def expect_plain_convolution(layer: Any, where: str) -> None:
    """The convolution moves pixel by pixel, adds no border and has the channels at the end."""
    if layer.data_format != "channels_last":
        fail(f'{where} los canales van al final: la entrada es (28, 28, 1), con `data_format="channels_last"`.')
    if layer.padding != "valid":
        fail(
            f"{where} hay padding «{layer.padding}»; la red de las diapositivas no tiene padding, y por eso los mapas "
            "se achican."
        )
    if tuple(layer.strides) != (1, 1):
        fail(
            f"{where} el paso es {tuple(layer.strides)}; en la red de las diapositivas el kernel avanza de a un píxel."
        )
    if tuple(layer.dilation_rate) != (1, 1):
        fail(f"{where} la convolución está dilatada; la de las diapositivas no lo está.")


def expect_activation(received: str, wanted: str, where: str, is_output: bool) -> None:
    """The activation does what the lecture's does."""
    if received == wanted:
        return
    if is_output and received == "linear":
        fail(f"{where} falta la activación: la salida son logits y no probabilidades. En clase termina en softmax.")
    if is_output and received == "sigmoid":
        fail(f"{where} sigmoid da probabilidades que no suman 1; con diez clases excluyentes se usa softmax.")
    if received == "linear":
        fail(f"{where} falta la función de activación.")
    fail(f"{where} la activación es {received}, que no es la de esa capa en la red de las diapositivas.")


def expect_parameters(student: Any, name: str, network: list[tuple[str, dict[str, Any]]]) -> None:
    """Input, output and total of parameters are those that the lecture's network has."""
    model = build(student, name)
    steps = read_steps(model)
    first = tuple((steps[0].layer.input if steps else model.inputs[0]).shape[1:])
    if first != (28, 28, 1):
        fail(f"El modelo de `{name}()` recibe imágenes de forma {first}; las de MNIST son de 28×28 y tienen un canal.")
    if math.prod(model.input_shape[1:]) != 28 * 28:
        fail(
            f"El modelo de `{name}()` recibe entradas de forma {tuple(model.input_shape[1:])}, que no son las de MNIST."
        )
    if tuple(model.output_shape[1:]) != (10,):
        given = tuple(model.output_shape[1:])
        fail(f"El modelo de `{name}()` entrega {given} por imagen: debería ser un número por clase.")
    total, right = model.count_params(), count_parameters(network)
    if total != right:
        difference = "más" if total > right else "menos"
        fail(
            f"El modelo de `{name}()` tiene {total} parámetros, {difference} que la red de las diapositivas. Calcula a "
            "mano los de cada capa y compáralos con `summary()`."
        )


def count_parameters(network: list[tuple[str, dict[str, Any]]]) -> int:
    """Count the entries of the weight arrays of a network on images of 28×28×1."""
    side, channels, total = 28, 1, 0
    inputs = side * side
    for kind, settings in network:
        shapes: list[tuple[int, ...]] = []
        if kind == "Conv2D":
            shapes = [(*settings["kernel_size"], channels, settings["filters"]), (settings["filters"],)]
            side, channels = side - settings["kernel_size"][0] + 1, settings["filters"]
        elif kind == "MaxPooling2D":
            side //= settings["pool_size"][0]
        elif kind == "Flatten":
            inputs = side * side * channels
        else:
            shapes = [(inputs, settings["units"]), (settings["units"],)]
            inputs = settings["units"]
        total += sum(math.prod(shape) for shape in shapes)
    return total


@pytest.mark.grade("build-conv-net-layers")
def test_conv_net_layers(student):
    """build_conv_net tiene las capas de la primera red, en orden."""
    expect_layers(student, "build_conv_net", CONV_NET)


@pytest.mark.grade("build-conv-net-layers", weight=2)
@pytest.mark.needs("test_conv_net_layers")
def test_conv_net_settings(student):
    """build_conv_net usa los filtros, el kernel y las activaciones de las diapositivas."""
    expect_settings(student, "build_conv_net", CONV_NET)


@pytest.mark.grade("build-conv-net-layers")
def test_conv_net_parameters(student):
    """build_conv_net recibe dígitos de MNIST, entrega diez números y tiene los parámetros calculados."""
    expect_parameters(student, "build_conv_net", CONV_NET)


@pytest.mark.grade("build-conv-hidden-net-layers")
def test_conv_hidden_net_layers(student):
    """build_conv_hidden_net tiene las capas de la segunda red, en orden."""
    expect_layers(student, "build_conv_hidden_net", HIDDEN_NET)


@pytest.mark.grade("build-conv-hidden-net-layers", weight=2)
@pytest.mark.needs("test_conv_hidden_net_layers")
def test_conv_hidden_net_settings(student):
    """build_conv_hidden_net usa las neuronas y las activaciones de las diapositivas."""
    expect_settings(student, "build_conv_hidden_net", HIDDEN_NET)


@pytest.mark.grade("build-conv-hidden-net-layers")
def test_conv_hidden_net_parameters(student):
    """build_conv_hidden_net recibe dígitos de MNIST, entrega diez números y tiene los parámetros calculados."""
    expect_parameters(student, "build_conv_hidden_net", HIDDEN_NET)


@pytest.mark.grade("build-conv-pool-net-layers")
def test_conv_pool_net_layers(student):
    """build_conv_pool_net tiene las capas de la tercera red, en orden."""
    expect_layers(student, "build_conv_pool_net", POOL_NET)


@pytest.mark.grade("build-conv-pool-net-layers", weight=2)
@pytest.mark.needs("test_conv_pool_net_layers")
def test_conv_pool_net_settings(student):
    """build_conv_pool_net usa la ventana, las neuronas y las activaciones de las diapositivas."""
    expect_settings(student, "build_conv_pool_net", POOL_NET)


@pytest.mark.grade("build-conv-pool-net-layers")
def test_conv_pool_net_parameters(student):
    """build_conv_pool_net recibe dígitos de MNIST, entrega diez números y tiene los parámetros calculados."""
    expect_parameters(student, "build_conv_pool_net", POOL_NET)
