"""Runs that are killed at random moments and go on, and two runs at once: no report is lost, none is another's."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from autograder.course.assignments import ROOT
from tests.helpers.long_run import Progress
from tests.redteam.hostile_class import difference, grade, grade_honest, honest_class, reports_of, same

__all__ = ["kill_and_resume", "two_at_once"]

GROUP = 5


def kill_and_resume(progress: Progress, seed: int, kills: int) -> list[str]:
    """Kill a grading run with -9 at random moments, run it again each time, and compare with one that was let go.

    Every `GROUP`th kill begins anew, so that moments with nothing kept and moments with much of it both occur.

    Returns
    -------
    list of str
        What went wrong.
    """
    expected, whole = progress.piece("kill-alone", grade_honest)
    problems: list[str] = []
    for first in range(0, kills, GROUP):
        moments = [random.Random(f"{seed}-{number}").uniform(0, whole) for number in range(first, kills)][:GROUP]
        title = f"kill-{first:03}-to-{first + len(moments) - 1:03}"
        problems += progress.piece(title, _killed, expected, moments)
    print(f"{kills} runs killed within {whole:.0f} s, then resumed: {len(problems)} problems", flush=True)
    return problems


def _killed(folder: Path, expected: dict[str, dict[str, Any]], moments: list[float]) -> list[str]:
    """Kill a run at these seconds one after the other, each going on where the one before was; then let it end."""
    place, cache = _new_class(folder)
    for moment in moments:
        process = _start(place, cache, subprocess.DEVNULL)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = grade(place, cache, "--jobs", "2")
    found = reports_of(cache) if (cache / "reports.json").is_file() else {}
    lost = [
        f"{name}: {difference(report, found.get(name))}"
        for name, report in expected.items()
        if not same(report, found.get(name))
    ]
    shown = ", ".join(f"{moment:.1f}" for moment in moments)
    return [f"killed after {shown} s: status {done.returncode}, lost {lost}"] if done.returncode or lost else []


def two_at_once(progress: Progress) -> list[str]:
    """Let two runs grade one class at the same time, with one cache, into one file."""
    expected, _ = progress.piece("two-alone", grade_honest)
    problems: list[str] = progress.piece("two", _both, expected)
    print(f"2 runs at once: {len(problems)} problems", flush=True)
    return problems


def _both(folder: Path, expected: dict[str, dict[str, Any]]) -> list[str]:
    place, cache = _new_class(folder)
    runs = [_start(place, cache, subprocess.PIPE) for _ in range(2)]
    said = [run.communicate(timeout=1800)[0] for run in runs]
    found = reports_of(cache)
    problems = [
        f"two at once: status {run.returncode}, {text[-500:]}" for run, text in zip(runs, said) if run.returncode
    ]
    return problems + [f"two at once: {name} differs" for name in expected if not same(expected[name], found.get(name))]


def _new_class(folder: Path) -> tuple[Path, Path]:
    """Return the folder of a class that nobody has graded, and that of its cache."""
    place, cache = folder / "submitted", folder / "cache"
    shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(cache, ignore_errors=True)
    honest_class(place)
    cache.mkdir()
    return place, cache


def _start(place: Path, cache: Path, told: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "autograder", "grade", str(place), "--json", str(cache / "reports.json")]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=told, stderr=subprocess.STDOUT, text=True)
