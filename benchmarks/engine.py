"""What the engine of a cluster takes of a submission's time: scheduler, worker and client, in CPU milliseconds each.

The worker answers at once, with the same report for everybody, so nothing is graded: what is left is packing, sending,
scheduling, reading and keeping. `docs/scale.md` reckons with the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from autograder.cluster.answer import Answer
from autograder.cluster.client import Cluster
from autograder.cluster.connection import configure
from autograder.cluster.machine import Question, here
from autograder.cluster.parcel import pack
from autograder.cluster.service import stay
from autograder.cluster.versions import our_versions
from autograder.course.assignments import ROOT, find_assignments
from autograder.grading.class_run import run_class
from autograder.intake.submissions import find_submissions
from autograder.report import Check, Report
from autograder.settings import Settings

ASSIGNMENT = "01_imagen_digital"


class _Machine:
    """Answers at once."""

    def __init__(self) -> None:
        self.name = f"quick-{os.getpid()}"
        self.versions = our_versions({ASSIGNMENT: find_assignments()[ASSIGNMENT]})
        message = "La imagen leída no es lo esperado: está en escala 0–1; los píxeles del archivo van de 0 a 255." * 2
        checks = [Check(f"c::test_{n}", "c", "Un título de una prueba.", "failed", 0, 1, message) for n in range(23)]
        self._report = Report(ASSIGNMENT, "", 0.0, 10.0, checks)

    def grade(self, question: Question, parcel: bytes, tell: Callable[[str], None]) -> Answer:
        return Answer("report", self._report, machine=self.name)

    def stop(self) -> None:
        """Nothing is running."""


async def _stay(address: str) -> None:
    machine = _Machine()
    with here(machine):  # type: ignore[arg-type]
        await stay(machine, address, [ASSIGNMENT], 8, None, _tell, stop=asyncio.Event())  # type: ignore[arg-type]


def _tell(line: str) -> None:
    print(line, flush=True)


def _hand_in(place: Path, count: int) -> None:
    """Hand in copies of the solution that differ in one line."""
    notebook = json.loads(find_assignments()[ASSIGNMENT].source.read_text(encoding="utf-8"))
    for number in range(count):
        folder = place / f"s{number:05}" / ASSIGNMENT
        folder.mkdir(parents=True)
        notebook["cells"][-1]["source"] = [f"number = {number}"]
        (folder / f"{ASSIGNMENT}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def _spent(processes: dict[str, int]) -> dict[str, float]:
    return {name: sum(psutil.Process(number).cpu_times()[:2]) for name, number in processes.items()}


def main() -> int:
    """Print one line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--worker", metavar="ADDRESS", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        configure()
        asyncio.run(_stay(options.worker))
        return 0
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        os.environ["XDG_CACHE_HOME"] = folder
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
        probe.close()
        address = f"tcp://127.0.0.1:{port}"
        _hand_in(Path(folder) / "submitted", options.count)
        command = [sys.executable, "-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"]
        command += ["--dashboard-address", ":0"]
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as scheduler:
            command = [sys.executable, "-m", "benchmarks.engine", "--worker", address]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
                while worker.stdout is not None and not worker.stdout.readline().endswith(f" {address}\n"):
                    pass
                _measure(Path(folder) / "submitted", address, {"scheduler": scheduler.pid, "worker": worker.pid})
                worker.kill()
            scheduler.kill()
    return 0


def _measure(place: Path, address: str, processes: dict[str, int]) -> None:
    assignments = {ASSIGNMENT: find_assignments()[ASSIGNMENT]}
    submissions = find_submissions([place], assignments)
    processes["client"] = os.getpid()
    before, started = _spent(processes), time.monotonic()
    run_class(submissions, assignments, Settings(), executor=Cluster(address))
    wall, after = time.monotonic() - started, _spent(processes)
    parts = [f"{name} {1000 * (after[name] - before[name]) / len(submissions):.1f} ms" for name in processes]
    size = len(pack(submissions[0], assignments[ASSIGNMENT]))
    print(f"{len(submissions)} submissions of {size:,} bytes in {wall:.1f} s; CPU for each: {', '.join(parts)}")


if __name__ == "__main__":
    sys.exit(main())
