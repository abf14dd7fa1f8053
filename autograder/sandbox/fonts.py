"""Matplotlib's list of this machine's fonts, which takes a quarter of a second to make: kept for the next sandbox.

The zygote makes it before any student code runs, and only sandboxes read it.
"""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

from autograder.settings import keep_file, kept_folder

__all__ = ["font_lists", "keep_font_list"]

_NAME = re.compile(r"fontlist-v[\w.]{1,20}\.json")


def font_lists() -> list[Path]:
    """Return the lists that are kept, one for each version of matplotlib: ``$XDG_CACHE_HOME/cnn-course/fonts``."""
    return sorted(path for path in kept_folder("fonts").glob("fontlist-*.json") if _NAME.fullmatch(path.name))


def keep_font_list(line: bytes) -> None:
    """Keep a list as a zygote tells it: a JSON object with ``name`` and ``content``; anything else is left."""
    with contextlib.suppress(ValueError, KeyError, TypeError):
        told = json.loads(line)
        if _NAME.fullmatch(told["name"]) and isinstance(json.loads(told["content"]), dict):
            keep_file(kept_folder("fonts") / told["name"], told["content"].encode())
