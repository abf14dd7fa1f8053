"""Modules that are taken along, and the pins of what they need."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.assignments import ROOT
from autograder.course.requirements import pinned
from autograder.github.vendor import copy_modules, imported_libraries, imported_modules


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A repository in which ``p.a`` needs ``p.b`` at once, and ``p.c`` and ``p.d`` only later or not at all."""
    folder = tmp_path / "repo/p"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text('"""Many things."""\n\nfrom p.d import y\n')
    (folder / "a.py").write_text("import numpy as np\nfrom p import b\n\n\ndef f():\n    import p.c\n")
    (folder / "b.py").write_text("import os\nimport zmq.asyncio\nif False:\n    import p.c\n")
    (folder / "c.py").write_text("")
    (folder / "d.py").write_text("y = 1\n")
    return tmp_path / "repo"


def test_what_importing_a_module_imports_comes_along(package: Path) -> None:
    """Its packages, too, but not what they import."""
    assert list(imported_modules("p.a", package)) == ["p", "p.a", "p.b"]


def test_a_copy_is_as_it_was_but_for_the_imports_of_packages(package: Path, tmp_path: Path) -> None:
    """A package's module would ask for what does not come along."""
    copy_modules(imported_modules("p.a", package), tmp_path / "copy", package)
    assert (tmp_path / "copy/p/__init__.py").read_text() == '"""Many things."""\n'
    assert (tmp_path / "copy/p/a.py").read_bytes() == (package / "p/a.py").read_bytes()
    assert sorted(path.name for path in (tmp_path / "copy/p").iterdir()) == ["__init__.py", "a.py", "b.py"]


def test_libraries_are_what_is_neither_pythons_nor_ours(package: Path) -> None:
    """By their top-level names."""
    assert imported_libraries([(package / "p/a.py").read_text(), (package / "p/b.py").read_text()]) == {
        "numpy",
        "zmq",
        "p",
    }


def test_pins_hold_what_the_libraries_need() -> None:
    """All that is installed for a library is pinned, and nothing else is."""
    pins = pinned(["ipykernel", "Jupyter_Client"], (ROOT / "requirements.txt").read_text(encoding="utf-8"))
    names = {line.partition("==")[0] for line in pins}
    assert {"ipykernel", "jupyter-client", "ipython", "pyzmq", "traitlets", "parso"} <= names
    assert not {"numpy", "nbgrader", "tensorflow"} & names


def test_a_library_without_a_pin_is_an_error() -> None:
    """An unpinned one would make the environment another one every week."""
    with pytest.raises(ValueError, match="none for skynet"):
        pinned(["skynet"], "numpy==2\n")
