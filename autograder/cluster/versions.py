"""What a machine grades with: grader, checks, data and Python. Where any of it differs, points might, too.

A machine offers, for each assignment that it can grade, an abstract resource of dask whose name ends in the digest of
all that (`Versions.seal`). A submission asks for the seal of the machine that holds the class, so the engine itself
gives nothing to a machine that differs, whenever it comes; `Versions.differences` says in words what differs.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from packaging.requirements import Requirement

from autograder import __version__
from autograder.course.assignments import Assignment
from autograder.grading.fingerprint import checks_digest, code_digest, notebook_digest, released_digest
from data.contents import contents_digest
from data.registry import find
from data.secret import secret_number

__all__ = ["SANDBOX", "Versions", "our_versions"]

SANDBOX = "sandbox"
"""The abstract resource of a machine that can lock student code up, one for each slot."""

_SHORT = 8
_LIGHT = ("numpy", "scikit-image", "matplotlib", "pillow", "ipykernel")
_HEAVY = ("tensorflow", "keras", "h5py")
_SECRET = "the secret behind the test images; set the same CNN_SECRET on all machines"


@dataclass(frozen=True)
class Versions:
    """What one machine grades with.

    Parameters
    ----------
    grader : str
        Version and digest of the code.
    python : str
    assignments : mapping of str to mapping
        By the assignments that it can grade: digests of what each follows from, by words that say what that is.
    """

    grader: str
    python: str
    assignments: Mapping[str, Mapping[str, str]]

    def seal(self, assignment: str) -> str:
        """Return the name of the resource for one assignment; ``""`` stands for whichever it may be, hence for all."""
        parts = self.assignments if not assignment else self.assignments.get(assignment, {})
        text = json.dumps([self.grader, self.python, assignment, parts], sort_keys=True, default=dict)
        return f"{assignment or 'any'}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    def differences(self, other: Versions) -> list[str]:
        """Return what differs, as sentences "<what> here <ours>, there <theirs>"; empty where nothing does."""
        found = []
        for what in ("grader", "python"):
            mine, theirs = getattr(self, what), getattr(other, what)
            if mine != theirs:
                found.append(f"{what.replace('python', 'Python')} here {mine}, there {theirs}")
        for name, parts in self.assignments.items():
            for what, mine in parts.items():
                theirs = other.assignments.get(name, {}).get(what, "nothing")
                if name in other.assignments and theirs != mine:
                    found.append(f"{what} of {name} here {mine}, there {theirs}")
        return found

    def to_json(self) -> str:
        """Return it as a text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: Any) -> Versions:
        """Read what a machine says of itself.

        Raises
        ------
        ValueError
            It is nothing that a machine of ours says.
        """
        try:
            said = json.loads(text)
            parts = {
                str(name): {str(what): str(digest)[:200] for what, digest in found.items()}
                for name, found in said["assignments"].items()
            }
            return cls(str(said["grader"])[:200], str(said["python"])[:200], parts)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"expected the versions of a machine. Received: {str(text)[:80]}") from error


def our_versions(assignments: Mapping[str, Assignment]) -> Versions:
    """Return what this machine grades some assignments with; reads their data sets once, which may take seconds."""
    grader = f"{__version__} (code {code_digest()[:_SHORT]})"
    return Versions(grader, platform.python_version(), {name: _parts(one) for name, one in assignments.items()})


def _parts(assignment: Assignment) -> dict[str, str]:
    parts = {
        "notebook": notebook_digest(assignment)[:_SHORT],
        "checks": checks_digest(assignment)[:_SHORT],
        "files": released_digest(assignment)[:_SHORT],
    }
    own = [Requirement(line).name for line in assignment.packages]
    for package in (*_LIGHT, *(_HEAVY if assignment.needs_tensorflow else ()), *own):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            parts[package] = importlib.metadata.version(package)
    for name in assignment.datasets:
        parts[f"data set {name}"] = contents_digest(name)[:_SHORT] if find(name).is_here else "not here"
    if assignment.datasets:
        parts[_SECRET] = hashlib.sha256(f"seal {secret_number()}".encode()).hexdigest()[:_SHORT]
    return parts
