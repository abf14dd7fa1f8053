"""Where the cells of a notebook stand in its file: GitHub annotates lines, students think in cells."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator

__all__ = ["source_lines"]

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def source_lines(text: str) -> list[int]:
    r"""Return the line on which the source of each cell begins.

    Parameters
    ----------
    text : str
        The content of an ``.ipynb`` file of nbformat 4, however it is indented.

    Returns
    -------
    list of int
        Line numbers from 1 on, in the order of the cells: the line of the first piece of the source, or the first line
        of the cell where it has none. Empty if the text is no such notebook.

    Examples
    --------
    >>> source_lines('{"cells": [\n {"cell_type": "code",\n  "source": [\n   "x = 1"\n  ]}\n]}')
    [4]
    """
    try:
        return list(_lines(text))
    except (ValueError, IndexError, RecursionError):
        return []


def _lines(text: str) -> Iterator[int]:
    breaks = [found.start() for found in re.finditer("\n", text)]
    for key, place in _members(text, _skip(text, 1 if text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}") else 0)):
        if key != "cells":
            continue
        for cell in _elements(text, place):
            begins = cell
            for name, value in _members(text, cell):
                if name == "source":
                    begins = next(_elements(text, value), value) if text[value] == "[" else value
            yield bisect_right(breaks, begins) + 1


def _members(text: str, place: int) -> Iterator[tuple[str, int]]:
    """Yield the name of each member of the object at ``place``, and where its value begins."""
    if text[place] != "{":
        raise ValueError("expected an object")
    place = _skip(text, place + 1)
    while text[place] != "}":
        name, place = _DECODER.raw_decode(text, place)
        place = _skip(text, place)
        if text[place] != ":":
            raise ValueError("expected a colon")
        place = _skip(text, place + 1)
        yield name, place
        place = _next(text, place)


def _elements(text: str, place: int) -> Iterator[int]:
    """Yield where each element of the array at ``place`` begins."""
    if text[place] != "[":
        raise ValueError("expected an array")
    place = _skip(text, place + 1)
    while text[place] != "]":
        yield place
        place = _next(text, place)


def _next(text: str, place: int) -> int:
    """Return where what follows the value at ``place`` begins: the next one, or a closing bracket."""
    _, place = _DECODER.raw_decode(text, place)
    place = _skip(text, place)
    return _skip(text, place + 1) if text[place] == "," else place


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place
