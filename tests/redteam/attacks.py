"""Notebooks that attack: what they try, times where in a notebook they try it. None of them deserves a point."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

__all__ = ["PAYLOADS", "PLACES", "SHARPEST", "attacks"]

PAYLOADS: dict[str, str] = {
    title.strip(): code.strip("\n")
    for title, _, code in (
        part.partition("\n") for part in Path(__file__).with_name("payloads.txt").read_text("utf-8").split("#### ")[1:]
    )
}
"""Code by what it tries; ``payloads.txt`` holds it under a line ``#### name``."""

PLACES: dict[str, str] = {
    "first": "# %% first\n{code}\n",
    "last": "# %% append\n{code}\n",
    "answer": "# %% pad2d\n{code}\n",
    "call": "# %% conv2d\ndef conv2d(*arguments, **keywords):\n{indented}\n",
    "event": "# %% append\ndef later(*arguments):\n{indented}\nget_ipython().events.register('post_run_cell', later)\n",
    "thread": (
        "# %% first\nimport threading\ndef beside():\n{indented}\n"
        "threading.Thread(target=beside, daemon=True).start()\n"
    ),
}
"""Where in a notebook, in the format of `autograder.course.sample`."""

SHARPEST = ("forged-status", "forged-value", "equal-to-all", "numpy-agrees", "gradebook", "exit", "display-bundle")
"""Those that go through ``nbgrader autograde``, too."""


def attacks() -> Iterator[tuple[str, str]]:
    """Yield the name of each attack and the text of its submission."""
    for what, code in PAYLOADS.items():
        indented = "\n".join(f"    {line}" for line in code.split("\n"))
        for where, text in PLACES.items():
            yield f"{what}--{where}", f'"""{what}, {where}."""\n' + text.format(code=code, indented=indented)
