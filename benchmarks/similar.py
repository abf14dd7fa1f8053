"""How well copied code is found, and how often honest pairs are flagged: this comparison and copydetect, on one set.

``python -m benchmarks.similar [--copydetect PYTHON]``; PYTHON is an interpreter that has copydetect (an environment of
its own: ``python -m venv DIR && DIR/bin/pip install copydetect``). Times are CPU seconds.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from functools import lru_cache
from pathlib import Path

import numpy as np

from autograder.course.assignments import ROOT, find_assignments
from autograder.similarity import code
from autograder.similarity.code import compare_code
from autograder.similarity.works import known_sources, usual_sources
from benchmarks.similar_answers import DISGUISES, disguise, honest_answer

ASSIGNMENT = "02_convolucion"
SAMPLES = ("perfect_loops", "perfect_scipy", "perfect_vectorised", "square_only", "mistakes")
TOLD = 600
"""The nearest pairs, whose scores are looked at; what is further away counts as 0."""
_COPYDETECT = """
import json, sys
from copydetect import CodeFingerprint, compare_files
files, jobs = json.load(sys.stdin)
prints = [CodeFingerprint(name, 25, 1) for name in files]
found = []
for one, two in jobs:
    _, similarities, _ = compare_files(prints[one], prints[two])
    found.append(max(similarities))
json.dump(found, sys.stdout)
"""


def main() -> int:
    """Print the tables of docs/similarity.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.similar", description=__doc__)
    parser.add_argument("--honest", type=int, default=150, help="how many honest answers")
    parser.add_argument("--each", type=int, default=4, help="how many disguises of each kind and sample")
    parser.add_argument("--copydetect", metavar="PYTHON", help="compare with copydetect, which this interpreter has")
    options = parser.parse_args()
    code.fragments = lru_cache(maxsize=None)(code.fragments)  # type: ignore[assignment]
    assignment = find_assignments()[ASSIGNMENT]
    known, usual = known_sources(assignment), usual_sources(assignment)
    samples = [_sample(name) for name in SAMPLES]
    works = [honest_answer(seed) for seed in range(options.honest)] + samples
    whole = compare_code(works, known, usual, keep=TOLD)
    honest = {(pair.first, pair.second): pair.score for pair in whole.pairs}
    pairs = [(one, two) for one in range(len(works)) for two in range(one + 1, len(works))]
    scores = np.array([honest.get(pair, 0.0) for pair in pairs])
    print(f"{len(works)} honest answers, {len(pairs)} pairs; threshold of this class {whole.threshold:.3f}")
    copies, kinds, places, found, flagged = [], [], [], [], []
    for kind in DISGUISES:
        for place, sample in enumerate(samples):
            for turn in range(options.each):
                copy = {cell: disguise(text, kind, 100 * turn + place) for cell, text in sample.items()}
                result = compare_code([*works, copy], known, usual, keep=TOLD)
                wanted = (options.honest + place, len(works))
                score = next((one.score for one in result.pairs if (one.first, one.second) == wanted), 0.0)
                copies.append(copy)
                kinds.append(kind)
                places.append(options.honest + place)
                found.append(score)
                flagged.append(score >= result.threshold)
    _table("this comparison", scores, np.array(found), kinds)
    print(
        f"flagged at the class's own threshold: {np.mean(flagged):.1%}; honest pairs flagged: "
        f"{int((scores >= whole.threshold).sum())} of {len(pairs)}"
    )
    if options.copydetect:
        copied = [(place, len(works) + number) for number, place in enumerate(places)]
        theirs = _copydetect(options.copydetect, [*works, *copies], pairs + copied)
        _table("copydetect", theirs[: len(pairs)], theirs[len(pairs) :], kinds)
    code.fragments.cache_clear()  # type: ignore[attr-defined]
    started = time.process_time()
    compare_code([honest_answer(seed) for seed in range(500)], known, usual)
    print(f"a class of 500: {time.process_time() - started:.1f} CPU seconds, notebooks already read")
    return 0


def _sample(name: str) -> dict[str, str]:
    text = (ROOT / "tests" / "submissions" / ASSIGNMENT / f"{name}.py").read_text(encoding="utf-8")
    _, *parts = re.split(r"^# %% *(.*?) *$", text, flags=re.MULTILINE)
    return {cell: source.strip() for cell, source in zip(parts[::2], parts[1::2], strict=True)}


def _table(name: str, honest: np.ndarray, copies: np.ndarray, kinds: list[str]) -> None:
    ordered = np.sort(honest)[::-1]
    print(f"\n{name}: share of {len(copies)} disguises found, by honest pairs above the line")
    for false in (0.02, 1e-2, 1e-3, 7e-4, 1e-4, 0.0):
        line = ordered[int(false * len(ordered))]
        print(f"  {false:7.2%}  line {line:.3f}  found {np.mean(copies > line):6.1%}")
    line = ordered[int(1e-4 * len(ordered))]
    for kind in dict.fromkeys(kinds):
        mine = np.array([one == kind for one in kinds])
        print(f"    {kind:28} {np.mean(copies[mine] > line):6.1%} found at one false pair in 10,000")


def _copydetect(python: str, works: list[dict[str, str]], pairs: list[tuple[int, int]]) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, work in enumerate(works):
            path = Path(folder) / f"{number:04}.py"
            path.write_text("\n\n".join(work.values()) + "\n", encoding="utf-8")
            files.append(str(path))
        done = subprocess.run(
            [python, "-c", _COPYDETECT], input=json.dumps([files, pairs]), capture_output=True, text=True, check=True
        )
    return np.array(json.loads(done.stdout))


if __name__ == "__main__":
    sys.exit(main())
