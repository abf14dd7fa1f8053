"""How often a model that is truly at the threshold loses points by luck, per assignment.

    python -m benchmarks.luck

Exact binomial probabilities, with today's scale (`autograder.judging.luck.credit`) and with one that compares the bare
accuracy with the threshold. The table stands in ``docs/accuracy.md``; a test holds it against this script.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable

from autograder.course.assignments import find_assignments
from autograder.course.notebooks import grade_cells, read_notebook
from autograder.judging.luck import SCALE, credit, half_width

__all__ = ["CELLS", "losing", "table"]

CELLS = (
    ("04_mnist", "softmax-accuracy", 0.90, 10_000),
    ("04_mnist", "mlp-accuracy", 0.97, 10_000),
    ("04_mnist", "cnn-accuracy", 0.99, 10_000),
    ("05_cifar10", "cnn-accuracy", 0.70, 10_000),
    ("06_fingers", "cnn-accuracy", 0.98, 3_600),
    ("07_vgg16", "fine-tuned-accuracy", 0.75, 2_000),
)
"""Assignment, grade cell, threshold, official test images."""

MUCH = 0.25
"""Points."""


def losing(threshold: float, count: int, points: float, share: Callable[[float, float, int], float] = credit) -> float:
    """Return the probability that a model of accuracy ``threshold`` loses more than `MUCH` points of ``points``.

    ``share`` gives the part of the points for an accuracy that was measured, the threshold, and the number of images.
    """
    least = 0.0
    for right in range(int(count * threshold), -1, -1):
        if points * (1 - share(right / count, threshold, count)) > MUCH + 1e-9:
            least = sum(_binomial(count, threshold, one) for one in range(max(0, right - 1500), right + 1))
            break
    return least


def table() -> str:
    """Return the table in Markdown."""
    lines = [
        "| assignment | cell | threshold | test images | ± at the threshold | loses more than 0.25 points by luck "
        "| without the interval |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for name, cell, threshold, count in CELLS:
        points = _points(name)[cell]
        today, bare = (losing(threshold, count, points, share) for share in (credit, _without_interval))
        lines.append(
            f"| `{name}` | `{cell}` ({points:g} points) | {threshold:.0%} | {count:,} "
            f"| {100 * half_width(threshold, count):.2f} | {today:.2%} | {bare:.2%} |"
        )
    return "\n".join(lines)


def _without_interval(reached: float, threshold: float, count: int) -> float:
    return min(1.0, max(0.0, 1 - (threshold - reached) / SCALE))


def _points(name: str) -> dict[str, float]:
    return grade_cells(read_notebook(find_assignments()[name].source))


def _binomial(count: int, chance: float, right: int) -> float:
    ways = math.lgamma(count + 1) - math.lgamma(right + 1) - math.lgamma(count - right + 1)
    return math.exp(ways + right * math.log(chance) + (count - right) * math.log(1 - chance))


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
