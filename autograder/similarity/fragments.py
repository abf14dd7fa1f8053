"""Fragments of code that can be counted: winnowed runs of tokens, and whole expressions, each as a number.

Winnowing (Schleimer, Wilkerson, Aiken 2003) keeps of all runs of `RUN` tokens the least number in each window of
`WINDOW`, so that two texts that share `RUN` + `WINDOW` - 1 tokens share a fragment, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from zlib import crc32

from autograder.similarity.syntax import Statement, statements

__all__ = ["RUN", "WINDOW", "fragments"]

RUN = 16
WINDOW = 4
SMALLEST = 4
"""An expression of fewer tokens is everybody's."""


def fragments(source: str) -> dict[int, set[int]]:
    """Return for each fragment of a cell's code the lines, from 1, on which it stands."""
    lines: dict[int, set[int]] = {}
    found = statements(source)
    for _, block in groupby(sorted(found, key=lambda one: one.block), key=lambda one: one.block):
        _winnow(list(block), lines)
    for statement in found:
        span = range(statement.line, statement.last + 1)
        for part in {statement.tokens, *statement.parts}:
            if len(part) >= SMALLEST:
                lines.setdefault(_number(part, "e"), set()).update(span)
    return lines


def _winnow(block: Sequence[Statement], lines: dict[int, set[int]]) -> None:
    tokens = [word for statement in block for word in statement.tokens]
    places = [statement for statement in block for _ in statement.tokens]
    numbers = [_number(tokens[start : start + RUN], "r") for start in range(len(tokens) - RUN + 1)]
    for start in range(max(1, len(numbers) - WINDOW + 1) if numbers else 0):
        window = numbers[start : start + WINDOW]
        # The last of several equal ones, so that neighbouring windows choose the same.
        at = start + max(range(len(window)), key=lambda place: (-window[place], place))
        for statement in places[at : at + RUN]:
            lines.setdefault(numbers[at], set()).update(range(statement.line, statement.last + 1))


def _number(tokens: Sequence[str], kind: str) -> int:
    """Return a number for tokens in which names are numbered as they come: which is which stays, what they are not."""
    names: dict[str, str] = {}
    words = [names.setdefault(word, f"v{len(names)}") if word.startswith("v:") else word for word in tokens]
    text = "\0".join(words).encode("utf-8", "replace")
    return crc32(text, crc32(kind.encode())) << 32 | crc32(text[::-1])
