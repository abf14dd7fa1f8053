"""Reads the configuration of a student's Keras model: JSON with limits, and values of the types that layers take.

Nothing here imports Keras. A reader takes an untrusted JSON value and returns a plain Python value of the right type
and size, or raises `Unfit` with a Spanish clause that says why not.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from autograder.errors import ModelRejected

MAX_TEXT = 4_000_000
MAX_NAME = 100
MAX_DIGITS = 18
MAX_LIST = 200_000  # one number per value of a 224x224 image in colour, and some more

Reader = Callable[[Any], Any]

ACTIVATIONS = frozenset(
    """linear relu relu6 leaky_relu elu selu celu gelu silu swish mish softmax log_softmax sigmoid log_sigmoid tanh
    hard_sigmoid hard_silu hard_swish hard_shrink hard_tanh soft_shrink softplus softsign sparse_plus sparsemax
    exponential squareplus tanh_shrink""".split()  # noqa: SIM905
)
_ACTIVATION_ALIASES = {"softmax_v2": "softmax"}  # what tf.nn.softmax calls itself
FLOATS = frozenset({"float16", "float32", "float64", "bfloat16", "mixed_float16", "mixed_bfloat16"})
INTEGERS = frozenset({"uint8", "uint16", "uint32", "int8", "int16", "int32", "int64"})


class Unfit(ValueError):
    """A value that a layer cannot take; the text is a Spanish clause."""


def parse_config(text: Any) -> dict[str, Any]:
    """Parse the JSON text of ``model.to_json()``.

    Raises
    ------
    ModelRejected
        ``too-large`` or ``config``: not JSON, nested too deep, a repeated key, a number that is no number.
    """
    if not isinstance(text, str):
        raise ModelRejected("config", "La configuración del modelo no es texto. Guárdalo con `model.save(...)`.")
    if len(text) > MAX_TEXT:
        raise ModelRejected(
            "too-large",
            f"La configuración del modelo ocupa más de {MAX_TEXT // 1_000_000} MB; la de una red de este curso ocupa "
            "unos pocos KB. Vuelve a construir y guardar el modelo.",
        )
    try:
        config = json.loads(
            text,
            object_pairs_hook=_unique_keys,
            parse_int=_short_integer,
            parse_float=_finite_float,
            parse_constant=_finite_float,
        )
    except Unfit as error:
        raise ModelRejected("config", f"La configuración del modelo no es válida: {error}.") from error
    except RecursionError as error:
        raise ModelRejected("config", "La configuración del modelo tiene demasiados niveles.") from error
    except (ValueError, MemoryError) as error:
        raise ModelRejected(
            "config", "La configuración del modelo no es JSON. ¿Se cortó el archivo? Guárdalo de nuevo."
        ) from error
    if not isinstance(config, dict):
        raise ModelRejected("config", "La configuración del modelo no describe un modelo de Keras.")
    return config


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unfit("repite una clave")
    return found


def _short_integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise Unfit("tiene un entero de demasiadas cifras")
    return int(digits)


def _finite_float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Unfit("tiene un número que no es finito (NaN o infinito)")
    return number


def show(value: Any, limit: int = 60) -> str:
    """Return an untrusted value as one short printable line."""
    text = value if isinstance(value, str) else repr(value) if isinstance(value, (int, float)) else _outline(value)
    text = "".join(letter if letter.isprintable() else " " for letter in text[: limit + 1])
    return text if len(text) <= limit else text[:limit] + "…"


def _outline(value: Any) -> str:
    if value is None:
        return "None"
    return "una lista" if isinstance(value, list) else "un diccionario"


def _unfit(expected: str, value: Any) -> NoReturn:
    raise Unfit(f"debe ser {expected} y es {show(value)}")


def boolean(value: Any) -> bool:
    """Read true or false."""
    if type(value) is not bool:
        _unfit("True o False", value)
    return value


def integer(low: int, high: int) -> Reader:
    """Return a reader of whole numbers from ``low`` to ``high``; a whole float passes."""

    def read(value: Any) -> int:
        if type(value) is float and value == int(value):
            value = int(value)
        if type(value) is not int or not low <= value <= high:
            _unfit(f"un entero entre {low} y {high}", value)
        return value

    return read


def real(low: float = -1e9, high: float = 1e9) -> Reader:
    """Return a reader of finite numbers from ``low`` to ``high``."""

    def read(value: Any) -> float:
        if type(value) not in (int, float) or not low <= value <= high:
            _unfit(f"un número entre {low:g} y {high:g}", value)
        return float(value)

    return read


def choice(*names: str) -> Reader:
    """Return a reader of one of the given words."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            _unfit("uno de: " + ", ".join(names), value)
        return value

    return read


