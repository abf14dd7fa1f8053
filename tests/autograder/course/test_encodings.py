"""Texts that do not say in which encoding they are."""

from __future__ import annotations

import pytest

from autograder.course.encodings import best_decoding, decode_file

NAMES = (
    *(
        "Muñoz",
        "García",
        "Pérez",
        "López",
        "Raúl",
        "MUÑOZ",
        "GARCÍA",
        "PÉREZ",
        "LÓPEZ",
        "RAÚL",
        "Ángel",
        "ÁNGEL",
        "Ñandú",
    ),
    *("Güemes", "Última modificación", "Dirección de correo", "Íñigo", "Élida", "Óscar", "Úrsula", "José María Peña"),
)


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
@pytest.mark.parametrize("name", NAMES)
def test_a_single_spanish_word_tells_its_encoding(name: str, encoding: str) -> None:
    """Each of the three reads the others' bytes as other signs, which no name holds."""
    assert best_decoding(name.encode(encoding)) == (name, encoding)


@pytest.mark.parametrize(
    ("encoding", "guessed"),
    [
        *((name, "") for name in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")),
        ("mac_roman", "Mac Roman"),
        ("cp850", "CP850"),
    ],
)
def test_a_file_is_read_in_its_encoding(encoding: str, guessed: str) -> None:
    """And a rare one is named, so that somebody looks at the names."""
    text = "id,nombre\nana,Ana Muñoz Pérez\nang,Ángel Ñandú\n"
    assert decode_file(text.encode(encoding)) == (text, guessed)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id,na\xb3me\n", "line 1 holds the byte 0xB3"),
        (b"id,name\nana,Mu\x81\x8d\x8foz\n", "line 2 holds the byte 0x81"),
        ("id,name\n".encode("utf-16") + b"\x00\xd8x", "looks like UTF-16"),
    ],
)
def test_what_is_in_no_known_encoding_is_said_with_its_line(content: bytes, said: str) -> None:
    """Instead of names that nobody bears."""
    with pytest.raises(ValueError, match=said):
        decode_file(content)
