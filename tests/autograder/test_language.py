"""The language in which people read: no message lacks a translation, and no placeholder differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.assignments import ROOT, find_assignments
from autograder.language import language, number, percent, set_language, speaking, texts_of
from autograder.render.phrases import Phrases, fields, say, say_of_checks
from data.registry import find
from tools.texts import instructors_texts, read, students_texts, wanted

CATALOGUES = sorted(
    path for place in ("autograder", "data", "tests/checks") for path in (ROOT / place).glob("**/locale/*.po")
)


@pytest.fixture(scope="module")
def texts() -> dict[Path, set[str]]:
    """What each catalogue must hold: read from the code once."""
    return wanted()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_text_is_translated_with_its_placeholders(path: Path, texts: dict[Path, set[str]]) -> None:
    """And the catalogue holds nothing that nobody says: ``python tools/texts.py`` brings it up to date."""
    known = read(path)
    assert set(known) == texts[path]
    assert [text for text, said in known.items() if not said or fields(text) != fields(said)] == []


def test_no_catalogue_is_missing_or_left_over(texts: dict[Path, set[str]]) -> None:
    """Each belongs to a room or an assignment that says something; every assignment has one."""
    assert set(CATALOGUES) == set(texts)
    assert {path.parts[-3] for path in CATALOGUES if "checks" in path.parts} >= set(find_assignments())


def test_texts_are_found_in_the_code_with_named_placeholders(tmp_path: Path) -> None:
    """Titles, messages in parts, what a condition chooses; nothing that is no sentence."""
    module = tmp_path / "test_x.py"
    module.write_text(
        "def test_a(student):\n"
        '    """conv2d no cambia la imagen."""\n'
        "    hint = ' ¿Falta un `return`?' if student else ''\n"
        "    fail(f'La forma es {image.shape} y no {len(rows)}.' + hint)\n"
        "    open('a b.txt')\n"
    )
    assert students_texts(module, checks=True) == {
        "conv2d no cambia la imagen.",
        "¿Falta un `return`?",
        "La forma es {shape} y no {count}.{hint}",
    }
    module.write_text("raise UsageError(f'expected a file: {path}.')\ntell(counted(n, 'file'))\nlog('the end')\n")
    assert instructors_texts(module) == {"expected a file: {path}.", "1 file", "{count} files"}


def test_what_was_put_together_is_found_again_by_its_template() -> None:
    """With its parts, in the order of the other language; sentence by sentence where several were joined."""
    phrases = Phrases(
        {
            "{what} no es lo esperado: {why}": "{why}: {what} is not as expected",
            "la imagen": "the image",
            "es la suma.": "it is the sum.",
            "Mira {count} veces.": "Look {count} times.",
        }
    )
    with speaking("en"):
        assert phrases.say("La imagen no es lo esperado: es la suma.") == "it is the sum.: The image is not as expected"
        assert phrases.say("Mira 1.234,5 veces. Nadie lo tradujo.\nMira 2 veces.") == (
            "Look 1,234.5 times. Nadie lo tradujo.\nLook 2 times."
        )


def test_checks_speak_english_where_asked() -> None:
    """A title, and a message whose parts come from the check, the shared rooms and the search of the smallest input."""
    name = "01_imagen_digital"
    title = "load_rgb conserva el tipo de los píxeles: enteros de 8 bits (uint8)."
    english = "load_rgb keeps the type of the pixels: 8-bit integers (uint8)."
    message = "La imagen leída no es lo esperado: está en escala 0–1; los píxeles del archivo van de 0 a 255."
    assert say_of_checks(title, name) == title
    with speaking("en"):
        assert say_of_checks(title, name) == english
        assert say_of_checks(message, name) == (
            "The image that was read is not as expected: it is on the scale 0–1; "
            "the pixels of the file go from 0 to 255."
        )
        assert say_of_checks(f"Primero hace falta: «{title}».", name) == f"Needed first: «{english}»."
        assert say_of_checks(title, "../secret") == title


def test_commands_speak_spanish_unless_asked() -> None:
    """English stands in the code."""
    assert say("expected a file to write to. Received: x.json, which is a folder.") == (
        "se esperaba un archivo en el que escribir. Recibido: x.json, que es una carpeta."
    )
    flag = "it exceeds 98.9% on test images, which no model of its kind reaches"
    assert say(flag).startswith("supera el 98,9\N{NO-BREAK SPACE}% en las imágenes de prueba, y ningún modelo")
    assert say(find("cifar10").advice).startswith(
        "Consíguelo con `python -m data fetch cifar10`. Sin conexión: descarga https:"
    )
    with speaking("en"):
        assert say("wrote x.json") == "wrote x.json"


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
