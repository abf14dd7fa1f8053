"""Plots as SVG inside a page: no script, no file, legible in the dark, in print and without colours."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from autograder.language import number

__all__ = ["histogram_plot", "interval_plot"]

_WIDTH, _HEIGHT, _BASE = 480, 150, 118


def histogram_plot(counts: Sequence[int], highest: float, middle: float | None, label: str) -> str:
    """Return the histogram of grades.

    Parameters
    ----------
    counts : sequence of int
        In equal parts of the scale.
    highest : float
        The most points.
    middle : float or None
        The median, marked by a line.
    label : str
        The plot in words, for who does not see it.
    """
    step = (_WIDTH - 20) / len(counts)
    most = max([*counts, 1])
    parts, texts = [], []
    for place, count in enumerate(counts):
        height = 92 * count / most
        left = 10 + place * step
        parts.append(
            f'<rect class="column" x="{left + 2:.1f}" y="{_BASE - height:.1f}" width="{step - 4:.1f}" '
            f'height="{height:.1f}"/>'
        )
        if count:
            texts.append(f'<text x="{left + step / 2:.1f}" y="{_BASE - height - 4:.1f}">{count}</text>')
    for place in range(len(counts) + 1):
        told = number(highest * place / len(counts))
        parts.append(f'<text class="tick" x="{10 + place * step:.1f}" y="{_BASE + 16}">{told}</text>')
    parts.append(f'<path class="axis" d="M10 {_BASE}H{_WIDTH - 10}"/>')
    if middle is not None and highest > 0:
        x = 10 + (_WIDTH - 20) * min(max(middle / highest, 0), 1)
        parts.append(f'<path class="middle" d="M{x:.1f} 6V{_BASE}"/>')
    parts += texts  # in front of the line
    return (
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )


def interval_plot(value: float, between: tuple[float, float]) -> str:
    """Return a value of 0 to 1 with its interval as a small picture beside its number."""
    low, high = (100 * end for end in between)
    return (
        '<svg class="interval" viewBox="0 0 100 10" aria-hidden="true"><rect class="back" width="100" height="10"/>'
        f'<rect class="front" width="{100 * value:.1f}" height="10"/>'
        f'<path class="whisker" d="M{low:.1f} 5H{high:.1f}M{low:.1f} 2V8M{high:.1f} 2V8"/></svg>'
    )
