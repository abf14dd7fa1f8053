"""Does a submission cost the same in a large class? Time and memory of classes of distinct notebooks, as a picture.

    python -m benchmarks.curve 20 200 2000 10000 --json curve.json --svg docs/pictures/curve.svg

Every notebook is a right one of 02 with something of its own in it, so that nothing is graded by an earlier report.
Processor time counts everything that the command starts; memory is looked at twice a second: of the command itself,
and of the largest process that grades.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.course.assignments import ROOT
from autograder.course.notebooks import write_notebook
from autograder.course.sample import build_notebook
from benchmarks.measuring import measured

NAME = "02_convolucion"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line a class, and write what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.curve", description=__doc__)
    parser.add_argument("sizes", nargs="+", type=int)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--json", type=Path, metavar="F")
    parser.add_argument("--svg", type=Path, metavar="F")
    options = parser.parse_args(arguments)
    rows = []
    for size in options.sizes:
        rows.append(grade_class(size, options.jobs))
        print(rows[-1], flush=True)
        if options.json is not None:
            options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    if options.svg is not None:
        options.svg.write_text(picture(rows), encoding="utf-8")
    return 0


def grade_class(size: int, jobs: int) -> dict[str, Any]:
    """Grade a class of so many distinct notebooks and return what a submission cost."""
    answers = (ROOT / f"tests/submissions/{NAME}/perfect_vectorised.py").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(size):
            notebook = build_notebook(NAME, f"{answers}\n# %% append\nown_number = {number}\n")
            write_notebook(notebook, Path(folder) / f"submitted/s{number:05}/{NAME}/{NAME}.ipynb")
        environment = {**os.environ, "XDG_CACHE_HOME": f"{folder}/cache"}
        command = [sys.executable, "-m", "autograder", "grade", f"{folder}/submitted", "--fresh", "--jobs", str(jobs)]
        watch = Watch(f"{folder}/submitted")
        watch.start()
        spent = measured(command, ROOT, environment)
        watch.ended.set()
        watch.join()
    return {
        "submissions": size,
        "wall": round(spent.wall / size, 4),
        "cpu": round(spent.cpu / size, 4),
        "command_mb": watch.command >> 20,
        "largest_mb": watch.largest >> 20,
        "load": round(os.getloadavg()[0], 1),
    }


class Watch(threading.Thread):
    """Notes the most memory that the command, and the largest of its grading processes, ever had.

    Parameters
    ----------
    marker : str
        What stands in the command line of the command alone.
    """

    def __init__(self, marker: str) -> None:
        super().__init__(daemon=True)
        self.marker = marker.encode()
        self.ended = threading.Event()
        self.command = self.largest = 0

    def run(self) -> None:
        """Look twice a second until the command has ended."""
        while not self.ended.wait(0.5):
            parents, sizes, commands = {}, {}, set()
            for entry in Path("/proc").iterdir():
                if not entry.name.isdigit():
                    continue
                try:
                    words = (entry / "cmdline").read_bytes()
                    parents[entry.name] = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                    resident = int((entry / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
                except (OSError, ValueError, IndexError):
                    continue
                if self.marker in words and b"autograder\0grade" in words:
                    commands.add(entry.name)
                    self.command = max(self.command, resident)
                elif b"autograder.grading.preload" in words:
                    sizes[entry.name] = resident
            ours = [size for name, size in sizes.items() if {parents[name], parents.get(parents[name])} & commands]
            self.largest = max([self.largest, *ours])


def picture(rows: Sequence[dict[str, Any]]) -> str:
    """Return three curves over the size of the class, each from zero to a little above its largest value."""
    panels = (
        ("cpu", "CPU seconds a submission", "#0b6e99"),
        ("command_mb", "the command, MB", "#7a4b00"),
        ("largest_mb", "largest grading process, MB", "#4b2e83"),
    )
    width, height, left, top = 250, 150, 45, 40
    parts = []
    for place, (key, title, colour) in enumerate(panels):
        values = [row[key] for row in rows]
        most = max(values) * 1.25 or 1
        x0 = left + place * (width + 60)
        across = [x0 + width * number / max(1, len(rows) - 1) for number in range(len(rows))]
        points = [(x, top + height * (1 - value / most)) for x, value in zip(across, values)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<text x="{x0}" y="{top - 14}" font-weight="bold">{title}</text>')
        parts.append(f'<path d="M{x0},{top} V{top + height} H{x0 + width}" fill="none" stroke="#777"/>')
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for (x, y), value, row in zip(points, values, rows):
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
            parts.append(f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle">{value:g}</text>')
            label = f"{row['submissions']:,}"
            parts.append(f'<text x="{x:.1f}" y="{top + height + 18}" text-anchor="middle">{label}</text>')
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + 3 * (width + 60)} {top + height + 40}" '
        f'font-family="sans-serif" font-size="12">\n<title>Cost and memory by the size of the class</title>\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n'
    )


if __name__ == "__main__":
    sys.exit(main())
