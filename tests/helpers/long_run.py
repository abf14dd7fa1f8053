"""What a long run has done already, kept piece by piece: one that was stopped, or killed, goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.course.assignments import ROOT
from autograder.grading import kept

__all__ = ["Progress", "state_folder"]

_CODE = ("autograder", "data", "tests/helpers", "tests/checks", "tests/submissions", "source")


class Progress:
    """Results of pieces below a folder.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def piece(self, name: str, make: Callable[..., Any], *arguments: Any) -> Any:
        """Return the result of a piece, plain JSON data: the one that is kept, or what ``make`` returns.

        ``make`` is called with a folder of the piece's own and ``arguments``. The folder is removed afterwards; what an
        earlier run that was stopped left there is still in it.
        """
        file, place = self.folder / f"{name}.json", self.folder / name
        if file.is_file():
            return json.loads(file.read_text(encoding="utf-8"))["result"]
        place.mkdir(exist_ok=True)
        started = time.perf_counter()
        result = make(place, *arguments)
        part = file.with_suffix(".part")
        part.write_text(json.dumps({"result": result}), encoding="utf-8")
        os.replace(part, file)
        print(f"{name}: done in {time.perf_counter() - started:.0f} s", flush=True)
        self._forget(place)
        return result

    def end(self) -> None:
        """Remove everything: the next run begins anew."""
        self._forget(self.folder)

    @staticmethod
    def _forget(place: Path) -> None:
        shutil.rmtree(place, ignore_errors=True)


def state_folder(*options: object, room: str = "redteam") -> Path:
    """Return where a run of ``tests/<room>`` keeps its pieces; another one once anything that it tests has changed."""
    total = hashlib.sha256(repr(options).encode())
    for part in (*_CODE, f"tests/{room}"):
        for path in sorted((ROOT / part).rglob("*")):
            if path.is_file() and path.suffix in (".py", ".txt", ".ipynb", ".json"):
                total.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return kept.folder().parent / f"{room}-{total.hexdigest()[:16]}"
