"""Grade a class of tiny notebooks on a cluster of this machine's own while its workers are killed, and count.

Scheduler and workers are hosts in network namespaces (`benchmarks.hosts`), or processes on loopback where this machine
has none. Every notebook is another one, so each must be graded; what it earns is known, so a wrong, lost or doubled
report is seen. With ``--compare`` the same class is then graded by the processes of this machine, with as many at a
time, and both are compared: wall time, and CPU time of this program's control group (cpuacct) where it has one of its
own, else of the whole machine.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_notebook

from autograder.cluster.client import Cluster
from autograder.course.assignments import ROOT, find_assignments
from autograder.grading.class_run import run_class
from autograder.grading.executor import Event, Executor
from autograder.intake.submissions import find_submissions
from autograder.settings import Settings
from benchmarks.hosts import Hosts, why_no_hosts

__all__ = ["ASSIGNMENT", "Scene", "grade", "hand_in", "wait_for_slots"]

ASSIGNMENT = "01_imagen_digital"
_MEAN = "def gray_mean(image):\n    return image.astype(float).mean(axis=2)"


class Scene:
    """A scheduler and workers, each a process that can be killed and started again. Use it as a context manager.

    Parameters
    ----------
    workers : int
    folder : path
        For caches and logs.
    hosts : bool
        In network namespaces; otherwise on loopback.
    jobs : int
        Slots of each worker.
    certificate : path, optional
        Of the cluster: everything goes over TLS.
    assignments : sequence of str
        Which ones the workers grade.
    python : str
        The interpreter of all of them.
    root : path
        The repository that they run from.
    """

    def __init__(
        self,
        workers: int,
        folder: Path,
        hosts: bool,
        jobs: int = 1,
        certificate: Path | None = None,
        *,
        assignments: Sequence[str] = (ASSIGNMENT,),
        python: str = sys.executable,
        root: Path = ROOT,
    ) -> None:
        self.names = [f"w{number}" for number in range(1, workers + 1)]
        self.folder = folder
        self.hosts = Hosts(["s", *self.names]) if hosts else None
        self.certificate = certificate
        self._python, self._root = python, root
        self._arguments = ["--jobs", str(jobs)]
        self._arguments += [part for name in assignments for part in ("--assignment", name)]
        self._arguments += ["--tls", str(certificate)] if certificate is not None else []
        self._processes: dict[str, subprocess.Popen[Any]] = {}
        host = self.hosts.addresses["s"] if self.hosts is not None else "127.0.0.1"
        self.address = f"{'tls' if certificate is not None else 'tcp'}://{host}:{_free_port()}"

    def __enter__(self) -> Scene:
        try:
            if self.hosts is not None:
                self.hosts.__enter__()
            for name in ("s", *self.names):
                self.start(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()
        if self.hosts is not None:
            self.hosts.__exit__()

    def start(self, name: str) -> None:
        """Start the scheduler (``s``) or a worker."""
        protocol, _, place = self.address.partition("://")
        host, _, port = place.partition(":")
        command = [self._python, "-m", "dask", "scheduler", "--host", host, "--port", port, "--no-dashboard"]
        command += ["--dashboard-address", ":0", "--protocol", protocol]
        for kind in ("ca-file", "cert", "key") if self.certificate is not None else ():
            command += [f"--tls-{kind}", str(self.certificate)]
        if name != "s":
            command = [self._python, "-m", "autograder", "worker", self.address, *self._arguments]
        environment = {**os.environ, "XDG_CACHE_HOME": str(self.folder / f"cache-{name}"), "OMP_NUM_THREADS": "1"}
        log = self.folder / f"{name}.log"
        if self.hosts is not None:
            self._processes[name] = self.hosts.start(name, command, log, self._root, environment)
            return
        with log.open("ab") as stream:
            self._processes[name] = subprocess.Popen(
                command,
                cwd=self._root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )

    def kill(self, name: str) -> None:
        """Kill a process, as a power cut would."""
        self._processes[name].send_signal(signal.SIGKILL)
        self._processes[name].wait()

    def joined(self, name: str) -> int:
        """Return how often a worker has joined, in whatever language it says so: such a line ends with the address."""
        return sum(line.endswith(f" {self.address}") for line in self.log(name).splitlines())

    def log(self, name: str) -> str:
        """Return what a process said."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def hand_in(place: Path, count: int) -> dict[str, bool]:
    """Hand in ``count`` different notebooks, every third with a right answer; return who has one."""
    right = {}
    for number in range(count):
        name = f"student{number:05}"
        right[name] = number % 3 == 0
        folder = place / name / ASSIGNMENT
        folder.mkdir(parents=True)
        cells = [new_code_cell(f"number = {number}"), *([new_code_cell(_MEAN)] if right[name] else [])]
        nbformat.write(new_notebook(cells=cells), folder / f"{ASSIGNMENT}.ipynb")
    return right


