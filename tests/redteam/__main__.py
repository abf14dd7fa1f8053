"""``python -m tests.redteam``: run the hostile class; the last line holds what was counted."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.helpers.long_run import Progress, state_folder
from tests.redteam.budgets import measure_budgets, measure_neighbours
from tests.redteam.fuzzing import fuzz
from tests.redteam.hostile_class import Counts, grade_class
from tests.redteam.interruptions import kill_and_resume, two_at_once
from tests.redteam.nbgrader_class import autograde_class

PARTS = ("class", "nbgrader", "fuzz", "kill", "two", "budgets")


def main() -> int:
    """Run the parts that were asked for and return 1 if anything happened that must not."""
    parser = argparse.ArgumentParser(prog="python -m tests.redteam", description="Run the hostile class.")
    parser.add_argument("--sample", action="store_true", help="a few of each kind: minutes instead of an hour")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; may be given several times")
    parser.add_argument("--seed", type=int, default=7, help="chooses the sample, the mutants and the moments")
    parser.add_argument("--mutants", type=int, help="default: 6000; with --sample 300")
    parser.add_argument("--kills", type=int, help="default: 100; with --sample 3")
    parser.add_argument("--jobs", type=int, default=2, help="submissions graded at the same time; default: 2")
    parser.add_argument("--folder", type=Path, help="where what is done is kept; default: in the user's cache folder")
    options = parser.parse_args()
    chosen = options.only or PARTS
    mutants = options.mutants or (300 if options.sample else 6000)
    kills = options.kills or (3 if options.sample else 100)
    progress = Progress(options.folder or state_folder(options.sample, options.seed, mutants, kills))
    print(f"Every piece that is done is kept in {progress.folder}: run the same command again to go on.", flush=True)
    counts, problems = Counts(), []
    for part in chosen:
        if part == "budgets" and options.sample and not options.only:
            continue
        started = time.perf_counter()
        if part == "class":
            counts += _told(grade_class(progress, options.seed, 10 if options.sample else None, options.jobs))
        elif part == "nbgrader":
            counts += _told(autograde_class(progress))
        elif part == "fuzz":
            problems += fuzz(progress, options.seed, mutants)
        elif part == "budgets":
            problems += measure_budgets(progress, options.jobs) + measure_neighbours(progress)
        elif part == "kill":
            problems += kill_and_resume(progress, options.seed, kills)
        else:
            problems += two_at_once(progress)
        print(f"{part}: {time.perf_counter() - started:.0f} s", flush=True)
    if options.folder is None and set(chosen) == set(PARTS):
        progress.end()
    for line in problems:
        print(f"! {line}")
    print(counts)
    return 1 if counts.undeserved or counts.changed or counts.silent or problems else 0


def _told(counts: Counts) -> Counts:
    """Print what a part of the class brought."""
    for line in [*counts.undeserved, *counts.changed, *counts.silent]:
        print(f"! {line}")
    print(counts, flush=True)
    return counts


if __name__ == "__main__":
    sys.exit(main())
