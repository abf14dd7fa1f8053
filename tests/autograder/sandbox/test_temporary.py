"""Folders for sockets: gone after every kind of end, and never somebody else's."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autograder.course.assignments import ROOT
from autograder.sandbox.temporary import TemporaryFolder, tidy_signals
from tests.helpers.greedy_notebooks import greedy_notebook


def runs_cells(pid: int) -> bool:
    """Tell whether a run has a worker: below its zygote a supervisor, process 1 and a kernel."""
    with contextlib.suppress(psutil.Error):
        started = psutil.Process(pid).children(recursive=True)
        zygotes = [one for one in started if any("worker.zygote" in word for word in one.cmdline()[:4])]
        return any(len(zygote.children(recursive=True)) >= 3 for zygote in zygotes)
    return False


def test_only_what_a_dead_process_left_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in use, one that is about to be locked, a link and a file of that name stay."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    living, young, old, dead = TemporaryFolder(), tmp_path / "cnn-young", tmp_path / "cnn-old", tmp_path / "cnn-dead"
    for folder in (young, old, dead, tmp_path / "precious"):
        folder.mkdir()
    (dead / "lock").touch()
    (dead / "w-1").mkdir()
    os.utime(old, (0, 0))
    (tmp_path / "cnn-link").symlink_to(tmp_path / "precious")
    (tmp_path / "cnn-file").touch()
    second = TemporaryFolder()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {living.path.name, second.path.name, "cnn-young", "cnn-link", "cnn-file", "precious"}
    living.remove()
    second.remove()
    assert {path.name for path in tmp_path.iterdir()} == {"cnn-young", "cnn-link", "cnn-file", "precious"}


def test_a_lock_is_not_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that was started meanwhile keeps no dead folder alive."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = TemporaryFolder()
    with subprocess.Popen(["sleep", "30"], close_fds=False) as child:
        folder.remove()
        again = os.open(tmp_path, os.O_RDONLY)
        fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(again)
        child.kill()


def test_signals_end_by_an_exception_and_ignored_ones_stay_ignored() -> None:
    """`nohup` goes on, SIGTERM cleans up; afterwards everything is as before."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with pytest.raises(SystemExit) as left, tidy_signals():
            [os.kill(os.getpid(), number) for number in (signal.SIGHUP, signal.SIGTERM)]
        assert left.value.code == 128 + signal.SIGTERM
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for temporary files with a short path, as sockets need it."""
    with tempfile.TemporaryDirectory(prefix="t-") as place:
        yield Path(place)


@pytest.mark.parametrize(
    "name", ["SIGTERM", *(pytest.param(name, marks=pytest.mark.slow) for name in ("SIGHUP", "SIGKILL"))]
)
def test_a_run_that_is_ended_leaves_nothing_behind(tmp_path: Path, place: Path, name: str) -> None:
    """Neither a folder nor a process; after a kill, the next run sweeps."""
    notebook = greedy_notebook("")
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["source"] = "import time\ntime.sleep(25)"
    path = tmp_path / "ana/02_convolucion/02_convolucion.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    environment = os.environ | {"TMPDIR": str(place), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "autograder", "grade", str(tmp_path / "ana")]
    silent = {"cwd": ROOT, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    # Under nohup the signal is ignored from the start, and so it would be by what is started here.
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    with subprocess.Popen(command, **silent) as run:  # type: ignore[call-overload]
        signal.signal(signal.SIGHUP, before)
        deadline = time.monotonic() + 60
        while not runs_cells(run.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert list(place.glob("cnn-*/pymp-*"))
        run.send_signal(getattr(signal, name))
        status = run.wait(30)
    if name == "SIGKILL":
        assert len(list(place.iterdir())) == 2
        with_environment = f"import tempfile; tempfile.tempdir = {str(place)!r}\n"
        sweep = "from autograder.sandbox.temporary import TemporaryFolder; TemporaryFolder().remove()"
        deadline = time.monotonic() + 20
        while list(place.iterdir()) and time.monotonic() < deadline:
            subprocess.run([sys.executable, "-c", with_environment + sweep], cwd=ROOT, check=True)
    else:
        assert status == 128 + getattr(signal, name)
    assert list(place.iterdir()) == []
