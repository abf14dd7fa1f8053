"""Runs the steps of a Containerfile in a clean root file system, where no container engine is to be had."""

from __future__ import annotations

import ctypes
import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

_ALLOW, _EPERM = 0x7FFF0000, 0x00050001
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_ENTER = """
set -e
cd "$1"
mount --bind . .
cd "$1"
mount -t proc proc proc
mount --rbind /dev dev
mount --rbind /sys sys
{masks}
mkdir -p mnt && pivot_root . mnt
cd /
umount -l /mnt
cd "$2"
shift 2
exec "$@"
"""


def parse(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a Containerfile with their arguments, continued lines joined, comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    pairs = (line.split(None, 1) for line in joined.splitlines() if line.strip())
    return [(name, arguments.strip()) for name, arguments in pairs]


def ignored(path: str, patterns: Iterable[str]) -> bool:
    """Tell whether ``.dockerignore`` keeps a path, relative to the context, out of the image."""
    for pattern in patterns:
        place = path.rpartition("/")[2] if pattern.startswith("**/") else path
        if fnmatch.fnmatchcase(place, pattern.removeprefix("**/")):
            return True
    return False


@dataclass
class Image:
    """What the steps have made so far.

    Parameters
    ----------
    root : path
        A clean root file system.
    context : path
        The folder that ``COPY`` takes from.
    """

    root: Path
    context: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    user: str = "0:0"
    folder: str = "/"
    commands: dict[str, list[str]] = field(default_factory=dict)

    def build(self, text: str) -> None:
        """Run every step.

        Raises
        ------
        ValueError
            There is an instruction that this function does not know.
        """
        for name, arguments in parse(text):
            if name == "FROM":
                continue
            step = getattr(self, f"_step_{name.lower()}", None)
            if step is None:
                raise ValueError(f"expected an instruction that is known here. Received: {name} {arguments}")
            step(arguments)

    def run(
        self, *command: str, locked: bool = False, profile: Path | None = None, masks: str = "", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside as the user that the steps chose.

        Parameters
        ----------
        locked : bool
            As `compose.yaml` starts it: without capabilities, with `no_new_privs`.
        profile : path, optional
            A seccomp profile as Docker reads it.
        masks : str
            Shell commands that cover parts of ``proc``.
        """
        user, _, group = self.user.partition(":")
        become = ["setpriv", f"--reuid={user}", f"--regid={group or user}", "--clear-groups"]
        if locked:
            become += ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
        home = "/root" if user == "0" else "/home/grader"
        variables = {"HOME": home, **self.environment}
        if _CERTIFICATES.exists():
            variables |= {"PIP_CERT": "/etc/machine.crt"}
        clean = ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]
        filtered = [sys.executable, __file__, str(profile)] if profile else []
        enter = [
            "unshare",
            "--mount",
            "--pid",
            "--ipc",
            "--fork",
            "--kill-child",
            "--propagation",
            "private",
            "sh",
            "-c",
        ]
        done = subprocess.run(
            [
                *filtered,
                *enter,
                _ENTER.format(masks=masks),
                "sh",
                str(self.root),
                self.folder,
                *clean,
                *become,
                *command,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert not check or done.returncode == 0, f"{shlex.join(command)}: {done.returncode}\n{done.stdout[-4000:]}"
        return done

    def _step_run(self, arguments: str) -> None:
        # What a container engine does for every step: names are resolved as on the machine, whose certificates count.
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        if _CERTIFICATES.exists():
            shutil.copy(_CERTIFICATES, self.root / "etc/machine.crt")
        self.run("/bin/sh", "-c", arguments)

    def _step_env(self, arguments: str) -> None:
        for word in shlex.split(arguments):
            name, _, value = word.partition("=")
            self.environment[name] = value

    def _step_user(self, arguments: str) -> None:
        self.user = arguments

    def _step_workdir(self, arguments: str) -> None:
        self.folder = arguments
        (self.root / arguments.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def _step_copy(self, arguments: str) -> None:
        *flags, source, target = arguments.split()
        owner = next((flag.partition("=")[2] for flag in flags if flag.startswith("--chown=")), "0:0")
        user, group = map(int, owner.split(":"))
        place = self.root / target.lstrip("/")
        patterns = (self.context / ".dockerignore").read_text(encoding="utf-8").splitlines()
        for path in self._files(source, [line for line in patterns if line and not line.startswith("#")]):
            copy = place / path.relative_to(self.context / source) if (self.context / source).is_dir() else place
            for parent in reversed([parent for parent in copy.parents if not parent.exists()]):
                parent.mkdir()
                os.chown(parent, user, group)
            shutil.copy(path, copy)
            os.chown(copy, user, group)

    def _files(self, source: str, patterns: list[str]) -> Iterable[Path]:
        top = self.context / source
        if top.is_file():
            yield top
            return
        for folder, names, files in os.walk(top):
            place = Path(folder)
            kept = [
                name for name in names if not ignored((place / name).relative_to(self.context).as_posix(), patterns)
            ]
            names[:] = kept
            for name in files:
                if not ignored((place / name).relative_to(self.context).as_posix(), patterns):
                    yield place / name

    def _step_healthcheck(self, arguments: str) -> None:
        self.commands["HEALTHCHECK"] = json.loads(arguments.partition("CMD")[2])

    def _step_entrypoint(self, arguments: str) -> None:
        self.commands["ENTRYPOINT"] = json.loads(arguments)

    def _step_cmd(self, arguments: str) -> None:
        self.commands["CMD"] = json.loads(arguments)


def _filter(profile: Path) -> None:
    """Forbid this process and its children what a profile forbids, by libseccomp, as container engines do."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    rules = json.loads(profile.read_text(encoding="utf-8"))
    assert rules["defaultAction"] == "SCMP_ACT_ALLOW"
    context = ctypes.c_void_p(library.seccomp_init(_ALLOW))
    for rule in rules["syscalls"]:
        assert rule["action"] == "SCMP_ACT_ERRNO"
        for name in rule["names"]:
            number = library.seccomp_syscall_resolve_name(name.encode())
            # -1: no such call here. Below it: one of another architecture, for which engines make rules, too.
            if number >= 0:
                assert library.seccomp_rule_add_array(context, _EPERM, number, 0, None) == 0, name
    assert library.seccomp_load(context) == 0


if __name__ == "__main__":
    _filter(Path(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
