"""A cluster in this process: dask's real scheduler and workers, with machines that say what a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any

from autograder.cluster.answer import Answer
from autograder.cluster.connection import configure
from autograder.cluster.machine import Question, here
from autograder.cluster.service import stay
from autograder.cluster.versions import Versions
from autograder.report import Check, Report

__all__ = ["FakeCluster", "FakeMachine", "a_report"]

ASSIGNMENT = "01_imagen_digital"


def a_report(points: float = 7.5, seconds: float = 0.0) -> Report:
    """Return a report as a machine sends it: in a name of its own."""
    checks = [Check("channel::test_one", "channel", "T.", "passed", points, 10.0)]
    return Report(ASSIGNMENT, "of the machine", points, 10.0, checks, seconds=seconds)


class FakeMachine:
    """What a test lets a machine say."""

    def __init__(self, name: str, versions: Versions, say: Callable[[Question], Any] | None = None) -> None:
        self.name, self.versions = name, versions
        self.say = say or (lambda question: Answer("report", a_report(), machine=name))
        self.asked: list[str] = []

    def grade(self, question: Question, parcel: bytes, tell: Callable[[str], None]) -> Any:
        self.asked.append(question.key)
        return self.say(question)

    def stop(self) -> None:
        """Nothing is running."""


class _Here:
    """The machine that a task is on: all of them are in one process."""

    def __init__(self, machines: list[FakeMachine]) -> None:
        self._machines = {machine.name: machine for machine in machines}

    @property
    def _mine(self) -> FakeMachine:
        from distributed import get_worker

        return self._machines[get_worker().name.partition("-")[0]]

    @property
    def name(self) -> str:
        return self._mine.name

    def grade(self, *arguments: Any) -> Any:
        return self._mine.grade(*arguments)


class FakeCluster:
    """Machines and their scheduler, in a thread. Use it as a context manager."""

    def __init__(self, machines: list[FakeMachine]) -> None:
        configure()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.machines = machines
        self.told: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._scheduler: Any = None
        self._stops: dict[str, asyncio.Event] = {}
        self._stays: dict[str, Any] = {}

    def __enter__(self) -> FakeCluster:
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._here = here(_Here(self.machines))  # type: ignore[arg-type]
        self._here.__enter__()
        self.start_scheduler()
        for machine in self.machines:
            self.start(machine)
        return self

    def __exit__(self, *_: object) -> None:
        for machine in self.machines:
            self.stop(machine)
        self.stop_scheduler()
        self._here.__exit__(None, None, None)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def do(self, work: Any) -> Any:
        """Run a coroutine where the cluster is."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def workers(self) -> list[dict[str, Any]]:
        """Return what the scheduler knows of each worker."""
        return [{"address": address, "name": one.name} for address, one in list(self._scheduler.workers.items())]

    def start_scheduler(self) -> None:
        from distributed import Scheduler

        async def start() -> Any:
            return await Scheduler(host="127.0.0.1", port=self.port, dashboard=False, dashboard_address="127.0.0.1:0")

        self._scheduler = self.do(start())

    def stop_scheduler(self) -> None:
        self.do(self._scheduler.close())

    def start(self, machine: FakeMachine) -> None:
        async def begin() -> None:
            stop = self._stops[machine.name] = asyncio.Event()
            names = list(machine.versions.assignments)
            work = stay(machine, self.address, names, 1, None, self.told.append, stop=stop)  # type: ignore[arg-type]
            self._stays[machine.name] = asyncio.ensure_future(work)

        self.do(begin())

    def stop(self, machine: FakeMachine) -> None:
        async def end() -> None:
            self._stops[machine.name].set()
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self._stays[machine.name], 20)

        self.do(end())
