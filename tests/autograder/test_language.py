"""The language in which people read: no message lacks a translation, and no placeholder differs."""

from __future__ import annotations

import ast
import string

import pytest
from babel.messages.pofile import read_po

from autograder.course.assignments import ROOT
from autograder.language import language, number, percent, set_language, speaking, texts_of
from autograder.render.flags import MEANINGS
from autograder.render.text import NO_ASSIGNMENT, NO_GRADE, NO_NAME, NOT_HANDED_IN, STATUSES

CONSTANTS = {*STATUSES.values(), *MEANINGS.values(), NO_GRADE, NOT_HANDED_IN, NO_NAME, NO_ASSIGNMENT}
"""Texts that are looked up by a name; all of them are of the room ``render``."""
ROOMS = sorted(path.parent.name for path in (ROOT / "autograder").glob("*/locale"))


def marked(room: str) -> set[str]:
    """Return the texts that a room's modules mark by ``_``."""
    found = set()
    for path in (ROOT / "autograder" / room).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_" and node.args:
                # A name stands for one of the constants.
                found |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    return found | (CONSTANTS if room == "render" else set())


def fields(text: str) -> list[str]:
    return sorted(str(name) for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_is_translated_with_its_placeholders(room: str) -> None:
    """And the catalogue holds nothing that nobody says."""
    with (ROOT / "autograder" / room / "locale" / "en.po").open("rb") as file:
        known = {str(message.id): str(message.string) for message in read_po(file) if message.id}
    assert set(known) == marked(room)
    assert [text for text, said in known.items() if not said or fields(text) != fields(said)] == []


def test_every_room_that_marks_a_text_has_a_catalogue() -> None:
    """None is forgotten."""
    rooms = {path.parent.name for path in (ROOT / "autograder").glob("*/*.py") if "= texts_of(" in path.read_text()}
    assert rooms == set(ROOMS)


def test_a_text_is_said_in_the_language_of_the_process() -> None:
    """Spanish unless something else is chosen; what a catalogue lacks stays as it is."""
    say = texts_of("autograder.render.text")
    assert (language(), say("sin nota")) == ("es", "sin nota")
    with speaking("en"):
        assert (say("sin nota"), say("nadie lo tradujo")) == ("no grade", "nadie lo tradujo")
        set_language("es")
        assert say("sin nota") == "sin nota"
    assert language() == "es"


@pytest.mark.parametrize(
    ("value", "digits", "spanish", "english"),
    [
        (432650, None, "432.650", "432,650"),
        (3.75, None, "3,75", "3.75"),
        (10.0, None, "10", "10"),
        (-0.001, None, "0", "0"),
        (0.5, 2, "0,50", "0.50"),
        (100.0, 0, "100", "100"),
    ],
)
def test_a_number_is_written_as_the_language_does(value: float, digits: int | None, spanish: str, english: str) -> None:
    """In one way for all of the project."""
    assert number(value, digits) == spanish
    with speaking("en"):
        assert number(value, digits) == english
        assert percent(0.987, 1) == "98.7%"
    assert percent(0.987, 1) == "98,7\N{NO-BREAK SPACE}%"
