"""The verbs of the command line, one module each.

A verb is a module with ``SUMMARY`` (one line for the list of verbs), ``EXAMPLE`` (what one types),
``configure(parser)``, which adds its arguments, and ``run(options) -> int``, which returns the exit status. What they
say is English here; `autograder.commands.telling` prints it in the reader's language. A command imports its own verb
only; heavy imports belong inside ``run``, since the help names every verb.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__all__ = ["GROUPS", "VERBS", "verb_called"]

GROUPS: dict[str, tuple[str, ...]] = {
    "Look at it first": ("demo", "doctor"),
    "Make the course": ("new", "lint", "prove", "release"),
    "Run a class": ("collect", "grade", "feedback", "export", "worker"),
    "Look into grades": ("history", "regrade", "similar"),
    "Grade elsewhere": ("template", "ci", "gradescope"),
}
"""The verbs by what one does, in the order in which the help names them."""

VERBS = tuple(name for verbs in GROUPS.values() for name in verbs)
"""All verbs."""


def verb_called(name: str) -> ModuleType:
    """Return the module of a verb."""
    return import_module(f"{__name__}.{name}")
