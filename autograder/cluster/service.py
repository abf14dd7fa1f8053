"""``python -m autograder worker``: brings this machine into a cluster and keeps it there.

Zygotes and forkserver are ready before the engine hears of this machine, so its time-outs do not count a slow start;
there is no nanny, which would end a machine for what its students' code takes; and where the scheduler goes away, the
machine goes on grading and comes back when there is a scheduler again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from autograder.cluster.connection import check_address, configure, no_answer, security
from autograder.cluster.machine import Machine, here
from autograder.cluster.machines import ABOUT
from autograder.cluster.versions import SANDBOX, our_versions
from autograder.course.assignments import Assignment
from autograder.grading.datasets import prepare_datasets
from autograder.grading.pool import Pool
from autograder.language import counted
from autograder.sandbox.temporary import TemporaryFolder

__all__ = ["serve", "stay"]

FIRST_SECONDS = 60.0
"""So long a machine tries to reach a scheduler that it has never reached."""
_PAUSE = 2.0


class _LastingThreadPoolExecutor(ThreadPoolExecutor):
    """The slots of a machine, which outlive a lost connection with what is being graded in them."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Do nothing: dask ends what it was given whenever a scheduler goes away."""

    def end(self) -> None:
        """Wait for the slots, whose gradings have been ended."""
        super().shutdown(wait=True, cancel_futures=True)


def serve(
    address: str,
    assignments: Mapping[str, Assignment],
    slots: int,
    tls: Path | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> None:
    """Grade what the scheduler at ``address`` hands out, until this process is asked to end.

    Parameters
    ----------
    address : str
    assignments : mapping
        Those that this machine grades.
    slots : int
        Submissions at the same time.
    tls : path, optional
        The cluster's certificate and key.
    tell : callable
        Told, in a line, what happens to the machine.

    Raises
    ------
    UsageError
        The address is none.
    SandboxUnavailable
        This machine cannot lock student code up.
    ClusterUnavailable
        There is no scheduler.
    """
    import dask

    check_address(address, tls)
    configure()
    name = f"{socket.gethostname()}-{os.getpid()}"
    tell(f"machine {name}: preparing {', '.join(assignments)}")
    data = prepare_datasets(list(assignments), assignments, tell)
    versions = our_versions(assignments)
    tensorflow = {assignment.needs_tensorflow for assignment in assignments.values()}
    temporary = TemporaryFolder()
    # What dask lays down there goes with the machine, however that ends.
    dask.config.set(temporary_directory=str(temporary.path))
    try:
        with Pool(assignments, list(assignments), tensorflow, "bwrap", data) as pool:
            machine = Machine(name, versions, assignments, pool, temporary.path)
            with here(machine):
                asyncio.run(_until_asked(machine, address, list(assignments), slots, tls, tell))
    finally:
        temporary.remove()


async def _until_asked(machine: Machine, *arguments: Any) -> None:
    """Stay until somebody asks this process to end."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stay(machine, *arguments, stop=stop)


async def stay(
    machine: Machine,
    address: str,
    names: list[str],
    slots: int,
    tls: Path | None,
    tell: Callable[[str], None],
    *,
    stop: asyncio.Event,
) -> None:
    """Be a worker of whatever scheduler is at ``address``, again and again, until ``stop``; `serve` says what is what.

    Raises
    ------
    ClusterUnavailable
        There never was one.
    """
    executor = _LastingThreadPoolExecutor(slots, "slot")
    visits = 0
    waited = 0.0
    said = ""
    try:
        while not stop.is_set():
            try:
                worker = await _register(machine, address, names, slots, tls, executor, visits)
            except (OSError, asyncio.TimeoutError, ImportError) as error:
                problem = no_answer(address, error)
                if not visits and waited >= FIRST_SECONDS:
                    raise problem from error
                if str(problem) != said:
                    said = str(problem)
                    tell(f"machine {machine.name}: waiting. {said}")
                waited += await _pause(stop)
                continue
            visits += 1
            said = ""
            tell(f"machine {machine.name}: {counted(slots, 'slot')} at {address}")
            await _until(stop, worker)
            if not stop.is_set():
                tell(f"machine {machine.name}: the scheduler is gone; what is being graded goes on")
                await _pause(stop)
    finally:
        machine.stop()
        await asyncio.to_thread(executor.end)


async def _register(
    machine: Machine,
    address: str,
    names: list[str],
    slots: int,
    tls: Path | None,
    executor: ThreadPoolExecutor,
    visit: int,
) -> Any:
    """Return a dask worker that the scheduler knows."""
    from distributed import Worker
    from distributed.comm.core import connect

    protection = security(tls)
    # A worker of dask's tries for ever and says not why.
    comm = await connect(address, timeout=5, **protection.get_connection_args("worker"))
    await comm.close()
    seals = [machine.versions.seal(name) for name in (*names, "")]
    about = {"machine": machine.name, "versions": machine.versions.to_json()}
    worker = Worker(
        address,
        nthreads=slots,
        # A name is free again only when the scheduler has noticed that its machine is gone.
        name=f"{machine.name}-{visit}-{os.urandom(4).hex()}",
        resources=dict.fromkeys((SANDBOX, *seals), slots),
        security=protection,
        executor=executor,
        memory_limit=0,
        dashboard=False,
        nanny=None,
        death_timeout=30,
        startup_information={ABOUT: lambda worker: about},
        silence_logs=50,
    )
    try:
        await worker
    except BaseException:
        with contextlib.suppress(Exception):
            await worker.close(timeout=2)
        raise
    return worker


async def _until(stop: asyncio.Event, worker: Any) -> None:
    """Wait until the worker has lost its scheduler, or somebody asks this process to end."""
    asked, lost = asyncio.ensure_future(stop.wait()), asyncio.ensure_future(worker.finished())
    await asyncio.wait([asked, lost], return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if not lost.done():
        with contextlib.suppress(Exception):
            await worker.close(timeout=5)
    lost.cancel()


async def _pause(stop: asyncio.Event) -> float:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(stop.wait(), _PAUSE)
    return _PAUSE
