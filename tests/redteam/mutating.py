"""Mutants of valid inputs: bytes that are flipped, cut, doubled and spliced, and trees with odd leaves."""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from typing import Any

__all__ = ["mutate_bytes", "mutate_tree"]

_TOKENS = (
    *(
        b"\0",
        b"\xff\xff\xff\xff",
        b"\x7f\xff\xff\xff",
        b"\x00\x00\x00\x80",
        b"PK\3\4",
        b"PK\5\6",
        b"PK\1\2",
        b"\x89HDF\r\n\x1a\n",
    ),
    *(
        b"'",
        b'"',
        b'"""',
        b",",
        b";",
        b"\t",
        b"\n",
        b"\r",
        b"[",
        b"{",
        b"}",
        b"\\ud800",
        b"\xed\xa0\x80",
        b"1e999",
        b"-1",
    ),
    *(b"null", b"NaN", b"../../x", b"=cmd()", b"\xfe\xff", b"\xef\xbb\xbf", b"9" * 400),
)
_LEAVES: tuple[Any, ...] = (
    *(None, True, -1, 0, 1 << 62, 10**400, 1e308, "", "x" * 10_000, "\ud800", "[/]", "../..", "__class__"),
    *([], {}, [[]], [None] * 1000, {"": {}}, {"list": [{"list": []}]}, {"array": 0}, {"array": -1}, {"model": {}}),
)


def mutate_bytes(seed: bytes, rng: random.Random, others: Sequence[bytes] = ()) -> bytes:
    """Return a mutant of ``seed``; parts of ``others`` may be spliced into it."""
    content = bytearray(seed)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        if not content:
            content += rng.randbytes(8)
        start = rng.randrange(len(content))
        stop = min(len(content), start + rng.choice((1, 2, 4, 16, 256)))
        kind = rng.randrange(8)
        if kind == 0:
            content[start] ^= 1 << rng.randrange(8)
        elif kind == 1:
            content[start:stop] = rng.randbytes(stop - start)
        elif kind == 2:
            del content[start:stop]
        elif kind == 3:
            content[start:start] = content[start:stop] * rng.choice((1, 2, 50))
        elif kind == 4:
            del content[start:]
        elif kind == 5:
            token = rng.choice(_TOKENS)
            content[start : start + len(token) * rng.randrange(2)] = token
        elif kind == 6:
            content[start:stop] = rng.choice((b"\0", b"\xff")) * (stop - start)
        elif others:
            other = rng.choice(others)
            cut = rng.randrange(len(other) + 1)
            content[start:] = other[cut:]
    return bytes(content)


def mutate_tree(seed: Any, rng: random.Random) -> Any:
    """Return a mutant of plain JSON data: leaves and branches replaced, doubled, removed, swapped."""
    tree = [copy.deepcopy(seed)]
    for _ in range(rng.choice((1, 1, 2, 4))):
        parent, key = rng.choice(_places(tree))
        kind = rng.randrange(5)
        if kind < 3:
            parent[key] = copy.deepcopy(rng.choice(_LEAVES))
        elif kind == 3:
            other, name = rng.choice(_places(tree))
            parent[key] = copy.deepcopy(other[name])
        elif isinstance(parent, dict):
            del parent[key]
        else:
            parent.insert(key, copy.deepcopy(parent[key]))
        if not tree:
            tree = [None]
    return tree[0]


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Return each place in a tree as its container and the key or index in it."""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting and len(found) < 5000:
        here = waiting.pop()
        for key in list(here) if isinstance(here, dict) else range(len(here)):
            found.append((here, key))
            if isinstance(here[key], (dict, list)):
                waiting.append(here[key])
    return found
