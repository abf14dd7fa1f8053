"""``python -m tests.same``: grade the sample class in every way on every Python; fail where points differ."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console

from autograder.course.assignments import ROOT, find_assignments
from data.registry import cache_folder
from tests.helpers.long_run import Progress, state_folder
from tests.same.pythons import CURRENT, VERSIONS, Unavailable, environment
from tests.same.repository import Points, Repository
from tests.same.table import Place, differences, to_table
from tests.same.ways import WAYS

SAMPLE = {"01_imagen_digital": ["mistakes"], "02_convolucion": ["crash", "mistakes"], "03_formulas": ["mistakes"]}
"""Submissions whose points are neither nothing nor all."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if any points differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.same", description=__doc__)
    parser.add_argument("--sample", action="store_true", help="four submissions on this Python: a few minutes")
    parser.add_argument("--assignment", action="append", metavar="A", help="only this one; may be given several times")
    parser.add_argument("--way", action="append", choices=WAYS, help="only this one; may be given several times")
    parser.add_argument("--python", action="append", choices=VERSIONS, help="default: all; with --sample this one")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="ways at the same time; default: 2")
    parser.add_argument("--folder", type=Path, help="where what is done is kept; default: in the user's cache folder")
    options = parser.parse_args(arguments)
    # What decides about points and is no part of the class: one secret, and the data that is here.
    os.environ["CNN_SECRET"] = "the same points everywhere"
    os.environ.setdefault("CNN_DATA", str(cache_folder()))
    parts = _parts(options.sample, options.assignment)
    pythons = _pythons(options.python or ([CURRENT] if options.sample else VERSIONS))
    progress = Progress(options.folder or state_folder(options.sample, room="same"))
    print(f"Every piece that is done is kept in {progress.folder}: run the same command again to go on.", flush=True)
    places = [Place(python, way) for python in pythons for way in WAYS if way in (options.way or WAYS)]
    pieces = [(place, part) for place in places for part in parts]
    started = time.perf_counter()

    def points(piece: tuple[Place, str]) -> Points:
        (python, way), part = piece
        name = f"{python}-{way.replace(' ', '-')}-{part}"
        made: Points = progress.piece(name, _graded, way, parts[part], pythons[python])
        return made

    found: dict[Place, Points] = {place: {} for place in places}
    with ThreadPoolExecutor(options.jobs) as pool:
        for (place, _), made in zip(pieces, pool.map(points, pieces)):
            found[place].update(made)
    if options.folder is None:
        progress.end()
    return show(found, time.perf_counter() - started)


def show(found: Mapping[Place, Points], seconds: float) -> int:
    """Print what was found; return 1 if any points differ or there is nothing to compare."""
    if len(found) < 2:
        print(f"expected two gradings or more to compare. Received: {len(found)}")
        return 1
    Console(width=max(150, Console().width)).print(to_table(found))
    wrong = differences(found)
    for line in wrong:
        print(f"! {line}")
    print(f"{sum(map(len, found.values()))} gradings in {seconds:.0f} s; {len(wrong)} differ.")
    return 1 if wrong else 0


def _graded(place: Path, way: str, chosen: Mapping[str, Collection[str]], python: str) -> Points:
    return WAYS[way](Repository(place / "repository", chosen, python))


def _parts(sample: bool, only: Sequence[str] | None) -> dict[str, dict[str, list[str]]]:
    """Return the submissions by assignment, in parts that are graded at once: each assignment, or all of the sample."""
    everything = {
        name: sorted(path.stem for path in (ROOT / "tests/submissions" / name).glob("*.py"))
        for name in find_assignments()
    }
    found = SAMPLE if sample else everything
    chosen = {name: variants for name, variants in found.items() if name in (only or found) and variants}
    return {"sample": chosen} if sample else {name: {name: variants} for name, variants in chosen.items()}


def _pythons(versions: Sequence[str]) -> dict[str, str]:
    """Return interpreters by version; say of which there is none, and why."""
    found = {}
    for version in versions:
        try:
            found[version] = environment(version)
        except Unavailable as error:
            print(f"Python {version} is left out: {error}", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
