"""Grade a class of copies of one correct notebook, with this grader and with ``nbgrader autograde``, in the same run.

Both grade the notebook of the source folder as every student's submission. nbgrader runs the asserts that the notebook
shows; this grader asks its hidden checks. Wall time is that of the command. CPU time is that of the whole
machine meanwhile, since workers are no descendants of the command: run it where nothing else runs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.assignments import ROOT, find_assignments


def main() -> int:
    """Print one line per grader."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--assignment", default="02_convolucion")
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--without-nbgrader", action="store_true")
    options = parser.parse_args()
    source = find_assignments()[options.assignment].source.parent
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        shutil.copytree(source, course / "source" / options.assignment)
        for number in range(options.copies):
            shutil.copytree(source, course / "submitted" / f"student{number:02}" / options.assignment)
        environment = {
            **os.environ,
            "XDG_CACHE_HOME": str(course / "cache"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        ours = [sys.executable, "-m", "autograder", "grade", str(course / "submitted"), "--fresh"]
        theirs = [sys.executable, "-m", "nbgrader"]
        _measure("autograder grade", ours, ROOT, environment, options.copies)
        if not options.without_nbgrader:
            _run([*theirs, "generate_assignment", options.assignment, "--create"], course, environment)
            _measure(
                "nbgrader autograde",
                [*theirs, "autograde", options.assignment, "--create"],
                course,
                environment,
                options.copies,
            )
    return 0


def _measure(name: str, command: list[str], folder: Path, environment: dict[str, str], copies: int) -> None:
    before, started = _busy_seconds(), time.perf_counter()
    _run(command, folder, environment)
    wall, cpu = time.perf_counter() - started, _busy_seconds() - before
    print(
        f"{name:20} {copies} submissions: {wall:6.1f} s wall, {cpu:6.1f} s CPU; "
        f"each {wall / copies:5.2f} s wall, {cpu / copies:5.2f} s CPU",
        flush=True,
    )


def _busy_seconds() -> float:
    """Return the seconds that all cores together have worked since the machine started."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    user, nice, system = fields[:3]
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
