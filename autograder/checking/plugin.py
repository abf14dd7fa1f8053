"""The pytest plugin that turns test functions into checks.

A check is a test marked with the grade cell that it decides; its docstring is its public title::

    @pytest.mark.grade("conv2d-stride", weight=2)
    @pytest.mark.needs("test_the_slides_example")
    def test_a_stride_that_does_not_fit(student, rng):
        '''conv2d descarta lo que sobra cuando el paso no encaja.'''
        image, kernel = rng.normal(size=(7, 10)), rng.normal(size=(2, 3))
        expect_array(student.conv2d(image, kernel, stride=3), reference(image, kernel, stride=3), "la salida")

``needs`` skips a check, with the reason, when a check that it depends on did not pass. A check that raises
`data.DataMissing` is skipped, too, and counts for nothing: neither it nor its points are the student's business.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import inspect
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.checking.asked import AskedStudent
from autograder.checking.results import (
    CheckResult,
    Settled,
    TimeIsUp,
    check_result,
    give_part,
    grade_marker,
    needs,
    skip_without,
)
from autograder.checking.student import Student
from autograder.report import DATA_SAMPLE, FlagKind, new_flag
from data.errors import DataMissing

DATA_MISSING: FlagKind = "data-missing"
"""The kind of flag that names a data set without which something was not checked."""


class ChecksPlugin:
    """Collects the results of the checks that pytest runs.

    Parameters
    ----------
    student : Student or None
        What the checks ask; None if they are only collected.
    seed : str
        The submission's fingerprint: the random inputs of its checks follow from it.
    grade_id : str, optional
        Only the checks of this grade cell, and those that they need.
    seconds : float, optional
        Wall time from now on after which checks fail because it is up, also in the middle of one.
    cells : sequence of str
        The grade cells in the order of the notebook.
    """

    def __init__(
        self,
        student: Student | None,
        seed: str = "",
        grade_id: str | None = None,
        seconds: float | None = None,
        cells: Sequence[str] = (),
    ) -> None:
        self._in_order = tuple(cells)
        self.begin(student, seed, grade_id, seconds)

    def begin(
        self, student: Student | None, seed: str, grade_id: str | None = None, seconds: float | None = None
    ) -> None:
        """Forget what was and turn to a student, with the parameters of the class; None while checks are collected."""
        self._student = AskedStudent(student) if student is not None else None
        self._seed = seed
        self._grade_id = grade_id
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self.timed_out = False
        self.results: dict[str, CheckResult] = {}
        self.flags: list[dict[str, Any]] = []
        self._missing: dict[str, DataMissing] = {}
        self._settled: dict[str, Settled] = {}
        self._order: list[str] = []
        self._raised: dict[str, list[dict[str, Any]]] = {}
        self._searches: dict[str, int] = {}

    def settle(self, settled: Mapping[str, Settled]) -> None:
        """Take results of an earlier grading for those of this one, but where a check needs one that runs anew."""
        self._settled = dict(settled)

    def take_over(self, item: pytest.Item) -> bool:
        """Take how a check ended before if it would end so now: the same check, whose needs fare as they did."""
        name, settled = item.name, self._settled
        if name not in settled or not settled[name].holds:
            return False
        for needed in needs(item):
            if needed in settled and needed in self.results:
                before, now = settled[needed].result.status, self.results[needed].status
                if (before == "passed") != (now == "passed"):
                    return False
        self.results[name], self._raised[name], self._searches[name], _ = settled[name]
        return True

    @property
    def has_settled(self) -> bool:
        """Whether some checks need not run."""
        return bool(self._settled)

    def outcome(self) -> tuple[list[CheckResult], list[dict[str, Any]]]:
        """Return the results and the flags, in the order of the checks."""
        results = [self.results[name] for name in self._order if name in self.results]
        flags = [flag for name in self._order for flag in self._raised.get(name, ())]
        return results, [flag for number, flag in enumerate(flags) if flag not in flags[:number]] + self.flags

    def settled(self) -> dict[str, Settled]:
        """Return what holds as long as neither checks nor answers change; nothing if time or data were short."""
        if self.timed_out or self._missing or any(result.status == "error" for result in self.results.values()):
            return {}
        return {
            name: Settled(result, self._raised.get(name, []), self._searches.get(name, 0))
            for name, result in self.results.items()
        }

    @pytest.fixture(scope="session")
    def student(self) -> Student:
        """The submission that is being graded."""
        return self._asked()

    def _asked(self) -> AskedStudent:
        if self._student is None:
            raise RuntimeError("expected a student to ask. Received: none, checks are only collected")
        return self._student

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """Random numbers that are new for each submission and check, and the same when it is graded again."""
        return seeded(self._seed, request.node.name)

    @pytest.fixture
    def flag(self, request: pytest.FixtureRequest) -> Any:
        """Call ``flag(kind, message, **figures)`` to tell the instructor something that changes no grade."""
        return functools.partial(self._flag, request.node)

    def _flag(self, item: pytest.Item, kind: str, message: str, **figures: Any) -> None:
        if kind == DATA_SAMPLE:
            figures["grade_id"] = grade_marker(item).args[0]
        self._raised.setdefault(item.name, []).append({"kind": kind, "message": message, **figures})

    @pytest.fixture
    def partial(self, request: pytest.FixtureRequest) -> Any:
        """Call ``partial(credit, message)`` to end a check that earns a part (0 to 1) of its points: `give_part`."""
        return functools.partial(give_part, request.node)

    def run_plain(self, item: pytest.Function, names: Sequence[str]) -> None:
        """Run a plain check with these fixtures (see `plain_fixtures`) as pytest would, in a fifth of the time."""
        of_ours: dict[str, Callable[[], Any]] = {
            "student": self._asked,
            "rng": lambda: seeded(self._seed, item.name),
            "flag": lambda: functools.partial(self._flag, item),
            "partial": lambda: functools.partial(give_part, item),
        }
        with self._watching(item):
            try:
                self._require(item)
                given = {name: of_ours[name]() for name in names}
                with _alarm(self._deadline):
                    item.obj(**given)
            except (KeyboardInterrupt, pytest.exit.Exception):
                raise
            except BaseException:
                self._failed(pytest.ExceptionInfo.from_current())

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave the checks that are asked for, and those that they need; what comes first in the notebook comes first.

        Where the time of a submission ends, what its first exercises ask for has been asked. Checks of a module stay
        together.
        """
        self._leave_asked_for(items)
        place = {grade_id: number for number, grade_id in enumerate(self._in_order)}
        first: dict[Path, int] = {}
        for item in items:
            number = place.get(grade_marker(item).args[0], len(place))
            first[item.path] = min(number, first.get(item.path, number))
        items.sort(key=lambda item: first[item.path])
        self._order = [item.name for item in items]

    def _leave_asked_for(self, items: list[pytest.Item]) -> None:
        if self._grade_id is None:
            return
        by_name = {item.name: item for item in items}
        wanted = [item.name for item in items if grade_marker(item).args[0] == self._grade_id]
        for name in wanted:
            wanted += [needed for needed in needs(by_name[name]) if needed in by_name and needed not in wanted]
        items[:] = [item for item in items if item.name in wanted]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Any:
        with self._watching(item):
            return (yield)

    @contextlib.contextmanager
    def _watching(self, item: pytest.Item) -> Iterator[None]:
        """Note how the check ends that runs in the block."""
        started = time.perf_counter()
        student = self._asked()
        student.forget()
        # A check that runs alone may search as much as if those before it had run, too.
        before = self._order[: self._order.index(item.name)] if item.name in self._order else []
        student.searches = sum(self._searches.get(name, 0) for name in before)
        searched = student.searches
        self._errors: list[pytest.ExceptionInfo[BaseException]] = []
        yield
        error = self._errors[0] if self._errors else None
        if error is not None and isinstance(error.value, DataMissing):
            self._note_missing(item.name, error.value)
        self.results[item.name] = check_result(item, error, time.perf_counter() - started, student)
        self._searches[item.name] = student.searches - searched
        for raised in self._errors:
            _forget(raised.value)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Any:
        self._require(item)
        with _alarm(self._deadline):
            return (yield)

    def _require(self, item: pytest.Item) -> None:
        """Raise what keeps a check from running if one that it needs did not pass."""
        for name in needs(item):
            if name in self._missing:
                raise self._missing[name]
            skip_without(self.results.get(name))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Any:
        with _alarm(self._deadline):
            return (yield)

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        if call.excinfo is not None:
            self._failed(call.excinfo)

    def _failed(self, raised: pytest.ExceptionInfo[BaseException]) -> None:
        self._errors.append(raised)
        self.timed_out = self.timed_out or isinstance(raised.value, TimeIsUp)

    def _note_missing(self, check: str, error: DataMissing) -> None:
        self._missing[check] = error
        flag = new_flag(DATA_MISSING, f"Not everything was checked: {error}", dataset=error.name)
        self._raised.setdefault(check, []).append(flag)


