"""The verbs of the command line, one module each.

A verb is a module with ``SUMMARY`` (one line for the list of verbs), ``configure(parser)``, which adds its arguments,
and ``run(options) -> int``, which returns the exit status. Heavy imports belong inside ``run``: every command loads
every verb to print its help.
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

__all__ = ["VERBS"]

VERBS: dict[str, ModuleType] = {
    "demo": demo,
    "new": new,
    "release": release,
    "collect": collect,
    "grade": grade,
    "worker": worker,
    "regrade": regrade,
    "feedback": feedback,
    "export": export,
    "history": history,
    "similar": similar,
    "lint": lint,
    "prove": prove,
    "doctor": doctor,
    "template": template,
    "gradescope": gradescope,
    "ci": ci,
}
"""The verbs in the order in which the help names them."""
