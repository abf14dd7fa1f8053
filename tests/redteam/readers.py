"""What the trusted process reads, each as a function of bytes, and valid ones to begin with."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograder.checking.replies import open_reply
from autograder.collect.zips import Archive
from autograder.course.assignments import find_assignments
from autograder.course.roster_file import read_roster
from autograder.course.versions import course_notebooks
from autograder.feedback.shown import shown_notebook
from autograder.intake.belonging import choose_assignment
from autograder.intake.notebook import read_submission
from autograder.intake.restore import answering, restore
from autograder.worker.wire import encode
from tests.redteam.hostile_class import NAME, notebook_of

__all__ = ["KINDS", "notebook_seed", "reader_of", "seeds_of", "wire_values"]

Read = Callable[[bytes], str]


def notebook_seed() -> dict[str, Any]:
    """Return a small submission."""
    return notebook_of('"""."""\n# %% conv2d\ndef conv2d(image, kernel): return image\n')


def wire_values() -> list[Any]:
    """Return values of every kind that crosses."""
    values = [1, "ñ", [1.5, None], {"a": (1, 2)}, np.arange(6.0).reshape(2, 3), [np.eye(2), np.uint8([1])], 10**30]
    return [*values, values]


def seeds_of(kind: str) -> list[bytes]:
    """Return valid inputs of a kind."""
    return _SEEDS[kind]()


def reader_of(kind: str, folder: Path) -> Read:
    """Return what reads an input of a kind as the grader would, files below ``folder``; it returns a word about it.

    What is refused raises an `AutograderError`.
    """
    return _READERS[kind](folder)


def _notebook_seeds() -> list[bytes]:
    old = {"cell_type": "code", "language": "python", "input": "x = 1", "outputs": [], "metadata": {}}
    versions = [{"nbformat": 3, "metadata": {}, "worksheets": [{"cells": [old]}]}, {"nbformat": 2, "worksheets": []}]
    return [json.dumps(document).encode() for document in (notebook_seed(), *versions)]


def _notebook(folder: Path) -> Read:
    known = find_assignments()
    released = course_notebooks(known[NAME])[1]

    def read(content: bytes) -> str:
        (folder / "mutant.ipynb").write_bytes(content)
        cells, notebook = read_submission(folder / "mutant.ipynb")
        choose_assignment(NAME, cells, known)
        steps = restore(answering(cells, released), released)
        shown_notebook(notebook, released, {}, {})
        return "read" if steps else "read, nothing to run"

    return read


def _wire_seeds() -> list[bytes]:
    seeds = []
    for value in wire_values():
        tree, buffers = encode(value)
        seeds.append(b"\0".join([json.dumps({"status": "ok", "value": tree}).encode(), *buffers[:1]]))
    return seeds


def _wire(folder: Path) -> Read:
    def read(content: bytes) -> str:
        text, _, buffer = content.partition(b"\0")
        try:
            reply = json.loads(text)
        except (ValueError, RecursionError):
            return "no JSON"
        open_reply("conv2d", reply, [bytearray(buffer)] if buffer else [])
        return "opened"

    return read


def _roster_seeds() -> list[bytes]:
    text = "id,first_name,last_name,email,github\nana,Ana,Muñoz Pérez,ana@uni.example,ana-m\nluz,Luz,Paz,,luzp\n"
    semicolons = text.replace(",", ";").encode("cp1252")
    return [text.encode(), semicolons, text.encode("utf-16"), b"sep=,\r\n" + text.encode()]


def _roster(folder: Path) -> Read:
    def read(content: bytes) -> str:
        (folder / "mutant.csv").write_bytes(content)
        read_roster(folder / "mutant.csv")
        return "read"

    return read


def _zip_seeds() -> list[bytes]:
    seeds = []
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", compression) as file:
            for number in range(4):
                file.writestr(f"Ñandú Ángel_{number}_assignsubmission_file_/02_convolucion.ipynb", "{}" * 200)
        seeds.append(stream.getvalue())
    return seeds


def _zip(folder: Path) -> Read:
    def read(content: bytes) -> str:
        (folder / "mutant.zip").write_bytes(content)
        with Archive(folder / "mutant.zip", 1000) as archive:
            for member in archive.members:
                if member.problem:
                    continue
                reader = archive.read(member)
                for _, _chunk in zip(range(64), reader):
                    pass
                reader.close()
        return "read"

    return read


_SEEDS = {"notebook": _notebook_seeds, "wire": _wire_seeds, "roster": _roster_seeds, "zip": _zip_seeds}
_READERS = {"notebook": _notebook, "wire": _wire, "roster": _roster, "zip": _zip}
KINDS = tuple(_READERS)
