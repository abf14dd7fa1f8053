"""The verbs of the command line, one module each.

A verb is a module with ``SUMMARY`` (one line for the list of verbs), ``EXAMPLE`` (what one types),
``configure(parser)``, which adds its arguments, and ``run(options) -> int``, which returns the exit status. What they
say is English here; `autograder.commands.telling` prints it in the reader's language. Heavy imports belong inside
``run``: every command loads every verb to print its help.
"""

from __future__ import annotations

from types import ModuleType

from autograder.commands import (
    ci,
    collect,
    demo,
    doctor,
    export,
    feedback,
    grade,
    gradescope,
    history,
    lint,
    new,
    prove,
    regrade,
    release,
    similar,
    template,
    worker,
)

__all__ = ["GROUPS", "VERBS"]

GROUPS: dict[str, dict[str, ModuleType]] = {
    "Look at it first": {"demo": demo, "doctor": doctor},
    "Make the course": {"new": new, "lint": lint, "prove": prove, "release": release},
    "Run a class": {"collect": collect, "grade": grade, "feedback": feedback, "export": export, "worker": worker},
    "Look into grades": {"history": history, "regrade": regrade, "similar": similar},
    "Grade elsewhere": {"template": template, "ci": ci, "gradescope": gradescope},
}
"""The verbs by what one does, in the order in which the help names them."""

VERBS = {name: verb for verbs in GROUPS.values() for name, verb in verbs.items()}
"""All verbs."""
