"""The process that workers are forked from: it has already imported what they need.

Starting Python and importing numpy, scikit-image, matplotlib and TensorFlow takes seconds; a fork takes milliseconds.
The zygote runs in bubblewrap, runs no student code and knows nothing worth knowing. It answers on a Unix socket that it
inherits: each connection asks for one worker, stays open as long as the worker shall live, and closing it kills the
worker with everything that the worker started.

A request is one JSON line with file descriptors: the socket of the kernel's line for cells and requests, and a file
with the submission as a tar archive. The answers are JSON lines:
``{"event": "started"}`` or ``{"event": "refused", "reason"}``, and in the end
``{"event": "ended", "code", "signal", "reason"}``.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import io
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import isolation
from .isolation import Limits

Run = Callable[[dict[str, Any], list[int]], None]
"""Runs a worker's kernel: takes the request and its file descriptors."""

WATCH_SECONDS = 0.1
MAX_REQUEST = 1 << 16
BASE_MODULES = (
    "numpy.random",
    "skimage.io",
    "matplotlib.pyplot",
    "PIL.Image",
    "imageio.v3",
    "scipy.ndimage",
)
KERNEL_MODULES = (
    "ipykernel.ipkernel",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.magics",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "matplotlib_inline.backend_inline",
    "tornado.platform.asyncio",
    "autograder.worker.kernel",
)
TENSORFLOW_MODULES = ("tensorflow", "keras", "h5py", "autograder.worker.model_file")


def main() -> None:
    """Import, then fork a worker for each connection; the arguments come as JSON in ``sys.argv[1]``."""
    settings = json.loads(sys.argv[1])
    listener = socket.socket(fileno=int(settings["socket"]))
    fonts = _font_lists()
    gc.disable()  # what is imported stays
    for name in (*BASE_MODULES, *(TENSORFLOW_MODULES if settings["tensorflow"] else ())):
        with contextlib.suppress(ImportError):  # then the notebooks that import it fail, and say so
            importlib.import_module(name)
    with contextlib.suppress(ImportError):
        _open_an_image()
    _forgo_the_debugger()
    for name in KERNEL_MODULES:  # without them nothing runs: end here, with the reason
        importlib.import_module(name)
    kernel = sys.modules["autograder.worker.kernel"]
    run = functools.partial(kernel.run, kernel.build())
    gc.enable()
    gc.freeze()
    for path in _font_lists():
        if path not in fonts:
            # Matplotlib has looked through the fonts of this machine: the next zygote may be spared that.
            print(json.dumps({"name": path.name, "content": path.read_text()}), flush=True)
    print("ready", flush=True)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _supervise(connection, settings, run)
            os._exit(0)
        connection.close()


def _open_an_image() -> None:
    """Have PIL and imageio import what they do for the first image only."""
    from imageio.v3 import imread
    from PIL import Image

    stream = io.BytesIO()
    Image.new("L", (1, 1)).save(stream, format="PNG")
    stream.seek(0)
    imread(stream)


def _font_lists() -> list[Path]:
    return sorted(Path(os.environ.get("MPLCONFIGDIR", "/nonexistent")).glob("fontlist-*.json"))


def _forgo_the_debugger() -> None:
    """Let the kernel believe that debugpy is not installed: it would import it, which takes as long as all the rest."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    importlib.import_module("ipykernel.debugger")
    del sys.modules["debugpy"]


def _supervise(connection: socket.socket, settings: dict[str, Any], run: Run) -> None:
    """Start one worker and stay with it until it ends or the grader hangs up."""
    isolation.die_with_parent()
    try:
        line, descriptors, _, _ = socket.recv_fds(connection, MAX_REQUEST, 8)
        request = json.loads(line)
    except (OSError, ValueError):
        return
    limits = Limits(**request["limits"])
    isolated = settings["isolate"]
    try:
        if isolated:
            isolation.enter_namespaces()
        started, report = os.pipe()
        root = os.fork()
        if root == 0:
            os.close(started)
            connection.close()
            _worker_root(request, descriptors, limits, settings, report, run)
    except OSError as error:
        _tell(connection, event="refused", reason=str(error))
        return
    os.close(report)
    for descriptor in descriptors:
        os.close(descriptor)
    refusal = os.read(started, 4096).decode(errors="replace")
    os.close(started)
    if refusal:
        os.waitpid(root, 0)
        _tell(connection, event="refused", reason=refusal)
        return
    _tell(connection, event="started")
    # Process 1 mounted its own /proc in the mount namespace that we share: the worker's numbers are what we see there.
    _watch(connection, root, 1 if isolated else root, limits)


def _worker_root(
    request: dict[str, Any],
    descriptors: list[int],
    limits: Limits,
    settings: dict[str, Any],
    report: int,
    run: Run,
) -> None:
    """Be process 1 of the worker: lock the door, fork the kernel, reap what it leaves behind."""
    code = 1
    try:
        if settings["isolate"]:
            isolation.settle_in(settings["folders"], settings["keep"], limits)
        isolation.set_limits(limits)
        if settings["drop"]:
            isolation.drop_privileges()
            isolation.forbid_system_calls()
        os.setsid()
    except OSError as error:
        os.write(report, str(error).encode())
        os._exit(code)
    os.close(report)
    kernel = os.fork()
    if kernel == 0:
        try:
            run(request, descriptors)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    # Student code could open what process 1 holds open through /proc/1/fd: leave nothing there.
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.closerange(3, 4096)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, lambda *_: os.kill(kernel, signal.SIGINT))
    while True:
        try:
            pid, status = os.wait()
        except ChildProcessError:
            break
        if pid == kernel:
            code = os.waitstatus_to_exitcode(status)
            break
    # A signal's number crosses as 128 + n, as shells do.
    os._exit(code & 0xFF if code >= 0 else 128 - code)


def _watch(connection: socket.socket, root: int, visible: int, limits: Limits) -> None:
    """Pass interrupts on, stop the worker when it uses too much or the grader hangs up, tell how it ended.

    ``root`` is process 1 of the worker as we wait for it, ``visible`` its number in the /proc that we see.
    """
    reason = ""
    status: int | None = None
    while status is None:
        readable, _, _ = select.select([connection], [], [], WATCH_SECONDS)
        if readable:
            message = connection.recv(64)
            if not message:
                break
            if b"interrupt" in message:
                os.kill(root, signal.SIGUSR1)
        pid, ended = os.waitpid(root, os.WNOHANG)
        if pid:
            status = ended
            break
        threads, resident = isolation.process_tree(visible)
        if resident > limits.memory:
            reason = "memory"
            break
        if threads > 2 * limits.processes:
            reason = "processes"
            break
    if status is None:
        _kill_tree(root)
        _, status = os.waitpid(root, 0)
    code = os.waitstatus_to_exitcode(status)
    number = code - 128 if code > 128 else max(-code, 0)
    _tell(connection, event="ended", code=code, signal=number, reason=reason)


def _kill_tree(root: int) -> None:
    """Kill the worker: the end of process 1 ends its pid namespace; without one, its session is all we can reach."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(root, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(root, signal.SIGKILL)


def _tell(connection: socket.socket, **message: Any) -> None:
    with contextlib.suppress(OSError):
        connection.sendall(json.dumps({**message, "time": time.time()}).encode() + b"\n")


if __name__ == "__main__":
    main()
