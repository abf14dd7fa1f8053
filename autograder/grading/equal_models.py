"""Who handed in the same model as somebody else of the class, in disguise or not."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from autograder.course.roster import Roster, fold_name
from autograder.grading import kept
from autograder.grading.fingerprint import code_digest
from autograder.report import Report, new_flag

if TYPE_CHECKING:
    from autograder.judging.fingerprint import Layer
    from autograder.judging.likeness import Likeness

__all__ = ["Trained", "alike_models", "flag_equal_models", "forgive_teams", "seeds_in", "with_seeds"]

FINGERPRINT = "model-fingerprint"
"""As in `autograder.judging.fingerprint`, whose import takes numpy: a class that has not changed needs none."""

_SEED = re.compile(r"(?<![a-zA-Z])seed\s*(?:\(|=)\s*(\d{1,12})")

_EQUAL = (
    "The model {model} has the same weights as that of {others}, whatever was done to hide it: {how}. Two trainings of "
    "their own do not end there, but with the same seed, data and machine. Ask how it was trained."
)
_MOVED = "its units are the other's in another order"
_ORIGIN = "both began with the same initial weights, and the notebooks share no seed"
_SAME = "they are the same to the last digits"
_CHANGED = "even what training changed is the same, unlike in others who began with these weights"


@dataclass(frozen=True)
class Trained:
    """One model that was handed in.

    Parameters
    ----------
    submission, model : str
        Whose it is, and its name or path.
    layers : sequence of Layer
    seeds : frozenset of int
        The seeds that the student's notebook sets.
    """

    submission: str
    model: str
    layers: Sequence[Layer]
    seeds: frozenset[int] = frozenset()


def seeds_in(sources: Iterable[str]) -> list[int]:
    """Return the numbers that code sets as seeds: ``set_random_seed(3)``, ``seed=3``."""
    return sorted({int(number) for source in sources for number in _SEED.findall(source)})


def with_seeds(flags: Sequence[dict[str, Any]], sources: Iterable[str]) -> list[dict[str, Any]]:
    """Return flags of which each fingerprint carries the seeds of the notebook that it comes from."""
    seeds = seeds_in(sources)
    return [{**flag, "seeds": seeds} if flag["kind"] == FINGERPRINT else flag for flag in flags]


def alike_models(models: Sequence[Trained], keep: int = 0) -> Iterator[tuple[int, int, Likeness, str]]:
    """Yield ``(first, second, likeness, how)`` for each pair of a common origin; ``how`` is empty if it may be honest.

    Parameters
    ----------
    models : sequence of Trained
        Of one assignment; those of one submission are not compared.
    keep : int
        So many of the nearest others are yielded, too.
    """
    from autograder.judging.likeness import ALIKE, bound, compare

    pairs: dict[tuple[int, int], Likeness] = {}
    others: list[tuple[float, int, int]] = []
    for one, model in enumerate(models):
        bounds = bound(model.layers, [other.layers for other in models[one + 1 :]])
        for two in range(one + 1, len(models)):
            if models[two].submission == model.submission:
                continue
            near = float(bounds[two - one - 1])
            if near >= ALIKE:
                likeness = compare(model.layers, models[two].layers)
                near = likeness.score
                if near >= ALIKE:
                    pairs[one, two] = likeness
            if 0 < near < ALIKE:
                others.append((near, one, two))
    related: dict[int, set[int]] = {}
    for (one, two), likeness in pairs.items():
        if likeness.in_order:
            related.setdefault(one, set()).add(two)
            related.setdefault(two, set()).add(one)
    for (one, two), likeness in pairs.items():
        common = related.get(one, set()) & related.get(two, set())
        yield one, two, likeness, _how(models[one], models[two], likeness, [models[other] for other in sorted(common)])
    for _, one, two in sorted(others, reverse=True)[:keep]:
        yield one, two, compare(models[one].layers, models[two].layers), ""


def _how(one: Trained, two: Trained, likeness: Likeness, others: Sequence[Trained]) -> str:
    from autograder.judging.likeness import CHANGES, MOVED, NEARLY_ALL, changes_alike

    if likeness.output:
        return _SAME if likeness.score >= NEARLY_ALL else ""
    if not likeness.in_order:
        return _MOVED if likeness.score >= MOVED else ""
    if likeness.score >= NEARLY_ALL:
        return _SAME
    if not one.seeds & two.seeds:
        return _ORIGIN
    alike = len(others) > 1 and changes_alike(one.layers, two.layers, [other.layers for other in others]) >= CHANGES
    return _CHANGED if alike else ""


def flag_equal_models(reports: Sequence[Report]) -> list[Report]:
    """Replace the fingerprints in the flags of a class by flags about equal models.

    Parameters
    ----------
    reports : sequence of Report
        Of one class. A flag ``{"kind": "model-fingerprint", "model", "fingerprint", "seeds"}`` is what a check found.

    Returns
    -------
    list of Report
        The same reports without fingerprints. Where a model is also that of another submission, whatever either calls
        it, there is ``{"kind": "equal-models", "message", "model", "others": [submission, ...], "how"}``.
    """
    equal: dict[tuple[str, str, str], dict[str, str]] = {}
    for pair in _pairs(reports):
        equal.setdefault((pair.assignment, pair.submission, pair.model), {})[pair.other] = pair.how
    flagged = []
    for report in reports:
        flags = [flag for flag in report.flags if flag["kind"] != FINGERPRINT]
        for name in (flag["model"] for flag in report.flags if flag["kind"] == FINGERPRINT):
            others = equal.get((report.assignment, report.submission, name), {})
            if others:
                flags.append(_equal(name, sorted(others), others[min(others)]))
        flagged.append(replace(report, flags=flags))
    return flagged


def _pairs(reports: Sequence[Report]) -> list[kept.EqualModel]:
    """Return whose models are whose; what was compared before and has not changed is not compared again."""
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for report in reports:
        for flag in report.flags:
            if flag["kind"] == FINGERPRINT and flag["fingerprint"]:
                found.setdefault(report.assignment, []).append((report.submission, flag))
    # One submission's models are compared with nobody's.
    several = {name: flags for name, flags in found.items() if len({submission for submission, _ in flags}) > 1}
    if not several:
        return []
    # Fingerprints are large, so they are not put into one text.
    total = hashlib.sha256(code_digest().encode())
    for name, flags in several.items():
        for who, flag in flags:
            total.update(json.dumps([name, who, flag]).encode())
    key = total.hexdigest()
    pairs = kept.load_equal_models(key)
    if pairs is None:
        pairs = [pair for name, flags in several.items() for pair in _equal_pairs(name, flags)]
        kept.store_equal_models(key, pairs)
    return pairs


def _equal_pairs(assignment: str, flags: Sequence[tuple[str, dict[str, Any]]]) -> Iterator[kept.EqualModel]:
    """Yield the models of an assignment that are somebody else's, too, from each one's side."""
    from autograder.judging.fingerprint import read_fingerprint

    models = [
        Trained(who, flag["model"], read_fingerprint(flag["fingerprint"]), frozenset(flag.get("seeds", ())))
        for who, flag in flags
    ]
    for one, two, _, how in alike_models(models):
        for mine, other in ((models[one], models[two]), (models[two], models[one])):
            if how:
                yield kept.EqualModel(assignment, mine.submission, mine.model, other.submission, how)


def forgive_teams(reports: Sequence[Report], roster: Roster) -> list[Report]:
    """Return reports in which members of one team are not flagged for the model that they handed in together."""
    return [replace(report, flags=list(_forgiven(report, roster))) for report in reports]


def _forgiven(report: Report, roster: Roster) -> Iterator[dict[str, Any]]:
    mine = _team(report.submission, roster)
    for flag in report.flags:
        if flag["kind"] != "equal-models" or not mine:
            yield flag
            continue
        others = [other for other in flag["others"] if _team(other, roster) != mine]
        if others:
            yield _equal(flag["model"], others, flag["how"])


def _team(submission: str, roster: Roster) -> str:
    owners = roster.owners(submission)
    return fold_name(owners[0].team) if owners else ""


def _equal(model: str, others: list[str], how: str) -> dict[str, Any]:
    message = _EQUAL.format(model=model, others=", ".join(others), how=how)
    return new_flag("equal-models", message, model=model, others=others, how=how)
