"""Splits a class among the machines of a workflow, so that each sees only the submissions that it grades."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

from autograder.errors import UsageError

__all__ = ["MAX_PARTS", "Plan", "plan_parts", "read_plan", "take_part"]

MAX_PARTS = 256
"""GitHub runs no more jobs of one matrix."""

Plan = dict[str, list[tuple[str, str]]]
"""Student and assignment of each submission, by part."""


def plan_parts(submitted: Path, destination: Path) -> Plan:
    """Pack every submission of a ``<student>/<assignment>/`` tree, one a part, or several where they are too many.

    Parameters
    ----------
    submitted : path
    destination : path
        Gets ``<part>.tar`` for each part. Only regular files are taken.

    Returns
    -------
    dict
        `Plan`; empty if there is no submission.
    """
    folders = sorted(path for path in submitted.glob("*/*") if path.is_dir() and not path.is_symlink())
    size = -(-len(folders) // MAX_PARTS) or 1
    destination.mkdir(parents=True, exist_ok=True)
    plan: Plan = {}
    for number, start in enumerate(range(0, len(folders), size), start=1):
        part = f"{number:03}"
        chosen = folders[start : start + size]
        plan[part] = [(folder.parent.name, folder.name) for folder in chosen]
        with tarfile.open(destination / f"{part}.tar", "w") as archive:
            for folder in chosen:
                for path in sorted(folder.rglob("*")):
                    if path.is_file() and not path.is_symlink():
                        archive.add(path, path.relative_to(submitted).as_posix(), recursive=False)
    return plan


def take_part(parts: Path, part: str, destination: Path) -> None:
    """Unpack one part below ``destination`` and delete all of them: what grades it has no sight of the others.

    Raises
    ------
    UsageError
        There is no such part.
    """
    archive = parts / f"{part}.tar"
    if not part.isdigit() or not archive.is_file():
        raise UsageError(f"expected a part of {parts}. Received: {part}")
    with tarfile.open(archive) as file:
        file.extractall(destination, filter="data")
    for path in parts.glob("*.tar"):
        path.unlink()


def read_plan(text: str) -> Plan:
    """Read a plan from its JSON text.

    Raises
    ------
    UsageError
        It is none.
    """
    try:
        return {
            part: [(str(student), str(name)) for student, name in items] for part, items in json.loads(text).items()
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise UsageError(f"expected the plan of `ci plan` as JSON. Received: {text[:80]}") from error
