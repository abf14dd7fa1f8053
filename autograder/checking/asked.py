"""The student as the checks of one submission see him: each question is remembered, so a failure can name its call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from autograder.checking.calls import call_text, value_text
from autograder.checking.student import Outcome, Parts, Student
from autograder.errors import StudentException, StudentFault

if TYPE_CHECKING:
    import keras

__all__ = ["Asked", "AskedStudent", "is_unwritten"]


@dataclass(frozen=True)
class Asked:
    """One call of a student's function and what came of it.

    Parameters
    ----------
    name : str
    arguments : tuple
    keywords : dict
    outcome : Outcome, optional
        What it returned, if it did; a model in it is only rebuilt where somebody asks.
    error : str
        The exception that it raised instead.
    is_pasteable : bool
        Whether it does without files that only the grader has.
    """

    name: str
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)
    outcome: Outcome | None = None
    error: str = ""
    is_pasteable: bool = True

    def line(self, promise: str) -> str:
        """Return one line to paste, with what came of it and what is asked for; empty if the call is too long."""
        call = call_text(self.name, self.arguments, self.keywords)
        if call is None or not self.is_pasteable or (self.outcome is None and not self.error):
            return ""
        came = f"se detiene con {self.error}"
        if self.outcome is not None:
            text = value_text(self.outcome.value)
            came = f"devuelve {text}" if text.startswith("un ") else f"devuelve `{text}`"
        return f"Pruébalo en tu cuaderno: `{call}` {came}. Se pide: «{promise.rstrip('.')}»."


SEARCHES = 8


class AskedStudent(Student):
    """Passes every question on and remembers the last one.

    Parameters
    ----------
    student : Student
    most_searches : int
        How many searches for the smallest input that fails it gets, the first checks that fail first.
    """

    def __init__(self, student: Student, most_searches: int = SEARCHES) -> None:
        self.most_searches = most_searches
        self._student = student
        self.last: Asked | None = None
        self.notes: list[str] = []
        self.searches = 0
        self._files: list[str] = []

    def forget(self) -> None:
        """Start with a new check."""
        self.last, self.notes = None, []

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def call(self, name: str, *arguments: Any, **keywords: Any) -> Outcome:
        of_files = any(file.startswith(part) for part in arguments if isinstance(part, str) for file in self._files)
        asked = Asked(name, arguments, keywords, is_pasteable=not of_files)
        self.last = asked
        try:
            outcome = self._student.call(name, *arguments, **keywords)
        except StudentException as error:
            self.last = replace(asked, error=f"{error.kind}: {error.text}" if error.text else error.kind)
            raise
        self.last = replace(asked, outcome=outcome)
        return outcome

    def call_with(self, parts: Parts, name: str, *arguments: Any, **keywords: Any) -> Outcome:
        return self._student.call_with(parts, name, *arguments, **keywords)

    def figure(self, key: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        return self._student.figure(key, compute)

    def value(self, name: str) -> Any:
        self.last = None
        return self._student.value(name)

    def put(self, name: str, content: bytes) -> str:
        path = self._student.put(name, content)
        self._files.append(path)
        return path

    def saved_model(self, path: str) -> keras.Model:
        self.last = None
        return self._student.saved_model(path)


def is_unwritten(fault: StudentFault) -> bool:
    """Tell whether the student's function is still as it was handed out."""
    return isinstance(fault, StudentException) and fault.kind == "NotImplementedError"
