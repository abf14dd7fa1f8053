"""A class on four hosts with real cables: killed, cut off, slowed down, started again. Needs root and ``ip``.

The long run with a worker killed every 20 s is ``python -m benchmarks.cluster --count 2000 --kill-every 20``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.cluster.client import Cluster
from autograder.course.assignments import ROOT
from benchmarks.cluster import Scene, grade, hand_in, wait_for_slots
from benchmarks.hosts import why_no_hosts

WHY = why_no_hosts()
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200), pytest.mark.skipif(bool(WHY), reason=WHY)]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A scheduler and four workers of one slot."""
    with Scene(4, tmp_path_factory.mktemp("hosts"), hosts=True) as scene:
        wait_for_slots(scene)
        yield scene


def graded_while(scene: Scene, folder: Path, count: int, happens: Callable[[], Any]) -> dict[str, Any]:
    """Grade a class; when its first report is there, something happens."""
    right = hand_in(folder / "submitted", count)
    reports = folder / "cache" / "cnn-course" / "reports"

    def watch() -> None:
        while not reports.is_dir() or not list(reports.glob("*.json")):
            time.sleep(0.1)
        happens()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        found = grade(folder / "submitted", right, Cluster(scene.address, first=120), 1)
    thread.join(60)
    return found


def nothing_is_wrong(found: dict[str, Any], count: int) -> None:
    """Hold every submission to have one report, with the points that it earns."""
    assert {what: found[what] for what in ("graded", "lost", "twice", "wrong")} == {
        "graded": count,
        "lost": 0,
        "twice": 0,
        "wrong": 0,
    }


def test_killed_workers_and_a_killed_scheduler_cost_nothing(scene: Scene, tmp_path: Path) -> None:
    """Two workers, the scheduler, one more worker; all are started again."""

    def kill() -> None:
        for name in ("w1", "w2", "s", "w3"):
            scene.kill(name)
            scene.start(name)
            time.sleep(3)

    nothing_is_wrong(graded_while(scene, tmp_path, 24, kill), 24)


def test_a_benchmark_that_is_ended_leaves_nothing() -> None:
    """Neither hosts nor workers: SIGTERM goes by way of every ``finally``."""
    before = _hosts()
    command = [sys.executable, "-m", "benchmarks.cluster", "--count", "50", "--workers", "1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while _hosts() == before and time.monotonic() < deadline:
            time.sleep(0.1)
        assert _hosts() > before
        process.terminate()
        assert process.wait(60) == 128 + signal.SIGTERM
    assert _hosts() == before


def _hosts() -> set[str]:
    """Return the network namespaces of this machine."""
    said = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    return {line.split()[0] for line in said.splitlines() if line}


def test_a_cut_cable_costs_nothing(scene: Scene, tmp_path: Path) -> None:
    """The others grade what the host had; when it is mended, it comes back."""
    assert scene.hosts is not None
    wait_for_slots(scene)
    before = scene.joined("w4")
    found = graded_while(scene, tmp_path, 16, lambda: scene.hosts.cut("w4"))  # type: ignore[union-attr]
    scene.hosts.mend("w4")
    nothing_is_wrong(found, 16)
    deadline = time.monotonic() + 200
    while scene.joined("w4") == before and time.monotonic() < deadline:
        time.sleep(1)
    assert scene.joined("w4") > before


def test_slow_cables_cost_time_only(scene: Scene, tmp_path: Path) -> None:
    """80 ms and 4 Mbit/s to each host, or 1 Mbit/s where a kernel has no netem."""
    assert scene.hosts is not None
    if not all(scene.hosts.slow(name) for name in scene.names):
        pytest.skip("this kernel has neither netem nor tbf")
    nothing_is_wrong(graded_while(scene, tmp_path, 16, lambda: None), 16)


def test_a_killed_client_goes_on_where_it_was(scene: Scene, tmp_path: Path) -> None:
    """What was finished is kept here, what was in the making there: every report is there once."""
    hand_in(tmp_path / "submitted", 16)
    reports = tmp_path / "cache" / "cnn-course" / "reports"
    command = [sys.executable, "-m", "autograder", "grade", str(tmp_path / "submitted"), "--cluster", scene.address]
    command += ["--json", str(tmp_path / "r.json")]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        while process.poll() is None and (not reports.is_dir() or len(list(reports.glob("*.json"))) < 4):
            time.sleep(0.05)
        process.kill()
    before = {path: path.stat().st_mtime_ns for path in reports.glob("*.json")}
    assert 4 <= len(before) < 16
    assert subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0
    names = [report["submission"] for report in json.loads((tmp_path / "r.json").read_text())]
    assert names == [f"student{number:05}" for number in range(16)]
    assert {path: path.stat().st_mtime_ns for path in before} == before
