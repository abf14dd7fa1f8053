"""What a step of a GitHub workflow can say: outputs, the job's summary, annotations.

The runner obeys what a step prints (``::set-output …``, ``::add-mask …``), so everything that a student may have
written goes through `say` or `annotate`, which leave nothing to obey.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from autograder.render.text import plain

__all__ = ["annotate", "say", "set_output", "write_summary"]

MAX_SUMMARY = 1 << 20
"""Bytes; GitHub rejects a longer summary as a whole."""
_MAX_MESSAGE = 1_000


def say(text: str) -> None:
    """Print text of any origin: it shows as it is and commands nothing."""
    for line in plain(text, 100_000).split("\n"):
        # The runner looks for commands behind leading blanks, too: both of its notations are broken up.
        print(line.replace("::", ":\N{WORD JOINER}:").replace("##[", "#\N{WORD JOINER}#["), flush=True)


def annotate(kind: str, message: str, *, title: str = "", file: str = "", line: int = 0) -> None:
    """Print an annotation.

    Parameters
    ----------
    kind : {"error", "warning", "notice"}
    message : str
        Of any origin; GitHub shows it as plain text.
    title : str
    file : str
        Path in the repository.
    line : int
        From 1 on; 0 for none.
    """
    properties = {"file": file, "line": str(line) if line else "", "title": title}
    told = ",".join(f"{name}={_escape_property(plain(value, 200))}" for name, value in properties.items() if value)
    print(f"::{kind}{' ' if told else ''}{told}::{_escape(plain(message, _MAX_MESSAGE))}", flush=True)


def set_output(name: str, value: str, environment: Mapping[str, str] = os.environ) -> None:
    """Set an output of this step, where there is one to set.

    Raises
    ------
    ValueError
        The value has line ends, which would let it set other outputs.
    """
    if "\n" in value or "\r" in value:
        raise ValueError(f"expected a value of one line for the output {name}.")
    path = environment.get("GITHUB_OUTPUT")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{name}={value}\n")


def write_summary(markdown: str, environment: Mapping[str, str] = os.environ) -> None:
    """Add Markdown to the job's summary, where there is one; what GitHub would reject is cut off."""
    path = environment.get("GITHUB_STEP_SUMMARY")
    if path:
        content = markdown.encode("utf-8", "replace")
        with Path(path).open("ab") as file:
            file.write(content[: MAX_SUMMARY - 1].decode("utf-8", "ignore").encode() + b"\n")


def _escape(text: str) -> str:
    return "%0A".join(text.replace("%", "%25").splitlines())


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
