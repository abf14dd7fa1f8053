"""The language in which people read: catalogues of gettext, one per room, and one way to write numbers.

A text stands in the code in the language of its first readers, Spanish for students and English for instructors, and
is marked by the function that `texts_of` returns. ``<room>/locale/<language>.po`` holds what it is in another one.
Catalogues are read when they are first needed, so a clone needs no build step; a text that a catalogue lacks stays as
it is, and a test holds that none does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Literal

__all__ = [
    "LANGUAGES",
    "Language",
    "catalogue",
    "language",
    "language_called",
    "number",
    "percent",
    "set_language",
    "speaking",
    "texts_of",
]

Language = Literal["es", "en"]

LANGUAGES: tuple[Language, ...] = ("es", "en")
"""The first is the course's."""

_chosen: list[Language] = [LANGUAGES[0]]
_THIN = "\N{NO-BREAK SPACE}"


def language() -> Language:
    """Return the language in which this process speaks."""
    return _chosen[-1]


def language_called(name: str) -> Language:
    """Return the language of that name; the course's where there is none."""
    return next((known for known in LANGUAGES if known == name), LANGUAGES[0])


def set_language(wanted: Language) -> None:
    """Let this process speak a language from now on."""
    _chosen[-1] = wanted


@contextmanager
def speaking(wanted: Language) -> Iterator[None]:
    """Speak a language in the block."""
    _chosen.append(wanted)
    try:
        yield
    finally:
        _chosen.pop()


def texts_of(module: str) -> Callable[[str], str]:
    """Return the function that says a text of a module's room in the language of the process.

    Parameters
    ----------
    module : str
        ``__name__``: the catalogues lie beside it.

    Examples
    --------
    >>> _ = texts_of("autograder.render.text")
    >>> _("sin nota")
    'sin nota'
    """
    room = module.split(".")[1] if module.count(".") else ""
    folder = Path(__file__).parent / room / "locale"

    def say(text: str) -> str:
        return catalogue(folder / f"{language()}.po").get(text) or text

    return say


def number(value: float, digits: int | None = None) -> str:
    """Return a number as the language writes it.

    Parameters
    ----------
    value : float
    digits : int, optional
        How many decimals; without it at most two, and no zeros at the end.

    Examples
    --------
    >>> number(432650), number(3.75), number(10.0), number(0.5, 2)
    ('432.650', '3,75', '10', '0,50')
    >>> with speaking("en"):
    ...     number(432650), number(3.75)
    ('432,650', '3.75')
    """
    # Adding 0.0 turns the negative zero that rounding may leave into a plain one.
    text = f"{round(value, 2 if digits is None else digits) + 0.0:,.{2 if digits is None else digits}f}"
    if digits is None:
        text = text.rstrip("0").rstrip(".")
    return text if language() == "en" else text.translate(str.maketrans(",.", ".,"))


def counted(count: int, one: str, many: str = "") -> str:
    """Return how many there are, in English, for `autograder.render.phrases.say`.

    Parameters
    ----------
    count : int
    one, many : str
        What is counted; the second is the first with an s where it is not given.

    Examples
    --------
    >>> counted(1, "problem"), counted(2, "problem"), counted(0, "reply", "replies")
    ('1 problem', '2 problems', '0 replies')
    """
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def percent(share: float, digits: int = 0) -> str:
    """Return a share of 1 as percent.

    Examples
    --------
    >>> percent(0.987, 1).replace(chr(160), " ")
    '98,7 %'
    """
    return f"{number(100 * share, digits)}{'' if language() == 'en' else _THIN}%"


@cache
def catalogue(path: Path) -> dict[str, str]:
    """Return what a catalogue translates; nothing if there is none."""
    if not path.is_file():
        return {}
    # Only who reads another language waits for it; a student's repository needs it not.
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}
