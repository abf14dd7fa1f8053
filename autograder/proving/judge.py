"""Grades mutants and right variants: each in a process of its own, forked after the checks were collected.

It is our own code that is graded, so there is no sandbox; but a mutant may loop or grow without end, and is stopped.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import resource
import selectors
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from autograder.checking.asked import AskedStudent
from autograder.checking.local import LocalStudent
from autograder.checking.plugin import ChecksPlugin
from autograder.checking.student import Outcome, Parts
from autograder.errors import CallTimeout
from autograder.proving.promises import Promise, first_difference
from autograder.worker import service

__all__ = ["Judge", "Trial", "Verdict", "run_cells"]

MEMORY = 3 << 30
"""What a mutant may allocate, besides what was there."""


@dataclass(frozen=True)
class Trial:
    """Something to grade.

    Parameters
    ----------
    id : str
    cell : str
        The cell that differs from the notebook.
    source : str
        Its text.
    own : tuple of str
        The names that the cell defines for the checks.
    checks : tuple of str
        The checks to run; those of cells that do not depend on this one cannot change.
    """

    id: str
    cell: str
    source: str
    own: tuple[str, ...]
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What the checks said about a trial.

    Parameters
    ----------
    id : str
        The trial's.
    failed : dict of str to str
        The checks that did not pass, ``grade_id::name``, and what they said.
    lost : dict of str to float
        The part of its points that each grade cell lost.
    skipped : list of str
        The checks that were skipped because of those.
    stopped : bool
        It took too long or too much memory, so nothing is known of single checks.
    difference : str or None
        If the trial's own cells lost nothing: the smallest input for which it breaks its promise.
    asked : dict
        By check the names that it asked for.
    fault : str
        A traceback, if the grader itself failed.
    """

    id: str
    failed: dict[str, str] = field(default_factory=dict)
    lost: dict[str, float] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    stopped: bool = False
    difference: str | None = None
    asked: dict[str, list[str]] = field(default_factory=dict)
    fault: str = ""

    @property
    def not_passed(self) -> set[str]:
        """The names of the checks that failed or were skipped, without their cells."""
        return {check.split("::")[1] for check in (*self.failed, *self.skipped)}


class Judge(ChecksPlugin):
    """Runs the collected checks once for every trial instead of once.

    Parameters
    ----------
    cells : mapping
        The cells that make the namespace, in order: text by id.
    trials : sequence of Trial
    promises : mapping of str to Promise
    belongs : callable
        Takes a ``grade_id`` and a name; tells whether that cell judges that name.
    jobs : int
        How many processes at once.
    call_seconds, trial_seconds : float
        What one call of a function (in CPU time) and one trial (by the clock) may take.
    on_verdict : callable
        Takes each `Verdict` as it comes.
    """

    def __init__(
        self,
        cells: Mapping[str, str],
        trials: Sequence[Trial],
        promises: Mapping[str, Promise],
        belongs: Callable[[str, str], bool],
        jobs: int,
        call_seconds: float,
        trial_seconds: float,
        on_verdict: Callable[[Verdict], None],
    ) -> None:
        super().__init__(None)
        self._cells, self._trials, self._promises, self._belongs = dict(cells), list(trials), promises, belongs
        self._jobs, self._call_seconds, self._trial_seconds = jobs, call_seconds, trial_seconds
        self._on_verdict = on_verdict

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Fork a process for each trial, so many at a time, and collect what they say."""
        # Nobody reads the tracebacks of mutants, and making them takes longer than the checks.
        session.config.option.tbstyle = "no"
        service._raised = _raised
        # What trials import is imported once, before the processes part.
        sources = (*self._cells.values(), *(trial.source for trial in self._trials))
        run_cells({text: text for text in map(_imports, sources)}, lambda call: call())
        waiting = list(reversed(self._trials))
        running: dict[int, tuple[Trial, int, float, list[bytes]]] = {}
        with selectors.DefaultSelector() as ready:
            try:
                while waiting or running:
                    while waiting and len(running) < self._jobs:
                        trial = waiting.pop()
                        pid, end = self._fork(session, trial)
                        running[end] = (trial, pid, time.monotonic() + self._trial_seconds, [])
                        ready.register(end, selectors.EVENT_READ)
                    for key, _ in ready.select(0.5):
                        self._read(key.fd, running, ready)
                    for end, (trial, pid, deadline, _) in list(running.items()):
                        if time.monotonic() > deadline:
                            os.kill(pid, signal.SIGKILL)
                            self._end(end, running, ready)
                            self._on_verdict(Verdict(trial.id, stopped=True))
            finally:
                for end, (_, pid, _, _) in list(running.items()):
                    os.kill(pid, signal.SIGKILL)
                    self._end(end, running, ready)
        return True

    def _read(self, end: int, running: dict[int, Any], ready: selectors.BaseSelector) -> None:
        part = os.read(end, 1 << 16)
        trial, _, _, parts = running[end]
        if part:
            parts.append(part)
            return
        self._end(end, running, ready)
        text = b"".join(parts)
        self._on_verdict(Verdict(**json.loads(text)) if text else Verdict(trial.id, stopped=True))

    def _end(self, end: int, running: dict[int, Any], ready: selectors.BaseSelector) -> None:
        _, pid, _, _ = running.pop(end)
        ready.unregister(end)
        os.close(end)
        os.waitpid(pid, 0)

    def _fork(self, session: pytest.Session, trial: Trial) -> tuple[int, int]:
        mine, theirs = os.pipe()
        pid = os.fork()
        if pid:
            os.close(theirs)
            return pid, mine
        verdict = Verdict(trial.id, fault="The process ended early.")
        try:
            os.close(mine)
            verdict = self._judge(session, trial)
        except BaseException:
            verdict = Verdict(trial.id, fault=traceback.format_exc()[-3000:])
        finally:
            with os.fdopen(theirs, "w", encoding="utf-8") as file:
                json.dump(vars(verdict), file)
            os._exit(0)

    def _judge(self, session: pytest.Session, trial: Trial) -> Verdict:
        """Grade a trial; in its own process."""
        _limit_memory()
        home = tempfile.TemporaryDirectory(prefix="prove-")
        os.chdir(home.name)
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        if "matplotlib.pyplot" in sys.modules:
            # Where checks keep figures open, so that no call need change it and change it back.
            sys.modules["matplotlib.pyplot"].switch_backend(service.BACKEND)
        clock = _Clock(self._call_seconds)
        namespace = run_cells(self._cells | {trial.cell: trial.source}, clock.limited)
        student = _Watched(namespace, home.name, clock)
        # Nobody reads what a mutant is told: no search for the smallest input that fails.
        self._student, self._seed = AskedStudent(student, most_searches=0), trial.id
        asked = {}
        wanted = [item for item in session.items if item.name in trial.checks]
        for item, following in zip(wanted, [*wanted[1:], None]):
            student.asked = set()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            asked[item.name] = sorted(student.asked)
        broken = [result for result in self.results.values() if result.status == "error"]
        if broken:
            return Verdict(trial.id, fault=f"{broken[0].id}: {broken[0].details[-2000:]}")
        failed = {one.id: one.message for one in self.results.values() if one.status == "failed"}
        skipped = [one.id for one in self.results.values() if one.status == "skipped"]
        lost = self._lost()
        difference = None
        if not any(self._belongs(grade_id, name) for grade_id in lost for name in trial.own):
            difference = self._difference(trial, namespace, clock)
        home.cleanup()
        return Verdict(trial.id, failed, lost, skipped, False, difference, asked)

    def _lost(self) -> dict[str, float]:
        whole: dict[str, float] = {}
        lost: dict[str, float] = {}
        for one in self.results.values():
            whole[one.grade_id] = whole.get(one.grade_id, 0.0) + one.weight
            lost[one.grade_id] = lost.get(one.grade_id, 0.0) + one.weight * (1 - one.credit)
        return {grade_id: part / whole[grade_id] for grade_id, part in lost.items() if part > 1e-9}

    def _difference(self, trial: Trial, namespace: dict[str, Any], clock: _Clock) -> str | None:
        right = run_cells(self._cells, clock.limited)
        for name in trial.own:
            if name in self._promises:
                rng = np.random.default_rng(0)
                found = first_difference(name, self._promises[name], namespace, right, rng, clock.limited)
                if found is not None:
                    return found
        return None


class _Clock:
    """Stops a call that computes for too long; one that did is given less time from then on."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        signal.signal(signal.SIGPROF, self._stop)

    def _stop(self, *_: Any) -> None:
        self._seconds = min(self._seconds, 0.2)
        raise TimeoutError("no terminó a tiempo")

    def limited(self, call: Callable[[], Any]) -> Any:
        """Call it, and raise `TimeoutError` if it takes too long."""
        signal.setitimer(signal.ITIMER_PROF, self._seconds)
        try:
            return call()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


