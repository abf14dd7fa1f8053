"""A misconception costs once: what a check says of a failure that another grade cell is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.checking.student import Outcome, Parts, Student
from autograder.errors import StudentFault

__all__ = ["charged_once", "helped", "holds"]

ELSEWHERE = "Hay un error que ya se cuenta en otra parte: aquí no cuesta puntos otra vez."


def holds(student: Student, expectation: Callable[[], Any]) -> bool:
    """Tell whether an expectation holds, without failing the check."""
    last = student.last
    try:
        expectation()
    except StudentFault:
        return False
    finally:
        student.last = last
    return True


def charged_once(
    student: Student, expectation: Callable[[], Any], *, given: Callable[[], Any], elsewhere: Callable[[], Any]
) -> None:
    """Fail as the expectation does, unless the failure comes from something that another grade cell is about.

    Parameters
    ----------
    student : Student
    expectation : callable
        What this check is about, crossed with something else: types with padding, shapes with stride.
    given : callable
        What this check is about, without that something. It must hold, or the failure stays here: what is wrong
        altogether earns nothing by being wrong elsewhere, too.
    elsewhere : callable
        That something alone, much as the other grade cell asks for it: who fails it has lost his points there.

    Examples
    --------
    ::

        charged_once(
            student,
            lambda: expect_conv2d(student, decimals, kernel, padding=1),
            given=lambda: expect_conv2d(student, decimals, kernel),
            elsewhere=lambda: expect_conv2d(student, whole_numbers, kernel, padding=1),
        )
    """
    try:
        expectation()
    except StudentFault:
        if not holds(student, given) or holds(student, elsewhere):
            raise
        student.note(ELSEWHERE)


def helped(student: Student, parts: Parts, expectation: Callable[[Student], Any]) -> None:
    """Fail as the expectation does, unless it holds where the grader's functions stand for others of the student's.

    Parameters
    ----------
    student : Student
    parts : mapping of str to callable
        The grader's functions by the names of the student's, each of which another grade cell is about.
    expectation : callable
        What this check is about; takes the student, or the student with these parts.

    Examples
    --------
    ::

        helped(student, {"channel": reference_channel}, lambda student: expect_planes(student, image))
    """
    try:
        expectation(student)
    except StudentFault:
        if not holds(student, lambda: expectation(_Helped(student, parts))):
            raise
        student.note(ELSEWHERE)


class _Helped(Student):
    """A student each of whose calls has the grader's parts."""

    def __init__(self, student: Student, parts: Parts) -> None:
        self._student, self._parts = student, parts

    def call(self, name: str, *arguments: Any, **keywords: Any) -> Outcome:
        return self._student.call_with(self._parts, name, *arguments, **keywords)

    def value(self, name: str) -> Any:
        return self._student.value(name)

    def put(self, name: str, content: bytes) -> str:
        return self._student.put(name, content)

    def saved_model(self, path: str) -> Any:
        return self._student.saved_model(path)
