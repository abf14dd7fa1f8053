"""What a command prints besides its tables, in the reader's language."""

from __future__ import annotations

import sys
from typing import TextIO

from autograder.render.phrases import say

__all__ = ["tell", "warn"]


def tell(text: str, file: TextIO | None = None) -> None:
    """Print a line on the standard output, at once."""
    print(say(text), file=file or sys.stdout, flush=True)


def warn(text: str) -> None:
    """Print a line on the standard error output: what is no result."""
    tell(text, sys.stderr)
