"""Runs that are killed at random moments and go on, and two runs at once: no report is lost, none is another's."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from autograder.course.assignments import ROOT
from tests.redteam.hostile_class import grade, honest_class, reports_of, same

__all__ = ["kill_and_resume", "two_at_once"]


def kill_and_resume(folder: Path, seed: int, kills: int) -> list[str]:
    """Kill a grading run with -9 at random moments, run it again each time, and compare with one that was let go.

    Every fifth kill begins anew, so that moments with nothing kept and moments with much of it both occur.

    Returns
    -------
    list of str
        What went wrong.
    """
    place, cache = folder / "submitted", folder / "cache"
    honest_class(place)
    started = time.perf_counter()
    grade(place, folder / "cache-alone", "--jobs", "2")
    whole = time.perf_counter() - started
    expected = reports_of(folder / "cache-alone")
    rng, problems = random.Random(seed), []
    for number in range(kills):
        if number % 5 == 0:
            cache = folder / f"cache-{number}"
            cache.mkdir()
        moment = rng.uniform(0, whole)
        command = [sys.executable, "-m", "autograder", "grade", str(place), "--json", str(cache / "reports.json")]
        environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if number % 5 == 4 or number == kills - 1:
            done = grade(place, cache, "--jobs", "2")
            found = reports_of(cache) if (cache / "reports.json").is_file() else {}
            lost = [name for name, report in expected.items() if not same(report, found.get(name))]
            if done.returncode or lost:
                problems.append(f"after kill {number + 1} at {moment:.1f} s: status {done.returncode}, lost {lost}")
    print(f"{kills} runs killed within {whole:.0f} s, then resumed: {len(problems)} problems", flush=True)
    return problems


def two_at_once(folder: Path) -> list[str]:
    """Let two runs grade one class at the same time, with one cache, into one file."""
    place, cache = folder / "submitted", folder / "cache"
    honest_class(place)
    grade(place, folder / "cache-alone", "--jobs", "2")
    cache.mkdir()
    command = [sys.executable, "-m", "autograder", "grade", str(place), "--json", str(cache / "reports.json")]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    runs = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(2)
    ]
    said = [run.communicate(timeout=1800)[0] for run in runs]
    expected, found = reports_of(folder / "cache-alone"), reports_of(cache)
    problems = [
        f"two at once: status {run.returncode}, {text[-500:]}" for run, text in zip(runs, said) if run.returncode
    ]
    problems += [f"two at once: {name} differs" for name in expected if not same(expected[name], found.get(name))]
    print(f"2 runs at once: {len(problems)} problems", flush=True)
    return problems
