"""Grades a hostile class beside honest students, and counts what must not happen."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from autograder.course.assignments import ROOT
from autograder.course.sample import build_notebook
from tests.helpers.long_run import Progress
from tests.redteam import attacks, broken

__all__ = [
    "NAME",
    "Counts",
    "difference",
    "grade",
    "grade_class",
    "grade_honest",
    "honest_class",
    "judge",
    "reports_of",
    "same",
]

NAME = "02_convolucion"
HONEST = ("perfect_vectorised", "perfect_loops", "mistakes", "square_only")
_SAMPLES = ROOT / "tests" / "submissions" / NAME
_SECONDS = 3 * 3600

GROUP = 40
"""How many attacks are graded in one class: what was graded is not lost when a long run is stopped."""

_Hostile = tuple[bytes, float]


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
    """Compare two reports but for times and likenesses: most attacks are honest work, altered."""

    def timeless(report: dict[str, Any]) -> dict[str, Any]:
        checks = [{**check, "seconds": 0} for check in report["checks"]]
        flags = [flag for flag in report["flags"] if flag["kind"] != "similar-code"]
        return {**report, "seconds": 0, "checks": checks, "flags": flags}

    return first is not None and second is not None and timeless(first) == timeless(second)


def difference(first: dict[str, Any], second: dict[str, Any] | None) -> str:
    """Say in a few words what two reports of one submission tell differently."""
    if second is None:
        return "no report"
    other = {check["id"]: check for check in second["checks"]}
    checks = [
        f"{check['id']}: {check['message'] or check['status']} -> {now and (now['message'] or now['status'])}"
        for check in first["checks"]
        if (now := other.get(check["id"])) is None or {**now, "seconds": 0} != {**check, "seconds": 0}
    ]
    return f"{first['score']} -> {second['score']}, {second['flags']}, {'; '.join(checks)}"[:2000]


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


def grade_class(progress: Progress, seed: int, sample: int | None = None, jobs: int = 2) -> Counts:
    """Grade all attacks and broken notebooks beside the honest class, some `GROUP` of them at a time.

    Parameters
    ----------
    progress : Progress
    seed : int
        Chooses the sample.
    sample : int, optional
        Only so many attacks and so many broken notebooks.
    jobs : int
        As for ``grade``.
    """
    before = progress.piece("class-alone", grade_honest, jobs)[0]
    chosen = _chosen(random.Random(seed), sample)
    names = list(chosen)
    groups = [names[start : start + GROUP] for start in range(0, len(names), GROUP)]
    counts = Counts()
    for number, group in enumerate(groups, start=1):
        title = f"class-{number:02}-of-{len(groups):02}"
        found = progress.piece(
            title, _grade_group, before, {name: chosen[name] for name in group}, number == len(groups), jobs
        )
        counts += Counts(**found)
    return counts


def grade_honest(place: Path, jobs: int = 2) -> tuple[dict[str, dict[str, Any]], float]:
    """Grade the honest students alone; return their reports and how many seconds it took."""
    shutil.rmtree(place / "submitted", ignore_errors=True)
    honest_class(place / "submitted")
    shutil.rmtree(place / "cache", ignore_errors=True)
    started = time.perf_counter()
    done = grade(place / "submitted", place / "cache", "--jobs", str(jobs))
    assert done.returncode == 0, done.stdout + done.stderr
    return reports_of(place / "cache"), time.perf_counter() - started


def _grade_group(
    folder: Path, before: dict[str, dict[str, Any]], hostile: dict[str, _Hostile], odd_places: bool, jobs: int
) -> dict[str, Any]:
    place = folder / "submitted"
    shutil.rmtree(place, ignore_errors=True)
    neighbour = honest_class(place)[0]
    for name, (content, _) in hostile.items():
        path = place / name / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    allowed = {name: most for name, (_, most) in hostile.items()}
    if odd_places:
        right = notebook_of((_SAMPLES / "perfect_vectorised.py").read_text(encoding="utf-8"))
        for name, verdict in broken.places(place, right, NAME, neighbour).items():
            allowed[name] = 0.0 if verdict in ("none", "told") else 10.0
    return asdict(judge(place, folder / "cache", before, allowed, jobs))


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
    counts.changed = [
        f"{name}: {difference(report, found.get(name))}"
        for name, report in before.items()
        if not same(report, found.get(name))
    ]
    for name, most in allowed.items():
        report = found.get(name)
        told = any(f"/{name}" in line for line in done.stderr.splitlines() if line.startswith("no se tomó: "))
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


def _chosen(rng: random.Random, sample: int | None) -> dict[str, _Hostile]:
    """Return what is handed in, all or a sample: by name the bytes of the notebook and the most points it may earn."""
    right = notebook_of((_SAMPLES / "perfect_vectorised.py").read_text(encoding="utf-8"))
    empty = notebook_of((_SAMPLES / "empty.py").read_text(encoding="utf-8"))
    hostile = dict(attacks.attacks())
    odd = [(name, content, 10.0 if is_right else 0.0) for name, content, is_right in broken.notebooks(right, empty)]
    if sample is not None:
        hostile = {name: hostile[name] for name in rng.sample(list(hostile), sample)}
        odd = rng.sample(odd, sample)
    chosen = {name: (json.dumps(notebook_of(text)).encode(), 0.0) for name, text in hostile.items()}
    return {**chosen, **{name: (content, most) for name, content, most in odd}}
