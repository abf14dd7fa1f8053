"""Texts that were put together before anybody asked for another language, found again by their templates.

A report holds what checks said in Spanish, an error what was wrong in English, with names and numbers already in it.
Catalogues (``locale/<language>.po``) hold such a text as it stands in the code, with a named placeholder for each part
that was filled in: ``expected one of {known}. Received: {received}``. `Phrases` finds the template that a text was made
from, says its parts, too, and puts them into the translation. What no template fits stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path

from autograder.language import catalogue, language

__all__ = ["Phrases", "fields", "say", "say_of_checks"]

_ROOT = Path(__file__).resolve().parents[2]
_FIELD = re.compile(r"\{(\w+)\}")
_CODE_OR_GAP = re.compile(r"`[^`\n]*`|(?<=[.?!:;»])[ ]+|\n+")
_CODE = re.compile(r"`[^`\n]*`")
_NEXT_SENTENCE = re.compile(r"[.?!] +[A-ZÁÉÍÓÚÑ¿¡]|\n")
_SPANISH_NUMBER = re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?(?:\s?%)?(?: \(±[\d.,]+\))?")
_ENGLISH_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?")
_QUOTED = {"received", "text", "value", "dumps", "name"}
"""Parts that are what somebody wrote: they stay as they were written."""
_FEWEST_LETTERS = 5
"""A template with fewer letters of its own would fit everything, unless it is a part of another one."""
_MOST_PIECES = 60
_DEEPEST = 4


def fields(template: str) -> list[str]:
    """Return the placeholders of a template, sorted.

    Examples
    --------
    >>> fields("expected {what}. Received: {received}")
    ['received', 'what']
    """
    return sorted(_FIELD.findall(template))


class Phrases:
    """Translations of templates.

    Parameters
    ----------
    translations : mapping of str to str
        The translation by the text as it stands in the code.

    Examples
    --------
    >>> phrases = Phrases({"Faltan {what}.": "Missing: {what}.", "las filas": "the rows", "Son 5.": "They are 5."})
    >>> phrases.say("Faltan las filas. Son 5.")
    'Missing: the rows. They are 5.'
    >>> phrases.say("Nadie lo tradujo.")
    'Nadie lo tradujo.'
    """

    def __init__(self, translations: Mapping[str, str]) -> None:
        self._exact = {text.strip(): said.strip() for text, said in translations.items()}
        self.say = lru_cache(maxsize=20_000)(self._say)

    @cached_property
    def _templates(self) -> list[tuple[str, str, bool]]:
        """Those with placeholders, the longest piece of their own text, and whether they hold little of it."""
        templates = [text for text in self._exact if _FIELD.search(text) and _own_letters(text) >= 2]
        templates = [text for text in templates if _own_letters(text) >= _FEWEST_LETTERS or not text.startswith("{")]
        # The one with most text of its own is the one that was meant.
        templates.sort(key=_own_letters, reverse=True)
        return [(text, _anchor(text), _own_letters(text) < _FEWEST_LETTERS) for text in templates]

    def _say(self, text: str, depth: int = 0) -> str:
        if not text.strip() or depth > _DEEPEST:
            return text
        if "\n" in text.strip() and text.strip() not in self._exact:
            # Lines were joined, each of them finished.
            return "\n".join(self._say(line, depth) for line in text.split("\n"))
        whole = self._whole(text, depth)
        if whole is not None:
            return whole
        pieces = self._by_pieces(text, depth)
        loose = self._whole(text, depth, loose=True) if pieces == text else None
        return pieces if loose is None else loose

    def _whole(self, text: str, depth: int, *, loose: bool = False) -> str | None:
        """Return what the whole of a text is called, or None if no template made it.

        A part that is filled in holds no end of a sentence with another one behind it, unless ``loose``.
        """
        core = text.strip()
        before, _, after = text.partition(core)
        # A capital may begin what stands inside a sentence elsewhere.
        lower = core[:1].lower() + core[1:]
        if core in self._exact and not _FIELD.search(core):
            return f"{before}{self._exact[core]}{after}"
        if lower in self._exact and not _FIELD.search(core):
            return f"{before}{_capital(self._exact[lower])}{after}"
        if f"{core}." in self._exact and not _FIELD.search(core):
            return f"{before}{self._exact[f'{core}.'].removesuffix('.')}{after}"
        for template, anchor, is_short in self._templates:
            if (anchor not in core and anchor not in lower) or (is_short and not depth):
                continue
            pattern = _pattern(template)
            match = pattern.fullmatch(core)
            inside = match is None and (match := pattern.fullmatch(lower)) is not None
            if match is None:
                continue
            filled = match.groupdict()
            # The last part may be as long as it likes, if nothing stands behind it.
            bounded = [_CODE.sub("", part) for name, part in filled.items() if is_short or match.end(name) < len(core)]
            if loose or not any(map(_NEXT_SENTENCE.search, bounded)):
                parts = {name: self._part(name, part, depth) for name, part in filled.items()}
                told = _FIELD.sub(lambda field: parts[field[1]], self._exact[template])  # noqa: B023
                return f"{before}{_capital(told) if inside else told}{after}"
        # What ends a sentence may have been added to it.
        inner = self._whole(core[:-1], depth, loose=loose) if len(core) > 1 and core[-1] in ".:;," else None
        return None if inner is None else f"{before}{inner}{core[-1]}{after}"

    def _part(self, name: str, text: str, depth: int) -> str:
        if _SPANISH_NUMBER.fullmatch(text) and language() == "en":
            return re.sub(r"\s%", "%", text.translate(str.maketrans(",.", ".,")))
        if _ENGLISH_NUMBER.fullmatch(text) and language() == "es" and name not in _QUOTED:
            return text.translate(str.maketrans(",.", ".,")).replace("%", "\N{NO-BREAK SPACE}%")
        return self._say(text, depth + 1)

    def _by_pieces(self, text: str, depth: int) -> str:
        """Say a text sentence by sentence: the longest run of pieces that is known, then what follows."""
        pieces = _pieces(text)
        if len(pieces) < 3 or len(pieces) > _MOST_PIECES:
            return text
        said, first = [], 0
        while first < len(pieces):
            for last in range(len(pieces), first, -1):
                run = "".join(pieces[first:last])
                found = self._whole(run, depth) if run.strip() and run != text else None
                if found is not None:
                    said.append(found)
                    first = last
                    break
            else:
                said.append(pieces[first])
                first += 1
        return "".join(said)


def say(text: str) -> str:
    """Return an English text for instructors in the language of the process."""
    return text if language() == "en" else _of_instructors(language()).say(text)


def say_of_checks(text: str, assignment: str = "") -> str:
    """Return a Spanish text of a report in the language of the process.

    Parameters
    ----------
    text : str
        A title, a message, or what a flag says.
    assignment : str
        Whose checks said it.
    """
    return text if language() == "es" else _of_checks(language(), assignment).say(text)


@cache
def _of_instructors(wanted: str) -> Phrases:
    return Phrases(_merged([_ROOT / "autograder", _ROOT / "data"], wanted))


@cache
def _of_checks(wanted: str, assignment: str) -> Phrases:
    folders = [_ROOT / "autograder", _ROOT / "data"]
    # A report may name any assignment: only a plain name is looked for.
    if re.fullmatch(r"\w+", assignment):
        folders.append(_ROOT / "tests" / "checks" / assignment)
    return Phrases(_merged(folders, wanted))


def _pieces(text: str) -> list[str]:
    """Return sentences and, between them, what separates them; code is one piece with what is around it."""
    pieces, start = [], 0
    for found in _CODE_OR_GAP.finditer(text):
        if not found[0].startswith("`"):
            pieces += [text[start : found.start()], found[0]]
            start = found.end()
    return [*pieces, text[start:]]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _merged(folders: Iterable[Path], wanted: str) -> dict[str, str]:
    """Return what the catalogues of a language in these folders say together."""
    paths = [path for folder in folders for path in sorted(folder.glob(f"**/locale/{wanted}.po"))]
    return {text: said for path in paths for text, said in catalogue(path).items()}


def _own_letters(template: str) -> int:
    return sum(map(str.isalpha, _FIELD.sub("", template)))


def _anchor(template: str) -> str:
    """Return the longest piece of a template's own text, which tells quickly where it cannot fit."""
    return max(re.split(r"\{\w+\}", template), key=len)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Return what fits the texts that a template makes: of hundreds, a command needs a few."""
    literals, seen = _FIELD.split(template), set[str]()
    parts = []
    for index, part in enumerate(literals):
        if index % 2 == 0:
            parts.append(re.escape(part))
            continue
        # Two parts with only a space between them: a number, or a sentence, and what follows.
        text = r"[\d.,]+|.*?[.?!]" if literals[index + 1] == " " and index + 2 < len(literals) else ".*?"
        # What is counted alone is a number.
        text = r"\d[\d.,]*" if part == "count" and literals[1::2] == ["count"] and index == 1 else text
        parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>{text})")
        seen.add(part)
    return re.compile("".join(parts), re.DOTALL)