_FIXTURES = {"student", "rng", "flag", "partial"}
_MARKERS = {"grade", "needs"}


def plain_fixtures(item: pytest.Item) -> Sequence[str] | None:
    """Return what a check takes if it is a function, takes only what this plugin gives and has no other markers."""
    if type(item) is not pytest.Function or item.cls is not None or hasattr(item, "callspec"):
        return None
    names = tuple(inspect.signature(item.obj).parameters)
    if not _FIXTURES.issuperset(names) or not (_FIXTURES | {"request"}).issuperset(item.fixturenames):
        return None
    if not _MARKERS.issuperset(marker.name for marker in item.iter_markers()) or inspect.iscoroutinefunction(item.obj):
        return None
    # A module may have fixtures of its own with our names.
    is_ours = all(len(found) == 1 for found in item._fixtureinfo.name2fixturedefs.values())
    return names if is_ours else None


def takes_from_pytest(item: pytest.Item) -> bool:
    """Tell whether a check takes a fixture that pytest brings along."""
    found = item._fixtureinfo.name2fixturedefs.values() if isinstance(item, pytest.Function) else ()
    return any(one.func.__module__.startswith("_pytest.") for definitions in found for one in definitions)


def seeded(seed: str, check: str) -> np.random.Generator:
    """Return random numbers that are new for each submission and check, and the same when it is graded again."""
    digest = hashlib.sha256(f"{seed}:{check}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "little"))


def _forget(error: BaseException | None) -> None:
    """Let go of what the frames of an exception hold: arrays of the student's would wait for the garbage collector."""
    for _ in range(20):
        if error is None:
            return
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


@contextlib.contextmanager
def _alarm(deadline: float | None) -> Iterator[None]:
    """Raise `TimeIsUp` in the block once ``deadline`` has passed; in the main thread only, where signals arrive."""
    if deadline is None:
        yield
        return

    def ring(*_: object) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
    try:
        # No time is left: the shortest time, for 0 would switch the alarm off.
        signal.setitimer(signal.ITIMER_REAL, max(deadline - time.monotonic(), 1e-6))
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def register_markers(config: pytest.Config) -> None:
    """Tell pytest what the markers of checks are."""
    config.addinivalue_line("markers", "grade(grade_id, weight=1): the grade cell that this check helps to decide")
    config.addinivalue_line("markers", "needs(*names): skip this check unless those checks passed")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers of checks, and spare pytest the pretty printing of failures that nobody reads."""
    config.option.tbstyle = "native"
    register_markers(config)
