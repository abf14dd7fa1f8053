"""Chooses whom an audit looks at: a random share that stays the same, and that nobody can foresee."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable

from autograder.errors import UsageError
from data.secret import secret_number

__all__ = ["chosen", "parse_share"]

_SHARE = re.compile(r"(\d{1,3}(?:[.,]\d{1,6})?)\s*%|(0?[.,]\d{1,6}|[01](?:[.,]0+)?)")


def parse_share(text: str) -> float:
    """Return a share of a class: ``10%``, ``0.1``.

    Raises
    ------
    UsageError
        It is none, or not above 0 and at most 1.

    Examples
    --------
    >>> parse_share("10%"), parse_share("2,5 %"), parse_share("0.1"), parse_share("1")
    (0.1, 0.025, 0.1, 1.0)
    """
    found = _SHARE.fullmatch(text.strip())
    share = 0.0
    if found:
        share = float((found[1] or found[2]).replace(",", ".")) / (100 if found[1] else 1)
    if not 0 < share <= 1:
        raise UsageError(f"expected a share of the class, above 0 and at most 100%, such as 10%. Received: {text}")
    return share


def chosen(names: Iterable[tuple[str, str]], share: float, seed: str = "") -> set[tuple[str, str]]:
    """Return the ``(assignment, submission)`` that an audit looks at: of each assignment its share, rounded up.

    Who hands in later changes nothing for those who are there, as far as the number allows. The order follows from the
    secret of this grader, so that nobody can tell beforehand, and from ``seed``: another one chooses others.
    """
    secret = secret_number().to_bytes(32, "little")

    def order(name: tuple[str, str]) -> bytes:
        return hashlib.sha256(secret + "\0".join((seed, *name)).encode(errors="surrogateescape")).digest()

    by_assignment: dict[str, list[tuple[str, str]]] = {}
    for name in set(names):
        by_assignment.setdefault(name[0], []).append(name)
    # What is a whole number but for the last digits of a product is that number.
    return {
        name
        for found in by_assignment.values()
        for name in sorted(found, key=order)[: math.ceil(round(share * len(found), 6))]
    }
