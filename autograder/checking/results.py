"""How a check ended: its result, told in the student's words."""

from __future__ import annotations

import contextlib
import inspect
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

from autograder.checking.asked import AskedStudent, is_unwritten
from autograder.errors import CheckFailure, StudentException, StudentFault
from autograder.report import CheckStatus
from data.errors import DataMissing

__all__ = [
    "CheckResult",
    "Settled",
    "TimeIsUp",
    "check_result",
    "check_title",
    "give_part",
    "grade_marker",
    "needs",
    "skip_without",
]


@dataclass(frozen=True)
class CheckResult:
    """How one check ended.

    Parameters
    ----------
    grade_id : str
        The grade cell that it helps to decide.
    name : str
        The name of its test function.
    title : str
        The first paragraph of its docstring.
    weight : float
        Its share of the grade cell's points; 0 for what this machine has no data to check, so that it costs no points.
    status : CheckStatus
    message : str
        Spanish, for the student: what was wrong; where it passed, what was measured or nothing.
    credit : float
        The part of the check that was earned, 0 to 1.
    seconds : float
        Wall time.
    details : str
        For the instructor: the grader's traceback of an error, the student's own of a failure.
    """

    grade_id: str
    name: str
    title: str
    weight: float
    status: CheckStatus
    message: str = ""
    credit: float = 0.0
    seconds: float = 0.0
    details: str = ""

    @property
    def id(self) -> str:
        return f"{self.grade_id}::{self.name}"


class Settled(NamedTuple):
    """How a check ended in an earlier grading, and what else it left behind.

    Parameters
    ----------
    result : CheckResult
    flags : list of dict
    searches : int
        How often it looked for a smaller example.
    holds : bool
        Whether the check is still the same; otherwise it only says how those fared that need it.
    """

    result: CheckResult
    flags: list[dict[str, Any]]
    searches: int
    holds: bool = True


_GRADER_FAULT = "No se pudo corregir este punto por una falla del corrector; no es culpa tuya y no cambia tu nota."
_NO_DATA = (
    "No se pudo evaluar: faltan los datos «{name}» en la máquina que corrige. No es culpa tuya, y este punto no cuenta."
)

_NEEDED = "Primero hace falta: «{title}»."
_TIME_SPENT = (
    "No se evaluó: se acabó el tiempo para corregir la entrega, porque lo anterior (celdas, funciones o un modelo muy "
    "costoso) tardó demasiado."
)
_TOO_MUCH_MEMORY = (
    "No se pudo evaluar: lo que devolvió tu código ocupa demasiada memoria. Devuelve arreglos del tamaño que se pide."
)


class TimeIsUp(BaseException):
    """Raised in the middle of a check when the time of the whole submission is up; no check catches it."""


def check_result(
    item: pytest.Item,
    raised: pytest.ExceptionInfo[BaseException] | None,
    seconds: float,
    student: AskedStudent | None = None,
) -> CheckResult:
    """Return how a check ended.

    Parameters
    ----------
    item : pytest.Item
    raised : ExceptionInfo or None
        The first exception of its fixtures or of itself.
    seconds : float
        How long it took.
    student : AskedStudent, optional
        Knows the last call, with which a message ends, and what a check that passed has to say.
    """
    marker = grade_marker(item)
    name = getattr(item, "originalname", None) or item.name
    about = (marker.args[0], name, check_title(item), float(marker.kwargs.get("weight", 1)))
    if raised is None:
        told = [str(dict(item.user_properties).get("told", "")), *(student.notes if student is not None else ())]
        return CheckResult(*about, "passed", " ".join(filter(None, told)), 1.0, seconds)
    error = raised.value
    if isinstance(error, DataMissing):
        return CheckResult(*about[:3], 0.0, "skipped", _NO_DATA.format(name=error.name), seconds=seconds)
    if isinstance(error, pytest.skip.Exception):
        return CheckResult(*about, "skipped", str(error.msg), seconds=seconds)
    if isinstance(error, TimeIsUp):
        return CheckResult(*about, "failed", _TIME_SPENT, seconds=seconds)
    if isinstance(error, MemoryError):
        return CheckResult(*about, "failed", _TOO_MUCH_MEMORY, seconds=seconds)
    if isinstance(error, StudentFault):
        credit = float(dict(item.user_properties).get("credit", 0.0))  # type: ignore[arg-type]
        message = "\n".join(part for part in (str(error), _example(error, about[2], student)) if part)
        return CheckResult(*about, "failed", message, credit, seconds, getattr(error, "traceback", ""))
    return CheckResult(*about, "error", _GRADER_FAULT, seconds=seconds, details=str(raised.getrepr(style="short")))


def give_part(item: pytest.Item, credit: float, message: str) -> None:
    """Fail a check that still earns a part (0 to 1) of its points; with all of them it goes on and passes, told so."""
    if credit >= 1:
        item.user_properties.append(("told", message))
        return
    item.user_properties.append(("credit", max(float(credit), 0.0)))
    raise StudentFault(message)


def skip_without(needed: CheckResult | None) -> None:
    """Skip a check, with the reason, if one that it needs has run and did not pass."""
    if needed is not None and needed.status != "passed":
        pytest.skip(_NEEDED.format(title=needed.title))


def _example(error: StudentFault, title: str, student: AskedStudent | None) -> str:
    """Return the line that the student can paste to see the failure, or nothing."""
    if student is None or not isinstance(error, (CheckFailure, StudentException)) or is_unwritten(error):
        return ""
    # The example only illustrates: whatever goes wrong in looking for it, the failure stands.
    with contextlib.suppress(Exception):
        asked = student.last if error.example is None else error.example()
        return asked.line(title) if asked is not None else ""
    return ""


def grade_marker(item: pytest.Item) -> pytest.Mark:
    marker = item.get_closest_marker("grade")
    if marker is None:
        raise pytest.UsageError(f"{item.nodeid} has no @pytest.mark.grade(grade_id)")
    return marker


def needs(item: pytest.Item) -> list[str]:
    """Return the names of the checks without which a check is skipped."""
    return [name for marker in item.iter_markers("needs") for name in marker.args]


def check_title(item: pytest.Item) -> str:
    """Return the first paragraph of a check's docstring on one line."""
    document = inspect.getdoc(getattr(item, "function", None)) or item.name
    return " ".join(document.split("\n\n")[0].split())
