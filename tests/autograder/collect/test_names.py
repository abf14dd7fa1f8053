"""Names that must never be written, and those that must."""

from __future__ import annotations

import pytest

from autograder.collect.names import UnsafeName, collision_key, is_junk, safe_parts


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("02_convolucion.ipynb", ("02_convolucion.ipynb",)),
        ("tp/./models//cnn.keras", ("tp", "models", "cnn.keras")),
        (r"tp\models\cnn.keras", ("tp", "models", "cnn.keras")),
        ("mañana 1/señal (1).png", ("mañana 1", "señal (1).png")),
        ("...a/..b", ("...a", "..b")),
    ],
)
def test_names_that_students_give_are_kept(name: str, parts: tuple[str, ...]) -> None:
    """Spaces, accents, both separators."""
    assert safe_parts(name) == parts


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../evil.ipynb", "leads out of its folder"),
        ("a/b/../../../evil", "leads out of its folder"),
        (r"..\..\evil", "leads out of its folder"),
        ("/etc/passwd", "absolute"),
        (r"\\server\share", "absolute"),
        ("C:\\Windows\\evil.dll", "absolute"),
        ("c:evil", "absolute"),
        ("a/b:stream", "characters"),
        ("a\nb", "characters"),
        ("a\x00b", "characters"),
        ("a\x1b[31mb", "characters"),
        ("\udcff.ipynb", "characters"),
        ("", "no name"),
        ("./.", "no name"),
        ("a/" * 21 + "b", "too deep"),
        ("ñ" * 128, "too long"),
        ("a" * 1025, "too long"),
        ("-rf", "hyphen"),
        ("a./b", "dot or space"),
        ("models /cnn.keras", "dot or space"),
    ],
)
def test_names_that_could_harm_are_refused(name: str, reason: str) -> None:
    """Each with its reason."""
    with pytest.raises(UnsafeName, match=reason):
        safe_parts(name)


@pytest.mark.parametrize(
    "name",
    [
        ".git/hooks/post-checkout",
        "tp/.GIT/config",
        "a/.g\u200cit/config",
        ".ipynb_checkpoints/a-checkpoint.ipynb",
        "__MACOSX/._a.ipynb",
        "._02_convolucion.ipynb",
        "tp/.DS_Store",
        "Thumbs.db",
    ],
)
def test_what_tools_leave_behind_is_no_submission(name: str) -> None:
    """Nor a repository that git would run hooks of."""
    assert is_junk(safe_parts(name))


def test_what_students_hand_in_is_not_junk() -> None:
    """Names that only look like it."""
    assert not any(is_junk(safe_parts(name)) for name in (".gitignore", "git/a", ".github/workflows/a.yml", "_a.png"))


def test_names_that_are_one_file_somewhere_have_one_key() -> None:
    """Upper and lower case; the two ways to write an accent; the German sharp s."""
    assert len({collision_key((name,)) for name in ("Ñandú", "ñANDÚ", "n\u0303andu\u0301")}) == 1
    assert collision_key(("straße",)) == collision_key(("STRASSE",))
    assert collision_key(("a", "b")) != collision_key(("a", "c"))
