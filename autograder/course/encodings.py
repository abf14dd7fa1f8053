"""Tells in which of the encodings of old a text is, by what people are called: no file says it itself.

Spreadsheets write Windows-1252 or Mac Roman, the command line of Windows and its zip archives CP850. Each reads the
others' bytes without complaint, and makes ``Mu–oz`` or ``Mu§oz`` of ``Muñoz``.
"""

from __future__ import annotations

__all__ = ["best_decoding", "decode_file"]

# In this order where nothing tells them apart.
_ENCODINGS = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman", "cp850": "CP850"}
_SPANISH = frozenset("áéíóúüñÁÉÍÓÚÜÑºª")
_NEIGHBOURS = frozenset("çàèòïãõâêôÇÀÈÒÏÃÕÂÊÔ")
_SIGNS = {"’": 0.5, "°": 1.0, "–": 2.0, "—": 2.0, "“": 2.0, "”": 2.0, "…": 2.0, "€": 2.0}
_LATIN = frozenset(map(chr, range(0xC0, 0x180))) - frozenset("×÷")
_UNLIKELY = 4.0


def decode_file(content: bytes) -> tuple[str, str]:
    """Return the text of a file, and the name of the encoding if it had to be guessed and is not Windows-1252.

    UTF-8 and UTF-16 are recognised, with or without a byte order mark.

    Raises
    ------
    ValueError
        It is none of these, as the end of a sentence.
    """
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16"), ""
        if content[1::2].count(0) > len(content) // 4:
            return content.decode("utf-16-le"), ""
        if content[::2].count(0) > len(content) // 4:
            return content.decode("utf-16-be"), ""
    except UnicodeDecodeError as error:
        raise ValueError(f"it looks like UTF-16, but its byte {error.start} is not") from error
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        text, encoding = best_decoding(content)
        if not text or any(_cost(text, place) >= _UNLIKELY for place in _beyond_ascii(text)):
            line = content.count(b"\n", 0, error.start) + 1
            raise ValueError(
                f"line {line} holds the byte 0x{content[error.start]:02X}, which is a letter of names neither in UTF-8 "
                f"nor in {', '.join(_ENCODINGS.values())}; save the file as CSV UTF-8"
            ) from error
        return text, "" if encoding == "cp1252" else _ENCODINGS[encoding]


def best_decoding(content: bytes, usual: str = "cp1252") -> tuple[str, str]:
    """Return the text in the encoding in which it looks most like names, and the encoding; ``("", "")`` if none.

    Parameters
    ----------
    content : bytes
    usual : str
        Which encoding it is where nothing tells: ``cp1252``, ``mac_roman`` or ``cp850``.

    Examples
    --------
    >>> best_decoding(b"Mu\\x96oz"), best_decoding(b"Mu\\xa4oz"), best_decoding(b"Mu\\xf1oz")
    (('Muñoz', 'mac_roman'), ('Muñoz', 'cp850'), ('Muñoz', 'cp1252'))
    """
    found = []
    for encoding in sorted(_ENCODINGS, key=lambda name: name != usual):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        found.append((sum(_cost(text, place) for place in _beyond_ascii(text)), text, encoding))
    _, text, encoding = min(found, key=lambda item: item[0], default=(0.0, "", ""))
    return text, encoding


def _beyond_ascii(text: str) -> list[int]:
    return [place for place, letter in enumerate(text) if letter > "\x7f"]


def _cost(text: str, place: int) -> float:
    """Return how unlikely a letter is where it stands."""
    letter, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if letter not in _LATIN and letter not in _SPANISH:
        return _SIGNS.get(letter, _UNLIKELY)
    cost = 0.0 if letter in _SPANISH else 0.25 if letter in _NEIGHBOURS else 1.0
    if letter.isupper() and before.islower():
        cost += 3
    if letter.isupper() and before.isalpha() and after.islower():
        cost += 2
    if letter.islower() and before.isupper() and after.isupper():
        cost += 3
    if letter.islower() and not before.isalpha():
        cost += 0.5
    return cost
