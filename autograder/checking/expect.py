"""What a check says about a value: shape first, then dtype, then finiteness, then values.

The messages name what the student did, never what was expected: an expected value that reached a message would be
handed out with the feedback.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from autograder.checking.student import Outcome
from autograder.errors import CheckFailure
from autograder.worker.wire import Figure, ModelParts, Opaque

__all__ = [
    "as_array",
    "as_integer",
    "as_number",
    "describe",
    "expect_array",
    "expect_integer",
    "expect_number",
    "expect_shape",
    "expect_that",
    "expect_unchanged",
    "fail",
]


_CONTENTS = {"U": "textos", "S": "textos", "M": "fechas", "m": "fechas"}
"""What an array holds that are no numbers, by numpy's letter for it."""


def fail(message: str, mistake: str = "") -> NoReturn:
    """Fail the check with ``message`` (Spanish, says what was wrong and what to look at).

    ``mistake`` names the misconception, where one was recognised: a smaller example then has to show the same one.
    """
    raise CheckFailure(message, mistake)


def expect_that(condition: bool, message: str) -> None:
    """Fail the check with ``message`` unless ``condition`` holds."""
    if not condition:
        raise CheckFailure(message)


def as_array(received: Any, what: str = "el resultado") -> np.ndarray:
    """Return what the student gave as a numeric array: arrays, tensors, nested lists and numbers are all right.

    Raises
    ------
    CheckFailure
        Nothing was returned, or something that is no rectangular array of numbers.
    """
    if received is None:
        fail(f"Se esperaban números en {what}, y hay None. ¿Falta un `return`?")
    if isinstance(received, (Opaque, Figure, str, dict)):
        fail(f"Se esperaba un arreglo de números en {what}, y hay {describe(received)}.")
    try:
        array = np.asarray(received)
    except (ValueError, TypeError):
        fail(f"Hay filas de distinto largo en {what}: así no se forma un arreglo.")
    if array.dtype.kind not in "biufc":
        fail(f"Se esperaban números en {what}, y hay {_CONTENTS.get(array.dtype.kind, 'objetos')}.")
    if array.dtype.kind == "c":
        if np.any(array.imag):
            fail(f"Hay números complejos en {what}.")
        array = array.real
    return array


def expect_shape(
    received: Any, shape: Sequence[int], what: str = "el resultado", hint: str = "", mistake: str = ""
) -> np.ndarray:
    """Return the received value as an array of shape ``shape`` or fail, saying which shape it has."""
    array = as_array(received, what)
    if array.shape != tuple(shape):
        message = f"La forma {_of(what)} no es la esperada: recibí {array.shape}."
        if array.ndim != len(shape):
            message += f" Se esperaba un arreglo de {len(shape)} dimensiones y tiene {array.ndim}."
        fail(f"{message} {hint}".strip(), mistake)
    return array


def expect_array(
    received: Any,
    expected: Any,
    what: str = "el resultado",
    *,
    rtol: float = 1e-5,
    atol: float = 1e-5,
    mistakes: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None = None,
    shape_hint: str = "",
) -> np.ndarray:
    """Compare with an expected array: shape, then kind of number, then finiteness, then values.

    Parameters
    ----------
    received : object
        What the student's code gave: array, tensor, nested list or number, of any numeric dtype.
    expected : array_like
        What is right. It never appears in a message.
    what : str
        How to call the value in a message, in Spanish with its article: ``"la salida"``.
    rtol, atol : float
        Tolerances as in `numpy.isclose`. Use wider ones where float32 is a fair choice.
    mistakes : mapping of str to array_like, or callable, optional
        Wrong answers one meets often, by the Spanish sentence that explains them; a callable that returns them is only
        called where the answer is wrong. A mistake that equals the right
        answer for these inputs is ignored; a mistaken *shape* is recognised too.
    shape_hint : str
        A sentence added when the shape is wrong and no mistake explains it.

    Returns
    -------
    ndarray
        The received value as an array.
    """
    right = np.asarray(expected)
    array = as_array(received, what)
    # Most right answers are right to the last digit, which is quickly seen.
    if array.shape == right.shape and (
        np.array_equal(array, right) or np.allclose(array.astype(float), right.astype(float), rtol=rtol, atol=atol)
    ):
        return array
    known = mistakes() if callable(mistakes) else mistakes or {}
    explanation = _recognise(array, right, known, rtol, atol)
    if array.shape != right.shape:
        expect_shape(array, right.shape, what, _sentence(explanation or shape_hint), explanation or "")
    if array.dtype.kind == "f" and not np.all(np.isfinite(array)):
        fail(f"Hay valores no finitos (NaN o infinito) en {what}. ¿Una división por cero?")
    close = np.isclose(array.astype(np.float64), right.astype(np.float64), rtol=rtol, atol=atol)
    if explanation:
        fail(f"{_sentence(what)} no es lo esperado: {explanation}", explanation)
    if array.ndim == 0:
        fail(f"{_sentence(what)} no es lo esperado: vale {_number(array[()])}.")
    wrong = np.argwhere(~close)
    place = tuple(int(index) for index in wrong[0])
    fail(
        f"{_sentence(what)} tiene {len(wrong)} de {array.size} valores que no son los esperados. El primero está en "
        f"{_place(place)}: tu función da {_number(array[place])}."
    )


