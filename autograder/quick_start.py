"""Importing this module first spares a process much of the time of its other imports.

``jsonschema``, which reads notebooks' schemas, imports ``rfc3987_syntax`` where it is installed, and that compiles a
grammar for internationalised addresses (1.5 s), a format that no notebook's schema mentions. Here it counts as not
installed. And what is imported stays: the garbage collector looks through it a hundred times less often.
"""

from __future__ import annotations

import gc
import sys

__all__ = ["collect_as_usual"]

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

_USUAL = gc.get_threshold()
gc.set_threshold(100 * _USUAL[0], *_USUAL[1:])


def collect_as_usual() -> None:
    """Let the garbage collector look as often as ever, where what is left to do makes much that passes."""
    gc.set_threshold(*_USUAL)
