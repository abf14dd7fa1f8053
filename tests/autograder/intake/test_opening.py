"""Opening what students hand in."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from autograder.intake.opening import NotHandedIn, open_handed_in
from autograder.sandbox.launch import pack


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    """With and without the folder above it."""
    (tmp_path / "models").mkdir()
    path = tmp_path / "models/cnn.keras"
    path.write_bytes(b"zip")
    for folder in (None, tmp_path):
        with open_handed_in(path, folder) as file:
            assert file.read() == b"zip"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("link", "es un enlace"),
        ("loop", "es un enlace"),
        ("dangling", "es un enlace"),
        ("pipe", "no es un archivo común"),
        ("folder", "no es un archivo común"),
        ("socket", "no es un archivo común"),
        ("device", "es un enlace"),
        ("nothing", "No such file"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, kind: str, said: str) -> None:
    """At once, and with the reason; what a link leads to is never read."""
    (tmp_path / "ana.ipynb").write_text("{}")
    path = tmp_path / "luz.ipynb"
    makers = {
        "link": lambda: path.symlink_to("ana.ipynb"),
        "loop": lambda: path.symlink_to("luz.ipynb"),
        "dangling": lambda: path.symlink_to("nobody.ipynb"),
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
        "socket": lambda: os.mknod(path, stat.S_IFSOCK | 0o600),
        "device": lambda: path.symlink_to("/dev/zero"),
        "nothing": lambda: None,
    }
    makers[kind]()
    with pytest.raises(NotHandedIn, match=said):
        open_handed_in(path)


def test_a_linked_folder_above_is_refused(tmp_path: Path) -> None:
    """The file in it is regular, and a neighbour's."""
    (tmp_path / "ana").mkdir()
    (tmp_path / "ana/tp.ipynb").write_text("{}")
    (tmp_path / "luz").mkdir()
    (tmp_path / "luz/02").symlink_to("../ana")
    with pytest.raises(NotHandedIn, match="es un enlace"):
        open_handed_in(tmp_path / "luz/02/tp.ipynb", tmp_path / "luz")


def test_links_are_not_packed(tmp_path: Path) -> None:
    """Whoever put one into a list of files gets an archive without it."""
    (tmp_path / "ana.png").write_bytes(b"png")
    (tmp_path / "luz.png").symlink_to("ana.png")
    with pack([("luz.png", tmp_path / "luz.png"), ("ana.png", tmp_path / "ana.png")]) as archive:
        content = archive.read()
    assert b"ana.png" in content
    assert b"luz.png" not in content
