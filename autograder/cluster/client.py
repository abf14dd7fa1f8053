"""Grades a class on the machines of a cluster: the second executor of a class run.

The engine hands out and takes back; what counts is kept here. A submission is on its way until its answer was read
here, once; whatever happens to machines, scheduler and connections puts it back among those that wait.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from autograder.cluster.answer import Answer, BadAnswer, read
from autograder.cluster.connection import check_address, configure, no_answer
from autograder.cluster.engine import Engine, Undelivered
from autograder.cluster.ledger import Ledger
from autograder.cluster.machine import Question
from autograder.cluster.machines import Machines
from autograder.cluster.parcel import pack
from autograder.cluster.versions import our_versions
from autograder.course.assignments import Assignment
from autograder.errors import ClusterUnavailable, UsageError
from autograder.grading.executor import Event, Plan
from autograder.grading.kept import Graded
from autograder.grading.pool import GRACE
from autograder.intake.opening import NotHandedIn

__all__ = ["Cluster"]

_ON_THE_WAY = 256 << 20
"""Bytes of submissions that are sent before the first answers come, unless one alone has more."""
_TICK = 0.5


class Cluster:
    """The machines that a scheduler of dask's knows.

    Parameters
    ----------
    address : str
        ``tcp://host:8786`` or, with a certificate, ``tls://host:8786``.
    tls : path, optional
        The file with the cluster's certificate and key.
    jobs : int, optional
        Submissions graded at the same time; by default every slot of every machine.
    first, patience : float
        Seconds to wait for a first machine that can grade, and for one to come back when all are gone.
    grace : float
        Seconds beyond a submission's own time until a machine is thought to hang.
    reach : float
        Seconds for reaching the scheduler.

    Raises
    ------
    UsageError
        The address is none, the certificate does not fit it, or dask.distributed is not installed.
    """

    def __init__(
        self,
        address: str,
        tls: Path | None = None,
        jobs: int | None = None,
        *,
        first: float = 30.0,
        patience: float = 600.0,
        grace: float = 2 * GRACE,
        reach: float = 10.0,
    ) -> None:
        self.address = check_address(address, tls)
        self.tls = tls
        self.jobs = jobs
        self.first = first
        self.patience = patience
        self.grace = grace
        self.reach = reach
        try:
            configure()
        except ImportError as error:
            raise UsageError(
                "expected dask.distributed for --cluster (it is in requirements.txt). Received: no such package."
            ) from error

    def grade(self, plan: Plan) -> dict[int, Graded]:
        """Grade everything that is waiting.

        Raises
        ------
        ClusterUnavailable
            No scheduler, or no machine that can grade what is left. What was finished is kept.
        UsageError
            The settings ask for no sandbox: machines lock student code up, whoever asks.
        """
        if plan.settings.sandbox != "bwrap":
            raise UsageError("expected the sandbox, which every machine of a cluster has. Received: --sandbox none.")
        return asyncio.run(_Run(self, plan).run())


class _Heard(NamedTuple):
    """An answer, whether its time is possible, and for a refusal the address of who refused."""

    answer: Answer
    honest: bool
    address: str = ""


@dataclass
class _Sent:
    """A submission that is on its way."""

    future: Any
    answer: asyncio.Task[_Heard]
    size: int
    since: float
    address: str = ""
    started: float | None = None


class _Run:
    def __init__(self, cluster: Cluster, plan: Plan) -> None:
        self._cluster = cluster
        self._plan = plan
        # Another run with --fresh is another question; without, whoever asks the same gets the same answer.
        self._run = os.urandom(8).hex() if plan.settings.fresh else ""
        self._ledger = Ledger(plan)
        self._waiting = self._ledger.waiting
        self._sent: dict[int, _Sent] = {}
        self._machines = Machines(our_versions(_met_by(plan)), self._notice)
        self._alone_since = time.monotonic()
        self._met = False

    async def run(self) -> dict[int, Graded]:
        self._ledger.refuse_what_nobody_can_read()
        lost = time.monotonic()
        while self._waiting:
            try:
                engine = await Engine.reach(self._cluster.address, self._cluster.tls, self._cluster.reach, self._hear)
            except (OSError, ImportError, asyncio.TimeoutError) as error:
                problem = no_answer(self._cluster.address, error)
                if not self._met or time.monotonic() - lost > self._cluster.patience:
                    raise problem from error
                self._notice(f"{problem} Trying again.")
                await asyncio.sleep(2)
                continue
            try:
                self._met = True
                await self._while_connected(engine)
            finally:
                lost = time.monotonic()
                self._take_back()
                await engine.close()
        return self._ledger.finished

    async def _while_connected(self, engine: Engine) -> None:
        looked = -1e9
        while (self._waiting or self._sent) and engine.is_connected:
            if time.monotonic() - looked > 2:
                looked = time.monotonic()
                try:
                    self._machines.look(await engine.identity())
                except (OSError, asyncio.TimeoutError):
                    return
            self._send(engine)
            self._require_machines()
            answers = [sent.answer for sent in self._sent.values()]
            if answers:
                await asyncio.wait(answers, timeout=_TICK, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(_TICK / 2)
            for index, sent in list(self._sent.items()):
                if sent.answer.done():
                    self._take(index, self._sent.pop(index))
            await self._give_up_slow_machines(engine)
        if self._waiting or self._sent:
            self._notice("the scheduler is gone. Waiting for it to come back.")

    def _send(self, engine: Engine) -> None:
        """Send so many submissions that no slot waits, and not many more: who comes later shall get some, too."""
        slots = self._machines.slots
        most = min(2 * slots, self._cluster.jobs) if self._cluster.jobs else slots + max(2, slots // 2)
        skipped = []
        while self._waiting and len(self._sent) < most:
            if sum(sent.size for sent in self._sent.values()) > _ON_THE_WAY:
                break
            index = self._waiting.popleft()
            seal = self._machines.ours.seal(self._plan.waiting[index].assignment)
            addresses = self._machines.that_grade(seal)
            if not addresses:
                skipped.append(index)
                continue
            self._send_one(engine, index, seal, addresses)
        self._waiting.extendleft(reversed(skipped))

    def _send_one(self, engine: Engine, index: int, seal: str, addresses: list[str]) -> None:
        submission, told = self._plan.waiting[index], self._ledger.told[index]
        settings = self._plan.settings
        known = self._plan.assignments.get(submission.assignment)
        try:
            parcel = pack(submission, known or next(iter(self._plan.assignments.values())))
        except (NotHandedIn, OSError) as error:
            self._ledger.give_up(index, f"it cannot be read any more: {error}")
            return
        told.key = hashlib.sha256(f"{self._run} {seal} {settings!r} ".encode() + parcel).hexdigest()
        question = Question(told.key, submission.assignment, seal, settings)
        told.tries += 1
        name = f"grade-{told.key}-{told.tries}"
        future = engine.hand_out(question, parcel, name, addresses if self._machines.avoided else None)
        answer = asyncio.ensure_future(self._heard(engine, index, future))
        self._sent[index] = _Sent(future, answer, len(parcel), time.monotonic())

    async def _heard(self, engine: Engine, index: int, future: Any) -> _Heard:
        """Wait for an answer and read it."""
        submission, since = self._plan.waiting[index], time.monotonic()
        content = await engine.fetch(future)
        try:
            answer, honest = read(content, submission.name, submission.assignment, time.monotonic() - since)
        except BadAnswer as error:
            raise Undelivered(await engine.holder(future.key), str(error)) from error
        return _Heard(answer, honest, await engine.holder(future.key) if answer.kind == "refused" else "")

    def _take(self, index: int, sent: _Sent) -> None:
        """Take what came back for one submission."""
        try:
            answer, honest, address = sent.answer.result()
        except (asyncio.CancelledError, OSError):
            self._waiting.appendleft(index)
            return
        except Undelivered as error:
            self._avoid(error.address or sent.address, f"its answer is none: {error}")
            self._ledger.nonsense(index, str(error))
            return
        except Exception as error:
            if type(error).__name__ == "KilledWorker":
                self._ledger.death(index)
            else:
                self._ledger.fault(index, f"{type(error).__name__}: {error}")
            return
        if not honest:
            self._machines.lies(answer.machine)
        if answer.kind == "refused":
            self._avoid(address or sent.address, "it has other versions than it says")
            self._waiting.append(index)
        elif answer.report is None:
            self._ledger.fault(index, answer.text)
        else:
            self._ledger.keep(index, answer)

    def _take_back(self) -> None:
        """Let everything wait that is on its way: whoever is connected next is asked again."""
        for index, sent in sorted(self._sent.items(), reverse=True):
            if sent.answer.done() and not sent.answer.cancelled() and sent.answer.exception() is None:
                self._take(index, sent)
                continue
            sent.answer.cancel()
            self._waiting.appendleft(index)
        self._sent.clear()

    async def _give_up_slow_machines(self, engine: Engine) -> None:
        """Let another machine grade what one has had for longer than a submission may take."""
        now = time.monotonic()
        for index, sent in list(self._sent.items()):
            # Before it starts, it may wait for another one in its slot.
            most = (self._plan.seconds(index) + self._cluster.grace) * (1 if sent.started else 2)
            if now - (sent.started or sent.since) <= most or sent.answer.done():
                continue
            del self._sent[index]
            sent.answer.cancel()
            address = await engine.occupied(sent.future.key) or sent.address
            sent.future.release()
            self._avoid(address, "it does not end what it began")
            self._ledger.fault(index, "it took longer than a submission may take")

    def _avoid(self, address: str, reason: str) -> None:
        if address:
            self._machines.avoid(address, reason)

    def _hear(self, event: Any) -> None:
        """Hear what a machine tells; whatever it says, it decides nothing."""
        said = event[1] if isinstance(event, (tuple, list)) and len(event) == 2 else None
        if not isinstance(said, dict):
            return
        key, address, text = said.get("key"), said.get("address"), said.get("text")
        for index, sent in self._sent.items():
            if self._ledger.told[index].key != key:
                continue
            machine = self._machines.name_of(str(address))
            if sent.started is None:
                sent.started, sent.address = time.monotonic(), str(address)
                self._plan.on_event(Event("started", index, machine=machine))
            elif isinstance(text, str) and text:
                self._plan.on_event(Event("progress", index, text=text[-500:], machine=machine))

    def _require_machines(self) -> None:
        """Wait for machines that can grade what waits, but not for ever.

        Raises
        ------
        ClusterUnavailable
            Nobody came.
        """
        if self._sent or not self._waiting:
            self._alone_since = time.monotonic()
            return
        patience = self._cluster.patience if self._ledger.finished and self._machines.met else self._cluster.first
        if time.monotonic() - self._alone_since > patience:
            names = sorted({self._plan.waiting[index].assignment for index in self._waiting})
            raise ClusterUnavailable(self._machines.why_none(self._cluster.address, names, len(self._waiting)))

    def _notice(self, text: str) -> None:
        self._plan.on_event(Event("notice", -1, text=text))


def _met_by(plan: Plan) -> dict[str, Assignment]:
    """Return the assignments that a run may meet: all of them where a place does not tell."""
    names = {submission.assignment for submission in plan.waiting.values() if submission.notebook is not None}
    everything = not names <= set(plan.assignments)
    return {name: one for name, one in plan.assignments.items() if everything or name in names}
