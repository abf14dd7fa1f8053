"""How the benchmarks measure, and how they prepare notebooks for nbgrader's own steps."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from autograder.course.kernel_line import without_kernel_line
from autograder.course.notebooks import read_notebook, write_notebook

__all__ = ["busy_seconds", "measure", "run", "show_public_asserts_only"]


def show_public_asserts_only(path: Path) -> None:
    """Take the hidden lines out of a source notebook: nbgrader then judges by what students see."""
    notebook = read_notebook(path)
    for cell in notebook.cells:
        cell.source = without_kernel_line(cell.source)
    write_notebook(notebook, path)


def measure(name: str, command: list[str], folder: Path, environment: dict[str, str], copies: int) -> None:
    """Run a command and print its wall time and the CPU time of the whole machine meanwhile."""
    before, started = busy_seconds(), time.perf_counter()
    run(command, folder, environment)
    wall, cpu = time.perf_counter() - started, busy_seconds() - before
    print(
        f"{name:20} {copies} submissions: {wall:6.1f} s wall, {cpu:6.1f} s CPU; "
        f"each {wall / copies:5.2f} s wall, {cpu / copies:5.2f} s CPU",
        flush=True,
    )


def busy_seconds() -> float:
    """Return the seconds that all cores together have worked since the machine started."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    user, nice, system = fields[:3]
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    """Run a command, silently unless it fails."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
