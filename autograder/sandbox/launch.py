"""One worker: the process, forked from the zygote, in which one submission runs."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from autograder.errors import WorkerFault
from autograder.intake.opening import NotHandedIn, open_handed_in
from autograder.sandbox.bubblewrap import HOME
from autograder.settings import SandboxKind
from autograder.worker.isolation import UNPRIVILEGED_ID, Limits

__all__ = ["Worker", "launch", "pack"]

START_SECONDS = 120.0


@dataclass
class Worker:
    """One running worker: closing its connection kills it.

    Parameters
    ----------
    connection : socket
        The line to its supervisor.
    line : socket
        The grader's end of the line for cells and requests.
    folder : path, optional
        Of this machine, with the worker's home in it.
    """

    connection: socket.socket
    line: socket.socket
    folder: Path | None = None
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
        self.line.close()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def launch(address: str, archive: int, limits: Limits, *, kind: SandboxKind = "bwrap", render: bool = False) -> Worker:
    """Ask the zygote at ``address`` for a worker.

    Parameters
    ----------
    address : str
        `Sandbox.address`.
    archive : int
        Descriptor of a tar file with the submission's files.
    limits : Limits
    kind : {"bwrap", "user", "none"}
        That of the sandbox; but for ``bwrap`` the home folder is a temporary folder of this machine.
    render : bool
        Draw the notebook's figures into its outputs; otherwise they are made and not drawn.

    Raises
    ------
    WorkerFault
        The zygote is gone or refuses.
    """
    folder = None if kind == "bwrap" else _folder_of_home(address, kind)
    home = str(folder / "home") if folder is not None else HOME
    request = {"limits": asdict(limits), "home": home, "render": render}
    line, theirs = socket.socketpair()
    worker = Worker(socket.socket(socket.AF_UNIX), line, folder)
    try:
        with contextlib.closing(theirs):
            worker.connection.settimeout(START_SECONDS)
            worker.connection.connect(address)
            descriptors = [theirs.fileno(), archive]
            socket.send_fds(worker.connection, [json.dumps(request).encode() + b"\n"], descriptors)
            answer = next(_lines(worker.connection), None)
    except OSError as error:
        worker.close()
        raise WorkerFault(f"The sandbox does not answer: {error}") from error
    if answer is None or answer.get("event") != "started":
        worker.close()
        raise WorkerFault(f"The sandbox refused to start a worker: {(answer or {}).get('reason', 'it hung up')}")
    return worker


def _folder_of_home(address: str, kind: SandboxKind) -> Path:
    """Make a folder for a home, in the sandbox's own one, so that it goes with it however this process ends."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="w-", dir=Path(address).parent))
        if kind == "user":
            (folder / "home").mkdir(mode=0o700)
            os.chown(folder / "home", UNPRIVILEGED_ID, UNPRIVILEGED_ID)
            folder.chmod(0o711)
    except OSError as error:
        raise WorkerFault(f"The sandbox is gone: {error}") from error
    return folder


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
        The name below the home folder and where the content lies. What is a link or no regular file is left out.
    """
    stream = tempfile.TemporaryFile()  # noqa: SIM115
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, path in files:
            with contextlib.suppress(NotHandedIn), open_handed_in(path) as content:
                member = tarfile.TarInfo(name)
                member.size = os.fstat(content.fileno()).st_size
                archive.addfile(member, content)
    stream.seek(0)
    return stream
