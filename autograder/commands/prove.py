"""``prove``: do the checks catch what is wrong and spare what is right."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.running import positive
from autograder.course.assignments import find_assignments
from autograder.course.suggest import unknown
from autograder.errors import UsageError
from autograder.exit_status import DONE, FOUND
from autograder.render.phrases import say
from autograder.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from autograder.proving.outcome import Proof

SUMMARY = "prove that the checks catch what is wrong and spare what is right"
EXAMPLE = "prove 02_convolucion --sample 20"

SHOWN = 20
"""How many survivors, spills and hurt answers of an assignment are shown; the file of `--json` holds all."""


HEADS = ("mutants", "own cell", "only spills", "reviewed", "left", "also spills", "right", "hurt", "s")
"""What is counted of an assignment: its mutants, how they ended, and the right variants."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="default: all")
    parser.add_argument("--json", type=Path, metavar="F", help="write everything that was found as JSON")
    parser.add_argument(
        "--sample", type=positive, metavar="N", help="only N mutants and N right variants of each, evenly drawn"
    )
    parser.add_argument("--jobs", type=positive, default=Settings().jobs, metavar="N", help="default: the cores")
    parser.add_argument("--fresh", action="store_true", help="do again what an earlier run has done")


def run(options: argparse.Namespace) -> int:
    """Prove, and print a table, then what survived and what was hurt."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    known = find_assignments()
    for name in options.assignments:
        if name not in known:
            raise unknown(name, known)
    if options.json is not None and options.json.is_dir():
        raise UsageError(f"expected a file to write to. Received: {options.json}, which is a folder.")
    os.environ.setdefault("MPLBACKEND", "agg")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from autograder.proving.proof import prove

    console, proofs = Console(), []
    columns = (TextColumn("{task.description:20}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        for name in options.assignments or known:
            task = progress.add_task(name, total=None)
            proof = prove(
                known[name],
                jobs=options.jobs,
                sample=options.sample,
                fresh=options.fresh,
                on_progress=lambda done, total, task=task: progress.update(task, completed=done, total=total),  # type: ignore[misc]
            )
            proofs.append(proof)
            progress.remove_task(task)
    _show_table(console, proofs)
    for proof in proofs:
        _show_details(console, proof, whole=options.sample is None)
    if options.json is not None:
        text = json.dumps([proof.as_dict() for proof in proofs], indent=1, ensure_ascii=False)
        options.json.write_text(text + "\n", encoding="utf-8")
    return DONE if all(proof.holds for proof in proofs) else FOUND


def _show_table(console: Console, proofs: list[Proof]) -> None:
    from rich.table import Table

    table = Table(title=say("Do the checks hold?"), box=None, padding=(0, 1, 0, 0))
    table.add_column(say("assignment"), no_wrap=True)
    for head in HEADS:
        table.add_column(say(head).replace(" ", "\n"), justify="right", no_wrap=True)
    for proof in proofs:
        counts = proof.counts
        left = counts["hole"] + counts["equivalent"]
        figures = (
            *(len(proof.mutants), counts["own"], counts["elsewhere"], counts["reviewed"], left),
            *(len(proof.spilled), len(proof.variants), len(proof.hurt), round(proof.seconds)),
        )
        table.add_row(proof.assignment, *map(str, figures))
    console.print(table)


def _show_details(console: Console, proof: Proof, *, whole: bool) -> None:
    """Print what a person has to look at; which checks no mutant needs, a sample does not tell."""

    def show(text: str) -> None:
        console.print(say(text), markup=False, highlight=False, soft_wrap=True)

    for fault in proof.faults[:SHOWN]:
        show(f"\n{proof.assignment}: the grader failed. {fault}")
    left = [key for key in proof.mutants if proof.kind(key) in ("hole", "equivalent", "elsewhere")]
    for key in left[:SHOWN]:
        mutant, verdict = proof.mutants[key], proof.verdicts[key]
        said = {
            "hole": f"survives, and is wrong: {verdict.difference}",
            "equivalent": "survives; no random input tells it from the solution. Review it.",
            "elsewhere": f"costs points only elsewhere: {', '.join(proof.spills(key))}",
        }[proof.kind(key)]
        show(f"\n{proof.assignment} {mutant.cell} ({mutant.style}), {mutant.operator}, line {mutant.line}: {said}")
        console.print(mutant.diff, markup=False, highlight=False, soft_wrap=True)
    if len(left) > SHOWN:
        show(f"… and {len(left) - SHOWN} more; --json F has them all.")
    for key in proof.hurt[:SHOWN]:
        variant, verdict = proof.variants[key], proof.verdicts[key]
        reasons = [f"{check}: {message}" for check, message in verdict.failed.items()]
        show(f"\n{proof.assignment} {variant.cell} ({variant.style}) is right, and is hurt.")
        show("\n".join(reasons) or f"But it breaks its promise: {verdict.difference}")
    if whole and proof.needless:
        show(f"\n{proof.assignment}: no mutant needs {', '.join(proof.needless)}.")
