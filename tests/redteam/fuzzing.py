"""Mutants of what the trusted process reads: each ends in a value or a refusal, soon, and never in a fault of ours.

Each kind of input is read in a process of its own with a limit on memory, so that a crash or an endless loop is seen
and costs one mutant. A saved model is read where students' code runs, so a process that dies while *reading* one is the
student's; what was read is rebuilt in the grader, where nothing may go wrong.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.checking.replies import open_reply
from autograder.errors import AutograderError
from autograder.worker.wire import encode
from tests.helpers import hostile_models
from tests.helpers.long_run import Progress
from tests.redteam.mutating import mutate_bytes, mutate_tree
from tests.redteam.readers import notebook_seed, reader_of, seeds_of, wire_values

__all__ = ["fuzz"]

SHARES = {"notebook": 0.25, "wire": 0.25, "roster": 0.15, "zip": 0.15, "keras": 0.1, "hdf5": 0.1}
GROUP = 250
"""How many mutants are a piece: what was tried is not lost when a long run is stopped."""
_SECONDS = 20.0
_STARTING = 300.0
_PATIENCE = 10
_MEMORY = 6 << 30

Try = Callable[[random.Random, Callable[[str], None]], str]


def fuzz(progress: Progress, seed: int, mutants: int) -> list[str]:
    """Try so many mutants and return what went wrong, each with what makes it again."""
    problems: list[str] = []
    total = 0
    for kind, share in SHARES.items():
        count = round(mutants * share)
        outcomes: Counter[str] = Counter()
        for first in range(0, count, GROUP):
            last = min(first + GROUP, count)
            tried, found = progress.piece(
                f"fuzz-{kind}-{first:04}-to-{last - 1:04}", _fuzz_kind, kind, seed, first, last
            )
            outcomes.update(tried)
            problems += found
        total += count
        shown = ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items()))
        print(f"{kind}: {count} mutants: {shown}", flush=True)
    print(f"{total} mutants: {len(problems)} faults of the grader", flush=True)
    return problems


def _fuzz_kind(folder: Path, kind: str, seed: int, first: int, last: int) -> tuple[Counter[str], list[str]]:
    """Try the mutants from ``first`` to before ``last``."""
    outcomes: Counter[str] = Counter()
    problems: list[str] = []
    context = multiprocessing.get_context("spawn")
    number = first
    while number < last:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(theirs, kind, str(folder), seed, number, last), daemon=True)
        process.start()
        theirs.close()
        stage = "start"
        while number < last:
            # The first message comes once everything is imported.
            what, text = _hear(ours, process, _STARTING if stage == "start" else _SECONDS)
            if what == "ended":
                problems += _unless_reading(kind, stage, seed, number, text, outcomes)
                number += 1
                break
            if what == "stage":
                stage = text
                continue
            outcomes["faults" if what == "fault" else text] += 1
            if what == "fault":
                problems.append(f"{kind}, seed {seed}, mutant {number}: {text}")
            number += 1
        process.kill()
        process.join()
        ours.close()
    return outcomes, problems


def _hear(pipe: Any, process: Any, seconds: float) -> tuple[str, str]:
    """Return the next message, or ``("ended", why)``.

    A machine that is busy is no fault of what is tried: processor time counts, and a multiple of it on the clock.
    """
    before, started = _processor_seconds(process.pid), time.monotonic()
    while not pipe.poll(1.0):
        if _processor_seconds(process.pid) - before > seconds:
            return "ended", f"no end after {seconds:.0f} s of processor time"
        if time.monotonic() - started > _PATIENCE * seconds:
            return "ended", f"no end after {_PATIENCE * seconds:.0f} s"
    try:
        what, text = pipe.recv()
    except (EOFError, OSError):
        process.join(10)
        return "ended", f"died ({process.exitcode})"
    return what, text


def _processor_seconds(process: int) -> float:
    """Return the processor time of a process, of all of its threads."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _unless_reading(kind: str, stage: str, seed: int, number: int, said: str, outcomes: Counter[str]) -> list[str]:
    if stage == "reading a model":
        outcomes["ended in the worker"] += 1
        return []
    outcomes["faults"] += 1
    return [f"{kind}, seed {seed}, mutant {number}, {stage}: {said}"]


