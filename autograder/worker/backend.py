"""A matplotlib backend for grading: figures stay open and nobody draws them.

Rendering pictures that no one looks at is the largest part of the cost of a notebook full of plots; ``plt.show()`` does
nothing here, so a check can still look at the figures that a function made.
"""

from __future__ import annotations

from typing import Any

from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg


class FigureManager(FigureManagerBase):
    """Manages figures that are never shown."""

    @classmethod
    def pyplot_show(cls, *arguments: Any, **keywords: Any) -> None:
        """Show nothing."""


class FigureCanvas(FigureCanvasAgg):
    """A canvas that can still be saved to a file by the student's code."""

    manager_class = FigureManager
