"""What an audit tells of one submission, as flags of its report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.audit.seen import SeenModel
from autograder.audit.verdict import Held
from autograder.report import new_flag

__all__ = ["told"]

_NOT_REPRODUCED = (
    "{path} is not what its own notebook trains, as far as {count} can tell: {reasons}. That is no proof: ask how it "
    "was trained, and on which machine."
)
_ARCHITECTURE = "No cell of the notebook builds {path}: {name}() builds {built}, and the file holds {found}."
_AUDITED = "Its training cells ran again, {count} in {seconds:.0f} of {budget:.0f} seconds: {found}."
_UNFINISHED = "Its training did not end in the {budget:.0f} seconds of an audit (--audit-budget): {found}."


def told(
    held: Mapping[str, Held],
    handed: Mapping[str, SeenModel],
    unbuilt: Mapping[str, tuple[str, ...]],
    trainings: int,
    seconds: float,
    budget: float,
) -> list[dict[str, Any]]:
    """Return the flags of an audit.

    Parameters
    ----------
    held : mapping of str to Held
        By the path of the model.
    handed : mapping of str to SeenModel
    unbuilt : mapping of str to tuple of str
        What the function of its name builds, for each model of an architecture that no cell builds.
    trainings : int
        How often the notebook trained to its end.
    seconds, budget : float
        What training took, and what it might have taken.
    """
    flags = []
    for path, one in held.items():
        if one.reasons:
            message = _NOT_REPRODUCED.format(path=path, count=_times(trainings), reasons="; ".join(one.reasons))
            flags.append(new_flag("not-reproduced", message, model=path, reasons=list(one.reasons), **_figures(one)))
        if path in unbuilt:
            name = f"build_{path.rpartition('/')[2].removesuffix('.keras')}"
            built, found = ("; ".join(parts) for parts in (unbuilt[path], handed[path].structure))
            message = _ARCHITECTURE.format(path=path, name=name, built=built[:600], found=found[:600])
            flags.append(new_flag("other-architecture", message, model=path))
    found = "; ".join(_sentence(path, one) for path, one in held.items()) or "no model of it can be read"
    text = _AUDITED if trainings else _UNFINISHED
    message = text.format(count=_times(trainings), seconds=seconds, budget=budget, found=found)
    about = {"trainings": trainings, "seconds": round(seconds, 1), "budget": budget, "models": sorted(held)}
    return [*flags, new_flag("audited", message, **about)]


def _figures(one: Held) -> dict[str, Any]:
    around = None if one.interval is None else [round(end, 5) for end in one.interval]
    likeness = None if one.likeness is None else round(one.likeness, 3)
    accuracy = None if one.accuracy is None else round(one.accuracy, 5)
    return {"accuracy": accuracy, "trained": list(one.trained), "interval": around, "likeness": likeness}


def _sentence(path: str, one: Held) -> str:
    if one.reasons:
        return f"{path} was not reproduced"
    if not one.trained and one.likeness is None:
        return f"{path} was not trained"
    parts = []
    if one.likeness is not None:
        parts.append(f"units match with a cosine of {one.likeness:.2f}")
    if one.accuracy is not None and one.interval is not None:
        parts.append(f"{one.accuracy:.2%}, expected {one.interval[0]:.2%} to {one.interval[1]:.2%}")
    return f"{path} may be what it trains ({', '.join(parts) or 'the same layers'})"


def _times(count: int) -> str:
    return "one training" if count == 1 else f"{count} trainings"
