"""Exceptions of the grader.

AutograderError
├── UsageError             the command line asks for something impossible
├── IntakeError            a submission that cannot be read; nobody's grade changes
├── CollectError           a submission, or all of them, that cannot be collected; its text is for the instructor
├── SandboxUnavailable     no way to lock student code up on this machine
├── ClusterUnavailable     no scheduler, or no machine that can grade what is left
├── WorkerFault            the sandbox failed for a reason that is not the student's
└── StudentFault           what the student's code did; its text is for the student, in Spanish
    ├── MissingName        the notebook does not define what the contract asks for
    ├── StudentException   the student's code raised
    ├── CallTimeout        the student's code did not finish in time
    ├── TimeSpent          the submission has used up the time of all its cells and calls
    ├── WorkerDied         the student's code ended its own process (memory, `exit`, a crash)
    ├── BadReply           something came back that is not a plain value
    │   └── PartAsked      the student's code waits for an answer of the grader's
    ├── ModelRejected      a Keras model that cannot be rebuilt from built-in layers
    └── CheckFailure       the value is there, and it is wrong
"""

from __future__ import annotations

from typing import Any, Literal

_HINTS = {
    ("IndexError", ""): "Un índice apunta más allá del final: revisa hasta dónde llegan los bucles.",
    ("ValueError", "broadcast"): "Se combinan arreglos de formas que no encajan: imprime sus `shape`.",
    ("TypeError", "NoneType"): "Algo vale None: ¿falta un `return` en una función que usas?",
    ("TypeError", "argument"): "Los argumentos no son los que la función espera: mira cómo se la llama.",
    ("NameError", ""): "Se usa un nombre que no existe: ¿está escrito igual en todas partes?",
    ("AttributeError", ""): "Se pide algo que ese objeto no tiene: ¿es del tipo que crees?",
}
"""What the usual exceptions of Python mean, by kind and by a part of their text."""


class AutograderError(Exception):
    """Base of every error that the grader raises on purpose."""


class UsageError(AutograderError):
    """The command line asks for something impossible."""


IntakeKind = Literal["missing", "other-assignment", "too-large", "unknown-assignment", "unreadable", "wrong-kernel"]
"""Why a submission cannot be read, in one word for programs."""


class IntakeError(AutograderError):
    """A submission that cannot be read.

    Parameters
    ----------
    kind : IntakeKind
    message : str
        One or two Spanish sentences: what was expected, what was received, what to do.
    """

    def __init__(self, kind: IntakeKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class CollectError(AutograderError):
    """A submission, or all of them, that cannot be collected.

    Parameters
    ----------
    kind : str
        One word for programs: ``damaged``, ``too-large``, ``no-notebook``, ``unreachable``, ``not-allowed``,
        ``nothing-on-time``.
    message : str
        English, for the instructor: what was expected, what was received, what to do.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class SandboxUnavailable(AutograderError):
    """No way to lock student code up on this machine."""


class ClusterUnavailable(AutograderError):
    """No scheduler, or no machine of a cluster that can grade what is left."""


class WorkerFault(AutograderError):
    """The sandbox failed for a reason that is not the student's."""


class StudentFault(AutograderError):
    """What the student's code did; ``str(error)`` is shown to the student."""

    example: Any = None
    """Looks for a smaller call that fails in the same way, where somebody can (`autograder.checking.smallest`)."""


class MissingName(StudentFault):
    """The notebook does not define ``name``."""

    def __init__(self, name: str, reason: str = "") -> None:
        self.name, self.reason = name, reason
        super().__init__(
            f"No encuentro `{name}` después de ejecutar tu cuaderno. "
            + (reason or "Revisa que la celda que lo define esté, que se llame exactamente así y que no dé error.")
        )


class StudentException(StudentFault):
    """The student's code raised ``kind`` with ``text``."""

    def __init__(self, name: str, kind: str, text: str, traceback: str = "") -> None:
        self.name, self.kind, self.text, self.traceback = name, kind, text, traceback
        if kind == "NotImplementedError" and not text:
            super().__init__(f"`{name}` todavía no está escrita: sigue lanzando NotImplementedError.")
        else:
            said = f"`{name}` se detuvo con un error de Python, {kind}" + (f": {text.strip(' .')}" if text else "")
            hint = next((hint for (of, part), hint in _HINTS.items() if of == kind and part in text), "")
            super().__init__(f"{said}. {hint}".rstrip())


class CallTimeout(StudentFault):
    """The student's code did not finish within ``seconds``."""

    def __init__(self, name: str, seconds: float) -> None:
        self.name, self.seconds = name, seconds
        super().__init__(
            f"`{name}` no terminó en {seconds:.0f} s. Busca un bucle que no acaba o un cálculo que se repite de más."
        )


class TimeSpent(StudentFault):
    """The submission has used up the ``seconds`` that all its cells and calls have together."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(
            f"No se evaluó: se acabó el tiempo. Las celdas y funciones de una entrega tienen {seconds:.0f} s entre "
            "todas. Busca cuáles tardan de más: un bucle que no acaba, un `sleep`, un cálculo que se repite."
        )


class WorkerDied(StudentFault):
    """The student's code ended its own process."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"El proceso que ejecutaba `{name}` terminó de golpe: {reason}")


class BadReply(StudentFault):
    """Something came back that is not a plain value."""


class PartAsked(BadReply):
    """A student's function called one of those that the grader answers; where nobody offered that, it is a bad reply.

    Parameters
    ----------
    part : str
        The function's name.
    arguments : list
    keywords : dict
        What it was called with: the student's word.
    """

    def __init__(self, part: str, arguments: list[Any], keywords: dict[str, Any]) -> None:
        super().__init__(f"`{part}` no se pudo llamar desde aquí.")
        self.part = part
        self.arguments = arguments
        self.keywords = keywords


class ModelRejected(StudentFault):
    """A Keras model that cannot be rebuilt from built-in layers.

    Parameters
    ----------
    kind : str
        One word for programs: ``missing``, ``format``, ``too-large``, ``layer``, ``weights``, ``config``.
    message : str
        Spanish, for the student.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class CheckFailure(StudentFault):
    """The value is there, and it is wrong; ``mistake`` names the misconception, where it was recognised."""

    def __init__(self, message: str, mistake: str = "") -> None:
        super().__init__(message)
        self.mistake = mistake