class _Watched(LocalStudent):
    """A student whose calls are limited, and who remembers what was asked."""

    def __init__(self, namespace: dict[str, Any], home: str, clock: _Clock) -> None:
        super().__init__(namespace, home)
        self._clock = clock
        self.asked: set[str] = set()

    def call(self, name: str, *arguments: Any, **keywords: Any) -> Outcome:
        self.asked.add(name)
        try:
            outcome: Outcome = self._clock.limited(lambda: super(_Watched, self).call(name, *arguments, **keywords))
        except TimeoutError:
            raise CallTimeout(name, 0) from None
        return outcome

    def call_with(self, parts: Parts, name: str, *arguments: Any, **keywords: Any) -> Outcome:
        try:
            outcome: Outcome = self._clock.limited(
                lambda: super(_Watched, self).call_with(parts, name, *arguments, **keywords)
            )
        except TimeoutError:
            raise CallTimeout(name, 0) from None
        return outcome

    def value(self, name: str) -> Any:
        self.asked.add(name)
        return super().value(name)


def run_cells(cells: Mapping[str, str], limited: Callable[[Callable[[], Any]], Any]) -> dict[str, Any]:
    """Run cells one after the other, as a notebook does: one that fails does not keep the next from running."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell, source in cells.items():
        with contextlib.suppress(Exception):
            code = compile(source, f"<{cell}>", "exec")
            limited(lambda code=code: exec(code, namespace))  # type: ignore[misc]
    return namespace


def _raised(error: BaseException) -> dict[str, Any]:
    """Reply as the worker does, without the traceback."""
    return {"status": "raised", "kind": type(error).__name__, "text": str(error)[:500], "traceback": ""}


def _imports(source: str) -> str:
    """Return the imports of a text, those inside its functions included."""
    parts = ast.walk(ast.parse(source))
    kept: list[ast.stmt] = [part for part in parts if isinstance(part, (ast.Import, ast.ImportFrom))]
    return ast.unparse(ast.Module(kept, []))


def _limit_memory() -> None:
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[5])
    most = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY
    resource.setrlimit(resource.RLIMIT_DATA, (most, resource.getrlimit(resource.RLIMIT_DATA)[1]))
