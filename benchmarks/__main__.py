"""Grade fixed classes with this grader, ``nbgrader autograde`` and otter-grader 7, side by side, several times.

A class is copies of the correct notebook of an assignment. nbgrader and otter run the asserts that the notebook shows;
this grader asks its hidden checks, several times as many. Every run grades the class with each of them in turn, so
that whatever else the machine does falls on all; the table shows medians with the least and the most. Processor time
counts everything that a command starts. otter-grader is installed on first use, into an environment of its own.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.course.assignments import ROOT, find_assignments
from autograder.settings import kept_folder
from benchmarks import rivals
from benchmarks.measuring import Spent, spread

CLASSES = ("01_imagen_digital", "02_convolucion", "03_formulas")
GRADERS = ("autograder", "with pages", "nbgrader", "otter")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table, and write what was measured as JSON if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--assignment", nargs="*", default=["02_convolucion"], help=f"the fixed ones: {CLASSES}")
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--graders", nargs="*", choices=GRADERS, default=list(GRADERS))
    parser.add_argument(
        "--otter", type=Path, default=kept_folder("otter-grader"), help="where otter-grader is or gets installed"
    )
    parser.add_argument("--json", type=Path, metavar="F")
    options = parser.parse_args(arguments)
    python = rivals.install_otter(options.otter) if "otter" in options.graders else None
    found: dict[str, Any] = {"machine": machine(python), "copies": options.copies, "runs": options.runs, "classes": {}}
    for name in options.assignment:
        spent: dict[str, list[Spent]] = {grader: [] for grader in options.graders}
        for _ in range(options.runs):
            for grader, took in _one_run(name, options.copies, options.graders, python).items():
                spent[grader].append(took)
        found["classes"][name] = {grader: [vars(took) for took in all_of_it] for grader, all_of_it in spent.items()}
    print(table(found))
    if options.json is not None:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def _one_run(name: str, copies: int, graders: Sequence[str], python: Path | None) -> dict[str, Spent]:
    """Grade one class with each grader, one after the other."""
    assignment = find_assignments()[name]
    spent = {}
    for grader in graders:
        with tempfile.TemporaryDirectory() as folder:
            course = Path(folder)
            environment = rivals.class_of_copies(course, assignment, copies)
            if grader == "nbgrader":
                spent[grader] = rivals.nbgrader(course, name, environment)
            elif grader == "otter" and python is not None:
                spent[grader] = rivals.otter(course, assignment, python, environment)
            else:
                pages = ("--html", str(course / "html"), "--outputs", str(course / "outputs.json"))
                spent[grader] = rivals.ours(course, ROOT, environment, *(pages if grader == "with pages" else ()))
    return spent


def machine(python: Path | None) -> dict[str, Any]:
    """Return where and with what was measured."""
    versions = {name: importlib.metadata.version(name) for name in ("nbgrader", "ipykernel", "numpy")}
    if python is not None:
        code = "import importlib.metadata as m; print(m.version('otter-grader'))"
        versions["otter-grader"] = subprocess.check_output([python, "-c", code], text=True).strip()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **versions,
    }


def table(found: dict[str, Any]) -> str:
    """Return the table of what was measured, in Markdown.

    Ratios are of the same run, so that their spread is that of the graders and not of the machine.
    """
    about = found["machine"]
    lines = [
        ", ".join(f"{name} {value}" for name, value in about.items())
        + f"; {found['copies']} notebooks, {found['runs']} runs, seconds each",
        "",
        "| Class | Grader | Wall | CPU | Wall, times ours | CPU, times ours | Notebooks per second and core |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, graders in found["classes"].items():
        first = next(iter(graders.values()))
        for grader, spent in graders.items():
            wall, cpu = ([one[kind] / found["copies"] for one in spent] for kind in ("wall", "cpu"))
            times = [spread([one[kind] / own[kind] for one, own in zip(spent, first)]) for kind in ("wall", "cpu")]
            per_core = spread([1 / seconds for seconds in cpu])
            lines.append(f"| {name} | {grader} | {spread(wall)} | {spread(cpu)} | {' | '.join(times)} | {per_core} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
