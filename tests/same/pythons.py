"""Finds the Pythons of this machine that the course supports, and makes each an environment with its packages."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from autograder.course.assignments import ROOT
from autograder.grading import kept

__all__ = ["CURRENT", "VERSIONS", "Unavailable", "environment"]

VERSIONS = ("3.10", "3.11", "3.12", "3.13")
CURRENT = f"{sys.version_info.major}.{sys.version_info.minor}"
_SECONDS = 3600


class Unavailable(Exception):
    """This machine has no such Python, or not the packages for it."""


def environment(version: str) -> str:
    """Return an interpreter that has all packages of the course.

    The one that runs this is taken as it is; for others an environment is made once, below the user's cache folder.

    Parameters
    ----------
    version : str
        One of `VERSIONS`.

    Raises
    ------
    Unavailable
        It says why.
    """
    if version == CURRENT:
        return sys.executable
    requirements = ROOT / "requirements.txt"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    place = kept.folder().parent / "environments" / f"{version}-{digest}"
    python = place / "bin/python"
    if (place / ".complete").is_file() and _runs(str(python)) == version:
        return str(python)
    base = next((found for found in _candidates(version) if _runs(found) == version), None)
    if base is None:
        raise Unavailable(f"no python{version} on the PATH, with pyenv or with uv")
    print(f"Python {version}: installing the packages, once; a few minutes …", flush=True)
    shutil.rmtree(place, ignore_errors=True)
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r"]
    for command in ([base, "-m", "venv", str(place)], [*install, str(requirements)]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        if done.returncode:
            lines = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("WARNING")]
            raise Unavailable(f"{' '.join(command[1:4])} failed: {' '.join(lines[-3:])[-600:]}")
    (place / ".complete").touch()
    return str(python)


def _candidates(version: str) -> Iterator[str]:
    """Yield what may be an interpreter of a version."""
    found = shutil.which(f"python{version}")
    if found is not None:
        yield found
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from (str(path) for path in sorted(pyenv.glob(f"versions/{version}.*/bin/python"), reverse=True))
    uv = shutil.which("uv")
    if uv is not None:
        done = subprocess.run([uv, "python", "find", "--no-python-downloads", version], capture_output=True, text=True)
        if done.returncode == 0:
            yield done.stdout.strip()


def _runs(python: str) -> str:
    """Return the version that an interpreter says it has, ``""`` if it does not run."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return ""
    return done.stdout.strip()
