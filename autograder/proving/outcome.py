"""What a proof found: how each mutant ended, what spilled, who was hurt."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from autograder.proving.cells import belongs
from autograder.proving.judge import Verdict
from autograder.proving.mutate import Mutant
from autograder.proving.review import Review
from autograder.proving.styles import Variant

__all__ = ["Proof"]


@dataclass(frozen=True)
class Proof:
    """What was found out about the checks of an assignment.

    Parameters
    ----------
    assignment : str
    mutants : dict of str to Mutant
        By id.
    verdicts : dict of str to Verdict
        Of mutants and variants, by id.
    own_names : dict of str to tuple of str
        The names that each cell defines for the checks.
    variants : dict of str to Variant
        By id.
    reviews : list of Review
    checks : list of str
        All that were run.
    seconds : float
        Wall time of this run; what an earlier one had done is not in it.
    """

    assignment: str
    mutants: dict[str, Mutant]
    verdicts: dict[str, Verdict]
    own_names: dict[str, tuple[str, ...]]
    variants: dict[str, Variant]
    reviews: list[Review]
    checks: list[str]
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    def kind(self, key: str) -> str:
        """Say how a mutant ended: ``own``, ``elsewhere``, ``reviewed``, ``equivalent`` (not reviewed) or ``hole``."""
        verdict, mutant = self.verdicts[key], self.mutants[key]
        if verdict.stopped or any(self._is_own(mutant, grade_id) for grade_id in verdict.lost):
            return "own"
        if any(review.covers(mutant, verdict.difference) for review in self.reviews):
            return "reviewed"
        if verdict.lost:
            return "elsewhere"
        return "equivalent" if verdict.difference is None else "hole"

    def spills(self, key: str) -> list[str]:
        """Return the grade cells of other names that a mutant costs points."""
        mutant = self.mutants[key]
        return sorted(one for one in self.verdicts[key].lost if not self._is_own(mutant, one))

    def _is_own(self, mutant: Mutant, grade_id: str) -> bool:
        return any(belongs(grade_id, name) for name in self.own_names[mutant.cell])

    @property
    def counts(self) -> Counter[str]:
        """How many mutants ended in each way."""
        return Counter(self.kind(key) for key in self.mutants)

    @property
    def spilled(self) -> list[str]:
        """The mutants that die on their own cell and cost points on other names' cells, too."""
        return [key for key in self.mutants if self.kind(key) == "own" and self.spills(key)]

    @property
    def hurt(self) -> list[str]:
        """The right variants that lost something, or that are not right."""
        return [key for key in self.variants if self.verdicts[key].lost or self.verdicts[key].difference is not None]

    @property
    def needless(self) -> list[str]:
        """The checks without which every mutant would have died all the same."""
        verdicts = [self.verdicts[key] for key in self.mutants]
        alone = {next(iter(verdict.failed)) for verdict in verdicts if len(verdict.failed) == 1}
        return [check for check in self.checks if check not in alone]

    @property
    def holds(self) -> bool:
        """Whether no survivor is left that nobody looked at, and no right answer that is hurt."""
        left = self.counts
        return not (left["hole"] or left["equivalent"] or left["elsewhere"] or self.hurt or self.faults)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "assignment": self.assignment,
            "holds": self.holds,
            "mutants": len(self.mutants),
            "counts": dict(self.counts),
            "spilled": len(self.spilled),
            "variants": len(self.variants),
            "seconds": round(self.seconds, 1),
            "survivors": [
                {"cell": one.cell, "style": one.style, "operator": one.operator, "line": one.line, "diff": one.diff}
                | {"kind": self.kind(key), "difference": self.verdicts[key].difference, "elsewhere": self.spills(key)}
                for key, one in self.mutants.items()
                if self.kind(key) != "own"
            ],
            "spills": [
                {"cell": self.mutants[key].cell, "diff": self.mutants[key].diff, "elsewhere": self.spills(key)}
                for key in self.spilled
            ],
            "hurt": [
                {"cell": self.variants[key].cell, "style": self.variants[key].style}
                | {"failed": self.verdicts[key].failed, "difference": self.verdicts[key].difference}
                for key in self.hurt
            ],
            "needless": self.needless,
            "faults": self.faults,
        }
