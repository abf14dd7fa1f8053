"""Grades a class on the machines of a cluster: the second executor of a class run.

The engine hands out and takes back; what counts is kept here. A submission is on its way until its answer was read
here, once; whatever happens to machines, scheduler and connections puts it back among those that wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import time
import warnings
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.cluster.answer import Answer, BadAnswer, read
from autograder.cluster.connection import check_address, configure, no_answer, security
from autograder.cluster.machine import TOPIC, Question
from autograder.cluster.machines import Machines
from autograder.cluster.parcel import pack
from autograder.cluster.versions import our_versions
from autograder.course.assignments import Assignment
from autograder.errors import ClusterUnavailable, IntakeError, UsageError
from autograder.grading import kept
from autograder.grading.executor import Event, Plan, not_graded
from autograder.grading.kept import Graded
from autograder.grading.pool import GRACE
from autograder.grading.submission import refuse
from autograder.intake.job import prepare
from autograder.intake.notebook import MAX_NOTEBOOK
from autograder.intake.opening import NotHandedIn, open_handed_in

__all__ = ["Cluster"]

_ON_THE_WAY = 256 << 20
"""Bytes of submissions that are sent before the first answers come, unless one alone has more."""
_DEATHS = 20
"""So many machines may die under one submission: its own code is locked up elsewhere and cannot be the cause."""
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


@dataclass
class _Sent:
    """A submission that is on its way."""

    future: Any
    answer: asyncio.Task[Any]
    size: int
    since: float
    address: str = ""
    started: float | None = None


@dataclass
class _Told:
    """What became of one submission so far."""

    key: str = ""
    tries: int = 0
    faults: int = 0
    deaths: int = 0


class _Run:
    def __init__(self, cluster: Cluster, plan: Plan) -> None:
        self._cluster = cluster
        self._plan = plan
        # Another run with --fresh is another question; without, whoever asks the same gets the same answer.
        self._run = os.urandom(8).hex() if plan.settings.fresh else ""
        self._waiting = deque(plan.waiting)
        self._sent: dict[int, _Sent] = {}
        self._told = {index: _Told() for index in plan.waiting}
        self._finished: dict[int, Graded] = {}
        self._machines = Machines(our_versions(_met_by(plan)), self._notice)
        self._by_machine: Counter[str] = Counter()
        self._alone_since = time.monotonic()
        self._met = False

    async def run(self) -> dict[int, Graded]:
        self._refuse_what_nobody_can_read()
        lost = time.monotonic()
        while self._waiting:
            try:
                client = await self._connected()
            except (OSError, ImportError, asyncio.TimeoutError) as error:
                problem = no_answer(self._cluster.address, error)
                if not self._met or time.monotonic() - lost > self._cluster.patience:
                    raise problem from error
                self._notice(f"{problem} Trying again.")
                await asyncio.sleep(2)
                continue
            try:
                self._met = True
                await self._while_connected(client)
            finally:
                lost = time.monotonic()
                self._take_back()
                with contextlib.suppress(Exception):
                    await client.close(2)
        return self._finished

    async def _connected(self) -> Any:
        from distributed import Client

        with warnings.catch_warnings():
            # What differs between the engines is found by the machines' own versions.
            warnings.simplefilter("ignore")
            client = await Client(
                self._cluster.address,
                security=security(self._cluster.tls),
                asynchronous=True,
                timeout=self._cluster.reach,
                set_as_default=False,
                # What comes back is bytes in msgpack: nothing that a machine says of a submission is unpickled.
                serializers=["msgpack"],
                deserializers=["msgpack", "error"],
            )
        client.subscribe_topic(TOPIC, self._hear)
        return client

    async def _while_connected(self, client: Any) -> None:
        looked = -1e9
        while (self._waiting or self._sent) and client.status == "running":
            if time.monotonic() - looked > 2:
                looked = time.monotonic()
                try:
                    self._machines.look(await asyncio.wait_for(client.scheduler.identity(n_workers=-1), 30))
                except (OSError, asyncio.TimeoutError):
                    return
            self._send(client)
            self._require_machines()
            answers = [sent.answer for sent in self._sent.values()]
            if answers:
                await asyncio.wait(answers, timeout=_TICK, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(_TICK / 2)
            for index, sent in list(self._sent.items()):
                if sent.answer.done():
                    self._take(index, self._sent.pop(index))
            await self._give_up_slow_machines(client)
        if self._waiting or self._sent:
            self._notice("the scheduler is gone. Waiting for it to come back.")

    def _send(self, client: Any) -> None:
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
            self._send_one(client, index, seal, addresses)
        self._waiting.extendleft(reversed(skipped))

    def _send_one(self, client: Any, index: int, seal: str, addresses: list[str]) -> None:
        submission, told = self._plan.waiting[index], self._told[index]
        settings = self._plan.settings
        known = self._plan.assignments.get(submission.assignment)
        try:
            parcel = pack(submission, known or next(iter(self._plan.assignments.values())))
        except (NotHandedIn, OSError) as error:
            self._finish(index, not_graded(self._plan, index, f"it cannot be read any more: {error}"))
            return
        told.key = hashlib.sha256(f"{self._run} {seal} {settings!r} ".encode() + parcel).hexdigest()
        question = Question(told.key, submission.assignment, seal, settings)
        told.tries += 1
        future = client.submit(
            _task(),
            question.to_json(),
            parcel,
            key=f"grade-{told.key}-{told.tries}",
            resources={"sandbox": 1, seal: 1},
            workers=addresses if self._machines.avoided else None,
            pure=False,
        )
        answer = asyncio.ensure_future(_result(future))
        self._sent[index] = _Sent(future, answer, len(parcel), time.monotonic())

    def _take(self, index: int, sent: _Sent) -> None:
        """Take what came back for one submission."""
        told = self._told[index]
        try:
            content = sent.answer.result()
        except asyncio.CancelledError:
            self._waiting.appendleft(index)
            return
        except Exception as error:
            if type(error).__name__ == "KilledWorker":
                told.deaths += 1
                self._again(index, f"{told.deaths} machines ended while they graded it", told.deaths < _DEATHS)
            elif isinstance(error, OSError):
                self._waiting.appendleft(index)
            elif isinstance(error, TypeError):
                # What came was no plain bytes, and was not unpickled.
                self._bad(index, sent, str(error).partition("\n")[0])
            else:
                self._fault(index, f"{type(error).__name__}: {error}")
            return
        submission = self._plan.waiting[index]
        try:
            answer, honest = read(content, submission.name, submission.assignment, time.monotonic() - sent.since)
        except BadAnswer as error:
            self._bad(index, sent, str(error))
            return
        if not honest:
            self._machines.lies(answer.machine)
        if answer.kind == "refused":
            self._avoid(sent.address, "it has other versions than it says")
            self._waiting.append(index)
        elif answer.report is None:
            self._fault(index, answer.text)
        else:
            self._keep(index, answer)

    def _bad(self, index: int, sent: _Sent, reason: str) -> None:
        """Take an answer that is none."""
        self._avoid(sent.address, f"its answer is none: {reason}")
        self._fault(index, f"no answer: {reason}")

    def _keep(self, index: int, answer: Answer) -> None:
        """Keep a report as a run on this machine would, and tell it."""
        submission, report = self._plan.waiting[index], answer.report
        assert report is not None
        known = self._plan.assignments.get(report.assignment)
        key = kept.fingerprint(submission, known, self._plan.settings) if known is not None else ""
        if key and report.graded:
            if answer.outputs is not None:
                kept.store_outputs(key, answer.outputs)
            kept.store(key, report)
        self._finish(index, report, key, answer.kind == "kept", answer.machine)

    def _finish(self, index: int, report: Any, key: str = "", was_kept: bool = False, machine: str = "") -> None:
        self._finished[index] = Graded(self._plan.waiting[index], report, key)
        self._by_machine[machine] += 1
        self._plan.on_event(Event("finished", index, report=report, kept=was_kept, machine=machine))

    def _fault(self, index: int, reason: str) -> None:
        """Try a submission once more, or give it no grade: at home, too, there are two tries."""
        self._told[index].faults += 1
        self._again(index, reason, self._told[index].faults < 2)

    def _again(self, index: int, reason: str, again: bool) -> None:
        if again:
            self._waiting.append(index)
        else:
            self._finish(index, not_graded(self._plan, index, reason))

    def _take_back(self) -> None:
        """Let everything wait that is on its way: whoever is connected next is asked again."""
        for index, sent in sorted(self._sent.items(), reverse=True):
            if sent.answer.done() and not sent.answer.cancelled() and sent.answer.exception() is None:
                self._take(index, sent)
                continue
            sent.answer.cancel()
            self._waiting.appendleft(index)
        self._sent.clear()

    async def _give_up_slow_machines(self, client: Any) -> None:
        """Let another machine grade what one has had for longer than a submission may take."""
        now = time.monotonic()
        for index, sent in list(self._sent.items()):
            # Before it starts, it may wait for another one in its slot.
            most = (self._plan.seconds(index) + self._cluster.grace) * (1 if sent.started else 2)
            if now - (sent.started or sent.since) <= most or sent.answer.done():
                continue
            del self._sent[index]
            sent.answer.cancel()
            address = sent.address or await self._who_has(client, sent.future.key)
            sent.future.release()
            self._avoid(address, "it does not end what it began")
            self._fault(index, "it took longer than a submission may take")

    async def _who_has(self, client: Any, key: str) -> str:
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            processing = await asyncio.wait_for(client.scheduler.processing(workers=None), 10)
            return next((str(address) for address, keys in processing.items() if key in keys), "")
        return ""

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
            if self._told[index].key != key:
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
        patience = self._cluster.patience if self._finished and self._machines.met else self._cluster.first
        if time.monotonic() - self._alone_since > patience:
            names = sorted({self._plan.waiting[index].assignment for index in self._waiting})
            raise ClusterUnavailable(self._machines.why_none(self._cluster.address, names, len(self._waiting)))

    def _refuse_what_nobody_can_read(self) -> None:
        """Say at once of what there is no notebook, or none that may be opened: no machine would say anything else."""
        for index in list(self._waiting):
            submission = self._plan.waiting[index]
            try:
                if submission.notebook is not None:
                    with open_handed_in(submission.notebook) as file:
                        if os.fstat(file.fileno()).st_size <= MAX_NOTEBOOK:
                            continue
            except (NotHandedIn, OSError):
                pass
            try:
                prepare(submission, self._plan.assignments)
            except IntakeError as error:
                known = self._plan.assignments.get(submission.assignment)
                self._waiting.remove(index)
                self._finish(index, refuse(submission, known, error.kind, str(error)))

    def _notice(self, text: str) -> None:
        self._plan.on_event(Event("notice", -1, text=text))


def _met_by(plan: Plan) -> dict[str, Assignment]:
    """Return the assignments that a run may meet: all of them where a place does not tell."""
    names = {submission.assignment for submission in plan.waiting.values() if submission.notebook is not None}
    everything = not names <= set(plan.assignments)
    return {name: one for name, one in plan.assignments.items() if everything or name in names}


async def _result(future: Any) -> Any:
    return await future


def _task() -> Callable[[str, bytes], bytes]:
    """Return what a machine runs: a function that is sent by its few words, so that the scheduler needs no grader."""

    def grade(question: str, parcel: bytes) -> bytes:
        from autograder.cluster.machine import answer

        return answer(question, parcel)

    return grade
