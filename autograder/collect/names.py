"""What files from a student may be called when they are written to disk here."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from autograder.course.encodings import best_decoding

__all__ = ["UnsafeName", "collision_key", "decoded", "is_junk", "safe_parts"]

MAX_DEPTH = 20
MAX_PART = 255
MAX_NAME = 1024

_JUNK = {".git", ".ipynb_checkpoints", "__macosx", "__pycache__", ".ds_store", "thumbs.db", "desktop.ini"}


class UnsafeName(ValueError):
    """A name that must not be written; ``str(error)`` says why, as the end of a sentence."""


def safe_parts(name: str) -> tuple[str, ...]:
    r"""Return the parts of a relative path that stays inside its folder on every system.

    Parameters
    ----------
    name : str
        As an archive or a repository has it; ``/`` and ``\`` separate.

    Raises
    ------
    UnsafeName
        The path is absolute, leads upwards, is too long or deep, or holds characters that no file name should.

    Examples
    --------
    >>> safe_parts("tp/./02_convolucion.ipynb"), safe_parts(r"models\cnn.keras")
    (('tp', '02_convolucion.ipynb'), ('models', 'cnn.keras'))
    """
    if len(name) > MAX_NAME:
        raise UnsafeName("its name is too long")
    path = name.replace("\\", "/")
    if path.startswith("/") or (len(path) > 1 and path[1] == ":"):
        raise UnsafeName("its path is absolute")
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if ".." in parts:
        raise UnsafeName("its path leads out of its folder")
    if not parts:
        raise UnsafeName("it has no name")
    if len(parts) > MAX_DEPTH:
        raise UnsafeName("its path is too deep")
    for part in parts:
        if ":" in part or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in part):
            raise UnsafeName("its name holds characters that are not allowed in one")
        if len(part.encode("utf-8")) > MAX_PART:
            raise UnsafeName("its name is too long")
        if part != part.rstrip(". ") or part[0] == "-":
            # Windows drops a dot or space at the end; a hyphen first is an option to many programs.
            raise UnsafeName("its name begins with a hyphen or ends in a dot or space")
    return parts


def decoded(names: Sequence[bytes]) -> list[str]:
    """Return the names of one archive or folder as text, each accent in one letter.

    Parameters
    ----------
    names : sequence of bytes
        In UTF-8, or all of the others in one encoding: Windows packs archives in CP850 and does not say so, macOS
        writes UTF-8 without the mark that it is, and every accent apart from its letter.
    """
    texts = []
    for name in names:
        try:
            texts.append(name.decode("utf-8"))
        except UnicodeDecodeError:
            texts.append("")
    others = b"\n".join(name for name, text in zip(names, texts) if name and not text)
    _, encoding = best_decoding(others, "cp850")
    return [
        unicodedata.normalize("NFC", text if text or not name else name.decode(encoding or "cp850"))
        for name, text in zip(names, texts)
    ]


def is_junk(parts: tuple[str, ...]) -> bool:
    """Tell whether a file is what tools leave behind: nobody hands it in on purpose, and git would run a ``.git``."""
    # HFS+ ignores some invisible characters in names: `.g\u200cit` opens `.git` there.
    visible = ("".join(letter for letter in part if unicodedata.category(letter) != "Cf") for part in parts)
    return any(part.casefold() in _JUNK or part.startswith("._") for part in visible)


def collision_key(parts: tuple[str, ...]) -> str:
    """Return what two names have in common that are one file on some system: case and the way accents are spelt."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", "/".join(parts)).casefold())