def _work(pipe: Any, kind: str, folder: str, seed: int, first: int, count: int) -> None:
    """Try the mutants from ``first`` on: the life of one process."""
    warnings.simplefilter("ignore")
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    place = Path(folder) / kind
    place.mkdir(exist_ok=True)
    attempt = _TRIES[kind](place)
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY if kind in ("keras", "hdf5") else _MEMORY,) * 2)
    pipe.send(("stage", "ready"))
    for number in range(first, count):
        rng = random.Random(f"{seed}-{kind}-{number}")
        try:
            pipe.send(("outcome", attempt(rng, lambda stage: pipe.send(("stage", stage)))))
        except AutograderError as error:
            pipe.send(("outcome", f"refused ({type(error).__name__})"))
        except BaseException:
            pipe.send(("fault", traceback.format_exc()[-1500:]))


def _notebooks(folder: Path) -> Try:
    seed, content, read = notebook_seed(), seeds_of("notebook")[0], reader_of("notebook", folder)

    def attempt(rng: random.Random, stage: Callable[[str], None]) -> str:
        if rng.random() < 0.5:
            return read(json.dumps(mutate_tree(seed, rng)).encode())
        return read(mutate_bytes(content, rng, [content]))

    return attempt


def _wire(folder: Path) -> Try:
    seeds = [encode(value) for value in wire_values()]

    def attempt(rng: random.Random, stage: Callable[[str], None]) -> str:
        tree, buffers = rng.choice(seeds)
        reply: Any = {"status": "ok", "value": tree}
        if rng.random() < 0.7:
            reply = mutate_tree(reply, rng)
        if rng.random() < 0.6:
            buffers = [mutate_bytes(part, rng, buffers) for part in buffers]
        open_reply("conv2d", reply, buffers)
        return "opened"

    return attempt


def _plainly(kind: str) -> Callable[[Path], Try]:
    """Return what tries mutants of the bytes of this kind of file."""

    def trying(folder: Path) -> Try:
        seeds, read = seeds_of(kind), reader_of(kind, folder)
        return lambda rng, stage: read(mutate_bytes(rng.choice(seeds), rng, seeds))

    return trying


def _models(folder: Path, weights_only: bool) -> Try:
    from autograder.models.rebuild import rebuild
    from autograder.worker.model_file import read_model
    from autograder.worker.wire import ModelParts

    path = folder / "mutant.keras"
    hostile_models.write(path)
    whole = path.read_bytes()
    config = hostile_models.sequential(*hostile_models.honest_layers())
    weights = hostile_models.weights_file()
    # TensorFlow takes its time the first time.
    honest = read_model(path)
    assert isinstance(honest, ModelParts)
    rebuild(honest)

    def attempt(rng: random.Random, stage: Callable[[str], None]) -> str:
        if weights_only:
            hostile_models.write(path, weights=mutate_bytes(weights, rng, [weights]))
        elif rng.random() < 0.6:
            hostile_models.write(path, json.dumps(mutate_tree(config, rng)))
        else:
            path.write_bytes(mutate_bytes(whole, rng, [whole]))
        stage("reading a model")
        try:
            parts = read_model(path)
        except Exception as error:
            return f"raised in the worker ({type(error).__name__})"
        if not isinstance(parts, ModelParts):
            return f"refused ({parts['kind']})"
        stage("rebuilding a model")
        rebuild(parts)
        return "rebuilt"

    return attempt


_TRIES: dict[str, Callable[[Path], Try]] = {
    "notebook": _notebooks,
    "wire": _wire,
    "roster": _plainly("roster"),
    "zip": _plainly("zip"),
    "keras": lambda folder: _models(folder, False),
    "hdf5": lambda folder: _models(folder, True),
}
