"""Checks that a test writes, and a submission whose functions it gives."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from autograder.checking.student import Outcome, Student
from autograder.course.assignments import Assignment

PREAMBLE = "import pytest\nfrom autograder.checking import expect_that, fail\n\n\n"
NUMBERS = itertools.count()


class Answers(Student):
    """A submission whose functions are given."""

    def __init__(self, **functions: Any) -> None:
        self._functions = functions

    def call(self, name: str, *arguments: Any, **keywords: Any) -> Outcome:
        return Outcome(self._functions[name](*arguments, **keywords), arguments)

    def value(self, name: str) -> Any:
        return self._functions[name]

    def put(self, name: str, content: bytes) -> str:
        return name

    def saved_model(self, path: str) -> Any:
        raise NotImplementedError


def course(folder: Path, text: str) -> Assignment:
    """Return an assignment with one file of checks, named like no other: a process imports a module once."""
    checks = folder / f"checks-{next(NUMBERS)}"
    checks.mkdir()
    (checks / f"test_{checks.name.replace('-', '_')}.py").write_text(PREAMBLE + text, encoding="utf-8")
    return Assignment("02_convolucion", folder / "s.ipynb", folder / "r.ipynb", checks, False)
