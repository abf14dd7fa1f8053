"""How the benchmarks measure: wall time, and the processor time of everything that a command starts."""

from __future__ import annotations

import contextlib
import functools
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.kernel_line import without_kernel_line
from autograder.course.notebooks import read_notebook, write_notebook

__all__ = ["Spent", "busy_seconds", "measure", "measured", "run", "show_public_asserts_only", "spread"]

_GROUPS = ((Path("/sys/fs/cgroup/cpuacct"), "cpuacct.usage", 1e9), (Path("/sys/fs/cgroup"), "cpu.stat", 1e6))
"""Where control groups count processor time, in which file and in which parts of a second: versions 1 and 2."""


@dataclass(frozen=True)
class Spent:
    """What a command took.

    Parameters
    ----------
    wall, cpu : float
        Seconds; processor time is that of the command and of all that it started.
    """

    wall: float
    cpu: float


def show_public_asserts_only(path: Path) -> None:
    """Take the hidden lines out of a source notebook: nbgrader then judges by what students see."""
    notebook = read_notebook(path)
    for cell in notebook.cells:
        cell.source = without_kernel_line(cell.source)
    write_notebook(notebook, path)


def measure(name: str, command: list[str], folder: Path, environment: dict[str, str], copies: int) -> None:
    """Run a command and print what it took."""
    spent = measured(command, folder, environment)
    print(
        f"{name:20} {copies} submissions: {spent.wall:6.1f} s wall, {spent.cpu:6.1f} s CPU; "
        f"each {spent.wall / copies:5.2f} s wall, {spent.cpu / copies:5.2f} s CPU",
        flush=True,
    )


def measured(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Spent:
    """Run a command, silently unless it fails, and return what it took.

    Its processor time is that of a control group, where this machine lets us make one: workers are no descendants of
    the command whose time the system would add up. Elsewhere it is that of the whole machine meanwhile.
    """
    with _counting() as (enter, seconds):
        before, started = seconds(), time.perf_counter()
        run(command, folder, environment, enter)
        wall = time.perf_counter() - started
        return Spent(wall, seconds() - before)


@contextlib.contextmanager
def _counting() -> Iterator[tuple[Callable[[], None] | None, Callable[[], float]]]:
    """Yield what a process calls so that it is counted, and what returns the seconds that were."""
    for parent, usage, unit in _GROUPS:
        group = parent / f"benchmarks-{os.getpid()}"
        if not (parent / usage).is_file() and not (parent / "cgroup.procs").is_file():
            continue
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            yield functools.partial(_enter, group), functools.partial(_used, group / usage, unit)
        finally:
            # What the command started ends a moment after it.
            for _ in range(50):
                with contextlib.suppress(OSError):
                    group.rmdir()
                    break
                time.sleep(0.1)
        return
    yield None, busy_seconds


def _enter(group: Path) -> None:
    """Let this process and all that it starts be counted."""
    (group / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")


def _used(file: Path, unit: float) -> float:
    """Return the seconds in ``cpuacct.usage`` (a number) or ``cpu.stat`` (it begins with ``usage_usec``)."""
    return int(file.read_text(encoding="ascii").removeprefix("usage_usec").split()[0]) / unit


def busy_seconds() -> float:
    """Return the seconds that all cores together have worked since the machine started."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    user, nice, system = fields[:3]
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], first: Callable[[], None] | None = None
) -> None:
    """Run a command, silently unless it fails; ``first`` is called in its process."""
    done = subprocess.run(command, cwd=folder, env=dict(environment), capture_output=True, text=True, preexec_fn=first)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def spread(values: Sequence[float]) -> str:
    """Return the median of some values, with the least and the most if there are several.

    >>> spread([3.0, 1.0, 2.0]), spread([1.25])
    ('2.00 (1.00–3.00)', '1.25')
    """
    middle = f"{statistics.median(values):.2f}"
    return f"{middle} ({min(values):.2f}–{max(values):.2f})" if len(values) > 1 else middle