def optional(reader: Reader) -> Reader:
    """Return a reader that also lets None pass."""
    return lambda value: None if value is None else reader(value)


def items(reader: Reader, least: int, most: int) -> Reader:
    """Return a reader of lists with ``least`` to ``most`` items, each read by ``reader``; gives a tuple."""

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            _unfit(f"una lista de {least} a {most} elementos" if least != most else f"una lista de {least}", value)
        return tuple(reader(item) for item in value)

    return read


def either(*readers: Reader) -> Reader:
    """Return a reader that takes what the first fitting of ``readers`` takes."""

    def read(value: Any) -> Any:
        for reader in readers[:-1]:
            try:
                return reader(value)
            except Unfit:
                continue
        return readers[-1](value)

    return read


def pair(low: int, high: int) -> Reader:
    """Return a reader of an integer for both image axes, or of one per axis; gives a tuple of two."""
    one, two = integer(low, high), items(integer(low, high), 2, 2)

    def read(value: Any) -> tuple[int, ...]:
        return two(value) if isinstance(value, list) else (one(value),) * 2

    return read


def margins(high: int) -> Reader:
    """Return a reader of ``padding`` or ``cropping``: n, (rows, columns) or ((top, bottom), (left, right))."""
    one, two = pair(0, high), items(items(integer(0, high), 2, 2), 2, 2)
    return either(two, one)


def numbers(value: Any) -> Any:
    """Read a number or a nested list of numbers, plain or in the form in which Keras writes numpy arrays."""
    if isinstance(value, dict) and value.get("class_name") == "__numpy__" and isinstance(value.get("config"), dict):
        value = value["config"].get("value")
    return nested(value, real(-1e30, 1e30))


def nested(value: Any, one: Reader) -> Any:
    """Read a value with ``one``, or a nested list of such values."""
    budget = [MAX_LIST]

    def read(item: Any, depth: int) -> Any:
        budget[0] -= 1
        if isinstance(item, list) and depth < 6 and budget[0] > 0:
            return [read(part, depth + 1) for part in item]
        return one(item)

    return read(value, 0)


def plain_number(value: Any) -> int | float | bool:
    """Read a number and leave it whole where it is."""
    if type(value) not in (bool, int, float) or not -1e30 <= value <= 1e30:
        _unfit("un número", value)
    number: int | float | bool = value
    return number


def name_of(value: Any) -> str:
    """Read the name of a layer; TensorFlow cannot predict with a name that holds other characters than these."""
    if isinstance(value, str) and len(value) <= MAX_NAME and re.fullmatch(r"[A-Za-z0-9._>-]+", value):
        return value
    return _unfit(f"un nombre de 1 a {MAX_NAME} letras sin acento, cifras, «_», «-» o «.»", value)


def model_name_of(value: Any) -> str:
    """Read the name of a model, which must begin with a letter, a digit or a dot."""
    name = name_of(value)
    return name if re.match(r"[A-Za-z0-9.]", name) else _unfit("un nombre que empiece por una letra", value)


def activation_name(value: Any) -> str:
    """Read the name of a built-in activation; None is ``"linear"``."""
    if value is None:
        return "linear"
    if isinstance(value, dict) and value.get("class_name") == "function":
        value = value.get("config")
    if isinstance(value, str):
        name = _ACTIVATION_ALIASES.get(value, value)
        if name in ACTIVATIONS:
            return name
    if isinstance(value, dict):
        raise Unfit("es una función propia (o `lambda`); usa el nombre de una de Keras, como 'relu' o 'softmax'")
    raise Unfit(f"no es una activación de Keras: {show(value)}")


def dtype_name(value: Any) -> str:
    """Read a dtype or a dtype policy; every kind of float is evaluated as ``"float32"``, integers as what they are."""
    if isinstance(value, Mapping):
        inner = value.get("config")
        value = inner.get("name") if isinstance(inner, Mapping) else None
    if value is None or (isinstance(value, str) and value in FLOATS):
        return "float32"
    if isinstance(value, str) and value in INTEGERS:
        return value
    return _unfit("float32 (o mixed_float16)", value)


def batch_shape(most: int) -> Reader:
    """Return a reader of ``batch_shape``: ``[null, 28, 28, 1]``; gives a tuple that begins with None.

    ``most`` bounds each side. A fixed batch size is dropped: models are evaluated in batches of any size.
    """
    side = optional(integer(1, most))
    read = items(side, 1, 4)

    def shape(value: Any) -> tuple[int | None, ...]:
        if not isinstance(value, list) or len(value) < 2:
            _unfit("una forma como [None, 28, 28, 1]", value)
        return (None, *read(value[1:]))

    return shape
