"""The pins that some packages need, out of a ``requirements.txt`` that has them all."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from autograder.errors import UsageError

__all__ = ["missing_packages", "pinned", "pins"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def pins(requirements: str) -> list[str]:
    """Return the lines of a ``requirements.txt`` that pin something, without comments and hashes."""
    return [line.removesuffix("\\").rstrip() for line in requirements.splitlines() if _NAME.match(line)]


def pinned(distributions: Iterable[str], requirements: str) -> list[str]:
    """Return the lines of a pinned ``requirements.txt`` for some distributions and everything that they need.

    Without hashes: they would forbid what is pinned for another Python or system and comes unpinned there.

    Parameters
    ----------
    distributions : iterable of str
        Names as a package index knows them.
    requirements : str
        The text with all pins.

    Raises
    ------
    ValueError
        One of the distributions is not pinned.
    """
    wanted = {str(canonicalize_name(name)) for name in distributions}
    lines: dict[str, list[str]] = {}
    for line in pins(requirements):
        lines.setdefault(canonicalize_name(Requirement(line).name), []).append(line)
    missing = sorted(wanted - set(lines))
    if missing:
        raise ValueError(f"expected a pin for each library. Received: none for {', '.join(missing)}")
    waiting, needed = list(wanted), set()
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        waiting += _requirements_of(name)
    return [line for name in sorted(needed & set(lines)) for line in lines[name]]


def _requirements_of(name: str) -> list[str]:
    try:
        required = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []  # pinned for another system or Python
    parsed = map(Requirement, required)
    chosen = [item for item in parsed if item.marker is None or item.marker.evaluate({"extra": ""})]
    return [str(canonicalize_name(item.name)) for item in chosen]


def missing_packages(requirements: Iterable[str]) -> list[str]:
    """Return those of some requirements that this Python does not meet, as pip reads them.

    Raises
    ------
    UsageError
        One of them is no requirement.
    """
    missing = []
    for text in requirements:
        try:
            wanted = Requirement(text)
        except InvalidRequirement as error:
            raise UsageError(f"expected a requirement such as networkx==3.4.2. Received: {text}") from error
        try:
            here = wanted.specifier.contains(importlib.metadata.version(wanted.name), prereleases=True)
        except importlib.metadata.PackageNotFoundError:
            here = False
        if not here:
            missing.append(text)
    return missing
