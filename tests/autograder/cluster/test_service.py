"""A class on real machines of this machine: scheduler, two workers, TLS, the sandbox; and the words on the screen."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.cluster.service import stay
from autograder.cluster.versions import Versions
from autograder.course.assignments import ROOT, find_assignments
from benchmarks.cluster import ASSIGNMENT, Scene
from tests.autograder.cluster.test_connection import make_certificate
from tests.helpers.fake_cluster import FakeMachine

pytestmark = pytest.mark.usefixtures("in_english")

CURIOUS = """
import os, socket

def gray_mean(image):
    seen = []
    for host, port in {targets!r}:
        try:
            socket.create_connection((host, port), timeout=1)
            seen.append(f"reached {{host}}")
        except OSError:
            pass
    seen += [name for name in os.environ if "DASK" in name or "TLS" in name or "CLUSTER" in name]
    seen += [path for path in {paths!r} if os.path.exists(path)]
    for number in filter(str.isdigit, os.listdir("/proc")):
        with open(f"/proc/{{number}}/cmdline", "rb") as file:
            seen += [number] if b"dask" in file.read() else []
    raise ValueError("SEEN:" + ",".join(seen) + ":END")
"""


def run(*arguments: str, cache: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder", *arguments]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "COLUMNS": "200"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=False)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("cluster")
    with Scene(2, folder, hosts=False, certificate=make_certificate(folder)) as scene:
        yield scene


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, scene: Scene) -> Path:
    """A right answer, an empty notebook, one that looks around, one that cannot be read, and a folder without any."""
    place = tmp_path_factory.mktemp("class") / "submitted"
    folders = {name: place / name / ASSIGNMENT for name in ("ana", "beto", "curious", "damaged", "eva")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    shutil.copy(find_assignments()[ASSIGNMENT].source, folders["ana"] / f"{ASSIGNMENT}.ipynb")
    (folders["ana"] / "link.png").symlink_to("/etc/passwd")
    nbformat.write(new_notebook(cells=[new_code_cell("x = 1")]), folders["beto"] / f"{ASSIGNMENT}.ipynb")
    host, port = scene.address.removeprefix("tls://").split(":")
    targets = [(host, int(port)), ("127.0.0.1", int(port)), ("10.213.47.1", int(port))]
    code = CURIOUS.format(
        targets=targets, paths=[str(scene.certificate), str(scene.folder), str(ROOT / "tests/checks")]
    )
    nbformat.write(new_notebook(cells=[new_code_cell(code)]), folders["curious"] / f"{ASSIGNMENT}.ipynb")
    (folders["damaged"] / f"{ASSIGNMENT}.ipynb").write_text('{"cells": [')
    return place


@pytest.fixture(scope="module")
def graded(scene: Scene, place: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("graded")
    options = ["--cluster", scene.address, "--tls", str(scene.certificate), "--json", str(folder / "r.json")]
    ran = run("grade", str(place), *options, cache=folder / "cache")
    reports = {report["submission"]: report for report in json.loads((folder / "r.json").read_text())}
    return ran, reports, folder


def test_a_class_is_graded_by_both_machines(graded: Any, scene: Scene) -> None:
    """Over TLS; right answers get full marks, what cannot be read no grade."""
    ran, reports, _ = graded
    assert ran.returncode == 3, ran.stderr
    assert {name: report["score"] for name, report in reports.items()} == {
        "ana": 10.0,
        "beto": 0.0,
        "curious": 0.0,
        "damaged": None,
        "eva": None,
    }
    assert [flag["kind"] for flag in reports["ana"]["flags"]] == ["links-ignored"]
    assert len(re.findall(r"^máquina \S+: 1 puesto$", ran.stderr, re.MULTILINE)) == 2
    assert sum(map(int, re.findall(r"^máquina \S+: (\d+) corregidas$", ran.stderr, re.MULTILINE))) == 4
    assert all(f"1 puesto en {scene.address}" in scene.log(name) for name in scene.names)


@pytest.mark.slow
def test_the_reports_are_those_of_this_machine(graded: Any, place: Path) -> None:
    """Byte for byte, times aside."""
    _, reports, folder = graded
    options = ["--json", str(folder / "local.json"), "--jobs", "2"]
    run("grade", str(place), *options, cache=folder / "cache-local")
    local = {report["submission"]: report for report in json.loads((folder / "local.json").read_text())}

    def timeless(report: Any) -> Any:
        return {**report, "seconds": 0, "checks": [{**check, "seconds": 0} for check in report["checks"]]}

    assert {name: timeless(report) for name, report in reports.items()} == {
        name: timeless(report) for name, report in local.items()
    }


def test_student_code_sees_nothing_of_the_cluster(graded: Any) -> None:
    """Neither scheduler nor certificate, nor a process or a variable of the engine's."""
    messages = json.dumps(graded[1]["curious"], ensure_ascii=False)
    assert set(re.findall(r"SEEN:(.*?):END", messages)) == {""}


@pytest.mark.slow
def test_another_certificate_reaches_nobody(scene: Scene, place: Path, tmp_path: Path) -> None:
    """And the error says what to do."""
    other = make_certificate(tmp_path, "other.pem")
    ran = run("grade", str(place), "--cluster", scene.address, "--tls", str(other), cache=tmp_path)
    assert ran.returncode == 3
    assert "give scheduler, workers and `grade` the same --tls file" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_worker_without_a_scheduler_says_what_it_waits_for() -> None:
    """Once, and ends when it is asked to."""
    told: list[str] = []

    async def wait() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(4, stop.set)
        machine: Any = FakeMachine("ada", Versions("1", "3", {}))
        await stay(machine, "tcp://127.0.0.1:1", [], 1, None, told.append, stop=stop)

    asyncio.run(wait())
    assert len(told) == 1
    assert told[0].startswith("machine ada: waiting. expected a scheduler at tcp://127.0.0.1:1. Received: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grade", "x", "--tls", "cluster.pem"], "expected --cluster tls://"),
        (["grade", "x", "--cluster", "http://host:1"], "expected an address like tcp://host:8786"),
        (["worker", "tcp://host:8786", "--assignment", "99_nada"], "Received: 99_nada"),
        (["worker", "host"], "expected an address like tcp://host:8786"),
    ],
)
def test_wrong_use_is_refused_at_once(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit status 2, before anything is prepared."""
    from autograder.cli import main

    monkeypatch.setenv("COLUMNS", "400")
    assert main(arguments) == 2
    assert said in capsys.readouterr().err
