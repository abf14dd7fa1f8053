"""Whose a hand-in is, and when nobody should guess."""

from __future__ import annotations

import pytest

from autograder.collect.handin import Clues
from autograder.collect.matching import Match, match
from autograder.course.roster import Roster, Student

ROSTER = Roster(
    [
        Student("ana", "Ana", "Muñoz", "ana@u.example", "ana-gh", "11", "901", "S1"),
        Student("beto", "Beto", "Paz Díaz", "beto@u.example", "Beto", "12", "902", "S2"),
        Student("eva1", "Eva", "Sol", "eva1@u.example", "", "13", "903", "S3"),
        Student("eva2", "Eva", "Sol", "eva2@u.example", "", "14", "904", "S4"),
    ]
)


@pytest.mark.parametrize(
    ("clues", "student"),
    [
        (Clues("x", name="ANA MUNOZ"), "ana"),
        (Clues("x", name="muñozana"), "ana"),
        (Clues("x", name="munozana", canvas_id="902"), "beto"),
        (Clues("x", github="ANA-GH"), "ana"),
        (Clues("x", name="whoever", email="Beto@u.example"), "beto"),
        (Clues("x", name="whoever", id="S2"), "beto"),
        (Clues("x", name="Eva Sol", moodle_id="14"), "eva2"),
        (Clues("x", moodle_id="12"), "beto"),
    ],
)
def test_ids_decide_then_names(clues: Clues, student: str) -> None:
    """Whatever the order, case and accents of a name."""
    assert match([clues], ROSTER) == [Match(student)]


def test_a_participants_number_never_overrules_a_name() -> None:
    """It is another student's in another assignment."""
    assert match([Clues("x", name="Ana Muñoz", moodle_id="12")], ROSTER) == [Match("ana")]
    [found] = match([Clues("x", name="Carla Ruiz", moodle_id="12")], ROSTER)
    assert found == Match("", "not in the roster")


def test_students_of_one_name_are_not_guessed() -> None:
    """The ids to choose from are said."""
    [found] = match([Clues("x", name="Eva Sol", moodle_id="99")], ROSTER)
    assert found == Match("", "the roster has several students of this name (eva1, eva2)")


def test_two_hand_ins_of_one_student_are_a_conflict() -> None:
    """Neither is taken: one of them may be somebody else's, who bears the name."""
    found = match(
        [Clues("a", name="Ana Muñoz"), Clues("b", name="Beto Paz Díaz"), Clues("c", name="ana munoz")], ROSTER
    )
    assert [item.student for item in found] == ["", "beto", ""]
    assert found[0] == Match("", "one of 2 hand-ins of this student", claimed="ana")


def test_a_hand_in_with_a_problem_is_nobodys() -> None:
    """With or without a roster."""
    clues = Clues("x", github="ana-gh", problem="the download is anonymous.")
    for roster in (ROSTER, None):
        assert match([clues], roster) == [Match("", "the download is anonymous.")]


@pytest.mark.parametrize(
    ("clues", "student"),
    [
        (Clues("x", github="Ana-GH"), "ana-gh"),
        (Clues("x", name="José Muñoz Pérez", moodle_id="11"), "jose-munoz-perez"),
        (Clues("x", moodle_id="11"), "11"),
        (Clues("x", name="李 小龍"), "李-小龍"),
        (Clues("x", name="../../etc"), "etc"),
        (Clues("x", name=".hidden"), "hidden"),
        (Clues("x", name="a" * 300), "a" * 100),
    ],
)
def test_without_a_roster_names_become_ids(clues: Clues, student: str) -> None:
    """That can name a folder."""
    assert match([clues], None) == [Match(student)]


def test_without_a_roster_two_of_one_name_are_two_students() -> None:
    """Where the platform numbers them."""
    clues = [Clues("a", name="Eva Sol", moodle_id="13"), Clues("b", name="EVA SOL", moodle_id="14")]
    assert [item.student for item in match(clues, None)] == ["eva-sol-13", "eva-sol-14"]
    assert match([Clues("a", name="..")], None)[0].problem == "it has no name that could be an id"
