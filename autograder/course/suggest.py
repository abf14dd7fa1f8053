"""What somebody may have meant who typed a name that there is not."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from autograder.errors import UsageError

__all__ = ["HINT", "near", "near_path", "unknown"]

HINT = " Did you mean {name}?"


def near(received: str, known: Iterable[str]) -> str:
    """Return a sentence with the nearest of the known names, or nothing.

    Examples
    --------
    >>> near("grad", ["grade", "lint"])
    ' Did you mean grade?'
    >>> near("02", ["01_imagen_digital", "02_convolucion"])
    ' Did you mean 02_convolucion?'
    >>> near("zzz", ["grade", "lint"])
    ''
    """
    names = list(known)
    found = get_close_matches(received, names, 1, 0.6)
    # Half of a long name is typed more often than a wrong letter.
    found = found or [name for name in names if received and name.casefold().startswith(received.casefold())]
    return HINT.format(name=found[0]) if found else ""


def near_path(path: Path) -> str:
    """Return a sentence with the file or folder beside a path that is called nearly so, or nothing."""
    try:
        beside = sorted(entry.name for entry in path.parent.iterdir())
    except OSError:
        return ""
    found = get_close_matches(path.name, beside, 1, 0.6)
    return HINT.format(name=path.parent / found[0]) if found else ""


def unknown(received: str, known: Iterable[str], otherwise: str = "no assignment") -> UsageError:
    """Return the error for a name that is none of the known ones: all of them, and the nearest."""
    names = list(known)
    return UsageError(f"expected one of {', '.join(names) or otherwise}. Received: {received}.{near(received, names)}")
