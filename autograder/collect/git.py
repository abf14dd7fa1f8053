"""Runs the real git on addresses and repositories that students control: no configuration, no credentials, limits."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from autograder.errors import CollectError
from autograder.render.text import plain_line

__all__ = ["Access", "check_url", "git_command", "git_environment", "run_git", "stop_git"]

SECONDS = 300.0
MAX_BYTES = 1 << 30
MAX_MEMORY = 3 << 30
MAX_PRINTED = 8 << 20
# Only what connections need; no variable of the caller's configures git, and no identity or agent is at hand.
_KEPT = ("PATH", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "SYSTEMROOT")
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.symlinks": "false",
    "core.bigFileThreshold": "16m",
    "core.packedGitWindowSize": "64m",
    "core.packedGitLimit": "512m",
    "pack.threads": "1",
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "submodule.recurse": "false",
    "fetch.writeCommitGraph": "false",
    "fetch.unpackLimit": "1",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "500",
    "http.lowSpeedTime": "60",
}


_stopped = threading.Event()


@dataclass(frozen=True)
class Access:
    """What a fetch may use.

    Parameters
    ----------
    protocols : tuple of str
        Those that git may speak: ``https``; ``file`` for folders of this machine, where the caller trusts the address.
    token : str
        A credential, sent only to addresses below ``token_for``; empty for none.
    token_for : str
        Such as ``https://github.com/our-course/``.
    """

    protocols: tuple[str, ...] = ("https",)
    token: str = ""
    token_for: str = ""


def check_url(url: str, access: Access) -> str:
    """Return an address that git may be given.

    Raises
    ------
    CollectError
        Of kind ``not-allowed``: an option, another protocol, a name or password in the address.
    """
    if "://" not in url:
        # git reads `host:path` as SSH and `ext::command` as a command; only a folder's path is left then.
        if "file" in access.protocols and not url.startswith("-") and Path(url).is_dir():
            return str(Path(url).resolve())
        raise _not_allowed(url, access)
    try:
        parts = urlsplit(url)
        allowed = parts.scheme in access.protocols and "@" not in parts.netloc and (parts.hostname or parts.path)
    except ValueError:
        allowed = False
    if not allowed or any(not letter.isprintable() or letter in " \\" for letter in url):
        raise _not_allowed(url, access)
    return url


def run_git(
    arguments: Sequence[str], folder: Path | None = None, access: Access | None = None, where: str = ""
) -> bytes:
    """Run git and return what it printed.

    Parameters
    ----------
    arguments : sequence of str
    folder : Path, optional
        A bare repository of ours.
    access : Access, optional
        What it may connect to; nothing unless given.
    where : str
        The address, for the message.

    Raises
    ------
    CollectError
        Of kind ``unreachable`` where git fails or takes longer than ``SECONDS``; ``too-large`` where it prints more
        than ``MAX_PRINTED`` or the repository grows beyond ``MAX_BYTES``.
    """
    place = ["--git-dir", str(folder)] if folder else []
    deadline = time.monotonic() + SECONDS
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            git_command(*place, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=complaints,
            env=git_environment(access),
            start_new_session=True,
        )
        try:
            while process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.5)
                    break
                _check_limits(folder, os.fstat(printed.fileno()).st_size, time.monotonic() > deadline)
        finally:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                for rest in (folder / "objects" / "pack").glob("tmp_*") if folder else ():
                    rest.unlink(missing_ok=True)
        _check_limits(folder if access else None, os.fstat(printed.fileno()).st_size, False)
        complaints.seek(0)
        if process.returncode == 127:
            raise CollectError("unreachable", "expected git on this machine. Received: none; install it.")
        if process.returncode:
            raise CollectError("unreachable", _explain(complaints.read(4096).decode("utf-8", "replace"), where))
        printed.seek(0)
        return printed.read()


def stop_git() -> None:
    """End every git that runs now, in whatever thread, and all that would start later: the program is about to end."""
    _stopped.set()


def _check_limits(folder: Path | None, printed: int, late: bool) -> None:
    if _stopped.is_set():
        raise CollectError("unreachable", "interrupted.")
    if late:
        raise CollectError("unreachable", f"expected an answer within {SECONDS:.0f} s. Received: none; try again.")
    if printed > MAX_PRINTED:
        raise CollectError("too-large", "expected a repository with fewer files or refs. Received: far too many.")
    if folder is not None:
        size = 0
        for file in (folder / "objects" / "pack").glob("*"):
            with contextlib.suppress(FileNotFoundError):
                size += file.stat().st_size
        if size > MAX_BYTES:
            raise CollectError(
                "too-large", f"expected a repository below {MAX_BYTES >> 20} MB. Received: a larger one."
            )


def git_command(*arguments: str) -> list[str]:
    """Return the command that runs git with at most ``MAX_MEMORY``.

    A few bytes of a pack can ask for any amount: a difference to another object says how large its result is.
    """
    return ["/bin/sh", "-c", f'ulimit -v {MAX_MEMORY >> 10}; exec git "$@"', "git", *arguments]


def git_environment(access: Access | None) -> dict[str, str]:
    """Return the whole environment of a git that may connect as ``access`` says, or not at all."""
    settings = dict(_SETTINGS)
    if access and access.token:
        secret = base64.b64encode(f"x-access-token:{access.token}".encode()).decode()
        settings[f"http.{access.token_for}.extraHeader"] = f"Authorization: Basic {secret}"
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {
        "HOME": os.devnull,
        "XDG_CONFIG_HOME": os.devnull,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": ":".join(access.protocols) if access else "none",
        "GIT_PROTOCOL_FROM_USER": "0",
        # Settings go through the environment: a command line, and a token in it, can be read by everybody.
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    for number, (key, value) in enumerate(settings.items()):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return environment


def _explain(complaint: str, where: str) -> str:
    lines = [line for line in complaint.splitlines() if line.startswith(("fatal:", "error:", "remote:"))]
    said = plain_line(lines[-1] if lines else complaint or "no explanation", 200)
    if not where:
        return f"git failed: {said}"
    return f"expected a repository that can be read at {plain_line(where, 120)}. Received: {said}"


def _not_allowed(url: str, access: Access) -> CollectError:
    return CollectError(
        "not-allowed",
        f"expected an address {' or '.join(f'{name}://…' for name in access.protocols)} without name and password. "
        f"Received: {plain_line(url, 120)}.",
    )
