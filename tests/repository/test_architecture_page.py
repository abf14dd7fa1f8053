"""The picture of the rooms is made from the imports that the code has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.assignments import ROOT
from tools import draw_rooms


def test_the_picture_is_up_to_date() -> None:
    """Else: ``python tools/draw_rooms.py``."""
    done = subprocess.run([sys.executable, "tools/draw_rooms.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_page_names_every_room() -> None:
    """And the rooms of a submission's way in their order."""
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    assert [room for room in draw_rooms.rooms() if f"`{room}`" not in page] == []
    numbered = [
        line.split("`")[1] for line in page.splitlines() if line[:3] == "| " + line[2:3] and line[2:3].isdigit()
    ]
    assert numbered == draw_rooms.WAY


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Three rooms: ``a`` imports ``b`` and ``c``, ``b`` imports ``c`` inside a function, and somebody else's ``c``."""
    code = {
        "autograder/a/__init__.py": "from autograder.b.x import y\nfrom autograder import c\n",
        "autograder/b/__init__.py": "def f():\n    import autograder.c\n",
        "autograder/c/__init__.py": "import c\nfrom autograder.errors import E\n",
        "data/__init__.py": "",
    }
    for name, text in code.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_imports_are_those_of_the_code(house: Path) -> None:
    """Inside functions, too; a library that is called like a room is none."""
    graph = draw_rooms.imports(house)
    assert graph == {"a": {"b", "c"}, "b": {"c"}, "c": set(), "data": set()}
    assert draw_rooms.floors(graph) == {"a": 2, "b": 1, "c": 0, "data": 0}
    assert draw_rooms.shown(graph)["a"] == {"b"}


def test_a_circle_is_told(house: Path) -> None:
    """With its rooms."""
    (house / "autograder/c/__init__.py").write_text("import autograder.a\n")
    with pytest.raises(ValueError, match="Received: a → b → c → a"):
        draw_rooms.floors(draw_rooms.imports(house))
