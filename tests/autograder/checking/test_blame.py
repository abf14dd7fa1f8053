"""A misconception costs once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.checking.asked import AskedStudent
from autograder.checking.blame import ELSEWHERE, charged_once, helped
from autograder.checking.local import LocalStudent
from autograder.errors import CheckFailure, StudentFault


def expect(student: Any, name: str) -> None:
    if student.call(name).value != 1:
        raise CheckFailure(f"{name} falla.")


def asked(home: Path, crossed: int, given: int, elsewhere: int) -> AskedStudent:
    """Ask for something crossed, itself alone and the other thing alone; 1 is right."""
    functions = {"crossed": crossed, "given": given, "elsewhere": elsewhere}
    student = AskedStudent(LocalStudent({name: lambda value=value: value for name, value in functions.items()}, home))
    charged_once(
        student,
        lambda: expect(student, "crossed"),
        given=lambda: expect(student, "given"),
        elsewhere=lambda: expect(student, "elsewhere"),
    )
    return student


def test_what_another_cell_is_about_is_not_charged_again(tmp_path: Path) -> None:
    """And the student is told so."""
    assert asked(tmp_path, crossed=0, given=1, elsewhere=0).notes == [ELSEWHERE]


def test_what_holds_is_not_talked_about(tmp_path: Path) -> None:
    """Even if something else fails."""
    assert asked(tmp_path, crossed=1, given=0, elsewhere=0).notes == []


@pytest.mark.parametrize(("given", "elsewhere"), [(1, 1), (0, 0), (0, 1)])
def test_what_is_wrong_here_is_charged_here(tmp_path: Path, given: int, elsewhere: int) -> None:
    """Where only the crossing fails, and where everything does: that is no misconception but no answer."""
    with pytest.raises(CheckFailure, match=r"crossed falla\."):
        asked(tmp_path, 0, given, elsewhere)


PROGRAM = """
def digit(text):
    {digit}

def total(texts):
    {total}
"""


@pytest.mark.parametrize(
    ("digit", "total", "notes"),
    [
        ("return int(text)", "return sum(digit(text) for text in texts)", []),
        ("return 1 / 0", "return sum(digit(text) for text in texts)", [ELSEWHERE]),
        ("return text", "return sum(digit(text) for text in texts)", [ELSEWHERE]),
        ("return int(text)", "return digit(texts[0])", None),
        ("return 1 / 0", "return sum(map(int, texts)) + 1", None),
        ("return 1 / 0", "return sum(digit(text * 300) for text in texts)", None),
    ],
    ids=["right", "the part stops", "the part is wrong", "wrong", "wrong without the part", "the part gets too much"],
)
def test_what_builds_on_a_broken_part_is_judged_with_the_graders(
    tmp_path: Path, digit: str, total: str, notes: list[str] | None
) -> None:
    """The part's own grade cell is about it; what is wrong here stays wrong, and who asks much gets no answer."""
    namespace: dict[str, Any] = {}
    exec(PROGRAM.format(digit=digit, total=total), namespace)
    student = AskedStudent(LocalStudent(namespace, tmp_path))

    def expect_total(student: Any) -> None:
        if student.total(["3", "4"]) != 7:
            raise CheckFailure("total falla.")

    if notes is None:
        with pytest.raises(StudentFault):
            helped(student, {"digit": int}, expect_total)
    else:
        helped(student, {"digit": int}, expect_total)
        assert student.notes == notes
