"""What an audit runs of a notebook: its training cells, wherever the student put them, from other seeds each time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from autograder.intake.restore import Step

__all__ = ["seeds_itself", "steps_of", "trains_anyway"]

_TRAINS = re.compile(r"\.(?:fit|fit_generator|train_on_batch|save)\s*\(|\bfit_epochs\s*\(|\bsave_model\s*\(")
_SEEDS = re.compile(r"\bset_random_seed\s*\(|\bset_seed\s*\(")
_RESEED = """\
def _reseed():
    import sys
    import keras
    def shifted(plain):
        return lambda seed: plain((int(seed) + {shift}) % 2**31)
    for name in ("keras.utils", "keras._tf_keras.keras.utils"):
        if name in sys.modules:
            sys.modules[name].set_random_seed = shifted(keras.utils.set_random_seed)
    if "tensorflow" in sys.modules:
        sys.modules["tensorflow"].random.set_seed = shifted(sys.modules["tensorflow"].random.set_seed)
_reseed()
"""
_SHIFT = 1_000_003


def steps_of(steps: Sequence[Step], turn: int) -> list[Step]:
    """Return the cells of one training of an audit.

    Parameters
    ----------
    steps : sequence of Step
        As `restore` returns them.
    turn : int
        0 trains with the seeds that the notebook sets, if it sets any; every other number with others.

    Returns
    -------
    list of Step
        Cells of the student's that train or save count as training cells, so that they have the time for it.
    """
    found = [replace(step, kind="train") if _trains(step) else step for step in steps]
    return [Step(_RESEED.format(shift=turn * _SHIFT), None), *found] if turn else found


def trains_anyway(steps: Sequence[Step]) -> bool:
    """Tell whether a cell that runs in every grading trains or saves, too: then files may not be as they came."""
    return any(step.kind == "run" and _trains(step) for step in steps)


def seeds_itself(steps: Sequence[Step], path: str) -> bool:
    """Tell whether each cell that trains and saves the model at ``path`` sets the seed: then no other cell matters."""
    saving = [step for step in steps if _trains(step) and path in step.source]
    return bool(saving) and all(_SEEDS.search(step.source) for step in saving)


def _trains(step: Step) -> bool:
    if step.kind != "run":
        return step.kind == "train"
    # A function that would train does not yet: the cells that define it run anyway.
    lines = [line for line in step.source.splitlines() if line[:1].strip()]
    block = any(line.startswith(("for ", "while ", "with ", "if ", "try")) for line in lines)
    return bool(_TRAINS.search(step.source if block else "\n".join(lines)))