def grade(place: Path, right: dict[str, bool], executor: Executor | None, jobs: int) -> dict[str, Any]:
    """Grade a class and count what became of it.

    Returns
    -------
    dict
        ``graded``, ``lost`` (no grade or no report), ``twice`` (told twice), ``wrong`` (other points than known),
        ``wall`` and ``cpu`` (seconds), ``machines`` (how many each graded), ``notices``.
    """
    assignments = {ASSIGNMENT: find_assignments()[ASSIGNMENT]}
    submissions = find_submissions([place], assignments)
    finished: Counter[int] = Counter()
    machines: Counter[str] = Counter()
    notices: list[str] = []

    def hear(event: Event) -> None:
        if event.kind == "finished":
            finished[event.index] += 1
            machines[event.machine] += 1
        elif event.kind == "notice":
            notices.append(event.text)

    before, started = _busy(), time.monotonic()
    results = run_class(submissions, assignments, Settings(jobs=jobs), hear, executor=executor)
    wall, after = time.monotonic() - started, _busy()
    scores = {result.report.submission: result.report.score for result in results}
    earned = {flag: {scores[name] for name in right if right[name] is flag} for flag in (True, False)}
    return {
        "graded": sum(score is not None for score in scores.values()),
        "lost": len(right) - len(scores) + sum(score is None for score in scores.values()),
        "twice": sum(count > 1 for count in finished.values()),
        "wrong": sum(max(0, len(found) - 1) for found in earned.values()) + len(earned[True] & earned[False]),
        "wall": round(wall, 1),
        "cpu": round(after - before, 1),
        "machines": dict(sorted(machines.items())),
        "notices": notices,
    }


def _busy() -> float:
    """Return the CPU seconds so far of this control group, or of the whole machine."""
    for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
        _, controllers, name = line.split(":", 2)
        usage = Path(f"/sys/fs/cgroup/cpuacct{name}/cpuacct.usage")
        if "cpuacct" in controllers.split(",") and name != "/" and usage.is_file():
            return int(usage.read_text(encoding="utf-8")) / 1e9
    times = psutil.cpu_times()
    return float(times.user + times.system + times.nice)


@contextlib.contextmanager
def _killing(scene: Scene, seconds: float, on_kill: Callable[[str], None]) -> Iterator[None]:
    """Kill one worker after the other, each started again at once."""
    done = threading.Event()

    def kill() -> None:
        number = 0
        while not done.wait(seconds):
            name = scene.names[number % len(scene.names)]
            scene.kill(name)
            scene.start(name)
            on_kill(name)
            number += 1

    thread = threading.Thread(target=kill)
    if seconds:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if seconds:
            thread.join()


def main() -> int:
    """Print the counts as JSON; fail where a submission was lost, told twice or got other points."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="submissions")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--jobs", type=int, default=1, help="slots of each worker")
    parser.add_argument("--kill-every", type=float, default=0, metavar="S", help="kill a worker every S seconds")
    parser.add_argument("--compare", action="store_true", help="then grade the same class without a cluster")
    parser.add_argument("--slow", action="store_true", help="slow cables (`benchmarks.hosts`)")
    parser.add_argument("--loopback", action="store_true", help="no network namespaces")
    options = parser.parse_args()
    # Whoever ends this ends its workers and hosts with it.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    why = why_no_hosts()
    if why and not options.loopback:
        print(f"On loopback: {why}.", file=sys.stderr)
    folder = Path(tempfile.mkdtemp(prefix="cnncluster"))
    kills: list[str] = []
    try:
        right = hand_in(folder / "submitted", options.count)
        with Scene(options.workers, folder, hosts=not (why or options.loopback), jobs=options.jobs) as scene:
            wait_for_slots(scene)
            if options.slow and scene.hosts is not None:
                for name in scene.names:
                    scene.hosts.slow(name)
            os.environ["XDG_CACHE_HOME"] = str(folder / "cache-cluster")
            with _killing(scene, options.kill_every, kills.append):
                found = {"cluster": grade(folder / "submitted", right, Cluster(scene.address, first=120), 1)}
        if options.compare:
            os.environ["XDG_CACHE_HOME"] = str(folder / "cache-local")
            found["local"] = grade(folder / "submitted", right, None, options.workers * options.jobs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(
        json.dumps({"submissions": options.count, "kills": len(kills), "load": os.getloadavg()[0], **found}, indent=1)
    )
    return int(any(run[what] for run in found.values() for what in ("lost", "twice", "wrong")))


def _end(number: int, _: object) -> None:
    """Leave by way of every ``finally``, undisturbed by a second signal."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def wait_for_slots(scene: Scene) -> None:
    """Wait until every worker is there: a start is no part of what is measured."""
    deadline = time.monotonic() + 300
    while not all(scene.joined(name) for name in scene.names):
        if time.monotonic() > deadline:
            raise TimeoutError("expected all workers within five minutes. Received: " + scene.log(scene.names[0]))
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
