"""The functions of `keras.ops` that a model may hold between its layers: ``x / 255``, ``a + b``, ``relu(x)``.

All of them work value by value (softmax aside, which keeps the shape, too), so that the size of the result follows from
broadcasting alone. An operation that is not in `OPERATIONS`, or an argument that is not in its row, is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.errors import ModelRejected
from autograder.models.config import Reader, Unfit, boolean, nested, optional, plain_number, real, show
from autograder.models.layers import AXES
from autograder.models.refusals import unknown_argument

__all__ = ["OPERATIONS", "Operation", "constant", "is_operation", "read_operation"]

_MODULES = ("keras.src.ops.numpy", "keras.src.ops.nn")
_DTYPES = frozenset(
    "bool uint8 uint16 uint32 int8 int16 int32 int64 float16 float32 float64".split()  # noqa: SIM905
)


def constant(value: Any) -> Any:
    """Read a number, a list of numbers, or a numpy array or tensor in the form in which Keras writes it.

    Whole numbers stay whole and arrays keep their dtype: what an operation makes of ``uint8`` images depends on it.
    """
    if not isinstance(value, dict):
        return nested(value, plain_number)
    config = value.get("config")
    if value.get("class_name") not in ("__numpy__", "__tensor__") or not isinstance(config, dict):
        raise Unfit("debe ser un número o un arreglo")
    dtype = config.get("dtype", "float32")
    if not isinstance(dtype, str) or dtype not in _DTYPES:
        raise Unfit(f"es un arreglo de un tipo que no conozco: {show(dtype)}")
    try:
        return np.asarray(nested(config.get("value"), plain_number), dtype)
    except (ValueError, OverflowError) as error:
        raise Unfit("no es un arreglo de números") from error


@dataclass(frozen=True)
class _Row:
    """The name of a function in `keras.ops`, and its arguments besides the tensors."""

    function: str
    arguments: Mapping[str, Reader] = field(default_factory=dict)


OPERATIONS: dict[str, _Row] = {
    "Absolute": _Row("absolute"),
    "Add": _Row("add"),
    "Celu": _Row("celu", {"alpha": real()}),
    "Clip": _Row("clip", {"x_min": optional(constant), "x_max": optional(constant)}),
    "Elu": _Row("elu", {"alpha": real()}),
    "Exp": _Row("exp"),
    "Gelu": _Row("gelu", {"approximate": boolean}),
    "HardShrink": _Row("hard_shrink", {"threshold": real()}),
    "HardSigmoid": _Row("hard_sigmoid"),
    "HardSilu": _Row("hard_silu"),
    "HardTanh": _Row("hard_tanh"),
    "LeakyRelu": _Row("leaky_relu", {"negative_slope": real()}),
    "LogSigmoid": _Row("log_sigmoid"),
    "LogSoftmax": _Row("log_softmax", {"axis": AXES}),
    "Maximum": _Row("maximum"),
    "Minimum": _Row("minimum"),
    "Multiply": _Row("multiply"),
    "Negative": _Row("negative"),
    "Power": _Row("power"),
    "Relu": _Row("relu"),
    "Relu6": _Row("relu6"),
    "Selu": _Row("selu"),
    "Sigmoid": _Row("sigmoid"),
    "Silu": _Row("silu"),
    "SoftShrink": _Row("soft_shrink", {"threshold": real()}),
    "Softmax": _Row("softmax", {"axis": AXES}),
    "Softplus": _Row("softplus"),
    "Softsign": _Row("softsign"),
    "SparsePlus": _Row("sparse_plus"),
    "Sparsemax": _Row("sparsemax", {"axis": AXES}),
    "Sqrt": _Row("sqrt"),
    "Square": _Row("square"),
    "Squareplus": _Row("squareplus", {"b": real()}),
    "Subtract": _Row("subtract"),
    "Tanh": _Row("tanh"),
    "TanhShrink": _Row("tanh_shrink"),
    "TrueDivide": _Row("true_divide"),
}


@dataclass(frozen=True)
class Operation:
    """One function of `keras.ops` in place of a layer, with the arguments that it was given besides tensors."""

    name: str
    function: str
    arguments: Mapping[str, Any]


def is_operation(entry: Mapping[str, Any]) -> bool:
    """Tell whether an entry of a functional model is a function of the table."""
    class_name = entry.get("class_name")
    return entry.get("module") in _MODULES and isinstance(class_name, str) and class_name in OPERATIONS


def read_operation(name: str, entry: Mapping[str, Any]) -> Operation:
    """Read an entry for which `is_operation` holds.

    Raises
    ------
    ModelRejected
        ``config``: an argument that the function does not take, or a value that the argument does not take.
    """
    row, arguments = OPERATIONS[entry["class_name"]], {}
    for key, value in entry["config"].items():
        if key == "name" or (key == "dtype" and value is None):
            continue
        reader = row.arguments.get(key)
        if reader is None:
            raise unknown_argument(f"La operación «{name}» ({row.function})", key)
        try:
            arguments[key] = reader(value)
        except Unfit as error:
            raise ModelRejected("config", f"En la operación «{name}», `{key}` {error}.") from error
    return Operation(name, row.function, arguments)
