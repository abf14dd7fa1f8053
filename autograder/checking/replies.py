"""Opens what a worker answered: a value, or the fault that the answer stands for."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from autograder.errors import BadReply, MissingName, ModelRejected, PartAsked, StudentException
from autograder.worker.text import clean_text
from autograder.worker.wire import WireError, decode

_UNSENDABLE = (
    "`{name}` devolvió algo que no se puede corregir (demasiado grande, demasiado anidado o un arreglo de objetos). "
    "Devuelve números, texto, listas o arreglos de números."
)


def open_reply(name: str, reply: Any, buffers: Sequence[Any]) -> Any:
    """Return the value in an untrusted reply about ``name``.

    Raises
    ------
    MissingName, StudentException, ModelRejected
        As the reply says.
    PartAsked
        The student's function waits for an answer of the grader's.
    BadReply
        The reply breaks the rules of `autograder.worker.wire`.
    """
    if not isinstance(reply, dict):
        raise BadReply(_UNSENDABLE.format(name=name))
    status = reply.get("status")
    if status == "ok":
        # Raised below, outside of the handler: its context would hold on to all that came.
        with contextlib.suppress(WireError, RecursionError, MemoryError):
            return decode(reply.get("value"), buffers)
    if status == "asks":
        with contextlib.suppress(WireError, RecursionError, MemoryError):
            asked = decode(reply.get("value"), buffers)
            if isinstance(asked, list) and [type(part) for part in asked] == [str, list, dict]:
                raise PartAsked(*asked)
    if status == "missing":
        found = _text(reply, "found")
        raise MissingName(name, f"Existe, pero es {found} y no una función." if found else "")
    if status == "raised":
        raise StudentException(name, _text(reply, "kind"), _text(reply, "text"), _text(reply, "traceback"))
    if status == "rejected":
        raise ModelRejected(_text(reply, "kind"), _text(reply, "message"))
    raise BadReply(_UNSENDABLE.format(name=name))


def _text(reply: dict[str, Any], key: str) -> str:
    value = reply.get(key, "")
    return clean_text(value[:4000]) if isinstance(value, str) else ""
