"""The IPython kernel in which a submission runs, on Unix sockets that it inherits.

It is an ordinary ``ipykernel`` except that it binds no path (the listening sockets come from the grader, so the sandbox
needs no folder in common with it), keeps no history, and answers the grader's requests on a `Line` beside its channels.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
import tarfile
from typing import Any

import zmq
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.jsonutil import json_clean, json_default
from traitlets.config import Config

from . import datasets
from .line import Line
from .service import Service

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")


class WorkerKernelApp(IPKernelApp):
    """A kernel application whose sockets are already listening."""

    def __init__(self, descriptors: dict[int, int], key: bytes, **settings: Any) -> None:
        super().__init__(**settings)  # type: ignore[no-untyped-call]
        self._descriptors = descriptors
        self.transport = "ipc"
        self.ip = "/inherited"
        self.shell_port, self.iopub_port, self.stdin_port, self.control_port, self.hb_port = 1, 2, 3, 4, 5
        self.session.key = key

    def _try_bind_socket(self, s: zmq.Socket[Any], port: int) -> int:
        s.setsockopt(zmq.USE_FD, self._descriptors[port])
        s.bind(f"ipc://{self.ip}-{port}")
        s.setsockopt(zmq.USE_FD, -1)
        return port

    def init_connection_file(self) -> None:
        """Need no connection file: the grader knows where the sockets are."""

    def write_connection_file(self, **kwargs: Any) -> None:
        """Need no connection file."""

    def init_heartbeat(self) -> None:
        """Need no heartbeat: the grader watches the process itself."""


def run(request: dict[str, Any], descriptors: list[int]) -> None:
    """Unpack the submission into the home folder and run the kernel until it is killed.

    Parameters
    ----------
    request : dict
        ``home``, ``key`` and ``render`` of the worker.
    descriptors : list of int
        The listening sockets in the order of `CHANNELS`, the socket of the `Line`, then the tar archive.
    """
    *sockets, calls, archive = descriptors
    home = request["home"]
    os.environ["HOME"] = home
    os.makedirs(home, exist_ok=True)
    os.chdir(home)
    with os.fdopen(archive, "rb") as stream, tarfile.open(fileobj=stream, mode="r|") as files:
        for member in files:
            if member.isfile() or member.isdir():
                files.extract(member, home, set_attrs=False)
    _keep_only([*sockets, calls])
    sys.path[0] = ""
    sys.argv = ["notebook"]
    if os.environ.get("CNN_DATA"):
        datasets.install(os.environ["CNN_DATA"])
    _reseed()
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.cache_size = 0
    config.InteractiveShell.colors = "nocolor"
    config.IPKernelApp.capture_fd_output = False
    config.Application.log_level = 50
    application = WorkerKernelApp(
        dict(enumerate(sockets, start=1)),
        request["key"].encode(),
        config=config,
    )
    application.initialize([])  # type: ignore[no-untyped-call]
    application.session.pack = _pack
    shell = application.kernel.shell
    # `exit()`, `quit()` and `do_shutdown` would end the kernel a little later, in the middle of whatever runs then.
    shell.unobserve_all("exit_now")
    if request["render"]:
        # There is no screen, and ipykernel looks for the loop of windows in an application that is not this one.
        shell.enable_gui = lambda *arguments, **keywords: None
        shell.enable_matplotlib("inline")
        _compress_quickly()
    else:
        # `%matplotlib inline` must not turn drawing on again.
        shell.enable_matplotlib = lambda *arguments, **keywords: ("agg", "agg")
    application.kernel.start()
    _listen(application.kernel.io_loop, Line(calls, Service(shell.user_ns, home).handle))
    while True:
        # Code that stops the loop, or an interrupt between two requests, stops nothing else.
        with contextlib.suppress(KeyboardInterrupt):
            application.kernel.io_loop.start()


def _compress_quickly() -> None:
    """Let matplotlib write PNG files that are an eighth larger in a third of the time: most of a figure's."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    write: Any = FigureCanvasAgg.print_png

    @functools.wraps(write)  # matplotlib calls its own methods only as they are declared
    def write_quickly(canvas: Any, target: Any, *, pil_kwargs: dict[str, Any] | None = None, **options: Any) -> None:
        write(canvas, target, pil_kwargs={"compress_level": 1, **(pil_kwargs or {})}, **options)

    FigureCanvasAgg.print_png = write_quickly  # type: ignore[assignment, method-assign]


def _listen(loop: Any, line: Line) -> None:
    """Let the kernel's loop answer on the line, in the main thread, where interrupts arrive."""

    def serve(descriptor: int, events: int) -> None:
        try:
            line.serve()
        except (EOFError, OSError):
            # The grader has hung up: it ends this process in a moment.
            loop.remove_handler(descriptor)

    loop.add_handler(line.fileno(), serve, loop.READ)


def _pack(message: Any) -> bytes:
    """Return a message as JSON; escapes let halves of surrogate pairs pass, which have no encoding."""
    try:
        return json.dumps(message, default=json_default, allow_nan=False).encode()
    except (TypeError, ValueError):
        return json.dumps(json_clean(message), default=json_default, allow_nan=False).encode()


def _keep_only(descriptors: list[int]) -> None:
    """Close every file but those sockets, and point the standard streams at nothing."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    last = 2
    for descriptor in sorted(descriptors):
        os.closerange(last + 1, descriptor)
        last = descriptor
    os.closerange(last + 1, os.sysconf("SC_OPEN_MAX") if os.sysconf("SC_OPEN_MAX") < 65536 else 65536)


def _reseed() -> None:
    """Give this fork random numbers of its own: it has inherited the zygote's generators."""
    import random

    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
