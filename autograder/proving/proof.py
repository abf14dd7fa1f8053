"""Proves the checks of an assignment: makes mutants and right variants, has them judged, and keeps what was found."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from autograder.checking.run import run_plugin
from autograder.course.assignments import ROOT, Assignment
from autograder.course.check_index import IndexedCheck, index_checks
from autograder.course.notebooks import read_notebook
from autograder.proving.cells import affected_names, belongs, names_used, solution_cells, working_cells
from autograder.proving.judge import Judge, Trial, Verdict
from autograder.proving.mutate import mutants_of
from autograder.proving.outcome import Proof
from autograder.proving.promises import load_promises
from autograder.proving.review import load_reviews
from autograder.proving.styles import Variant, read_styles, variants_of
from autograder.settings import kept_folder

__all__ = ["prove"]

STYLE_SHARE = 4
"""One in so many mutants of the further styles is graded; of the notebook's own solutions all are."""

_BASELINE = "baseline"
_PARTS = ("checking", "judging", "models", "proving", "worker")
"""The rooms on which a verdict hangs, besides the checks and the notebook."""


def prove(
    assignment: Assignment,
    *,
    jobs: int = 2,
    sample: int | None = None,
    fresh: bool = False,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Proof:
    """Prove the checks of one assignment.

    Parameters
    ----------
    assignment : Assignment
    jobs : int
        How many processes at once.
    sample : int, optional
        Only so many mutants and as many right variants, evenly drawn.
    fresh : bool
        Do again what an earlier run has done.
    on_progress : callable
        Takes how many trials are done, and of how many.

    Raises
    ------
    WorkerFault
        The checks could not be collected, or do not pass the notebook's own solution.
    """
    started = time.monotonic()
    notebook, folder = read_notebook(assignment.source), assignment.require_checks()
    cells, promises = working_cells(notebook), load_promises(folder)
    checks = {one.name: one for one in index_checks(folder)}
    own = {cell: _own_names(source, checks.values()) for cell, source in solution_cells(notebook).items()}
    own = {cell: names for cell, names in own.items() if names}
    styles = [Variant(cell, "solution", cells[cell]) for cell in own]
    styles += [style for style in read_styles(folder) if style.cell in own]
    mutants = {one.id: one for style in styles for one in mutants_of(style.cell, style.source, style.style)}
    mutants = {key: one for key, one in mutants.items() if one.style == "solution" or int(key, 16) % STYLE_SHARE == 0}
    variants = {_id(one): one for style in styles for one in variants_of(style, promises)}
    mutants, variants = _drawn(mutants, sample), _drawn(variants, sample)

    seconds = (10.0, 120.0) if assignment.needs_tensorflow else (3.0, 60.0)
    judge = partial(Judge, cells, promises=promises, belongs=belongs, jobs=jobs, call_seconds=seconds[0])
    judge = partial(judge, trial_seconds=seconds[1])
    verdicts: dict[str, Verdict] = {}
    every = tuple(name for name, one in checks.items() if any(_is_about(one, names) for names in own.values()))
    file = _kept(assignment)
    if file.is_file() and not fresh:
        verdicts = _load(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a" if verdicts else "w", encoding="utf-8") as kept:

        def keep(verdict: Verdict) -> None:
            verdicts[verdict.id] = verdict
            if not verdict.fault:
                kept.write(json.dumps(vars(verdict)) + "\n")
                kept.flush()

        def run(trials: Sequence[Trial]) -> None:
            todo = [trial for trial in trials if trial.id not in verdicts]
            done = len(trials) - len(todo)

            def told(verdict: Verdict) -> None:
                nonlocal done
                keep(verdict)
                done += 1
                on_progress(done, len(trials))

            on_progress(done, len(trials))
            if todo:
                run_plugin(assignment, judge(trials=todo, on_verdict=told))

        cell = next(iter(own))
        run([Trial(_BASELINE, cell, cells[cell], own[cell], every)])
        baseline = verdicts[_BASELINE]
        wanted = {cell: _dependent(affected_names(cells, cell), baseline.asked, checks) for cell in own}
        # What does not fit another style (a network made for other sizes) is no fault of that style's mutants.
        drawn = {(one.cell, one.style) for one in mutants.values()}
        used = {_style_id(one): one for one in styles if (one.cell, one.style) in drawn}
        run([Trial(key, one.cell, one.source, own[one.cell], wanted[one.cell]) for key, one in used.items()])
        fitting = {
            (one.cell, one.style): tuple(name for name in wanted[one.cell] if name not in verdicts[key].not_passed)
            for key, one in used.items()
        }
        trials = [
            Trial(key, one.cell, one.source, own[one.cell], fitting[one.cell, one.style])
            for key, one in mutants.items()
        ]
        # What a student builds on a function in his style he would write in that style, too: only its own checks count.
        alone = {cell: tuple(name for name in every if _is_about(checks[name], own[cell])) for cell in own}
        trials += [Trial(key, one.cell, one.source, own[one.cell], alone[one.cell]) for key, one in variants.items()]
        run(trials)
    faults = [f"{key}: {verdicts[key].fault}" for key in (_BASELINE, *mutants, *variants) if verdicts[key].fault]
    if baseline.lost:
        faults.append(f"The notebook's own solution loses points: {baseline.failed}")
    reviews = load_reviews(folder)
    names = [f"{checks[name].grade_id}::{name}" for name in every]
    return Proof(assignment.name, mutants, verdicts, own, variants, reviews, names, time.monotonic() - started, faults)


def _is_about(check: IndexedCheck, names: Sequence[str]) -> bool:
    return any(belongs(check.grade_id or "", name) for name in names)


def _own_names(source: str, checks: Any) -> tuple[str, ...]:
    defined, _ = names_used(source)
    return tuple(sorted(name for name in defined if any(belongs(one.grade_id or "", name) for one in checks)))


def _dependent(
    affected: set[str], asked: Mapping[str, list[str]], checks: Mapping[str, IndexedCheck]
) -> tuple[str, ...]:
    """Return the checks that ask for an affected name, or need one that does."""
    found = {check for check, names in asked.items() if affected & set(names)}
    before = 0
    while before != len(found):
        before = len(found)
        found |= {check for check in asked if found & set(checks[check].needs)}
    return tuple(check for check in asked if check in found)


def _drawn(things: dict[str, Any], sample: int | None) -> dict[str, Any]:
    if sample is None or sample >= len(things):
        return things
    keys = list(things)
    return {keys[number * len(keys) // sample]: things[keys[number * len(keys) // sample]] for number in range(sample)}


def _id(variant: Variant) -> str:
    return "right-" + hashlib.sha256(f"{variant.cell}\0{variant.source}".encode()).hexdigest()[:12]


def _style_id(style: Variant) -> str:
    return "style-" + _id(style)


def _kept(assignment: Assignment) -> Path:
    """Return the file that keeps the verdicts of this state of notebook, checks and grader."""
    total = hashlib.sha256(assignment.source.read_bytes())
    for path in _files(assignment):
        total.update(path.read_bytes())
    return kept_folder("proofs") / f"{assignment.name}-{total.hexdigest()[:16]}.jsonl"


def _files(assignment: Assignment) -> Iterator[Path]:
    yield from sorted(assignment.require_checks().glob("*.py"))
    for part in _PARTS:
        yield from sorted((ROOT / "autograder" / part).glob("*.py"))


def _load(file: Path) -> dict[str, Verdict]:
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(ValueError, TypeError):
            verdict = Verdict(**json.loads(line))
            found[verdict.id] = verdict
    return found