def _place(place: tuple[int, ...]) -> str:
    if len(place) == 1:
        return f"la posición {place[0]}"
    axes = ("la fila", "columna", "canal")
    if len(place) > len(axes):
        return f"la posición {list(place)}"
    return ", ".join(f"{axis} {index}" for axis, index in zip(axes, place))


def expect_number(
    received: Any,
    expected: float,
    what: str = "el resultado",
    *,
    rtol: float = 1e-6,
    atol: float = 1e-9,
    mistakes: Mapping[str, float] | None = None,
) -> float:
    """Compare with an expected number; ``mistakes`` maps an explanation to the wrong number that it explains."""
    number = as_number(received, what)
    if math.isclose(number, expected, rel_tol=rtol, abs_tol=atol):
        return number
    for explanation, wrong in (mistakes or {}).items():
        if math.isclose(number, wrong, rel_tol=rtol, abs_tol=atol):
            fail(f"{_sentence(what)} no es lo esperado (vale {_number(number)}): {explanation}", explanation)
    fail(f"{_sentence(what)} no es lo esperado: vale {_number(number)}.")


def expect_integer(
    received: Any, expected: int, what: str = "el resultado", *, mistakes: Mapping[str, float] | None = None
) -> int:
    """Compare with an expected whole number; an integral float and a numpy integer are fine."""
    number = as_integer(received, what, mistakes)
    expect_number(number, expected, what, rtol=0, atol=0, mistakes=mistakes)
    return number


def as_number(received: Any, what: str = "el resultado") -> float:
    """Return a single real number, or fail."""
    if isinstance(received, bool):
        fail(f"Se esperaba un número en {what}, y hay {received}.")
    array = as_array(received, what)
    if array.size != 1:
        fail(f"Se esperaba un solo número en {what}, y hay un arreglo de forma {array.shape}.")
    value = array.reshape(-1)[0]
    if array.dtype.kind == "f" and not np.isfinite(value):
        fail(f"Se esperaba un número finito en {what}.")
    return int(value) if array.dtype.kind in "iub" else float(value)


def as_integer(received: Any, what: str = "el resultado", mistakes: Mapping[str, float] | None = None) -> int:
    """Return a single whole number, or fail, naming the mistake that explains a fractional one."""
    number = as_number(received, what)
    if number != int(number):
        for explanation, wrong in (mistakes or {}).items():
            if math.isclose(number, wrong, rel_tol=1e-6):
                fail(f"{_sentence(what)} no es lo esperado (vale {_number(number)}): {explanation}", explanation)
        fail(f"Se esperaba un número entero en {what}, y hay {_number(number)}. ¿Usaste `/` en vez de `//`?")
    return int(number)


def expect_unchanged(outcome: Outcome, **sent: Any) -> None:
    """Fail if a positional argument of the call is no longer what was sent.

    Parameters
    ----------
    outcome : Outcome
        What `Student.call` returned.
    **sent : object
        The positional arguments as the check made them, in order, by the names that the exercise gives them.
    """
    for (name, before), after in zip(sent.items(), outcome.arguments):
        if not isinstance(before, (np.ndarray, list)):
            continue
        if not _same(np.asarray(before), after):
            fail(f"Tu función cambió `{name}`, que recibió como argumento. Trabaja sobre una copia: `{name}.copy()`.")


def _same(was: np.ndarray, after: Any) -> bool:
    """Tell whether an argument is what it was; what came back may be anything."""
    try:
        now = np.asarray(after)
    except (ValueError, TypeError, OverflowError):
        return False
    kinds = was.dtype.kind, now.dtype.kind
    if was.shape != now.shape or (kinds[0] != kinds[1] and not set(kinds) <= set("biufc")):
        return False
    return np.array_equal(was, now, equal_nan=was.dtype.kind == "f")


def describe(received: Any) -> str:
    """Name the kind of a received value in Spanish, for a message."""
    if received is None:
        return "None"
    if isinstance(received, Opaque):
        return f"un objeto {received.type_name}"
    if isinstance(received, Figure):
        return "una figura"
    if isinstance(received, ModelParts):
        return "un modelo de Keras"
    if isinstance(received, np.ndarray):
        return f"un arreglo de forma {received.shape} y tipo {received.dtype}"
    names = {str: "un texto", dict: "un diccionario", list: "una lista", tuple: "una tupla", bool: "un booleano"}
    for kind, name in names.items():
        if isinstance(received, kind):
            return name
    return f"un {type(received).__name__}"


def _recognise(
    array: np.ndarray, right: np.ndarray, mistakes: Mapping[str, Any], rtol: float, atol: float
) -> str | None:
    for explanation, mistake in mistakes.items():
        wrong = np.asarray(mistake)
        if wrong.shape != array.shape or not np.allclose(array, wrong, rtol=rtol, atol=atol, equal_nan=True):
            continue
        if wrong.shape == right.shape and np.allclose(wrong, right, rtol=rtol, atol=atol):
            continue
        return explanation
    return None


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, (float, np.floating)) else str(value)


def _sentence(what: str) -> str:
    return what[:1].upper() + what[1:]


def _of(what: str) -> str:
    return "del " + what.removeprefix("el ") if what.startswith("el ") else "de " + what
