"""Runs commands on a view of this machine in which any user can reach the interpreter, wherever it lies."""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.sandbox.bubblewrap import find_bwrap

NOBODY = 65534


def open_view(*command: str, folder: Path) -> list[str]:
    """Return a command, started by root in ``folder``, that sees an open /root with the interpreter and nothing else.

    On a runner or in a container the interpreter lies where everybody may read; here it may lie in a home folder.
    """
    bwrap = find_bwrap()
    assert bwrap is not None
    shown = []
    for path in {Path(sys.base_prefix), Path(sys.prefix)}:
        parents = [parent for parent in reversed(path.parents) if Path("/root") in parent.parents]
        shown += [argument for parent in parents for argument in ("--perms", "0755", "--dir", str(parent))]
        shown += ["--ro-bind", str(path), str(path)]
    view = [str(bwrap), "--cap-add", "ALL", "--dev-bind", "/", "/", "--perms", "0755", "--tmpfs", "/root", *shown]
    return [*view, "--chdir", str(folder), *command]
