"""The IPython kernel in which a submission runs, on one socket that it inherits.

It is ``ipykernel``'s own kernel and shell but for what carries its messages: in place of ZeroMQ's five channels and
their threads there is one `Line`, on which cells and the grader's requests come and what cells show goes. Nothing of
that needs a socket before it runs, so the zygote builds the kernel and each worker inherits a finished one.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import sys
import tarfile
import tempfile
import threading
from types import SimpleNamespace
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from IPython.core.profiledir import ProfileDir
from traitlets.config import Config

from . import datasets
from .line import Line, Reply
from .service import Service
from .shown import Shown, ShownSession

__all__ = ["build", "run"]

_MOST_NAME, _MOST_TEXT = 100, 2000
"""Letters of an exception's name and text that are told."""


def build() -> Any:
    """Return an `IPythonKernel` that keeps no history and needs nothing but a `Line`.

    Called once, in the process that workers are forked from.
    """
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.cache_size = 0
    config.InteractiveShell.ipython_dir = tempfile.gettempdir()  # until there is a home
    config.InteractiveShell.colors = "nocolor"
    config.IPKernelApp.connection_file = ""  # libraries look here for whether they run in a notebook
    log = logging.getLogger("kernel")
    log.setLevel(logging.CRITICAL)
    kernel: Any = IPythonKernel.instance(
        config=config, session=ShownSession(config=config), profile_dir=ProfileDir(), log=log
    )
    # Where top-level `await` is interrupted, the kernel asks which thread runs cells.
    kernel.shell_channel_thread = SimpleNamespace(parent_thread=threading.main_thread())
    shell = kernel.shell
    shell.extension_manager.load_extension("storemagic")
    # `exit()`, `quit()` and `do_shutdown` would end the kernel a little later, in the middle of whatever runs then.
    shell.unobserve_all("exit_now")
    # Both are asked twice for each cell, and compile it; only code with one of these words can need the loop.
    should_run_async = shell.should_run_async
    shell.should_run_async = lambda code, **known: (
        ("await" in code or "async" in code) and should_run_async(code, **known)
    )
    shell.transform_cell = functools.lru_cache(1)(shell.transform_cell)
    return kernel


def run(kernel: Any, request: dict[str, Any], descriptors: list[int]) -> None:
    """Unpack the submission into the home folder and answer on the line until the process is killed.

    Parameters
    ----------
    kernel : IPythonKernel
        Of `build`.
    request : dict
        ``home`` and ``render`` of the worker.
    descriptors : list of int
        The socket of the `Line`, then the tar archive.
    """
    calls, archive = descriptors
    home = request["home"]
    os.environ["HOME"] = home
    os.makedirs(home, exist_ok=True)
    os.chdir(home)
    with os.fdopen(archive, "rb") as stream, tarfile.open(fileobj=stream, mode="r|") as files:
        for member in files:
            if member.isfile() or member.isdir():
                files.extract(member, home, set_attrs=False)
    _keep_only(calls)
    sys.path[0] = ""
    sys.argv = ["notebook"]
    if os.environ.get("CNN_DATA"):
        datasets.install(os.environ["CNN_DATA"])
    _reseed()
    own = os.environ.get("IPYTHONDIR", home)
    with contextlib.suppress(OSError):
        kernel.shell.ipython_dir = own
        kernel.profile_dir.location = os.path.join(own, "profile_default")
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    kernel.start()
    shell = kernel.shell
    if request["render"]:
        # There is no screen, and ipykernel looks for the loop of windows in an application that is not this one.
        shell.enable_gui = lambda *arguments, **keywords: None
        shell.enable_matplotlib("inline")
        _compress_quickly()
    else:
        # `%matplotlib inline` must not turn drawing on again.
        shell.enable_matplotlib = lambda *arguments, **keywords: ("agg", "agg")
    line = Line(calls, Service(shell.user_ns, home).handle, lambda code: _run_cell(kernel, streams, code))
    kernel.session.show = line.show
    streams = sys.stdout, sys.stderr = Shown("stdout", line.show), Shown("stderr", line.show)
    line.listen(loop)
    while True:
        # Code that stops the loop, or an interrupt between two requests, stops nothing else.
        with contextlib.suppress(KeyboardInterrupt, SystemExit):
            loop.run_forever()


async def _run_cell(kernel: Any, streams: tuple[Shown, Shown], code: str) -> Reply:
    """Run a cell and return how it ended: ``{"status": "ok"}`` or ``{"status": "error", "ename", "evalue"}``."""
    try:
        reply = await kernel.do_execute(code, silent=False, store_history=False, allow_stdin=False)
    finally:
        for stream in streams:
            stream.flush()
    about = {name: str(reply.get(name, ""))[:most] for name, most in (("ename", _MOST_NAME), ("evalue", _MOST_TEXT))}
    return {"status": str(reply["status"]), **about}, []


def _compress_quickly() -> None:
    """Let matplotlib write PNG files that are an eighth larger in a third of the time: most of a figure's."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    write: Any = FigureCanvasAgg.print_png

    @functools.wraps(write)  # matplotlib calls its own methods only as they are declared
    def write_quickly(canvas: Any, target: Any, *, pil_kwargs: dict[str, Any] | None = None, **options: Any) -> None:
        write(canvas, target, pil_kwargs={"compress_level": 1, **(pil_kwargs or {})}, **options)

    FigureCanvasAgg.print_png = write_quickly  # type: ignore[assignment, method-assign]


def _keep_only(descriptor: int) -> None:
    """Close every file but this one, and point the standard streams at nothing."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, min(os.sysconf("SC_OPEN_MAX"), 65536))


def _reseed() -> None:
    """Give this fork random numbers of its own: it has inherited the zygote's generators."""
    import random

    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
