"""Grades a hostile class beside honest students, and counts what must not happen."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from autograder.course.assignments import ROOT
from autograder.course.sample import build_class, build_notebook
from tests.redteam import attacks, broken

__all__ = ["NAME", "Counts", "grade", "grade_class", "honest_class", "judge", "reports_of", "same"]

NAME = "02_convolucion"
HONEST = ("perfect_vectorised", "perfect_loops", "mistakes", "square_only")
_SAMPLES = ROOT / "tests" / "submissions" / NAME
_SECONDS = 3 * 3600


@dataclass
class Counts:
    """What a part of the hostile class brought.

    Parameters
    ----------
    attacks : int
        How many there were.
    undeserved, changed, silent : list of str
        Who earned what was not deserved, which neighbour's report changed, who got no verdict; with a few words.
    """

    attacks: int = 0
    undeserved: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    def __iadd__(self, other: Counts) -> Counts:
        self.attacks += other.attacks
        self.undeserved += other.undeserved
        self.changed += other.changed
        self.silent += other.silent
        return self

    def __str__(self) -> str:
        return (
            f"{self.attacks} attacks: {len(self.undeserved)} undeserved points, "
            f"{len(self.changed)} neighbours changed, {len(self.silent)} without verdict"
        )


def grade(place: Path, cache: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run ``grade`` on a folder, with a cache of its own and the reports in ``<cache>/reports.json``."""
    cache.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "autograder", "grade", str(place), "--json", str(cache / "reports.json"), *options]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "COLUMNS": "200"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_SECONDS)


def reports_of(cache: Path) -> dict[str, dict[str, Any]]:
    """Return the reports that `grade` wrote, by student."""
    content = json.loads((cache / "reports.json").read_text(encoding="utf-8"))
    return {report["submission"]: report for report in (content if isinstance(content, list) else [content])}


def same(first: dict[str, Any] | None, second: dict[str, Any] | None) -> bool:
    """Compare two reports, times aside."""

    def timeless(report: dict[str, Any]) -> dict[str, Any]:
        checks = [{**check, "seconds": 0} for check in report["checks"]]
        return {**report, "seconds": 0, "checks": checks}

    return first is not None and second is not None and timeless(first) == timeless(second)


def notebook_of(answers: str) -> dict[str, Any]:
    """Return a submission in percent format as a notebook."""
    notebook: dict[str, Any] = json.loads(nbformat.writes(build_notebook(NAME, answers)))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def honest_class(place: Path) -> list[Path]:
    """Hand in the honest students' notebooks."""
    handed_in = []
    for variant in HONEST:
        path = place / f"honest-{variant}" / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook_of((_SAMPLES / f"{variant}.py").read_text(encoding="utf-8"))))
        handed_in.append(path)
    return handed_in


def grade_class(folder: Path, seed: int, sample: int | None = None, jobs: int = 2) -> Counts:
    """Grade all attacks and broken notebooks beside the honest class.

    Parameters
    ----------
    folder : Path
        For the class and its reports.
    seed : int
        Chooses the sample.
    sample : int, optional
        Only so many attacks and so many broken notebooks.
    jobs : int
        As for ``grade``.
    """
    alone, place = folder / "alone", folder / "submitted"
    honest_class(alone)
    done = grade(alone, folder / "cache-alone", "--jobs", str(jobs))
    assert done.returncode == 0, done.stdout + done.stderr
    before = reports_of(folder / "cache-alone")
    neighbour = honest_class(place)[0]
    allowed = _lay_out(place, neighbour, random.Random(seed), sample)
    return judge(place, folder / "cache", before, allowed, jobs)


def judge(
    place: Path, cache: Path, before: dict[str, dict[str, Any]], allowed: dict[str, float], jobs: int = 2
) -> Counts:
    """Grade a class and count what must not happen.

    Parameters
    ----------
    place, cache : Path
        As for `grade`.
    before : dict
        The reports of the honest students, graded alone.
    allowed : dict
        The most points that each of the others may earn.
    jobs : int
        As for ``grade``.
    """
    done = grade(place, cache, "--assignment", NAME, "--jobs", str(jobs))
    counts = Counts(attacks=len(allowed))
    if not (cache / "reports.json").is_file():
        counts.silent = [f"the whole class: {done.stderr[-2000:]}"]
        return counts
    found = reports_of(cache)
    counts.changed = [name for name, report in before.items() if not same(report, found.get(name))]
    for name, most in allowed.items():
        report = found.get(name)
        told = any(f"/{name}" in line for line in done.stderr.splitlines() if line.startswith("not taken: "))
        if report is None and not told:
            counts.silent.append(f"{name}: neither a report nor named")
        elif report is not None and any(flag["kind"] == "grader-error" for flag in report["flags"]):
            counts.silent.append(f"{name}: {json.dumps(report['flags'])[:2000]}")
        elif report is not None and report["score"] is None and not report["flags"]:
            counts.silent.append(f"{name}: no grade and no reason")
        elif report is not None and (report["score"] or 0.0) > most:
            earned = [check["id"] for check in report["checks"] if check["score"]]
            counts.undeserved.append(f"{name}: {report['score']} of {most} deserved, {earned}")
    return counts


def _lay_out(place: Path, neighbour: Path, rng: random.Random, sample: int | None) -> dict[str, float]:
    """Hand in what is hostile or broken, and return the most points that each may earn."""
    right = notebook_of((_SAMPLES / "perfect_vectorised.py").read_text(encoding="utf-8"))
    empty = notebook_of((_SAMPLES / "empty.py").read_text(encoding="utf-8"))
    hostile = dict(attacks.attacks())
    odd = [(name, content, 10.0 if is_right else 0.0) for name, content, is_right in broken.notebooks(right, empty)]
    if sample is not None:
        hostile = {name: hostile[name] for name in rng.sample(list(hostile), sample)}
        odd = rng.sample(odd, sample)
    texts = place.parent / "answers" / NAME
    texts.mkdir(parents=True)
    for name, text in hostile.items():
        (texts / f"{name}.py").write_text(text, encoding="utf-8")
    build_class(texts.parent, place)
    allowed = dict.fromkeys(hostile, 0.0)
    for name, content, most in odd:
        path = place / name / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        allowed[name] = most
    for name, verdict in broken.places(place, right, NAME, neighbour).items():
        allowed[name] = 0.0 if verdict in ("none", "told") else 10.0
    return allowed
